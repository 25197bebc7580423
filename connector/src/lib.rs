//! Syncs rows into PartnerStack: customers, partnerships, deals, transactions, or whatever else the spec names.
//!
//! # The life of a row
//!
//! ```text
//! source -> Row { number, record } -> mapping -> payload -> PreparedRequest     plain data, on a thread of its own
//!        -> lanes: rows that concern one record go one after the other, others beside them
//!        -> ledger.fetch -> decide: unchanged, skip, settle first, create, update
//!        -> ledger.write(intent) -> pace.ready -> transport.send -> classify(operation, attempt, result) -> Verdict
//!        -> ledger.write(outcome) -> Outcome -> report, failures file
//! ```
//!
//! A create whose effect is unknown is looked up (`settle`) before anything else happens to its record.
//!
//! # Code map
//!
//! | room | what is in it |
//! |---|---|
//! | [`generated`], [`spec`] | what the build made out of the spec, and the types of its tables |
//! | [`object`], [`mode`] | the traits that generated code implements: objects, payloads, the mode matrix |
//! | [`source`], [`row`] | reading CSV, NDJSON and JSON |
//! | [`mapping`], [`fields`], [`cast`], [`value`], [`rules`] | from columns to fields, from cells to typed values, every fault at once |
//! | [`prepare`], [`path`] | from a row to its requests; the last generic function |
//! | [`record_key`], `plan`, `feed` | what makes two rows one record; rows made ready ahead of the engine |
//! | [`ledger`] | the only room that speaks SQL: entries, the state machine of a record, the thread that stores them |
//! | [`transport`], [`answer`] | the only room that names the HTTP client; what an answer says |
//! | [`classify`], [`retry`], [`pace`], [`clock`] | what a result means, whether and when to send again, and how fast |
//! | [`sync`], `engine`, `deliver`, `settle`, `lanes` | the loop over rows, what they share, the way of one row, lookups, order |
//! | [`outcome`], [`report`], [`hint`], [`failures`], [`guard`] | what became of rows, and what is said about them |
//!
//! Command line and sandbox are modules behind features, at the edge: nothing above imports them.
//!
//! # Invariants
//!
//! - No literal, identifier or branch in hand-written source stands for an object or a field of the API.
//! - Nothing after [`prepare`] is generic over an object.
//! - No request that writes leaves without a committed intent; no outcome of a row that was sent is reported that is not
//!   in the ledger.
//! - Memory grows neither with the input nor with the ledger.
//! - No panic is reachable from input.
//! - What a row holds is never in a message, and what is secret has no `Debug`.

pub mod answer;
pub mod cast;
pub mod classify;
#[cfg(feature = "cli")]
pub mod cli;
pub mod client;
pub mod clock;
pub mod credentials;
pub(crate) mod deliver;
pub(crate) mod engine;
pub mod error;
pub mod failures;
pub(crate) mod feed;
pub mod fields;
pub mod generated;
pub mod guard;
pub mod hint;
pub mod interrupt;
pub(crate) mod job;
pub(crate) mod lanes;
pub mod ledger;
pub mod mapping;
pub mod mode;
pub mod names;
pub mod object;
pub mod outcome;
pub mod pace;
pub mod path;
pub(crate) mod plan;
pub mod prepare;
pub(crate) mod prune;
pub mod record_key;
pub mod report;
pub mod retry;
pub mod row;
pub mod rules;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub(crate) mod settle;
pub(crate) mod shelf;
pub mod source;
pub mod spec;
pub mod sync;
pub(crate) mod times;
pub mod transport;
pub mod value;

pub(crate) mod sealed {
    //! Keeps the traits of [`crate::object`] to generated code.

    /// Implemented by what the build generates, and by nothing else.
    pub trait Sealed {}
}
