//! Turns the YAML spec of an API into Rust: spec in, text out.
//!
//! To change the *spec*, the README is enough. This page is for people who change the generator. What becomes of the text
//! is in the docs of `partnerstack-connector`, the crate that compiles it.
//!
//! # Stages
//!
//! ```text
//! text < diagnostic < source -> syntax  -> lower -> check -> emit, reference
//!                     YAML      written    meant    sense    Rust, Markdown
//! ```
//!
//! [`generate`] runs the stages. The connector's build script calls it and writes the files to `OUT_DIR`; `cargo spec`
//! calls it and shows mistakes, or the text. Each stage notes every mistake that it finds. If there is one, the run stops
//! there with a [`Report`], sorted by place: nothing is generated from a spec with a mistake.
//!
//! A file imports only rooms above its own in this table, and in its own room only files that do not import it.
//!
//! | room | what is in it |
//! |---|---|
//! | [`text`] | the text of a file, and places in it |
//! | [`diagnostic`] | every sentence that is said about a file, with its code; a report as lines, or as source with carets |
//! | [`source`] | YAML: a tree in which everything knows its place, and from there any type that serde can read. The connector reads its sync files with it |
//! | `json_schema` | JSON Schemas of types, for editors |
//! | [`syntax`] | the spec as written: one struct for each block of YAML, nothing judged |
//! | `model` | the spec as meant: sorted, complete, names resolved, no places |
//! | `names` | every identifier of the generated text |
//! | `lower` | from written to meant; judges each file by itself |
//! | `check` | judges what needs several fields or files |
//! | `output` | what Rust and reference share: limits in words, texts as Markdown |
//! | `emit` | Rust: a file for each object, and one for the API |
//! | `reference` | the pages that people read |
//! | `schema` | the schemas of the spec's files |
//! | `generate` | the stages in a row |
//! | `accept` | every derived file that is committed, and which of them are out of date |
//!
//! - **A new sentence** goes to `diagnostic/sentence.rs` with the next free code. Note it in `lower` or `check`, and add a
//!   bad spec with that one mistake to `tests/all/spec_diagnostics`.
//! - **A new key** of the spec goes to `syntax`, `model` and `lower`; then to the tables of the connector's `api` and to
//!   `emit`. The snapshots in `tests/snapshots/spec_generated` show what it generates.
//!
//! # Invariants
//!
//! | invariant | held by |
//! |---|---|
//! | the same spec gives the same bytes | `clippy.toml` beside this crate forbids hash maps; a test generates twice |
//! | emission cannot fail, and judges nothing | its functions return no `Result` |
//! | nothing is read but the spec | clippy forbids environment and processes; only `source/folder.rs` and `accept` open files |
//! | generated code holds no logic: flat lists of calls to rules that are written and tested by hand | the snapshots, which read like the spec |
//! | no panic is reachable from a file | lints deny unwrap, expect, indexing and panic outside tests |
//!
//! # Features
//!
//! Without features there are `text`, `diagnostic`, `source` and `syntax`. `emit` adds [`generate`] and the reference,
//! `schema` the JSON Schemas, `command` the binary behind `cargo spec`.

#[cfg(feature = "command")]
pub mod accept;
#[cfg(feature = "emit")]
mod check;
pub mod diagnostic;
#[cfg(feature = "emit")]
mod emit;
#[cfg(feature = "emit")]
mod generate;
#[cfg(feature = "schema")]
pub mod json_schema;
#[cfg(feature = "emit")]
mod lower;
#[cfg(feature = "emit")]
mod model;
#[cfg(feature = "emit")]
mod names;
#[cfg(feature = "emit")]
mod output;
#[cfg(feature = "emit")]
mod reference;
#[cfg(feature = "schema")]
pub mod schema;
pub mod source;
pub mod syntax;
pub mod text;

pub use diagnostic::{Report, nearest};
#[cfg(feature = "emit")]
pub use generate::{generate, generate_from, matrix_from, reference_from};
#[cfg(feature = "emit")]
pub use output::output_file::OutputFile;
