//! Rows whose records are there although the ledger knows nothing of them: they are found in the list and entered.
//!
//! The list is walked over once. What can be found of it is kept in a ledger that is thrown away, so memory grows neither
//! with the list nor with the rows, which are held against it batch by batch.

pub(in crate::sync) mod adoption;
pub(in crate::sync) mod entering;
pub(in crate::sync) mod listing;
pub(in crate::sync) mod reading;
pub(in crate::sync) mod span;
