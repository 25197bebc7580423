//! The ledger: what is known of every record, in an SQLite file on a thread of its own. SQL is spoken only here.
//!
//! An intent is stored before its request leaves, an outcome after its answer: [`Scope::fetch`] an [`Entry`],
//! [`Entry::apply`] what happens, [`Scope::write`] it. Each answer of the ledger comes after the commit.

mod account;
mod columns;
mod decide;
mod digest;
mod entry;
mod error;
mod file;
mod handle;
mod options;
mod records;
mod schema;
mod state;
mod store;
mod thread;
mod wait;

pub use self::account::{AccountName, KeyStanding, ScopeName};
pub use self::decide::{Decision, RowFacts, decide};
pub use self::digest::{Digest, Digester, Field, FieldDigester, FieldDigests, RecordId};
pub use self::entry::{Attempt, AttemptState, Change, Entry, Recorded, Window};
pub use self::error::{Holder, LedgerError};
pub use self::handle::{Ledger, Scope};
pub use self::options::{OpenOptions, Place};
pub use self::state::{Event, Impossible, Intent, MAX_RESENDS};
pub use self::wait::wait;
