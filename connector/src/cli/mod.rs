//! The command line: flags and sync files in, reports for people and programs out. At the edge: nothing imports it.

mod args;
mod command;
mod commands;
mod console;
mod ending;
mod main;
mod plan;
mod signals;
mod streams;
mod summary;

pub use self::command::run;
pub use self::main::main;
pub use self::streams::Streams;
pub use crate::config::environment::Environment;
