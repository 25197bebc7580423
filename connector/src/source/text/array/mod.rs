//! JSON arrays of records, alone or inside of an object.

pub(super) mod reader;
pub(super) mod wrapped;
