//! What the rows of one sync share.

pub(in crate::sync) mod context;
