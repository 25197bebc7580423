//! Syncs rows into PartnerStack: customers, partnerships, deals, transactions, or whatever else the spec names.
#![doc = ""]
//! # The life of a row
//!
//! ```text
//! source -> Row { number, record } -> mapping -> payload -> PreparedRequest      plain data, no I/O so far
//!        -> transport.send -> classify(operation, attempt, result) -> Verdict
//!        -> Outcome -> report, failures file
//! ```
//!
//! # Code map
//!
//! | room | what is in it |
//! |---|---|
//! | [`generated`], [`spec`] | what the build made out of the spec, and the types of its tables |
//! | [`object`], [`mode`] | the traits that generated code implements: objects, payloads, the mode matrix |
//! | [`source`], [`row`] | reading CSV, NDJSON and JSON |
//! | [`mapping`], [`cast`], [`value`], [`rules`] | from columns to fields, from cells to typed values, every fault at once |
//! | [`prepare`], [`path`] | from a row to a request; the last generic function |
//! | [`transport`] | the only room that names the HTTP client |
//! | [`classify`], [`retry`], [`clock`] | what an answer means, whether to try again, and when |
//! | [`sync`], [`outcome`], [`report`], [`hint`] | the loop over rows, and what is said about them |
//!
//! Command line and sandbox are modules behind features, at the edge: nothing above imports them.
//!
//! # Invariants
//!
//! - No literal, identifier or branch in hand-written source stands for an object or a field of the API.
//! - Nothing after [`prepare`] is generic over an object.
//! - No panic is reachable from input.
//! - What a row holds is never in a message, and what is secret has no `Debug`.

pub mod answer;
pub mod cast;
pub mod classify;
#[cfg(feature = "cli")]
pub mod cli;
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
pub mod record_key;
pub mod report;
pub mod retry;
pub mod row;
pub mod rules;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub(crate) mod settle;
pub mod source;
pub mod spec;
pub mod sync;
pub mod transport;
pub mod value;

pub(crate) mod sealed {
    //! Keeps the traits of [`crate::object`] to generated code.

    /// Implemented by what the build generates, and by nothing else.
    pub trait Sealed {}
}
