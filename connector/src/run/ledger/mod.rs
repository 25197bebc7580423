//! The ledger of a run: which one it is, whose records it holds, and when they may be written.

pub(in crate::run) mod account;
pub(crate) mod choice;
pub(in crate::run) mod new_ledger;
pub(in crate::run) mod rotated_key;
pub(in crate::run) mod waiting;
