//! The tables: what each holds, and how it is asked.

pub(super) mod accounts;
pub(super) mod faults;
pub(super) mod records;
pub(super) mod runs;
