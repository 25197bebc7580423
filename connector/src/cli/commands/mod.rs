//! One file for each command: flags in, text out.

pub(in crate::cli) mod check;
pub(in crate::cli) mod describe;
pub(in crate::cli) mod init;
pub(in crate::cli) mod ledger;
pub(in crate::cli) mod sandbox;
pub(in crate::cli) mod schema;
pub(in crate::cli) mod sync;
pub(in crate::cli) mod test;
pub(in crate::cli) mod verify;
