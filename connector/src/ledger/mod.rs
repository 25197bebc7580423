//! The ledger: what is known of every record that was sent.
//!
//! A process opens a [`Ledger`] once and takes a [`Scope`] for each object. For each row it fetches the [`Entry`] of the
//! record and [decides](decide()) what to do. It stores an intent before the request leaves, and the result after the answer:
//! [`Entry::apply`] says what is known then, [`Scope::write`] stores it. A write returns after its commit, so after a crash
//! every request that may have arrived is known.
//!
//! ```
//! use partnerstack_connector::ledger::{
//!     Change, Entry, Event, FieldDigests, Intent, Ledger, OpenOptions, LedgerPlace, ScopeName, wait,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now = 1_790_000_000_000; // epoch milliseconds
//! let ledger = Ledger::open(OpenOptions { place: LedgerPlace::Temporary, digest_key_file: None, require: false, read_only: false, now })?;
//! let name = ScopeName {
//!     base_url: "https://api.example.com/v2".to_owned(),
//!     account: "default".to_owned(),
//!     object: "invoices".to_owned(),
//! };
//! wait(async {
//!     let scope = ledger.scope(name).await?;
//!     let run = scope.begin_run("nightly", now).await?;
//!
//!     // The ledger holds digests, not values.
//!     let id = scope.digester().record("invoice_id", &["4711"]);
//!     let amount = scope.digester().field("amount");
//!     let digests: FieldDigests = [(amount.field(), amount.value("1000"))].into_iter().collect();
//!
//!     // Before the request leaves.
//!     let mut entry = Entry::new(id, Some("4711".to_owned()));
//!     let (operation, sent) = (Change::Create, digests.clone());
//!     entry.apply(Event::Intended(Intent { operation, at: now, run, row: 1, digests: sent, window: None }))?;
//!     let mut entries = scope.write(vec![entry]).await?;
//!
//!     // After the answer.
//!     for entry in &mut entries {
//!         let (system_key, digests) = (Some("inv_1".to_owned()), digests.clone());
//!         entry.apply(Event::Created { system_key, at: now, digests, dated: false })?;
//!     }
//!     scope.write(entries).await?;
//!
//!     // In the next run.
//!     let found = scope.fetch(&[id]).await?.remove(0).ok_or("it was stored")?;
//!     assert_eq!(found.known(amount.field()), Some(amount.value("1000")));
//!     scope.finish_run(run, now).await?;
//!     Ok::<_, Box<dyn std::error::Error>>(())
//! })?;
//! ledger.close()?;
//! # Ok(())
//! # }
//! ```
//!
//! Most files know no store and no clock: [`Entry`] and its state machine, [`decide()`], the digests. A thread owns the store,
//! and commits the writes of all scopes together; `sqlite/` holds the store, and SQL is known only there.

mod account;
mod decide;
mod digest;
mod entry;
mod error;
mod faults;
mod listed;
mod open;
mod options;
mod runs;
mod sqlite;
mod state;

pub use self::account::{Account, AccountFacts, KeyStanding, KnownRecord, ScopeName};
pub use self::decide::{Decision, RowFacts, decide};
pub use self::digest::{
    Digest, Digester, FaultId, FieldDigester, FieldDigests, FieldId, ParseFaultIdError, RecordId,
};
pub use self::entry::{Attempt, AttemptState, Change, Entry, RecentCreate, Recorded, Window};
pub use self::error::{Holder, LedgerError};
pub use self::faults::{FailedRow, FaultChange, FaultState, RecordedFault};
pub(crate) use self::listed::{Claim, Compared, FoundRecords, ListedRecord, ToKeep};
pub use self::open::handle::{Ledger, Scope};
pub(crate) use self::open::listed_records::ListedRecords;
pub use self::open::wait::wait;
pub use self::options::{LedgerPlace, OpenOptions};
pub use self::runs::{RecordedRun, RunEnd};
pub use self::sqlite::paths::files_of;
pub use self::state::{Event, Impossible, Intent, MAX_RESENDS};
