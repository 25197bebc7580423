//! The loop over rows: takes planned rows in, keeps their order, lets them run beside each other, counts what became of them.

use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::task::{unconstrained, yield_now};

use super::intake::{Intake, KnownFaults, KnownOfBatch, Work};
use super::outcomes::Outcomes;
use super::watcher::{Watcher, waiting};
use crate::clock::Clock;
use crate::http::transport::Transport;
use crate::http::wire::Wire;
use crate::ledger::{RecordId, Scope, Window};
use crate::report::counts::{Report, Stopped};
use crate::report::outcome::Outcome;
use crate::source::Source;
use crate::sync::adopt::adoption::Adoption;
use crate::sync::feed::pipeline::{Pipeline, Planned};
use crate::sync::feed::plan::PlannedRow;
use crate::sync::row::row_run::{Delivered, deliver};
use crate::sync::settling::leftovers::settle_leftovers;
use crate::sync::settling::lookup::Settler;
use crate::sync::setup::interrupt::Interrupt;
use crate::sync::setup::job::Job;
use crate::sync::setup::listener::Listener;
use crate::sync::setup::patience::Patience;
use crate::sync::setup::progress::WaitReason;
use crate::sync::shared::context::Context;

/// How often the loop looks at what is due, at least.
const LOOK: Duration = Duration::from_secs(10);
/// How long requests in flight may still be answered when nothing came through for as long as the run has patience.
const GIVEN_UP: Duration = Duration::from_secs(1);
/// The shortest time until patience is looked at again.
const LEAST: Duration = Duration::from_millis(10);
/// Rows that run or wait for others, for each request that may be in flight: enough that waiting for the ledger leaves no
/// gap, and few enough to stay in the processor's own memory.
const ROWS_A_FLIGHT: usize = 4;
/// The most bytes that these rows may hold before no more are taken in.
const HELD: usize = 4 << 20;
/// So many rows that did not arrive are written down together.
const NOTED: usize = 512;
/// The most rows that wait to be settled; then reading stops.
const UNSETTLED: usize = 10_000;

/// What a sync works with.
pub struct World<'w, T, C: Clock> {
    /// What is known of the records.
    pub ledger: &'w Scope,
    /// The number that the ledger gave this run.
    pub run: i64,
    /// The connection to the API, which all syncs of a process share.
    pub wire: &'w Wire<T, C>,
    /// How long without progress before the syncs of a process are given up.
    pub patience: &'w Patience,
    /// What asks it to stop.
    pub interrupt: &'w Interrupt,
    /// All rows were read before, and pass the guards.
    pub surveyed: bool,
}

/// Runs a sync to its end, or to the point where it has to stop. Every row that was read is in the report.
pub async fn run<T: Transport, C: Clock + Copy>(
    job: Arc<Job>,
    source: Source,
    world: &World<'_, T, C>,
    listener: &mut impl Listener,
) -> Report {
    run_rows(job, source, world, None, listener).await
}

/// The same where the ledger of earlier runs is lost: rows whose records are in the list under a key that is derived from
/// their own are entered into the ledger, before anything is sent for them. The records were created in `windows`; none:
/// at any time.
pub async fn run_adopting<T: Transport, C: Clock + Copy>(
    job: Arc<Job>,
    source: Source,
    world: &World<'_, T, C>,
    windows: Vec<Window>,
    listener: &mut impl Listener,
) -> Report {
    let listed = Cell::new(0);
    let adoption = Adoption::new(windows, &listed);
    let mut report = run_rows(job, source, world, Some(&adoption), listener).await;
    report.adopted = adoption.adopted();
    report
}

