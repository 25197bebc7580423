//! The loop over rows: takes planned rows in, keeps their order, lets them run beside each other, counts what became of them.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::task::{unconstrained, yield_now};

use crate::api::{FieldSpec, OperationName};
use crate::clock::Clock;
use crate::http::transport::Transport;
use crate::ledger::{Decision, Entry, LedgerError, RecordId, Scope};
use crate::report::counts::{Report, Stopped};
use crate::report::hint::{self, Situation};
use crate::report::outcome::{Failure, Outcome};
use crate::request::prepare::PreparedRequest;
use crate::row::Row;
use crate::row::fault::{FieldError, RowError};
use crate::source::Source;
use crate::sync::engine::Engine;
use crate::sync::interrupt::Interrupt;
use crate::sync::job::Job;
use crate::sync::key_order::Lanes;
use crate::sync::pipeline::{Feed, Planned};
use crate::sync::plan::Item;
use crate::sync::row_run::Delivered;

/// What is told about a run while it goes on.
pub trait Listener {
    /// A row did not arrive. `row` is none where it could not be read.
    fn failed(&mut self, failure: &Failure, row: Option<&Row>) -> io::Result<()>;
    /// A first request of its operation was prepared in a dry run.
    fn example(&mut self, _request: &PreparedRequest) {}
    /// A row without a value for a recommended field will create a record; said once for each field.
    fn recommended(&mut self, _field: &'static FieldSpec, _row: u64) {}
    /// Fields that a JSON record brings by name cannot be written by an operation; said once for each field.
    fn left_out(&mut self, _fields: &[(&'static FieldSpec, OperationName)]) {}
    /// A name of a JSON record feeds nothing; said once for each name, up to a limit.
    fn unmapped(&mut self, _name: &str) {}
    /// Time has passed.
    fn progress(&mut self, _report: &Report) {}
}

/// How often progress is told.
const PROGRESS: Duration = Duration::from_secs(10);
/// Rows that run or wait for others, for each request that may be in flight: enough that waiting for the ledger leaves no
/// gap, and few enough to stay in the processor's own memory.
const ROWS_A_FLIGHT: usize = 4;
/// The most bytes that these rows may hold before no more are taken in.
const HELD: usize = 4 << 20;
/// The most rows that wait to be settled; then reading stops.
const UNSETTLED: usize = 10_000;

/// What a sync works with.
pub struct World<'w, T, C> {
    /// What is known of the records.
    pub ledger: &'w Scope,
    /// The number that the ledger gave this run.
    pub run: i64,
    /// What sends.
    pub transport: &'w T,
    /// What tells the time.
    pub clock: &'w C,
    /// What asks it to stop.
    pub interrupt: &'w Interrupt,
}

/// Runs a sync to its end, or to the point where it has to stop. Every row that was read is in the report.
pub async fn run<T: Transport, C: Clock>(
    job: Arc<Job>,
    source: Source,
    world: &World<'_, T, C>,
    listener: &mut impl Listener,
) -> Report {
    let World { ledger, run: run_number, transport, clock, interrupt } = *world;
    let started = clock.now();
    let mut feed = Feed::start(Arc::clone(&job), source, ledger);
    let engine = Engine::new(&job, transport, clock, ledger, run_number);
    let mut run = Run {
        engine: &engine,
        report: Report::default(),
        notes: Notes::default(),
        lanes: Lanes::default(),
        waiting: BTreeMap::new(),
        held: 0,
        written: HashSet::new(),
    };
    let mut running = FuturesUnordered::new();
    // One batch at most.
    let mut fetching = FuturesUnordered::new();
    let mut settling = Box::pin(engine.settler.run(&engine));
    let (mut reading, mut told) = (true, started);
    let mut tick = pin!(clock.sleep(PROGRESS));
    let mut ready: Vec<Work> = Vec::new();
    loop {
        if running.is_empty() && !ready.is_empty() {
            // However long nothing was there to be done, patience begins with what is done now.
            engine.moves();
            tick.set(clock.sleep(engine.patience().min(PROGRESS)));
        }
        for work in ready.drain(..) {
            // All rows share one task. Its budget would end after a hundred steps of any of them, and then each would
            // be asked in vain.
            running.push(unconstrained(deliver(&engine, work)));
        }
        if engine.is_stopping() {
            reading = false;
            run.give_back_waiting();
        }
        if !reading && running.is_empty() && fetching.is_empty() {
            break;
        }
        let room = (running.len() + run.waiting.len()).saturating_sub(engine.settler.waiting())
            < ROWS_A_FLIGHT * job.limits.concurrency as usize
            && run.held < HELD
            && engine.settler.waiting() < UNSETTLED;
        tokio::select! {
            biased;
            // First, so that rows that need no call cannot keep it waiting.
            signal = interrupt.wait(), if !engine.is_stopping() => {
                engine.stop(Stopped::by(signal));
            }
            // Before the rows, which may always have something to do.
            () = &mut tick => {
                let patience = if running.is_empty() { PROGRESS } else { engine.patience() };
                if patience.is_zero() {
                    engine.give_up();
                    // Requests without an answer are open in the ledger, and settled before anything else happens to
                    // their records.
                    break;
                }
                if clock.now().saturating_sub(told) >= PROGRESS {
                    told = clock.now();
                    run.count_requests();
                    listener.progress(&run.report);
                }
                tick.set(clock.sleep(patience.min(PROGRESS)));
            }
            Some((work, delivered)) = running.next(), if !running.is_empty() => {
                ready = run.finish(&work, delivered, listener);
            }
            Some((batch, entries)) = fetching.next(), if !fetching.is_empty() => {
                let (works, done) = run.take(batch, entries, listener);
                ready = works;
                feed.give_back(done);
            }
            batch = feed.next(), if reading && room && fetching.is_empty() => match batch {
                Some(batch) => {
                    run.written.clear();
                    fetching.push(fetch(ledger, batch));
                }
                None => reading = false,
            },
            () = &mut settling => {}
        }
    }
    drop(settling);
    for _ in 0..running.len() {
        run.report.count(Outcome::Pending);
    }
    drop(running);
    // Where the run was given up, rows wait for others, or for what is known of their records: they count too.
    run.give_back_waiting();
    while let Some((batch, entries)) = fetching.next().await {
        run.take(batch, entries, listener);
    }
    if !engine.is_stopping() && !job.limits.dry_run {
        settle_leftovers(&engine, interrupt, &mut run.report).await;
    }
    run.count_requests();
    let mut report = run.report;
    report.stopped = engine.take_stopped();
    report.duration = clock.now().saturating_sub(started);
    report
}

/// A row that is on its way.
struct Work {
    item: Box<Item>,
    entry: Option<Entry>,
    /// The entry was fetched before a row that concerns the same record was done.
    stale: bool,
}

/// What happens to a row that came in.
enum Admitted {
    /// Nothing more.
    Done(Box<Item>),
    /// It can run at once.
    Runs(Box<Work>),
    /// It waits for rows before it.
    Waits,
}

/// What is known of the records of a batch, while those before it go on.
async fn fetch(
    ledger: &Scope,
    batch: Vec<Planned>,
) -> (Vec<Planned>, Result<Vec<Option<Entry>>, LedgerError>) {
    // Signals and timers come in while a task waits; rows that need no call never do.
    yield_now().await;
    let ids: Vec<RecordId> = batch.iter().filter_map(Planned::id).collect();
    let entries = ledger.fetch(&ids).await;
    (batch, entries)
}

async fn deliver<T: Transport, C: Clock>(
    engine: &Engine<'_, T, C>,
    mut work: Work,
) -> (Box<Item>, Delivered) {
    if work.stale {
        match engine.ledger.fetch(&[work.item.id]).await {
            Ok(entries) => work.entry = entries.into_iter().next().flatten(),
            Err(error) => {
                engine.stop(Stopped { message: error.to_string(), hint: None, signal: None });
                return (work.item, Delivered::Pending);
            }
        }
    }
    let delivered = engine.deliver(&work.item, work.entry).await;
    (work.item, delivered)
}

struct Run<'e, 'a, T, C: Clock> {
    engine: &'e Engine<'a, T, C>,
    report: Report,
    notes: Notes,
    lanes: Lanes,
    waiting: BTreeMap<u64, Work>,
    /// How many bytes the rows hold that run or wait.
    held: usize,
    /// Records whose rows came to their end since the last batch was looked up: what that brought of them is old.
    written: HashSet<RecordId>,
}

/// What was said already, so that it is said once.
#[derive(Default)]
struct Notes {
    recommended: Vec<&'static str>,
    examples: Vec<OperationName>,
}

impl<T: Transport, C: Clock> Run<'_, '_, T, C> {
    /// Takes a batch in, with what was known of its records; says which of its rows can run at once, and which are done.
    fn take(
        &mut self,
        batch: Vec<Planned>,
        entries: Result<Vec<Option<Entry>>, LedgerError>,
        listener: &mut impl Listener,
    ) -> (Vec<Work>, Vec<Planned>) {
        let mut entries = match entries {
            Ok(entries) => entries.into_iter(),
            Err(error) => {
                self.engine.stop(Stopped { message: error.to_string(), hint: None, signal: None });
                Vec::new().into_iter()
            }
        };
        let (mut ready, mut done) = (Vec::new(), Vec::new());
        for planned in batch {
            match planned {
                Planned::Unreadable(unreadable) => {
                    self.fail(&Failure::unreadable(unreadable), None, listener);
                }
                Planned::Unmapped(name) => listener.unmapped(&name),
                Planned::LeftOut(fields) => listener.left_out(&fields),
                Planned::Broken(message) => {
                    self.engine.stop(Stopped { message, hint: None, signal: None });
                }
                Planned::Faulty(faulty) => {
                    let failure = Failure::invalid(
                        self.engine.job.api,
                        self.engine.job.object,
                        faulty.key,
                        faulty.error,
                    );
                    self.fail(&failure, Some(&faulty.row), listener);
                }
                Planned::Ready(item) => {
                    let entry = entries.next().flatten();
                    match self.admit(item, entry, listener) {
                        Admitted::Done(item) => done.push(Planned::Ready(item)),
                        Admitted::Runs(work) => ready.push(*work),
                        Admitted::Waits => {}
                    }
                }
            }
        }
        self.guard();
        (ready, done)
    }

    /// Decides what needs no call at once; the others wait for those before them.
    fn admit(&mut self, item: Box<Item>, entry: Option<Entry>, listener: &mut impl Listener) -> Admitted {
        let engine = self.engine;
        if engine.is_stopping() {
            self.report.count(Outcome::Pending);
            return Admitted::Done(item);
        }
        let old = self.written.contains(&item.id);
        if !old && self.lanes.none_of(item.lanes.all()) {
            let of_this_run = entry
                .as_ref()
                .and_then(|entry| entry.attempt.as_ref())
                .is_some_and(|attempt| attempt.run == engine.run);
            match engine.decide(&item, entry.as_ref()) {
                Decision::Unchanged if !of_this_run => {
                    self.report.count(Outcome::Unchanged);
                    return Admitted::Done(item);
                }
                _ if engine.job.limits.dry_run => {
                    self.pretend(&item, entry.as_ref(), listener);
                    return Admitted::Done(item);
                }
                _ => {}
            }
        } else if engine.job.limits.dry_run {
            self.pretend(&item, entry.as_ref(), listener);
            return Admitted::Done(item);
        }
        self.note_recommended(&item, listener);
        let sent = entry.as_ref().and_then(|entry| entry.attempt.as_ref());
        let repeated = old
            || sent.is_some_and(|attempt| attempt.run == engine.run)
            || !self.lanes.none_of(item.lanes.record());
        self.report.repeated += u64::from(repeated);
        self.held += item.row.record.size();
        let free = self.lanes.enter(item.row.number, item.lanes.all());
        let work = Work { item, entry, stale: old || !free };
        if free {
            return Admitted::Runs(Box::new(work));
        }
        self.waiting.insert(work.item.row.number, work);
        Admitted::Waits
    }

    /// Counts a row that is done; says which rows that waited for it can run now.
    fn finish(&mut self, item: &Item, delivered: Delivered, listener: &mut impl Listener) -> Vec<Work> {
        self.account(item, delivered, listener);
        self.guard();
        self.written.insert(item.id);
        self.held = self.held.saturating_sub(item.row.record.size());
        let mut ready = Vec::new();
        for next in self.lanes.leave(item.row.number, item.lanes.all()) {
            let free =
                self.waiting.get(&next).is_some_and(|work| self.lanes.is_free(next, work.item.lanes.all()));
            if free {
                ready.extend(self.waiting.remove(&next));
            }
        }
        ready
    }
}

impl<T: Transport, C: Clock> Run<'_, '_, T, C> {
    /// Counts what became of a row, and says why where it did not arrive.
    fn account(&mut self, item: &Item, delivered: Delivered, listener: &mut impl Listener) {
        let job = self.engine.job;
        let (row, key) = (item.row.number, Some(item.shown_key.clone()));
        match delivered {
            Delivered::Done { outcome, test } => {
                self.report.count(outcome);
                self.report.test_records += u64::from(test);
            }
            Delivered::Pending => self.report.count(Outcome::Pending),
            Delivered::Failed { outcome, operation, status, message } => {
                let situation = Situation {
                    object: job.object.name,
                    operation,
                    status,
                    message: &message,
                    ..Situation::default()
                };
                let hint = hint::choose(job.api, &situation);
                let failure =
                    Failure { row, key, outcome, operation, status, message, hint, faults: Vec::new() };
                self.fail(&failure, Some(&item.row), listener);
            }
            Delivered::Invalid { field, rule, message } => {
                let error = RowError { row: Some(row), faults: vec![FieldError { field, rule, message }] };
                self.fail(&Failure::invalid(job.api, job.object, key, error), Some(&item.row), listener);
            }
        }
    }

    fn fail(&mut self, failure: &Failure, row: Option<&Row>, listener: &mut impl Listener) {
        self.report.count(failure.outcome);
        if failure.outcome == Outcome::Skipped {
            self.report.lost += 1;
        }
        self.report.add_reason(failure, row, self.engine.job.columns.as_deref());
        if let Err(error) = listener.failed(failure, row) {
            let message = format!("the failures file cannot be written: {error}");
            self.engine.stop(Stopped { message, hint: None, signal: None });
        }
    }

    /// Stops the run where more rows fail than it may have.
    fn guard(&mut self) {
        if self.engine.job.limits.max_failures.is_some_and(|limit| limit.is_passed(&self.report)) {
            let message =
                format!("{} rows failed, which is more than --max-failures allows", self.report.failed());
            self.engine.stop(Stopped { message, hint: None, signal: None });
        }
    }

    /// What a dry run does with a row: it counts the most that it can cost.
    fn pretend(&mut self, item: &Item, entry: Option<&Entry>, listener: &mut impl Listener) {
        if self.engine.decide(item, entry) == Decision::Skip {
            return self.report.count(Outcome::Skipped);
        }
        self.note_recommended(item, listener);
        self.report.count(Outcome::Pending);
        for request in item.requests.iter().filter(|request| request.addressed) {
            self.report.requests += 1;
            if !self.notes.examples.contains(&request.operation.name) {
                self.notes.examples.push(request.operation.name);
                listener.example(request);
            }
        }
    }

    /// Rows that have not begun when the run stops.
    fn give_back_waiting(&mut self) {
        for (row, work) in std::mem::take(&mut self.waiting) {
            self.lanes.leave(row, work.item.lanes.all());
            self.report.count(Outcome::Pending);
        }
    }

    fn count_requests(&mut self) {
        let tally = &self.engine.tally;
        if !self.engine.job.limits.dry_run {
            self.report.requests = tally.requests.get();
        }
        self.report.lookups = tally.lookups.get();
        self.report.retries = tally.retries.get();
        self.report.throttled = tally.throttled.get();
    }

    fn note_recommended(&mut self, item: &Item, listener: &mut impl Listener) {
        let creates = item.requests.iter().any(|request| request.operation.name == OperationName::Create);
        for field in item.lacking.iter().filter(|_| creates) {
            if !self.notes.recommended.contains(&field.name) {
                self.notes.recommended.push(field.name);
                listener.recommended(field, item.row.number);
            }
        }
    }
}

/// Looks up the creates that earlier runs have left open and this input no longer has.
async fn settle_leftovers<T: Transport, C: Clock>(
    engine: &Engine<'_, T, C>,
    interrupt: &Interrupt,
    report: &mut Report,
) {
    let mut after = None;
    loop {
        let entries = match engine.ledger.unsettled(engine.run, after.as_ref(), UNSETTLED).await {
            Ok(entries) => entries,
            Err(error) => {
                return engine.stop(Stopped { message: error.to_string(), hint: None, signal: None });
            }
        };
        let Some(last) = entries.last() else { return };
        after = Some(last.clone());
        let left = |entry: &Entry| !engine.is_undecided(entry.id);
        let mut settling = pin!(engine.settler.run(engine));
        let mut lookups: FuturesUnordered<_> =
            entries.into_iter().filter(left).map(|entry| engine.settle_leftover(entry)).collect();
        loop {
            tokio::select! {
                biased;
                settled = lookups.next() => match settled {
                    Some(true) => {}
                    Some(false) => report.unsettled_before += 1,
                    None => break,
                },
                signal = interrupt.wait(), if !engine.is_stopping() => engine.stop(Stopped::by(signal)),
                () = &mut settling => {}
            }
        }
    }
}
