//! YAML files: from bytes to a tree in which everything knows its place, and on to any type that serde can read.
//!
//! Nothing here knows the spec: the connector reads its sync files with it.

mod decode;
pub(crate) mod document;
pub(crate) mod folder;
pub(crate) mod parse;
mod tree;
mod typed;

pub use self::decode::decode;
pub use self::document::{Cursor, Document};
pub use self::folder::Folder;
pub use self::parse::parse;
