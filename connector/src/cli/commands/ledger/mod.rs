//! Commands that look into a ledger, and into the failures files beside it.

pub(in crate::cli) mod failures;
mod groups;
pub(in crate::cli) mod history;
mod place;
pub(in crate::cli) mod runs;
