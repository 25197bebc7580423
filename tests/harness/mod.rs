//! What the tests share: everything that starts a server, runs the command, makes rows, or reads what was left behind.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends where what it needs is missing"
)]
#![expect(
    clippy::must_use_candidate,
    clippy::new_without_default,
    clippy::return_self_not_must_use,
    reason = "nothing but tests calls it"
)]

pub mod able;
pub mod binary;
pub mod desk;
pub mod fake;
pub mod fake_clock;
pub mod in_process;
pub mod judge;
pub mod keys;
pub mod limit;
pub mod pace_judge;
pub mod plain_client;
pub mod process;
pub mod process_desk;
pub mod raw_server;
pub mod reading;
pub mod recorder;
pub mod rows;
pub mod sandbox_client;
pub mod server;
pub mod simulated;
pub mod spec_desk;
pub mod until;
pub mod wire_sync;

pub use self::limit::{limit, limit_of};
