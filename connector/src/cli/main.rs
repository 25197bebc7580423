//! The process: its streams, its environment and its signals, around one command.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use super::command::run;
use super::screen::streams::{BestEffort, Optional, Streams};
use super::signals::listen;
use crate::config::environment::Environment;
use crate::run::exit::SETUP;
use crate::sync::Interrupt;

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
    let (mut stdout, mut stderr) = (Optional(io::stdout()), BestEffort(io::stderr()));
    let streams = Streams { stdin: Box::new(io::stdin()), stdout: &mut stdout, stderr: &mut stderr };
    let code = runtime.block_on(async {
        let interrupt = Interrupt::default();
        let mut environment = Environment::of_process();
        environment = if io::stderr().is_terminal() {
            environment.on_terminal()
        } else {
            environment.without_terminal()
        };
        tokio::select! {
            code = run(std::env::args_os(), &environment, streams, &interrupt) => code,
            code = listen(&interrupt) => code,
        }
    });
    // A read of standard input that never ends must not keep the program.
    runtime.shutdown_background();
    ExitCode::from(code)
}
