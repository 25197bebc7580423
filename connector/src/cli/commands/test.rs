//! `partnerstack test`: do the tests of a sync file hold.

use std::io;

use serde_json::{Value, json};

use crate::cli::args::test::TestArgs;
use crate::cli::screen::streams::Desk;
use crate::config::environment::Environment;
use crate::config::sync_file::{carets, load_tests};
use crate::error::SetupError;
use crate::run::exit::{DONE, FAILED, SETUP};
use crate::run::row_tests::tested::{Difference, Tested, run_tests};

/// Runs the tests and says which do not hold.
pub(in crate::cli) fn run(
    args: &TestArgs,
    environment: &Environment,
    streams: &mut Desk<'_>,
) -> io::Result<u8> {
    let tested = match run_file(args, environment) {
        Ok(tested) => tested,
        Err(error) => return refuse(&error, args.json, streams),
    };
    if args.json {
        writeln!(streams.stdout, "{}", json_line(&tested, None))?;
    } else {
        print(&tested, streams)?;
    }
    Ok(if tested.iter().all(Tested::holds) { DONE } else { FAILED })
}

fn run_file(args: &TestArgs, environment: &Environment) -> Result<Vec<Tested>, SetupError> {
    let (settings, tests) = load_tests(&args.file, environment)?;
    if tests.is_empty() {
        let error = SetupError::new("the sync file has no tests");
        return Err(error.help("write some under `tests:`; partnerstack test --help shows how"));
    }
    run_tests(&settings, &tests)
}

fn json_line(tested: &[Tested], error: Option<&str>) -> Value {
    let difference =
        |found: &Difference| json!({"at": found.at, "expected": found.expected, "got": found.got});
    let test = |test: &Tested| {
        json!({
            "name": test.name,
            "place": test.place.to_string(),
            "holds": test.holds(),
            "differences": test.differences.iter().map(difference).collect::<Vec<_>>(),
            "unused": test.unused,
        })
    };
    let held = tested.iter().filter(|test| test.holds()).count();
    json!({
        "tests": tested.iter().map(test).collect::<Vec<_>>(),
        "held": held,
        "failed": tested.len() - held,
        "error": error,
    })
}

fn print(tested: &[Tested], streams: &mut Desk<'_>) -> io::Result<()> {
    let out = &mut streams.stdout;
    for test in tested {
        if test.holds() {
            writeln!(out, "ok      {}", test.name)?;
            continue;
        }
        writeln!(out, "FAILED  {} ({})", test.name, test.place)?;
        for Difference { at, expected, got } in &test.differences {
            for (mark, value) in [('-', expected), ('+', got)] {
                if let Some(value) = value {
                    writeln!(out, "  {mark} {at}: {value}")?;
                }
            }
        }
        if !test.unused.is_empty() {
            let names: Vec<String> = test.unused.iter().map(|name| format!("`{name}`")).collect();
            writeln!(out, "    the sync does not look at {}", names.join(", "))?;
        }
    }
    let failed = tested.iter().filter(|test| !test.holds()).count();
    let legend = if failed > 0 { " (- expected, + got)" } else { "" };
    writeln!(streams.stderr, "{} held, {failed} failed{legend}", tested.len() - failed)
}

/// Says why nothing was tested, to people and to programs.
fn refuse(error: &SetupError, json: bool, streams: &mut Desk<'_>) -> io::Result<u8> {
    if json {
        let message = error.to_string();
        writeln!(streams.stdout, "{}", json_line(&[], Some(message.trim_end())))?;
    }
    match carets(error) {
        Some(carets) => writeln!(streams.stderr, "{carets}")?,
        None => writeln!(streams.stderr, "error: {error}")?,
    }
    Ok(SETUP)
}
