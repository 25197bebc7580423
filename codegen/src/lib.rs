//! Turns the YAML spec of an API into Rust: spec in, text out.
//!
//! # Bird's eye
//!
//! ```text
//! source -> syntax -> lower -> check -> emit, reference
//!  YAML     as written  as meant   sense     Rust text, Markdown
//! ```
//!
//! - [`source`] reads files and points into them: the only module that names a YAML crate, and the only one that
//!   reads a spec. Sync files of the connector are read by it too, so it knows nothing of the spec.
//! - [`syntax`] is the grammar, one struct for each block of YAML.
//! - `lower` judges each file by itself and resolves names; `model` is what comes out, sorted and total.
//! - `check` judges across fields, objects and files.
//! - `emit` writes tables and payloads for the connector, whose crate it never names. `names` makes every identifier.
//! - `reference` writes the pages that people read.
//! - `accept` knows every file that is derived and committed, and which of them are not what the spec makes of them.
//! - [`diagnostic`] holds every sentence that is said about a spec.
//!
//! # Invariants
//!
//! - A stage notes every mistake that it can find, then stops once: nothing is emitted from a spec with a mistake.
//! - The same spec gives the same bytes: nothing is iterated in hash order.
//! - Emission cannot fail, and judges nothing.
//! - No panic is reachable from a file.
//!
//! # Features
//!
//! Without features there are `source`, `syntax` and `diagnostic`. `emit` adds [`generate`] and the reference,
//! `command` the binary behind `cargo spec` and what it accepts.

pub mod diagnostic;
pub mod source;
pub mod syntax;

#[cfg(feature = "command")]
pub mod accept;
#[cfg(feature = "emit")]
mod check;
#[cfg(feature = "emit")]
mod emit;
#[cfg(feature = "emit")]
mod generate;
#[cfg(feature = "emit")]
mod lower;
#[cfg(feature = "emit")]
mod model;
#[cfg(feature = "emit")]
mod names;
#[cfg(feature = "emit")]
mod reference;

pub use diagnostic::{Report, nearest};
#[cfg(feature = "emit")]
pub use emit::OutputFile;
#[cfg(feature = "emit")]
pub use generate::{generate, generate_from, matrix_from, reference_from};
