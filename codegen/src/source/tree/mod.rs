//! From a text to a tree in which everything knows its place. The only room that names a YAML crate.
//!
//! `serde_yaml` says what a file means, `saphyr-parser` where it says so; neither does both, and both stop at the first
//! mistake.

mod join;
mod lines;
pub(super) mod node;
mod plain;
pub(super) mod read;
mod scan;
mod scan_error;
