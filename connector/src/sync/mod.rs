//! The engine: the loop over rows, what they share, the way of one row, lookups, order.

mod context;
mod evidence;
mod handoff;
mod intake;
pub mod interrupt;
pub(crate) mod job;
mod key_order;
mod leftovers;
pub(crate) mod limits;
pub(crate) mod listener;
mod lookup;
mod lookup_window;
mod outcomes;
pub(crate) mod patience;
mod pipeline;
mod plan;
mod row_call;
mod row_decision;
mod row_run;
pub(crate) mod run_loop;
mod settle;
mod walk;

pub use self::job::{Job, JobParts};
pub use self::limits::Limits;
pub use self::listener::Listener;
pub use self::patience::Patience;
pub use self::run_loop::{World, run};
