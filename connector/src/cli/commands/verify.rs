//! `partnerstack verify --adopt`: which records of a sync's rows are there already.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io;

use serde_json::json;

use crate::cli::args::commands::VerifyArgs;
use crate::cli::console::{Console, say_ledger, warn_of_keys};
use crate::cli::ending::{print_error, with_command};
use crate::cli::streams::Streams;
use crate::cli::summary::{print_hint, print_reason, rows};
use crate::clock::SystemClock;
use crate::config::environment::Environment;
use crate::config::settings::Settings;
use crate::config::sync_file;
use crate::error::SetupError;
use crate::report::counts::Stopped;
use crate::run::exit::{PERSON, SETUP, STOPPED, of_signal};
use crate::run::not_ready::NotReady;
use crate::run::prepare::Run;
use crate::run::services::Services;
use crate::sync::{Interrupt, Verified};

/// Runs a verification from its flags to its exit code.
pub(in crate::cli) async fn run(
    args: VerifyArgs,
    arguments: &[OsString],
    environment: &Environment,
    streams: &mut Streams<'_>,
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
    let run = match Run::prepare(vec![settings], services).await {
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
            say(&verified, object, json, streams)?;
            return Ok(of_signal(signal));
        }
    };
    say_ledger(&run, streams.stderr)?;
    warn_of_keys(environment, digest_key_file.as_deref(), streams.stderr)?;
    let shared = RefCell::new(&mut *streams);
    let finished = run.adopt(|_| Console::new(&shared, json)).await;
    let mut code = SETUP;
    for sync in finished {
        say(&sync.verified, object, json, streams)?;
        code = sync.code;
    }
    Ok(code)
}

fn settings(args: &VerifyArgs, environment: &Environment) -> Result<Settings, SetupError> {
    if !args.adopt {
        let error =
            SetupError::new("verify needs --adopt: it enters into the ledger which records are there");
        return Err(error.help("partnerstack verify SYNC.yaml --adopt"));
    }
    let settings = sync_file::load(args.given(), Some(&args.file), environment)?;
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
fn say(verified: &Verified, object: &str, json: bool, streams: &mut Streams<'_>) -> io::Result<()> {
    print(verified, object, streams)?;
    if json {
        let error = verified.stopped.as_ref().map(|stopped| stopped.message.as_str());
        writeln!(streams.stdout, "{}", json_line(verified, object, error))?;
    }
    Ok(())
}

/// Says why nothing was started, to people and to programs.
fn refuse(error: &SetupError, object: &str, json: bool, streams: &mut Streams<'_>) -> io::Result<u8> {
    if json {
        let message = error.to_string();
        writeln!(streams.stdout, "{}", json_line(&Verified::default(), object, Some(message.trim_end())))?;
    }
    print_error(error, streams)?;
    Ok(SETUP)
}

fn json_line(verified: &Verified, object: &str, error: Option<&str>) -> serde_json::Value {
    json!({
        "object": Some(object).filter(|name| !name.is_empty()),
        "rows": {
            "read": verified.read(),
            "adopted": verified.adopted,
            "known": verified.known,
            "absent": verified.absent,
            "several": verified.several,
            "held": verified.held,
            "contradicted": verified.contradicted,
            "invalid": verified.invalid(),
            "filtered": verified.filtered,
        },
        "listed": verified.listed,
        "requests": verified.requests,
        "duration_ms": u64::try_from(verified.duration.as_millis()).unwrap_or(u64::MAX),
        "error": error,
    })
}

fn print(verified: &Verified, object: &str, streams: &mut Streams<'_>) -> io::Result<()> {
    let out = &mut streams.stderr;
    let seconds = verified.duration.as_secs_f64();
    writeln!(out, "\nverify {object}: {} read in {seconds:.1} s", rows(verified.read()))?;
    for (name, count, meaning) in [
        ("adopted", verified.adopted, "their records are there, and in the ledger now"),
        ("known", verified.known, "in the ledger already"),
        ("absent", verified.absent, "not there: the next sync creates them"),
        ("several", verified.several, "not adopted: several records have their identity"),
        ("held", verified.held, "not adopted: their record is that of another row"),
        (
            "contradicted",
            verified.contradicted,
            "not adopted: their record shows another identity beside the equal one",
        ),
        ("invalid", verified.invalid(), "cannot be sent as they are"),
        ("filtered", verified.filtered, "not taken by `where`"),
    ] {
        if count > 0 {
            writeln!(out, "  {name:<12} {count:>9}  {meaning}")?;
        }
    }
    writeln!(out, "  {} requests, {} records of the list read", verified.requests, verified.listed)?;
    for reason in &verified.invalid.reasons {
        print_reason(reason, out)?;
    }
    if let Some(stopped) = &verified.stopped {
        writeln!(out, "\nstopped: {}", stopped.message)?;
        print_hint(stopped.hint, out)?;
    }
    Ok(())
}
