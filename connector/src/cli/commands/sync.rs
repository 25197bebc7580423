//! `partnerstack sync`: flags in, text out.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io;

use super::sandbox::{finish, rehearse};
use crate::cli::args::commands::SyncArgs;
use crate::cli::args::sandbox::RehearsalArgs;
use crate::cli::ending::{refuse, report, say_interrupted, with_command};
use crate::cli::screen::console::{Console, say_ledger, warn, warn_of_keys};
use crate::cli::screen::log_lines::LogLines;
use crate::cli::screen::look::Look;
use crate::cli::screen::streams::Desk;
use crate::cli::summary::Subject;
use crate::clock::SystemClock;
use crate::config::environment::Environment;
use crate::config::settings::Settings;
use crate::config::sync_file;
use crate::error::SetupError;
use crate::generated::API;
use crate::run::exit::{DONE, PERSON, STOPPED};
use crate::run::not_ready::NotReady;
use crate::run::prepare::{Purpose, Run};
use crate::run::services::Services;
use crate::sandbox::Sandbox;
use crate::sync::Interrupt;

/// Runs a sync from its flags to its exit code.
pub(in crate::cli) async fn run(
    args: SyncArgs,
    arguments: &[OsString],
    environment: &Environment,
    streams: &mut Desk<'_>,
    interrupt: &Interrupt,
) -> io::Result<u8> {
    let look = Look::of(args.shown, environment);
    streams.stderr.use_colour(look.colour);
    if !look.json_log {
        return run_shown(args, arguments, look, environment, streams, interrupt).await;
    }
    let mut lines = LogLines::new(&mut *streams.stderr);
    let stdin = std::mem::replace(&mut streams.stdin, Box::new(io::empty()));
    let mut desk = Desk { stdin, stdout: &mut *streams.stdout, stderr: &mut lines };
    run_shown(args, arguments, look, environment, &mut desk, interrupt).await
}

async fn run_shown(
    mut args: SyncArgs,
    arguments: &[OsString],
    look: Look,
    environment: &Environment,
    streams: &mut Desk<'_>,
    interrupt: &Interrupt,
) -> io::Result<u8> {
    let (asked_json, file) = (args.json, args.file.take());
    let rehearsal = std::mem::take(&mut args.rehearsal);
    let settings = match sync_file::load(args.given(), file.as_deref(), environment) {
        Ok(settings) => settings,
        Err(error) => return refuse(&error, asked_json, Subject::default(), streams),
    };
    let json = settings.json;
    let subject = Subject {
        object: settings.object.name,
        mode: settings.mode.name(),
        dry_run: settings.limits.dry_run,
        ..Subject::default()
    };
    let sandbox = match start_sandbox(&settings, &rehearsal, environment, streams.stderr) {
        Ok(sandbox) => sandbox,
        Err(error) => return refuse(&error, json, subject, streams),
    };
    let sends = !settings.limits.dry_run && !settings.target.sandbox;
    let digest_key_file = settings.target.digest_key_file.clone();
    let stderr = &mut *streams.stderr;
    let services = Services {
        environment,
        interrupt,
        clock: SystemClock::default(),
        stdin: std::mem::replace(&mut streams.stdin, Box::new(io::empty())),
        sandbox: sandbox.as_ref().map(|sandbox| sandbox.base_url().to_owned()),
        waits: Box::new(|what| {
            let _ = writeln!(stderr, "{what}");
        }),
    };
    let subject_of_run = Subject { sandbox: settings.target.sandbox, ..subject.clone() };
    let run = match Run::prepare(Purpose::Sync, vec![settings], services).await {
        Ok(run) => run,
        Err(NotReady::Refused(error)) => return refuse(&error, json, subject, streams),
        Err(NotReady::NotItsKeys { error, go_on }) => {
            let error = with_command(error, go_on.as_ref(), arguments);
            return refuse(&error, json, subject, streams);
        }
        Err(NotReady::NeedsPerson(error)) => return refuse(&error, json, subject, streams).map(|_| PERSON),
        Err(NotReady::Later(error)) => return refuse(&error, json, subject, streams).map(|_| STOPPED),
        Err(NotReady::Interrupted(signal)) => return say_interrupted(signal, json, subject, &look, streams),
    };
    if !look.quiet {
        say_ledger(&run, streams.stderr)?;
    }
    let ledger = run.ledger().path.clone();
    if sends {
        warn_of_keys(environment, digest_key_file.as_deref(), streams.stderr)?;
    }
    for sync in run.syncs() {
        warn(&sync.warnings(), streams.stderr)?;
    }
    let shared = RefCell::new(&mut *streams);
    let finished = run.execute(|_| Console::new(&shared, json, look)).await;
    for sync in finished.syncs {
        let stopped = sync.report.stopped.as_ref().map(|stopped| &stopped.message);
        let error = stopped.or(sync.report.guards.as_ref()).cloned();
        let (failures, ledger) = (sync.failures, ledger.clone());
        let (run, account) = (sync.number, sync.account.as_str());
        let subject = Subject { failures, error, run, account, ledger, ..subject_of_run.clone() };
        report(&subject, &sync.report, json, &look, streams)?;
    }
    if let Some(error) = finished.not_written {
        writeln!(streams.stderr, "warning: {error}")?;
    }
    let written = sandbox.as_ref().map_or(Ok(true), |sandbox| finish(sandbox, streams))?;
    Ok(if written || finished.code != DONE { finished.code } else { STOPPED })
}

/// The sandbox that the sync goes to, if it goes to one.
fn start_sandbox(
    settings: &Settings,
    rehearsal: &RehearsalArgs,
    environment: &Environment,
    out: &mut dyn io::Write,
) -> Result<Option<Sandbox>, SetupError> {
    let needed = settings.target.sandbox && !settings.limits.dry_run;
    if !needed {
        for (flag, given) in
            [("--known", !rehearsal.known.is_empty()), ("--requests", rehearsal.requests.is_some())]
        {
            if given {
                let error =
                    SetupError::new(format!("{flag} is about a sandbox, and this run does not go to one"));
                return Err(error.help("add --sandbox, without --dry-run"));
            }
        }
        return Ok(None);
    }
    let options = rehearse(rehearsal, environment, out)?;
    let started = Sandbox::start(&API, options);
    started.map(Some).map_err(|error| SetupError::new(format!("the sandbox cannot be started: {error}")))
}
