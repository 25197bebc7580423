//! From the tree of a file to a `T`, with every mistake at once.
//!
//! serde stops at the first error. So a value of the wrong kind is noted and a placeholder is handed on. Where only serde
//! knows that something is wrong (a key is missing, a visitor refuses a value), that is remembered and the tree is read
//! again.

mod context;
mod deserialize;
mod read_error;
mod reader;
pub(super) mod rounds;
mod session;
