//! Runs the syncs of a run side by side, and puts their files in place.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::connection::Connection;
use super::exit;
use super::ledger::new_ledger;
use super::outputs::failures::{self, ListEnd, Recording};
use super::prepare::{PreparedSync, Run};
use super::source;
use crate::api::ObjectSpec;
use crate::api::mode::Mode;
use crate::clock::Clock;
use crate::config::settings::Settings;
use crate::http::wire::Wire;
use crate::ledger::{LedgerError, RunEnd};
use crate::report::counts::{Report, Stopped};
use crate::report::metrics::SyncMetrics;
use crate::report::plan_file::PlanFile;
use crate::sync::{self, Interrupt, Job, Listener, Patience, World};

/// A run that has come to its end.
#[derive(Debug)]
pub struct Finished {
    /// Its syncs, in the order in which they were given.
    pub syncs: Vec<FinishedSync>,
    /// With which code the process should end.
    pub code: u8,
    /// What could not be written at the end and changes nothing about the rows.
    pub not_written: Option<String>,
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
    /// The account.
    pub account: String,
    /// The number that the ledger gave this run of the sync; 0 where nothing is noted.
    pub number: i64,
    /// What became of its rows.
    pub report: Report,
    /// Where the rows are that did not arrive, if there are any.
    pub failures: Option<PathBuf>,
    /// The code with which a process should end that ran this sync alone.
    pub code: u8,
}

impl FinishedSync {
    fn metrics(&self) -> SyncMetrics<'_> {
        let Self { name, object, account, report, code, .. } = self;
        SyncMetrics { name, object: object.name, account, report, code: *code }
    }
}

impl<C: Clock + Copy> Run<'_, C> {
    /// Runs the syncs. Each tells what happens to the listener that is made for it.
    pub async fn execute<L: Listener>(self, mut listener: impl FnMut(&PreparedSync) -> L) -> Finished {
        let Self { syncs, wire, give_up, metrics, ledger, interrupt, .. } = self;
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
        let metrics = metrics.map(|file| {
            let told: Vec<SyncMetrics<'_>> = syncs.iter().map(FinishedSync::metrics).collect();
            file.put(&told, wire.clock().epoch_milliseconds())
        });
        // The rows have arrived all the same, so the exit code is theirs.
        let not_written = metrics
            .and_then(Result::err)
            .map(|error| format!("the metrics file cannot be put in its place: {error}"));
        Finished { syncs, code, not_written }
    }
}

/// A sync whose rows have come to their end.
struct EndedSync {
    settings: Settings,
    account: String,
    number: i64,
    report: Report,
    failures: Option<PathBuf>,
    plan: Option<PlanFile>,
}

async fn run<C: Clock + Copy>(
    sync: PreparedSync,
    listener: impl Listener,
    wire: &Wire<Connection, C>,
    patience: &Patience,
    interrupt: &Interrupt,
) -> EndedSync {
    let PreparedSync { settings, job, source, failures, plan, scope, number, adopts, .. } = sync;
    let account = job.account.clone();
    let columns = source.columns().unwrap_or_default().to_vec();
    let mut listener = Recording { columns, file: failures, plan, differences: None, listener };
    let mut world = World { ledger: &scope, run: number, wire, patience, interrupt, surveyed: false };
    let now = || wire.clock().epoch_milliseconds();
    let passed = survey(&settings, &job, &world, &mut listener).await;
    world.surveyed = matches!(passed, Ok(true));
    let mut report = if let Err(stopped) = passed {
        let mut report = Report::default();
        report.stopped = Some(stopped);
        report
    } else if adopts {
        let windows = new_ledger::windows(&settings, &job, &scope, interrupt, true, now()).await;
        Box::pin(sync::run_adopting(job, source, &world, windows, &mut listener)).await
    } else {
        sync::run(job, source, &world, &mut listener).await
    };
    let to_the_end = is_to_the_end(&settings, &report);
    let mut failures = None;
    if let Some(file) = listener.file {
        let keeps_unknown = !settings.target.sandbox;
        let end = ListEnd { scope: &scope, run: number, keeps_unknown, to_the_end };
        failures = failures::finish(file, end).await.unwrap_or_else(|error| {
            stop(&mut report, format!("the failures file cannot be put in its place: {error}"));
            None
        });
    }
    let noted = async {
        if adopts && to_the_end {
            scope.set_adopts(false).await?;
        }
        let (dry_run, mode) = (settings.limits.dry_run, settings.mode.name());
        if dry_run {
            return Ok(());
        }
        let exit_code = exit::of_sync(&report, dry_run, settings.allow_failures);
        scope.end_run(number, RunEnd { mode, exit_code, rows: report.rows().to_string() }, now()).await
    };
    if let Err(error) = noted.await {
        stop(&mut report, error.to_string());
    }
    EndedSync { settings, account, number, report, failures, plan: listener.plan }
}

/// Reads the rows once before the first request, where there are guards. Says whether that was done; what goes beyond a guard
/// stops the run.
async fn survey<C: Clock + Copy>(
    settings: &Settings,
    job: &Arc<Job>,
    world: &World<'_, Connection, C>,
    listener: &mut impl Listener,
) -> Result<bool, Stopped> {
    // What a dry run finds is said at its end.
    if settings.limits.guards.is_empty() || settings.limits.dry_run {
        return Ok(false);
    }
    let Some(source) = source::again(settings) else {
        listener.warn(ONCE);
        return Ok(false);
    };
    tokio::select! {
        passed = sync::survey(Arc::clone(job), source, world) => match passed {
            Ok(None) => Ok(true),
            Ok(Some(message)) => Err(Stopped { person: true, ..Stopped::because(message) }),
            Err(error) => Err(Stopped::because(error.to_string())),
        },
        // The run stops before its first row.
        _ = world.interrupt.wait() => Ok(false),
    }
}

/// What is said where rows cannot be read twice.
const ONCE: &str = "the source can be read once only, so guards are checked as rows come: what comes before a row that goes \
                    beyond one is sent, and `min_rows` and `max_changed` are judged at the end";

/// Every row of the source was read, and came to its end.
fn is_to_the_end(settings: &Settings, report: &Report) -> bool {
    report.stopped.is_none() && settings.limits.rows.is_none_or(|limit| report.read() < limit)
}

impl EndedSync {
    /// Puts the plan in its place, once everything is stored.
    fn finish(self, not_stored: Option<&LedgerError>) -> FinishedSync {
        let Self { settings, account, number, mut report, failures, plan } = self;
        if let Some(error) = not_stored {
            stop(&mut report, error.to_string());
        }
        let is_whole = report.stopped.is_none();
        if let Err(error) = plan.map_or(Ok(()), |file| file.finish(is_whole)) {
            stop(&mut report, format!("the plan cannot be put in its place: {error}"));
        }
        let code = exit::of_sync(&report, settings.limits.dry_run, settings.allow_failures);
        let Settings { name, object, mode, .. } = settings;
        FinishedSync { name, object, mode, account, number, report, failures, code }
    }
}

fn stop(report: &mut Report, message: String) {
    stop_first(&mut report.stopped, message);
}

/// The first reason counts.
pub(super) fn stop_first(stopped: &mut Option<Stopped>, message: String) {
    stopped.get_or_insert(Stopped::because(message));
}
