//! What people see of a run: lines, or a live block on a terminal, in colour where that is wanted.

pub(in crate::cli) mod block;
pub(in crate::cli) mod console;
pub(in crate::cli) mod figures;
pub(in crate::cli) mod log_lines;
pub(in crate::cli) mod look;
pub(in crate::cli) mod paint;
pub(in crate::cli) mod progress_text;
pub(in crate::cli) mod streams;
pub(in crate::cli) mod wrapping;
