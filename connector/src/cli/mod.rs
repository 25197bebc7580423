//! The command line: flags and sync files in, reports for people and programs out. At the edge: nothing imports it.

mod args;
mod command;
mod commands;
mod ending;
mod main;
mod plan;
mod screen;
mod signals;
mod summary;

pub use self::command::run;
pub use self::main::main;
pub use self::screen::streams::Streams;
pub use crate::config::environment::Environment;
