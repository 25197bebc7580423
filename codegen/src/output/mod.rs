//! What generated Rust and the reference have in common: files, and texts of the spec in words and as Markdown.

pub(crate) mod digits;
pub(crate) mod limits;
pub(crate) mod markdown;
pub(crate) mod output_file;