async fn run_rows<T: Transport, C: Clock + Copy>(
    job: Arc<Job>,
    source: Source,
    world: &World<'_, T, C>,
    adoption: Option<&Adoption<'_>>,
    listener: &mut impl Listener,
) -> Report {
    let World { ledger, run, wire, patience, interrupt, surveyed } = *world;
    let clock = wire.clock();
    let mut watcher = Watcher::new(&source, listener.every(), clock.now());
    let look = watcher.every().min(LOOK);
    let context = Context::new(&job, wire, patience, ledger, run, clock);
    let mut pipeline = Pipeline::start(Arc::clone(&job), source, ledger, context.learn_faults().await);
    let settler = Settler::default();
    let mut intake = Intake::new(&context);
    if surveyed {
        intake.outcomes.do_not_watch();
    }
    let mut running = FuturesUnordered::new();
    // One batch at most.
    let mut fetching = FuturesUnordered::new();
    let mut settling = Box::pin(settler.run(&context));
    let mut tick = pin!(clock.sleep(look));
    let (mut reading, mut ready) = (true, Vec::<Work>::new());
    // Until when requests in flight may be answered once the run stops.
    let (mut grace, mut gave_up, mut warned) = (None, false, 0);
    loop {
        if running.is_empty() && !ready.is_empty() {
            // A source may be silent for a long time: patience begins with the rows that come now.
            context.moves();
            tick.set(clock.sleep(context.patience_left().min(look)));
        }
        for work in ready.drain(..) {
            // All rows share one task. Without this, tokio's budget of the task ends after a hundred of their steps, and
            // every further one is polled for nothing.
            running.push(unconstrained(run_row(&context, &settler, work)));
        }
        if context.is_stopping() {
            reading = false;
            intake.give_back_waiting();
            if grace.is_none() {
                let time = if gave_up { GIVEN_UP } else { job.limits.grace };
                grace = Some(clock.now().saturating_add(time));
                tick.set(clock.sleep(time.min(look)));
            }
        }
        // Rows that wait to be settled get no more proof once nothing else is done.
        let more = reading || !fetching.is_empty();
        settler.works((!more).then_some(running.len()));
        if !reading && running.is_empty() && fetching.is_empty() {
            break;
        }
        let going = (running.len() + intake.waiting()).saturating_sub(settler.waiting());
        if context.faults.len() >= NOTED {
            context.store_notes().await;
        }
        let room = going < ROWS_A_FLIGHT * job.limits.concurrency as usize
            && intake.held() < HELD
            && settler.waiting() < UNSETTLED;
        tokio::select! {
            biased;
            // First, so that rows that need no call cannot keep it waiting.
            signal = interrupt.wait(), if !context.is_stopping() => context.stop(Stopped::by(signal)),
            // Before the rows, which may always have something to do.
            () = &mut tick => {
                if grace.is_some_and(|ends| ends <= clock.now()) {
                    // Requests without an answer are open in the ledger, and settled before anything else happens to
                    // their records.
                    break;
                }
                let patience = if running.is_empty() { LOOK } else { context.patience_left() };
                if patience.is_zero() && !context.is_stopping() {
                    gave_up = true;
                    context.give_up();
                }
                warned += tell(&context, warned, listener);
                if watcher.is_due(clock.now()) {
                    let idle = reading && running.is_empty() && fetching.is_empty();
                    let waits = waiting(&context, &settler, running.len(), idle);
                    watcher.tell(&mut intake.outcomes, waits, listener);
                    listener.listed(adoption.map_or(0, Adoption::read));
                    context.store_notes().await;
                }
                let left = grace.map_or(patience, |ends| ends.saturating_sub(clock.now()));
                tick.set(clock.sleep(left.clamp(LEAST, look)));
            }
            Some((work, delivered)) = running.next(), if !running.is_empty() => {
                ready = intake.finish(&work, delivered, listener);
            }
            Some((batch, entries)) = fetching.next(), if !fetching.is_empty() => {
                let (works, done) = intake.take(batch, entries, listener);
                ready = works;
                pipeline.give_back(done);
            }
            batch = pipeline.next(), if reading && room && fetching.is_empty() => match batch {
                Some(batch) => {
                    intake.looks_up();
                    fetching.push(fetch(&context, adoption, batch));
                }
                None => reading = false,
            },
            () = &mut settling => {}
        }
    }
    drop(settling);
    for _ in 0..running.len() {
        intake.outcomes.report.count(Outcome::Pending);
    }
    drop(running);
    // Where the run was given up, rows wait for others, or for what is known of their records: they count too.
    intake.give_back_waiting();
    while let Some((batch, entries)) = fetching.next().await {
        intake.take(batch, entries, listener);
    }
    finish(&context, &settler, interrupt, &watcher, intake.outcomes, warned, listener).await
}

/// What is left once all rows of the source have come to their end: rows of earlier runs, and what is told and written down.
async fn finish<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    settler: &Settler,
    interrupt: &Interrupt,
    watcher: &Watcher,
    mut outcomes: Outcomes<'_, '_, T, C>,
    warned: usize,
    listener: &mut impl Listener,
) -> Report {
    if !context.is_stopping() && !context.job.limits.dry_run {
        watcher.tell(&mut outcomes, Some(WaitReason::Leftovers), listener);
        settle_leftovers(context, settler, interrupt, &mut outcomes.report).await;
    }
    context.store_notes().await;
    tell(context, warned, listener);
    outcomes.end_watch();
    outcomes.count_requests();
    outcomes.report.stopped = context.take_stopped();
    watcher.finish(context, outcomes.report)
}

/// Tells what is to be told, from the `told`th on; says how much it was.
fn tell<T, C: Clock + Copy>(context: &Context<'_, T, C>, told: usize, listener: &mut impl Listener) -> usize {
    let warnings = context.warnings(told);
    for warning in &warnings {
        listener.warn(warning);
    }
    warnings.len()
}

/// What is known of the records of a batch, while those before it go on.
async fn fetch<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    adoption: Option<&Adoption<'_>>,
    batch: Vec<Planned>,
) -> (Vec<Planned>, KnownOfBatch) {
    // Signals and timers come in while a task waits; rows that need no call never do.
    yield_now().await;
    let ids: Vec<RecordId> = batch.iter().filter_map(Planned::id).collect();
    let mut entries = context.ledger.fetch(&ids).await;
    if let (Some(adoption), Ok(entries)) = (adoption, &mut entries) {
        let rows: Vec<&PlannedRow> = batch.iter().filter_map(Planned::ready).collect();
        // Where it fails it has stopped the run, and no row goes on.
        Box::pin(adoption.adopt(context, &rows, entries)).await;
    }
    let faults = if context.faults.knows_earlier() {
        KnownFaults::of(&batch, context.ledger).await
    } else {
        Ok(KnownFaults::default())
    };
    let (entries, faults) = match faults {
        Ok(faults) => (entries, faults),
        Err(error) => (Err(error), KnownFaults::default()),
    };
    (batch, KnownOfBatch { entries, faults })
}

async fn run_row<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    settler: &Settler,
    mut work: Work,
) -> (Box<PlannedRow>, Delivered) {
    if work.stale {
        match context.ledger.fetch(&[work.item.id]).await {
            Ok(entries) => work.entry = entries.into_iter().next().flatten(),
            Err(error) => {
                context.stop(Stopped::because(error.to_string()));
                return (work.item, Delivered::Pending);
            }
        }
    }
    let delivered = deliver(context, settler, &work.item, work.entry).await;
    (work.item, delivered)
}
