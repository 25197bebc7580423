//! What became of rows, and what is said about them.

pub mod counts;
pub mod failure_entry;
pub mod failure_limit;
pub mod failures_begin;
pub mod failures_list;
pub mod failures_read;
pub mod hint;
pub mod outcome;
pub mod plan;
pub mod plan_file;
pub(crate) mod redact;
