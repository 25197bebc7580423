//! The flags: what a user can say on the command line, and nothing about what it means.

pub(super) mod commands;
pub(super) mod ledger;
pub(super) mod sandbox;
pub(super) mod test;
pub(super) mod values;
