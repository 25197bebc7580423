//! The command behind `cargo spec`: checks the spec with source and caret, prints what is generated from it or what
//! editors know of it, and accepts what is derived from it.
#![expect(
    clippy::disallowed_methods,
    reason = "the command reads the environment, so that the generator need not"
)]

mod command;

use std::env;
use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use self::command::arguments::{Arguments, Command, HELP};
use self::command::failure::{Failure, fail};
use self::command::output::say;
use self::command::{accept, arguments, check, schema};

fn main() -> ExitCode {
    match run(env::args_os().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has closed the pipe: it wants no more output.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => fail(&failure),
    }
}

fn run(arguments: Vec<OsString>) -> Result<(), Failure> {
    let Arguments { command, folder } = arguments::read(arguments)?;
    let text = match command {
        Command::Help => HELP.to_owned(),
        Command::Check => check::check(&folder)?,
        Command::Print(name) => check::print(&folder, name.as_deref())?,
        Command::Accept { check } => accept::accept(&folder, check)?,
        Command::Schema(name) => schema::print(name.as_deref())?,
    };
    say(&text)
}
