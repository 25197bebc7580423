//! Texts for people: near names, and what of others may be shown.

pub mod names;
pub mod printable;
