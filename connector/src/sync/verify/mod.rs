//! Verifying: all rows of a source are held against the list. Nothing is sent that writes.
//!
//! The list is read first, and kept where memory does not grow with it. Then each row claims its record, batch by batch; what
//! is not claimed at the end is in no row.

mod claims;
mod comparison;
mod judgement;
pub(in crate::sync) mod verification;
pub(in crate::sync) mod verified;
