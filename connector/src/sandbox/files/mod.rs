//! The files of a rehearsal: what exists besides what the sandbox is given, and what it got.

pub(in crate::sandbox) mod known;
pub(in crate::sandbox) mod requests_file;
