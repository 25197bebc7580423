//! Texts for people: near names, and foreign text made safe to show.

pub mod names;
pub mod printable;
