//! What a run writes: whether it may, and that nobody else does meanwhile.

pub(crate) mod failures;
pub(super) mod plan_file;
