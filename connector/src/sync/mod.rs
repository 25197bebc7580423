//! The engine: the loop over rows, what they share, the way of one row, lookups, order.

mod engine;
mod handoff;
pub mod interrupt;
pub mod job;
mod key_order;
pub mod limits;
mod lookup_window;
mod pipeline;
mod plan;
mod row_run;
mod run_loop;
mod settle;

pub use self::job::{Job, JobParts};
pub use self::limits::Limits;
pub use self::run_loop::{Listener, World, run};
