//! A ledger that is open: a thread owns its store, and its users send it what is to be read and written.

pub(super) mod handle;
pub(super) mod listed_records;
pub(super) mod thread;
pub(super) mod wait;
