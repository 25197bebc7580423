//! Verifying: all rows of a source are held against the list. Nothing is sent that writes.

pub(in crate::sync) mod verification;
pub(in crate::sync) mod verified;
