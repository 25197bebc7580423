//! Texts for people: near names, foreign text made safe to show, and without what is personal; small files.

mod escapes;
pub(crate) mod json;
pub mod names;
pub mod printable;
pub mod redact;
mod search;
pub(crate) mod small_file;
pub mod spreadsheet;
