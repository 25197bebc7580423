//! How a run is shown: what the flags say, and what the terminal can do.

use crate::cli::args::commands::ShownArgs;
use crate::cli::args::values::{ColorArg, LogArg};
use crate::config::environment::Environment;

/// How a run is shown.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Look {
    /// Standard error is a terminal that can move its cursor: progress is one block that changes.
    pub(in crate::cli) live: bool,
    pub(in crate::cli) colour: bool,
    /// Where lines of text are broken.
    pub(in crate::cli) width: Option<usize>,
    /// Only what needs attention.
    pub(in crate::cli) quiet: bool,
    /// Lines of JSON.
    pub(in crate::cli) json_log: bool,
}

impl Look {
    pub(in crate::cli) fn of(args: ShownArgs, environment: &Environment) -> Self {
        let ShownArgs { quiet, color, log } = args;
        let json_log = matches!(log, LogArg::Json);
        let terminal = environment.is_on_terminal() && !json_log;
        let plain = environment.wants_no_colour() || environment.has_dumb_terminal();
        let colour = match color {
            ColorArg::Always => !json_log,
            ColorArg::Never => false,
            ColorArg::Auto => terminal && !plain,
        };
        let live = terminal && !quiet && !environment.has_dumb_terminal();
        let width = terminal.then(|| environment.columns().or_else(width_of_terminal)).flatten();
        Self { live, colour, width, quiet, json_log }
    }
}

fn width_of_terminal() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(std::io::stderr())?;
    Some(usize::from(width.0))
}
