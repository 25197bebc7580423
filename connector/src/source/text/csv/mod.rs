//! CSV: the delimiter, records as the parser takes them apart, and the judgement of each.

pub(super) mod dialect;
mod fault;
mod header;
mod quotes;
mod raw;
pub(super) mod reader;
