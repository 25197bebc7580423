//! One command: from its arguments to its exit code.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use super::args::commands::{Cli, Command};
use super::commands::ledger::{failures, history, runs};
use super::commands::{check, describe, init, sandbox, schema, sync, test, verify};
use super::ending::print_refusal;
use super::screen::streams::{Desk, Printable, Streams};
use super::summary::Subject;
use crate::config::environment::Environment;
use crate::run::exit::{DONE, SETUP, STOPPED, of_signal};
use crate::sync::Interrupt;
use crate::text::printable::Escapes;

/// Runs one command with the given arguments (the program's name first) and says its exit code.
pub async fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &Environment,
    streams: Streams<'_>,
    interrupt: &Interrupt,
) -> u8 {
    // Whatever text of others is in a message, it stays text.
    let mut stdout = Printable::new(streams.stdout, Escapes::Json);
    let mut stderr = Printable::new(streams.stderr, Escapes::Rust);
    let mut streams = Desk { stdin: streams.stdin, stdout: &mut stdout, stderr: &mut stderr };
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match parse(&arguments, environment) {
        Ok(cli) => cli,
        Err(error) => return explain(&error, &arguments, &mut streams),
    };
    let result = match cli.command {
        Command::Init(args) => init::run(&args, &mut streams),
        Command::Sync(args) => {
            Box::pin(sync::run(*args, &arguments, environment, &mut streams, interrupt)).await
        }
        Command::Check(args) => tokio::select! {
            code = check::run(&args, environment, &mut streams) => code,
            signal = interrupt.wait() => Ok(of_signal(signal)),
        },
        Command::Describe(args) => describe::run(&args, &mut streams),
        Command::Schema => schema::run(&mut streams),
        Command::Test(args) => test::run(&args, environment, &mut streams),
        Command::Failures(args) => failures::run(&args, environment, &mut streams).await,
        Command::Runs(args) => runs::run(&args, environment, &mut streams).await,
        Command::History(args) => history::history(&args, environment, &mut streams).await,
        Command::Verify(args) => {
            Box::pin(verify::run(args, &arguments, environment, &mut streams, interrupt)).await
        }
        Command::Resolve(args) => history::resolve(&args, environment, &mut streams).await,
        Command::Sandbox(args) => sandbox::run(&args, environment, &mut streams, interrupt).await,
    };
    result.unwrap_or_else(|error| {
        // The reader of this may have gone too.
        let _ = writeln!(streams.stderr, "error: the output cannot be written: {error}");
        STOPPED
    })
}

/// Reads the flags. Help is as wide as COLUMNS says, else as the terminal is.
fn parse(arguments: &[OsString], environment: &Environment) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    if let Some(columns) = environment.columns() {
        command = command.term_width(columns);
    }
    let matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// Prints the help that was asked for, or what is wrong with the flags.
fn explain(error: &clap::Error, arguments: &[OsString], streams: &mut Desk<'_>) -> u8 {
    let text = error.render();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = write!(streams.stdout, "{text}");
        return DONE;
    }
    // A program that asks for the line gets it, whatever else it asks for.
    if arguments.get(1).is_some_and(|name| name == "sync") && arguments.iter().any(|flag| flag == "--json") {
        let text = text.to_string();
        let _ = print_refusal(text.strip_prefix("error: ").unwrap_or(&text), Subject::default(), streams);
    }
    let _ = write!(streams.stderr, "{text}");
    SETUP
}
