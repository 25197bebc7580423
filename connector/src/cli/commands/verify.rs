//! `partnerstack verify`: whether the rows of a sync and the records of the API are equal.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use serde_json::json;

use crate::cli::args::commands::VerifyArgs;
use crate::cli::ending::{print_error, with_command};
use crate::cli::screen::console::{Console, say_ledger, warn_of_keys};
use crate::cli::screen::figures::{counted, rows};
use crate::cli::screen::look::Look;
use crate::cli::screen::streams::Desk;
use crate::cli::summary::{print_hint, print_reason};
use crate::clock::SystemClock;
use crate::config::environment::Environment;
use crate::config::settings::Settings;
use crate::config::sync_file;
use crate::error::SetupError;
use crate::report::counts::Stopped;
use crate::run::exit::{PERSON, SETUP, STOPPED, of_signal};
use crate::run::not_ready::NotReady;
use crate::run::prepare::{Purpose, Run};
use crate::run::services::Services;
use crate::sync::{Interrupt, Verified};
use crate::text::printable::one_line;

/// Runs a verification from its flags to its exit code.
pub(in crate::cli) async fn run(
    args: VerifyArgs,
    arguments: &[OsString],
    environment: &Environment,
    streams: &mut Desk<'_>,
    interrupt: &Interrupt,
) -> io::Result<u8> {
    let settings = match settings(&args, environment) {
        Ok(settings) => settings,
        Err(error) => return refuse(&error, "", args.json, streams),
    };
    let (object, json) = (settings.object.name, settings.json);
    let digest_key_file = settings.target.digest_key_file.clone();
    let stderr = &mut *streams.stderr;
    let services = Services {
        environment,
        interrupt,
        clock: SystemClock::default(),
        stdin: std::mem::replace(&mut streams.stdin, Box::new(io::empty())),
        sandbox: None,
        waits: Box::new(|what| {
            let _ = writeln!(stderr, "{what}");
        }),
    };
    let purpose = if args.adopt { Purpose::Adopt } else { Purpose::Verify };
    let run = match Run::prepare(purpose, vec![settings], services).await {
        Ok(run) => run,
        Err(NotReady::Refused(error)) => return refuse(&error, object, json, streams),
        Err(NotReady::NotItsKeys { error, go_on }) => {
            let error = with_command(error, go_on.as_ref(), arguments);
            return refuse(&error, object, json, streams);
        }
        Err(NotReady::NeedsPerson(error)) => return refuse(&error, object, json, streams).map(|_| PERSON),
        Err(NotReady::Later(error)) => return refuse(&error, object, json, streams).map(|_| STOPPED),
        Err(NotReady::Interrupted(signal)) => {
            let verified = Verified { stopped: Some(Stopped::by(signal)), ..Verified::default() };
            say(&verified, None, object, json, streams)?;
            return Ok(of_signal(signal));
        }
    };
    if args.adopt {
        say_ledger(&run, streams.stderr)?;
    }
    warn_of_keys(environment, digest_key_file.as_deref(), streams.stderr)?;
    let shared = RefCell::new(&mut *streams);
    let finished = Box::pin(run.verify(|_| Console::new(&shared, json, Look::default()))).await;
    let mut code = SETUP;
    for sync in finished {
        say(&sync.verified, sync.differences.as_deref(), object, json, streams)?;
        code = sync.code;
    }
    Ok(code)
}

fn settings(args: &VerifyArgs, environment: &Environment) -> Result<Settings, SetupError> {
    let mut settings = sync_file::load(args.given(), Some(&args.file), environment)?;
    settings.differences = args.differences.clone().map(|path| environment.expand(path));
    for (key, given) in [("dry_run", settings.limits.dry_run), ("sandbox", settings.target.sandbox)] {
        if given {
            let error =
                SetupError::new(format!("the sync file says `{key}`, and verify reads the API's lists"));
            return Err(error.help("leave it out of the file, and give it as a flag of sync"));
        }
    }
    Ok(settings)
}

/// Says what came of it, to people and to programs.
fn say(
    verified: &Verified,
    differences: Option<&Path>,
    object: &str,
    json: bool,
    streams: &mut Desk<'_>,
) -> io::Result<()> {
    print(verified, differences, object, streams)?;
    if json {
        let error = verified.stopped.as_ref().map(|stopped| stopped.message.as_str());
        writeln!(streams.stdout, "{}", json_line(verified, differences, object, error))?;
    }
    Ok(())
}

