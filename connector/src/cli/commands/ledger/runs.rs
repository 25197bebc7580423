//! `partnerstack runs`: when, what, and how it ended.

use std::io;

use serde_json::{Map, Value, json};

use super::place::{LedgerUse, time};
use crate::cli::args::ledger::RunsArgs;
use crate::cli::screen::figures::rows;
use crate::cli::screen::streams::Desk;
use crate::config::environment::Environment;
use crate::ledger::RecordedRun;
use crate::run::exit::{DONE, SETUP};
use crate::run::ledger::choice;
use crate::text::printable::one_line;

/// Lists the runs of a ledger; of one account where it is named.
pub(in crate::cli) async fn run(
    args: &RunsArgs,
    environment: &Environment,
    streams: &mut Desk<'_>,
) -> io::Result<u8> {
    let found = async {
        let place = LedgerUse::open(&args.place, true, true, environment)?;
        let is_named = args.place.account.is_some() || args.place.base_url.is_some();
        let account = is_named.then(|| place.account.clone());
        place.ledger.runs(account, args.limit as usize).await.map_err(|error| choice::refused(&error))
    };
    let found = match found.await {
        Ok(found) => found,
        Err(error) => {
            writeln!(streams.stderr, "error: {error}")?;
            return Ok(SETUP);
        }
    };
    for run in &found {
        if args.json {
            writeln!(streams.stdout, "{}", to_json(run))?;
        } else {
            print(run, streams)?;
        }
    }
    if found.is_empty() {
        writeln!(streams.stderr, "the ledger knows of no run")?;
    }
    Ok(DONE)
}

fn print(run: &RecordedRun, streams: &mut Desk<'_>) -> io::Result<()> {
    let mode = run.mode.as_deref().map_or_else(String::new, |mode| format!("{mode} "));
    let what = format!("run {}, `{}`: {mode}{}", run.number, one_line(&run.sync), run.scope.object);
    writeln!(streams.stdout, "{}  {what}, account `{}`", time(run.started_at), one_line(&run.scope.account))?;
    let end = match (run.finished_at, run.exit_code) {
        (None, _) => "  goes on, or was killed".to_owned(),
        (Some(_), None) => format!("  took {}", duration(run)),
        (Some(_), Some(code)) => format!("  {}; exit code {code}, took {}", counts(run), duration(run)),
    };
    writeln!(streams.stdout, "{end}")
}

/// How long it took.
fn duration(run: &RecordedRun) -> String {
    let milliseconds = run.finished_at.unwrap_or(run.started_at).abs_diff(run.started_at);
    format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
}

/// How many rows ended in each way, in words.
fn counts(run: &RecordedRun) -> String {
    let counts = counted(run);
    let count = |name: &str| counts.get(name).and_then(Value::as_u64).unwrap_or_default();
    let parts: Vec<String> = counts
        .keys()
        .filter(|name| *name != READ && count(name) > 0)
        .map(|name| format!("{} {name}", count(name)))
        .collect();
    let read = rows(count(READ));
    if parts.is_empty() { read } else { format!("{read}: {}", parts.join(", ")) }
}

/// The count of all rows.
const READ: &str = "read";

fn counted(run: &RecordedRun) -> Map<String, Value> {
    run.rows.as_deref().and_then(|rows| serde_json::from_str(rows).ok()).unwrap_or_default()
}

fn to_json(run: &RecordedRun) -> Value {
    json!({
        "run": run.number,
        "sync": run.sync,
        "object": run.scope.object,
        "mode": run.mode,
        "account": run.scope.account,
        "base_url": run.scope.base_url,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "duration_ms": run.finished_at.map(|at| at.abs_diff(run.started_at)),
        "exit_code": run.exit_code,
        "rows": run.rows.as_ref().map(|_| Value::Object(counted(run))),
    })
}
