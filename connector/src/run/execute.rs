//! Runs the syncs of a run side by side, and puts their files in place.

use std::path::PathBuf;

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::connection::Connection;
use super::exit;
use super::failures::Recording;
use super::prepare::{PreparedSync, Run};
use crate::api::ObjectSpec;
use crate::api::mode::Mode;
use crate::clock::Clock;
use crate::config::settings::Settings;
use crate::http::wire::Wire;
use crate::ledger::LedgerError;
use crate::report::counts::{Report, Stopped};
use crate::report::failures_list::FailuresFile;
use crate::sync::Interrupt;
use crate::sync::Listener;
use crate::sync::Patience;
use crate::sync::{self, World};

/// A run that has come to its end.
#[derive(Debug)]
pub struct Finished {
    /// Its syncs, in the order in which they were given.
    pub syncs: Vec<FinishedSync>,
    /// With which code the process should end.
    pub code: u8,
}

/// A sync of a run that has come to its end.
#[derive(Debug)]
pub struct FinishedSync {
    /// Its name.
    pub name: String,
    /// Its object.
    pub object: &'static ObjectSpec,
    /// Its mode.
    pub mode: Mode,
    /// What became of its rows.
    pub report: Report,
    /// Where the rows are that did not arrive, if there are any.
    pub failures: Option<PathBuf>,
    /// The code with which a process should end that ran this sync alone.
    pub code: u8,
}

impl<C: Clock + Copy> Run<'_, C> {
    /// Runs the syncs. Each tells what happens to the listener that is made for it.
    pub async fn execute<L: Listener>(self, mut listener: impl FnMut(&PreparedSync) -> L) -> Finished {
        let Self { syncs, wire, give_up, ledger, interrupt } = self;
        let patience = Patience::new(give_up);
        let mut running = FuturesUnordered::new();
        for (place, sync) in syncs.into_iter().enumerate() {
            let listener = listener(&sync);
            let (wire, patience) = (&wire, &patience);
            running.push(async move { (place, run(sync, listener, wire, patience, interrupt).await) });
        }
        let mut ended = Vec::with_capacity(running.len());
        while let Some(sync) = running.next().await {
            ended.push(sync);
        }
        drop(running);
        ended.sort_by_key(|(place, _)| *place);
        let closed = ledger.close();
        let syncs: Vec<_> = ended.into_iter().map(|(_, sync)| sync.finish(closed.as_ref().err())).collect();
        let code = exit::of_run(syncs.iter().map(|sync| sync.code));
        Finished { syncs, code }
    }
}

/// A sync whose rows have come to their end.
struct EndedSync {
    settings: Settings,
    report: Report,
    failures: Option<FailuresFile>,
}

async fn run<C: Clock + Copy>(
    sync: PreparedSync,
    listener: impl Listener,
    wire: &Wire<Connection, C>,
    patience: &Patience,
    interrupt: &Interrupt,
) -> EndedSync {
    let PreparedSync { settings, job, source, failures, scope, number } = sync;
    let mut listener = Recording { file: failures, listener };
    let world = World { ledger: &scope, run: number, wire, patience, interrupt };
    let mut report = sync::run(job, source, &world, &mut listener).await;
    if !settings.limits.dry_run
        && let Err(error) = scope.finish_run(number, wire.clock().epoch_milliseconds()).await
    {
        stop(&mut report, error.to_string());
    }
    EndedSync { settings, report, failures: listener.file }
}

impl EndedSync {
    /// Puts the failures file in its place, once everything is stored.
    fn finish(self, not_stored: Option<&LedgerError>) -> FinishedSync {
        let Self { settings, mut report, failures } = self;
        if let Some(error) = not_stored {
            stop(&mut report, error.to_string());
        }
        let limit = settings.limits.rows;
        let to_the_end = report.stopped.is_none() && limit.is_none_or(|limit| report.read() < limit);
        let failures = failures.map(|file| file.finish(to_the_end)).transpose().unwrap_or_else(|error| {
            stop(&mut report, format!("the failures file cannot be put in its place: {error}"));
            None
        });
        let code = exit::of_sync(&report, settings.limits.dry_run, settings.allow_failures);
        let Settings { name, object, mode, .. } = settings;
        FinishedSync { name, object, mode, report, failures: failures.flatten(), code }
    }
}

/// The first reason counts.
fn stop(report: &mut Report, message: String) {
    report.stopped.get_or_insert(Stopped::because(message));
}