/// Says why nothing was started, to people and to programs.
fn refuse(error: &SetupError, object: &str, json: bool, streams: &mut Desk<'_>) -> io::Result<u8> {
    if json {
        let message = error.to_string();
        let nothing = Verified { stopped: Some(Stopped::because(message.trim_end())), ..Verified::default() };
        writeln!(streams.stdout, "{}", json_line(&nothing, None, object, Some(message.trim_end())))?;
    }
    print_error(error, streams)?;
    Ok(SETUP)
}

fn json_line(
    verified: &Verified,
    differences: Option<&Path>,
    object: &str,
    error: Option<&str>,
) -> serde_json::Value {
    json!({
        "object": Some(object).filter(|name| !name.is_empty()),
        "equal": verified.is_equal(),
        "rows": {
            "read": verified.read(),
            "equal": verified.equal,
            "different": verified.different,
            "missing": verified.missing,
            "twice": verified.twice,
            "repeated": verified.repeated,
            "held": verified.held,
            "contradicted": verified.contradicted,
            "unidentified": verified.unidentified,
            "invalid": verified.invalid(),
            "filtered": verified.filtered,
        },
        "not_in_source": verified.not_in_source,
        "outside": verified.outside,
        "differing": differing(verified),
        "not_compared": verified.not_compared,
        "adopted": verified.adopted,
        "listed": verified.listed,
        "requests": verified.requests,
        "duration_ms": u64::try_from(verified.duration.as_millis()).unwrap_or(u64::MAX),
        "differences": differences.map(|path| path.display().to_string()),
        "error": error,
    })
}

/// The fields that differ, each with the number of rows.
fn differing(verified: &Verified) -> BTreeMap<&str, u64> {
    let differing = verified.differing.iter().filter(|(_, rows)| **rows > 0);
    differing.map(|(field, rows)| (field.as_str(), *rows)).collect()
}

fn print(
    verified: &Verified,
    differences: Option<&Path>,
    object: &str,
    streams: &mut Desk<'_>,
) -> io::Result<()> {
    let out = &mut *streams.stderr;
    let seconds = verified.duration.as_secs_f64();
    writeln!(out, "\nverify {object}: {} read in {seconds:.1} s", rows(verified.read()))?;
    let repeated = if verified.repeats_create {
        "not compared: an earlier row has their record key"
    } else {
        "not compared: a later row has their record key"
    };
    for (name, count, meaning) in [
        ("equal", verified.equal, "as the list shows them"),
        ("different", verified.different, "the list shows other values"),
        ("missing", verified.missing, "not in the list"),
        ("twice", verified.twice, "several records are theirs"),
        ("repeated", verified.repeated, repeated),
        ("held", verified.held, "it cannot be told: their record is that of another row"),
        (
            "contradicted",
            verified.contradicted,
            "it cannot be told: their record shows another identity beside the equal one",
        ),
        ("unidentified", verified.unidentified, "it cannot be told: they have nothing to be found by"),
        ("invalid", verified.invalid(), "cannot be sent as they are"),
        ("filtered", verified.filtered, "not taken by `where`"),
    ] {
        if count > 0 {
            writeln!(out, "  {name:<13} {count:>9}  {meaning}")?;
        }
    }
    for (field, count) in differing(verified) {
        writeln!(out, "  {field} differs in {}", rows(count))?;
    }
    if !verified.not_compared.is_empty() {
        let names: Vec<&str> = verified.not_compared.keys().copied().collect();
        writeln!(out, "  not compared, because the list does not show them: {}", names.join(", "))?;
    }
    print_records(verified, out)?;
    for reason in &verified.invalid.reasons {
        print_reason(reason, None, out)?;
    }
    if let Some(path) = differences {
        writeln!(out, "\nWhat is not equal, a line each: {}", one_line(&path.display().to_string()))?;
    }
    if let Some(stopped) = &verified.stopped {
        writeln!(out, "\nstopped: {}", stopped.message)?;
        print_hint(stopped.hint, None, out)?;
    }
    Ok(())
}

fn print_records(verified: &Verified, out: &mut dyn Write) -> io::Result<()> {
    match verified.not_in_source {
        Some(0) => {}
        Some(records) => writeln!(
            out,
            "  {records} of the list's records are in no row, and were created between the first and the last of those that are"
        )?,
        None if verified.stopped.is_none() => writeln!(
            out,
            "  not all rows were read (`limit`), so it cannot be told which records are in no row"
        )?,
        None => {}
    }
    if verified.outside > 0 {
        writeln!(out, "  {} of the list's records are in no row and of another time", verified.outside)?;
    }
    if verified.adopted > 0 {
        writeln!(out, "  {} entered into the ledger", rows(verified.adopted))?;
    }
    let (requests, listed) = (counted(verified.requests, "request"), counted(verified.listed, "record"));
    writeln!(out, "  {requests}, {listed} of the list read")
}
