//! The command line: flags and sync files in, reports for people and programs out. At the edge: nothing imports it.

mod args;
mod check;
mod config;
mod describe;
mod environment;
mod history;
mod ledger;
mod sandbox;
mod schema;
mod summary;
mod sync;
mod sync_file;
mod teller;

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use self::args::{Cli, Command};
pub use self::environment::Environment;
use self::summary::Subject;
use crate::sync::interrupt::Interrupt;

/// Finished, and everything arrived.
const DONE: u8 = 0;
/// Finished; some rows failed.
const FAILED: u8 = 1;
/// Could not start; nothing was sent.
const SETUP: u8 = 2;
/// Stopped before the end.
const STOPPED: u8 = 3;
/// Finished; of some rows nobody knows whether they arrived.
const UNCERTAIN: u8 = 4;

/// What a command talks to; a test brings its own.
pub struct Streams<'a> {
    /// Standard input.
    pub stdin: Box<dyn Read + Send>,
    /// Data.
    pub stdout: &'a mut dyn Write,
    /// Everything else.
    pub stderr: &'a mut dyn Write,
}

/// The program: reads its arguments, runs, and says how it went by its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: the program cannot be set up: {error}");
            return ExitCode::from(SETUP);
        }
    };
    let (mut stdout, mut stderr) = (Optional(io::stdout()), Optional(io::stderr()));
    let streams = Streams { stdin: Box::new(io::stdin()), stdout: &mut stdout, stderr: &mut stderr };
    let code = runtime.block_on(async {
        let interrupt = Interrupt::default();
        let environment = Environment::of_process();
        tokio::select! {
            code = run(std::env::args_os(), &environment, streams, &interrupt) => code,
            code = listen(&interrupt) => code,
        }
    });
    // A read of standard input that never ends must not keep the program.
    runtime.shutdown_background();
    ExitCode::from(code)
}

/// An output that nobody need read to the end: what the rows came to does not depend on it.
struct Optional<W>(W);

impl<W: Write> Write for Optional<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}

/// Runs one command with the given arguments (the program's name first) and says its exit code.
pub async fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &Environment,
    mut streams: Streams<'_>,
    interrupt: &Interrupt,
) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match parse(&arguments, environment) {
        Ok(cli) => cli,
        Err(error) => return explain(&error, &arguments, &mut streams),
    };
    let result = match cli.command {
        Command::Sync(args) => sync::run(*args, environment, &mut streams, interrupt).await,
        Command::Check(args) => tokio::select! {
            code = check::run(&args, environment, &mut streams) => code,
            signal = interrupt.wait() => Ok(of_signal(signal)),
        },
        Command::Describe(args) => describe::run(&args, &mut streams),
        Command::Schema => schema::run(&mut streams),
        Command::History(args) => history::history(&args, environment, &mut streams).await,
        Command::Resolve(args) => history::resolve(&args, environment, &mut streams).await,
        Command::Sandbox(args) => sandbox::run(&args, environment, &mut streams, interrupt).await,
    };
    result.unwrap_or_else(|error| {
        // There may be nobody to tell.
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
fn explain(error: &clap::Error, arguments: &[OsString], streams: &mut Streams<'_>) -> u8 {
    let text = error.render();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = write!(streams.stdout, "{text}");
        return DONE;
    }
    // A program that asks for the line gets it, whatever else it asks for.
    if arguments.get(1).is_some_and(|name| name == "sync") && arguments.iter().any(|flag| flag == "--json") {
        let text = text.to_string();
        let _ =
            sync::print_refusal(text.strip_prefix("error: ").unwrap_or(&text), Subject::default(), streams);
    }
    let _ = write!(streams.stderr, "{text}");
    SETUP
}

/// The exit code of a run that a signal ended.
fn of_signal(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(STOPPED)
}

/// Turns the first SIGINT or SIGTERM into a request to stop at the next safe point; the second ends the program.
async fn listen(interrupt: &Interrupt) -> u8 {
    interrupt.raise(next_signal().await);
    of_signal(next_signal().await)
}

#[cfg(unix)]
async fn next_signal() -> i32 {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut int), Ok(mut term)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = int.recv() => 2,
        _ = term.recv() => 15,
    }
}

#[cfg(not(unix))]
async fn next_signal() -> i32 {
    match tokio::signal::ctrl_c().await {
        Ok(()) => 2,
        Err(_) => std::future::pending().await,
    }
}
