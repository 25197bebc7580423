//! A run: one process, one ledger, one connection, and one or more syncs side by side.
//!
//! [`Run::prepare`] finds out everything that can be wrong, and sends nothing. [`Run::execute`] runs the syncs to their
//! end, or to the point where they have to stop, and says with which exit code the process should end. What is particular
//! to a front end comes in as [`Services`] and as a [`Listener`](crate::sync::Listener) for each sync.
//!
//! ```
//! use partnerstack_connector::api::mode::Mode;
//! use partnerstack_connector::config::{Environment, Given, Settings, SourcePlace};
//! use partnerstack_connector::generated::API;
//! use partnerstack_connector::report::outcome::Outcome;
//! use partnerstack_connector::run::{Purpose, Run, Services};
//! use partnerstack_connector::sandbox::{Options, Sandbox};
//! use partnerstack_connector::sync::Interrupt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start(&API, Options::default())?;
//! let rows = "email,partner_key\nada@example.com,gstest\ngrace@example.com,gstest\n";
//! let settings = Settings::of(Given {
//!     object: Some("customers".to_owned().into()),
//!     mode: Some(Mode::Upsert),
//!     source: Some(SourcePlace::Stdin),
//!     sandbox: Some(true),
//!     failures: Some(std::env::temp_dir().join("example-failures.ndjson")),
//!     ..Given::default()
//! })?;
//! let (environment, interrupt) = (Environment::default(), Interrupt::default());
//! let services = Services {
//!     stdin: Box::new(rows.as_bytes()),
//!     sandbox: Some(sandbox.base_url().to_owned()),
//!     ..Services::new(&environment, &interrupt)
//! };
//! let run = Run::prepare(Purpose::Sync, vec![settings], services).await?;
//! let finished = run.execute(|_| ()).await;
//! assert_eq!(finished.syncs[0].report.of(Outcome::Created), 2);
//! assert_eq!(finished.code, 0);
//! # Ok(())
//! # }
//! ```

mod common;
mod connection;
pub(crate) mod execute;
pub mod exit;
pub(crate) mod ledger;
pub(crate) mod not_ready;
pub(crate) mod outputs;
mod pace;
pub(crate) mod prepare;
#[cfg(feature = "sync-file")]
pub mod row_tests;
pub(crate) mod services;
mod source;
pub(crate) mod verify;
pub(crate) mod warning;

pub use self::execute::{Finished, FinishedSync};
pub use self::ledger::choice::UsedLedger;
pub use self::not_ready::{GoOn, NotReady};
pub use self::prepare::{PreparedSync, Purpose, Run};
pub use self::services::Services;
pub use self::verify::FinishedVerify;
pub use self::warning::Warning;
