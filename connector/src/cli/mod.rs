//! The command line: flags and sync files in, reports for people and programs out. At the edge: nothing imports it.

mod args;
mod check;
mod command;
mod console;
mod describe;
mod ending;
mod history;
mod main;
mod sandbox;
mod schema;
mod streams;
mod summary;
mod sync;

pub use self::command::run;
pub use self::main::main;
pub use self::streams::Streams;
pub use crate::config::environment::Environment;
