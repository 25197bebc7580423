//! What became of rows, and what is said about them.

pub mod counts;
pub mod differences;
pub mod failure_limit;
pub mod failures;
pub mod hint;
pub mod metrics;
pub mod outcome;
pub mod plan;
pub mod plan_file;
pub(crate) mod redact;
