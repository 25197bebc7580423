//! Syncs rows into PartnerStack: customers, partnerships, deals, transactions, or whatever else the spec names.
//!
//! This page is for those who use the library and for those who carry it on. To write single records from a program, begin
//! with [`client`]; to bring a table up to date, with [`sync`]. The generator has a page of its own, in the docs of
//! `partnerstack-codegen`.
//!
//! # Bird's eye
//!
//! ```text
//!           spec/*.yaml --(build.rs, partnerstack-codegen)--> generated: payloads, tables, the mode matrix
//!                                                                 |
//!   a table of rows --> sync: read, map, decide, send, settle <---+---> client: one record <-- a program
//!                                |                                         |
//!                             ledger                  classify, pace, retry, transport
//! ```
//!
//! Everything that is true of the API is data that the build made out of the spec. What is written by hand executes that
//! data and knows no object and no field by name: one engine, compiled once, for every object that there is or will be.
//! Command line and sandbox are at the edge, behind the features `cli` and `sandbox`.
//!
//! # The life of a row
//!
//! ```text
//! source -> Row { number, record } -> mapping -> payload -> PreparedRequest     plain data, on threads of their own
//!        -> shelf: handed over to the engine, a little ahead of it and no more
//!        -> lanes: rows that concern one record go one after the other, others beside them
//!        -> ledger.fetch -> decide: unchanged, skip, settle first, create, update
//!        -> ledger.write(intent) -> pace.ready -> transport.send -> classify(operation, attempt, result) -> Verdict
//!        -> ledger.write(outcome) -> Outcome -> report, failures file
//! ```
//!
//! 1. **Read** ([`source`]). Bytes become records, streamed: a record above 1 MiB is passed by and never held. A record
//!    that cannot be read is an outcome of its own, and reading goes on.
//! 2. **Map** ([`mapping`], [`fields`], [`cast`]). Columns feed fields, and cells become typed values. Faults are collected,
//!    not returned, so that a row says all of them at once.
//! 3. **Prepare** ([`prepare`]). Generated code reads the fields into the payload of each step of the mode, checks it with
//!    the rules of [`rules`], and writes path and body. From here on nothing is generic: a request is plain data.
//!    [`record_key`] says which record the row means, and `plan` digests its values, so that the ledger never sees them.
//! 4. **Wait in line** (`shelf`, `lanes`). Rows are read on one thread, made ready on a second and sent from a third, and rows of one record keep
//!    their order.
//! 5. **Decide** ([`ledger`]). A pure function of what is known of the record and what the row brings.
//! 6. **Write down, then send** (`deliver`, [`pace`], [`transport`]). The intent is committed before the request leaves, so
//!    that after a crash every request that may have arrived is known.
//! 7. **Classify** ([`classify`]). One pure function says what the result means, and with it whether it is sent again.
//! 8. **Settle** (`settle`). A create whose effect is unknown is looked up in the API's lists before anything else happens
//!    to its record. What the lists cannot tell either is `uncertain`, and the next run asks again.
//! 9. **Say** ([`outcome`], [`report`], [`hint`], [`failures`]). Every row has one outcome, and one that did not arrive has
//!    a reason and advice.
//!
//! # Code map
//!
//! | room | what is in it |
//! |---|---|
//! | [`generated`], [`spec`] | what the build made out of the spec, and the types of its tables |
//! | [`object`], [`mode`] | the traits that generated code implements: objects, payloads, the mode matrix |
//! | [`client`] | typed payloads in, typed results out, one record at a time; no ledger |
//! | [`source`], [`row`] | reading CSV, NDJSON and JSON |
//! | [`mapping`], [`fields`], [`cast`], [`value`], [`rules`] | from columns to fields, from cells to typed values, every fault at once |
//! | [`prepare`], [`path`] | from a row or a payload to its requests; the last generic functions |
//! | [`record_key`], `plan`, `feed`, `shelf` | what makes two rows one record; rows made ready ahead of the engine, and handed over |
//! | [`ledger`] | the only room that speaks SQL: entries, the state machine of a record, the thread that stores them |
//! | [`transport`], [`credentials`] | the only room that names the HTTP client; what authenticates, and cannot be printed |
//! | [`answer`], `prune` | what an answer says; of its JSON only what there is a use for is read |
//! | [`classify`], [`retry`], [`pace`], [`clock`] | what a result means, whether and when to send again, and how fast |
//! | [`sync`], `job`, `engine`, `deliver`, `settle`, `lanes`, `times` | the loop over rows, what they share, the way of one row, lookups, order |
//! | [`outcome`], [`report`], [`hint`], [`failures`], [`guard`], [`error`] | what became of rows, and what is said about them |
//! | [`interrupt`] | signals: a run ends at a safe point of each row |
//! | `cli`, `sandbox` | the edge: nothing above imports them |
//!
//! The binary's allocator is mimalloc, because rows are made on one thread and dropped on another; the library leaves that
//! choice to its user.
//!
//! # Invariants
//!
//! Each is held by something that fails when it is broken.
//!
//! | invariant | held by |
//! |---|---|
//! | no literal, identifier or branch in hand-written source stands for an object or a field of the API | `tests/all/invariants.rs`, which parses every file |
//! | reqwest, SQL, YAML, flags and time each have their one room | the same; `clippy.toml` beside this crate says so while you type |
//! | nothing after [`prepare`] is generic over an object | the types: [`prepare::PreparedRequest`] names none |
//! | a pair outside the mode matrix, a missing required field, a field that an operation cannot write do not compile | [`object::Allows`] and the payloads; `tests/compile_fail` |
//! | what a row holds is in no message, and what is secret has neither `Debug` nor `Display` | `tests/compile_fail`, and tests that look for the values in everything that is written |
//! | no request that writes leaves without a committed intent; no outcome of a sent row is reported that is not in the ledger | tests that kill the process at every step |
//! | a create is never sent again while it may have been applied | [`classify`]'s table, tests with lost answers |
//! | memory grows neither with the input nor with the ledger | bounded shelves and lanes; the benchmark (`tests/benches/engine`) prints the peak |
//! | no panic is reachable from input | lints deny unwrap, expect, indexing and panic outside tests |
//!
//! # Deliberately absent
//!
//! - **Traits for what has one implementation.** [`transport::Transport`], [`clock::Clock`] and [`sync::Listener`] have
//!   others in the command line or the tests. Sources, ledger and report are types.
//! - **`dyn`, reflection, registries.** The command line finds an object in a const table that holds `fn` pointers.
//! - **Retries below the engine.** The HTTP client's are off: whoever sends again has to know what may have been applied.
//! - **Batches.** The API has no route that takes more than one record.
//! - **Logging.** There is a report, a failures file and a ledger, and none of them holds a secret; a log would be a fourth
//!   place for personal data to leak from.
//! - **Reading records back to compare them.** The ledger knows what was confirmed; lists are read only to settle creates
//!   and to find keys.
//! - **A ledger in the client.** A program that needs to know what it has sent before has a database of its own.

pub mod api;
#[cfg(feature = "cli")]
pub mod cli;
pub mod client;
pub mod clock;
pub mod config;
pub mod error;
pub mod generated;
pub mod http;
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
