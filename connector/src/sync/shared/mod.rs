//! What the rows of one sync share.

pub(in crate::sync) mod context;
pub(in crate::sync) mod fault_log;
pub(in crate::sync) mod outage;
pub(in crate::sync) mod recent;
pub(in crate::sync) mod shown;
pub(in crate::sync) mod tally;
