//! Text formats: CSV, NDJSON and JSON arrays, in any encoding, read record by record out of a few MiB of memory.
//!
//! ```text
//! bytes -> buffer -> decode (to UTF-8) -> sniff (which format?) -> csv | lines | array -> records
//! ```
//!
//! A new text format is a file beside `csv`, a [`Format`](super::Format), and an arm in `records`.

mod array;
mod buffer;
mod csv;
mod decode;
mod fault;
mod json;
mod lines;
mod position;
mod sniff;

pub(super) mod records;
