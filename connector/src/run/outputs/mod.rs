//! What a run writes: whether it may, and that nobody else does meanwhile.

pub(super) mod differences_file;
pub(crate) mod failures;
pub(super) mod metrics;
mod output_kind;
pub(super) mod plan_file;
