//! From the spec as written to the spec as meant: local judgement, and names resolved within an object.

mod api;
mod field;
mod list;
mod mode;
mod object;
mod operation;
mod resolve;
pub(crate) mod spec;
mod text;
