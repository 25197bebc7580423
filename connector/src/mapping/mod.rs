//! From columns to fields: which column feeds which field, what a cast does with a cell, what a row is keyed by.

pub mod cast;
pub mod columns;
pub mod record_key;
pub mod row_reader;
