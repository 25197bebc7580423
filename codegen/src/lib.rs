//! Turns the YAML spec of an API into Rust: spec in, text out.
//!
//! This page is for those who carry the generator on; to change the *spec*, the README is enough. What becomes of the text
//! is in the docs of `partnerstack-connector`, the crate that compiles it.
//!
//! # Bird's eye
//!
//! ```text
//! source -> syntax -> lower -> check -> emit, reference
//!  YAML     as written  as meant   sense     Rust text, Markdown
//! ```
//!
//! A pure function with a command around it. The connector's build script calls [`generate`] and writes the files to
//! `OUT_DIR`; `cargo spec` calls the same function and shows mistakes, or the text. Generated Rust is never in git, its
//! snapshots are (`tests/snapshots/spec_generated`), so that a review shows what an edit of the spec does.
//!
//! # The life of a spec file
//!
//! 1. **source** reads the bytes into a tree in which everything knows its place, and on into any type that serde can read.
//!    Mistakes of form (a tab, a duplicate key, a key that is not known, a wrong type) are noted here, with places.
//! 2. **syntax** is that type: one struct for each block of YAML, keys named as in the files, nothing judged.
//! 3. **lower** judges each file by itself (limits suit types, names can be Rust's, path parameters exist) and turns names
//!    into indices. What comes out, `model`, is sorted and total, and has no places left.
//! 4. **check** judges what needs more than one file, or all fields of an object: identities can be looked up, hints can
//!    come true, no two objects have one name.
//! 5. Here it stops if anything was noted: a [`Report`] has every mistake, sorted by place.
//! 6. **emit** writes a file for each object: its type, its row of the mode matrix, its tables, and a payload for each
//!    operation with a body. It iterates and quotes; there is nothing left to decide or to go wrong.
//!
//! # Code map
//!
//! | room | what is in it |
//! |---|---|
//! | [`source`] | the only module that names a YAML crate, and the only one that does I/O. Sync files of the connector are read by it too, so it knows nothing of the spec |
//! | [`syntax`] | the grammar of the spec |
//! | `lower` | local judgement: `api`, `object`, `field`, `operation`, as the files have them |
//! | `model` | the spec as meant, which is all that `check` and `emit` see |
//! | `check` | judgement across fields, objects and files |
//! | `emit` | a file for each kind of output: `api`, `object`, `field`, `payload`; `file` puts one together, `text` has literals and doc comments, `limits` says limits in words |
//! | `reference` | the pages that people read: `overview`, `object`, `sources`; `markdown` writes tables |
//! | `schema` | the grammar as JSON Schemas, for editors |
//! | `accept` | every file that is derived and committed, and which of them are not what the spec makes of them |
//! | `names` | every identifier of the generated text, and the names that imports have taken |
//! | [`diagnostic`] | every sentence that is said about a spec, with its code; `render` shows it as one line or with source and caret |
//! | `generate` | the stages in a row |
//!
//! To say something new about specs: add the sentence to the catalogue (`diagnostic/catalogue.rs`) with the next code, note
//! it in `lower` or `check`, and put a bad spec with that one mistake beside the others in the tests. To generate something
//! new: add it to the tables of the connector's `spec`, then to `emit`.
//!
//! # Invariants
//!
//! | invariant | held by |
//! |---|---|
//! | a stage notes every mistake that it can find, then stops once: nothing is emitted from a spec with a mistake | [`generate`] returns files or a [`Report`], never both |
//! | the same spec gives the same bytes | `clippy.toml` beside this crate forbids hash maps; a test generates twice |
//! | emission cannot fail, and judges nothing | its functions return no `Result` |
//! | no I/O past reading the spec | clippy forbids environment and processes; [`source`] alone opens files |
//! | generated code holds no logic: flat lists of calls to rules that are written and tested by hand | the snapshots, which read like the spec |
//! | the connector's crate is never named, only paths in the text that is emitted | `Cargo.toml`: there is no such dependency |
//! | no panic is reachable from a file | lints deny unwrap, expect, indexing and panic outside tests |
//!
//! # Deliberately absent
//!
//! - **Procedural macros.** A build script leaves text that can be read, searched and reviewed.
//! - **Templates.** Text is made of tokens and laid out by prettyplease, so it cannot be unbalanced, and quoting is not ours.
//! - **Inheritance between specs, includes, variables, YAML anchors.** A file says all that is true of its object, in one
//!   place.
//! - **Expressions.** A rule that the grammar cannot say is a new word of the grammar, written and tested once in the
//!   connector.
//! - **Warnings.** A spec is right or it is wrong; what is merely unusual is said in its descriptions.
//!
//! # Features
//!
//! Without features there are `source`, `syntax` and `diagnostic`. `emit` adds [`generate`] and the reference, `schema` the
//! JSON Schemas, `command` the binary behind `cargo spec`, which needs both, and what it accepts.

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
