//! The engine: the loop over rows, what they share, the way of one row, lookups, order.

mod engine;
mod handoff;
pub mod interrupt;
mod job;
mod key_order;
mod lookup_window;
mod pipeline;
mod plan;
mod row_run;
mod run_loop;
mod settle;

pub use self::job::Job;
pub use self::run_loop::{Listener, World, run};
