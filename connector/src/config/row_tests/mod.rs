//! The tests of a sync file: a row each, and what a sync makes of it.

pub(super) mod judge;
pub(crate) mod row_test;
pub(super) mod test_keys;
