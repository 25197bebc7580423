//! The way of one row: decide, write the intent down, send, write down what came of it.

pub(in crate::sync) mod row_call;
pub(in crate::sync) mod row_decision;
pub(in crate::sync) mod row_run;
pub(in crate::sync) mod row_update;
