//! The loop over rows: their order, and what became of each.

mod dry_run;
mod guard_watch;
pub(in crate::sync) mod intake;
pub(in crate::sync) mod outcomes;
pub(in crate::sync) mod run_loop;
pub(in crate::sync) mod survey;
mod watcher;
