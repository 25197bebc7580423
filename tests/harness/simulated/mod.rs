//! A sync against a server in memory, on a clock that takes no time: hours cost nothing, and a run can be killed between
//! any two of its steps.

pub mod server;
pub mod sync;

pub use self::server::{Fate, Listing, SimServer, Write};
pub use self::sync::Simulation;
