//! A run: one process, one ledger, one connection, and one or more syncs side by side.
//!
//! [`Run::prepare`] finds out everything that can be wrong, and sends nothing. [`Run::execute`] runs the syncs to their
//! end, or to the point where they have to stop, and says with which exit code the process should end.

mod account;
mod connection;
mod execute;
pub mod exit;
mod failures;
pub(crate) mod ledger;
mod prepare;
mod services;
mod shared;
mod warning;

pub use self::execute::{Finished, FinishedSync};
pub use self::prepare::{NotReady, PreparedSync, Run};
pub use self::services::Services;
pub use self::warning::Warning;
