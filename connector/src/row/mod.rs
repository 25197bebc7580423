//! A row as it came in, the values of its fields, and what can be wrong with them.

pub mod fault;
pub(crate) mod plain_key;
mod record;
pub mod rules;
pub mod value;

pub use self::record::{Cells, Record, Row};
