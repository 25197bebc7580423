//! `partnerstack sync`: flags in, text out.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io;

use crate::cli::args::commands::SyncArgs;
use crate::cli::console::{Console, say_ledger, warn, warn_of_keys};
use crate::cli::ending::{refuse, report, say_interrupted, with_command};
use crate::cli::streams::Streams;
use crate::cli::summary::Subject;
use crate::clock::SystemClock;
use crate::config::environment::Environment;
use crate::config::settings::Settings;
use crate::config::sync_file;
use crate::error::SetupError;
use crate::generated::API;
use crate::run::exit::{PERSON, STOPPED};
use crate::run::not_ready::NotReady;
use crate::run::prepare::Run;
use crate::run::services::Services;
use crate::sandbox::{Options, Sandbox};
use crate::sync::Interrupt;

/// Runs a sync from its flags to its exit code.
pub(in crate::cli) async fn run(
    mut args: SyncArgs,
    arguments: &[OsString],
    environment: &Environment,
    streams: &mut Streams<'_>,
    interrupt: &Interrupt,
) -> io::Result<u8> {
    let (asked_json, file) = (args.json, args.file.take());
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
    let sandbox = match start_sandbox(&settings) {
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
    let run = match Run::prepare(vec![settings], services).await {
        Ok(run) => run,
        Err(NotReady::Refused(error)) => return refuse(&error, json, subject, streams),
        Err(NotReady::NotItsKeys { error, go_on }) => {
            let error = with_command(error, go_on.as_ref(), arguments);
            return refuse(&error, json, subject, streams);
        }
        Err(NotReady::NeedsPerson(error)) => return refuse(&error, json, subject, streams).map(|_| PERSON),
        Err(NotReady::Later(error)) => return refuse(&error, json, subject, streams).map(|_| STOPPED),
        Err(NotReady::Interrupted(signal)) => return say_interrupted(signal, json, subject, streams),
    };
    say_ledger(&run, streams.stderr)?;
    if sends {
        warn_of_keys(environment, digest_key_file.as_deref(), streams.stderr)?;
    }
    for sync in run.syncs() {
        warn(&sync.warnings(), streams.stderr)?;
    }
    let shared = RefCell::new(&mut *streams);
    let finished = run.execute(|_| Console::new(&shared, json)).await;
    for sync in finished.syncs {
        let error = sync.report.stopped.as_ref().map(|stopped| stopped.message.clone());
        let subject = Subject { failures: sync.failures, error, ..subject_of_run.clone() };
        report(&subject, &sync.report, json, streams)?;
    }
    Ok(finished.code)
}

/// The sandbox that the sync goes to, if it goes to one.
fn start_sandbox(settings: &Settings) -> Result<Option<Sandbox>, SetupError> {
    let needed = settings.target.sandbox && !settings.limits.dry_run;
    let started = needed.then(|| Sandbox::start(&API, Options::default())).transpose();
    started.map_err(|error| SetupError::new(format!("the sandbox cannot be started: {error}")))
}
