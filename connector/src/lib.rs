//! Syncs rows into PartnerStack: customers, partnerships, deals, transactions, or whatever else the spec names.
//!
//! To write single records from a program, begin with [`client`]; to bring a table up to date, with [`sync`]. What is true of the
//! API is data that the build makes out of `spec/`; the generator is described in `partnerstack-codegen`. What is written by
//! hand executes that data and knows no object and no field by name.
//!
//! # The life of a row
//!
//! ```text
//! source -> row -> mapping -> request -> ledger: fetch, decide, store the intent
//!        -> http: wait for the pace, send, classify -> ledger: store the outcome -> report
//! ```
//!
//! Rows are read on one thread, prepared on a second and sent from a third. Rows of one record keep their order. A create whose
//! effect is unknown is looked up in the API's lists before anything else happens to its record.
//!
//! # Rooms and floors
//!
//! A folder is a stage, and imports only folders further down in this table. Each has a page that says more.
//!
//! | room | what is in it |
//! |---|---|
//! | `cli` | flags in, text out |
//! | [`client`], `sandbox` | typed single records for programs, without a ledger; an imitation of the API |
//! | `run` | one process: one ledger, one pace, one or several syncs; the exit code |
//! | `init` | a sync file out of a source: what its columns are called and hold |
//! | `config` | what people write: sync files, settings, environment |
//! | [`sync`] | the loop over rows: order, the way of one row, settling |
//! | [`report`] | what became of rows: counts, hints, the failures file |
//! | [`http`] | sending, pace, retries, and what a result means |
//! | [`ledger`] | what is known of each record, and what to do next; SQL |
//! | [`generated`] | payloads and tables, made out of the spec |
//! | [`request`] | from fields to requests; [`request::prepare`] is the last generic code |
//! | [`mapping`] | which column feeds which field, casts, record keys |
//! | [`source`] | CSV, NDJSON and JSON become rows |
//! | [`row`] | records, typed values, the rules of the spec |
//! | [`api`] | the types of the generated tables: objects, fields, operations, modes |
//! | [`text`], [`files`], [`clock`], [`error`] | texts for people, files of the user, time, why a run cannot start |
//!
//! # Invariants
//!
//! | invariant | held by |
//! |---|---|
//! | hand-written source names no object and no field; imports lead down; every dependency has its room | `tests/all/invariants` |
//! | a mode that is not allowed, a missing required field, a field that cannot be written do not compile | [`api::object::Allows`], the payloads; `tests/compile_fail` |
//! | no message holds a row's values, and no secret can be printed | `tests/compile_fail`, tests that look for the values |
//! | no request that writes leaves without a committed intent; every reported outcome of a sent row is in the ledger | tests that kill the process at every step |
//! | a create is not sent again while it may have been applied | the table of [`http::answer::classify`], tests that lose answers |
//! | memory grows neither with the input nor with the ledger | bounded queues; `tests/benches/engine` prints the peak |
//! | no panic is reachable from input | lints deny unwrap, expect, indexing and panic outside tests |
//!
//! # Deliberately absent
//!
//! - **Traits for what has one implementation, `dyn`, registries.** The command finds an object in a const table of `fn` pointers.
//! - **Retries below the engine.** The HTTP client's are off: only the engine knows what may have been applied.
//! - **Batches.** The API has no route that takes more than one record.
//! - **Logging.** Report, failures file and ledger hold what is needed; a log would leak personal data.
//! - **Reading records back to compare them, in a sync.** The ledger knows what was confirmed.

pub mod api;
#[cfg(feature = "cli")]
pub mod cli;
pub mod client;
pub mod clock;
pub mod config;
pub mod error;
pub mod files;
pub mod generated;
pub mod http;
#[cfg(feature = "sync-file")]
pub mod init;
pub mod ledger;
pub mod mapping;
pub mod report;
pub mod request;
pub mod row;
pub mod run;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod source;
pub mod sync;
pub mod text;
