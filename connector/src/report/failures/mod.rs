//! The list of rows that did not arrive: its file, and the entries in it.

pub mod begin;
pub mod entry;
pub mod list;
pub mod read;
