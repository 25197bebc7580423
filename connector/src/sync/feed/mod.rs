//! Rows are read on one thread and planned on another, a little ahead of the engine.

pub(in crate::sync) mod digest_hash;
mod doubts;
pub(in crate::sync) mod handoff;
pub(in crate::sync) mod key_order;
pub(in crate::sync) mod pipeline;
pub(in crate::sync) mod plan;
pub(in crate::sync) mod row_text;
pub(in crate::sync) mod trial;
