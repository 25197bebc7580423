//! What a sync is told before it starts.

pub(in crate::sync) mod guards;
pub(in crate::sync) mod interrupt;
pub(in crate::sync) mod job;
pub(in crate::sync) mod limits;
pub(in crate::sync) mod listener;
pub(in crate::sync) mod patience;
pub(in crate::sync) mod progress;
