//! From the spec as meant to Rust text. It judges nothing and cannot fail.

mod api;
mod doc;
mod field;
mod file;
pub(crate) mod files;
mod literal;
mod object;
mod payload;
