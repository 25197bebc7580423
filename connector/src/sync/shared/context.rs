//! What the rows of one sync share: the job, the ledger, the connection, the counts, and whether the run stops.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use crate::api::OperationName;
use crate::clock::Clock;
use crate::http::classify::Verdict;
use crate::http::error::CallError;
use crate::http::response::Answer;
use crate::http::wire::Wire;
use crate::ledger::{Entry, Event, FieldId, RecordId, Scope};
use crate::report::counts::Stopped;
use crate::report::hint::{self, Situation};
use crate::sync::feed::plan::MatchDigester;
use crate::sync::setup::job::Job;
use crate::sync::setup::patience::Patience;

/// Requests that are made ready ahead of their turn, in time.
const AHEAD: Duration = Duration::from_millis(250);
/// Fewer would leave gaps while the ledger writes.
const FEWEST_TURNS: usize = 16;
/// More than that for each request that may be in flight would only wait.
const TURNS_A_FLIGHT: usize = 4;

/// What the rows of one sync share.
pub(crate) struct Context<'a, T, C: Clock> {
    pub(crate) job: &'a Job,
    pub(crate) clock: C,
    pub(crate) ledger: &'a Scope,
    pub(crate) wire: &'a Wire<T, C>,
    pub(crate) patience: &'a Patience,
    /// The number that the ledger gave this run.
    pub(crate) run: i64,
    pub(crate) matches: Vec<MatchDigester>,
    /// The fields that an update can write, where the mode has one.
    pub(crate) updatable: Option<Vec<FieldId>>,
    pub(crate) tally: Tally,
    /// Requests that are written down and wait for their turn. If the process dies each of them has to be looked up, so
    /// there are only as many as keep the pace.
    turns: Semaphore,
    /// Creates of earlier runs that this run could not settle, and counts as those of its own rows.
    undecided: RefCell<HashSet<RecordId>>,
    /// Why the last request got no answer, if it got none.
    trouble: RefCell<Option<String>>,
    stopped: RefCell<Option<Stopped>>,
    stopping: Notify,
}

/// What a sync has counted of its requests.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) requests: Cell<u64>,
    pub(crate) lookups: Cell<u64>,
    pub(crate) retries: Cell<u64>,
    pub(crate) throttled: Cell<u64>,
    create: Answers,
    update: Answers,
    list: Answers,
}

/// What has come back of one operation.
#[derive(Default)]
struct Answers {
    all: Cell<u64>,
    forbidden: Cell<u64>,
}

/// A place among the requests that wait for their turn; given back when the turn has come.
pub(crate) struct Turn<'c>(#[expect(dead_code, reason = "held, not read")] SemaphorePermit<'c>);

impl<'a, T, C: Clock + Copy> Context<'a, T, C> {
    pub(crate) fn new(
        job: &'a Job,
        wire: &'a Wire<T, C>,
        patience: &'a Patience,
        ledger: &'a Scope,
        run: i64,
        clock: C,
    ) -> Self {
        let digester = ledger.digester();
        let updates = job.steps().iter().find(|step| step.operation.name == OperationName::Update);
        let updatable = updates.map(|step| {
            let fields =
                job.object.fields.iter().filter(|field| field.writable.contains(&OperationName::Update));
            fields
                .filter(|field| !step.operation.path_fields.contains(field))
                .map(|field| digester.field(field.name).field())
                .collect()
        });
        Self {
            job,
            clock,
            ledger,
            wire,
            patience,
            run,
            matches: MatchDigester::of(job, digester),
            updatable,
            tally: Tally::default(),
            turns: Semaphore::new(turns(job)),
            undecided: RefCell::default(),
            trouble: RefCell::new(None),
            stopped: RefCell::new(None),
            stopping: Notify::new(),
        }
    }

    /// The server's time in epoch milliseconds, as far as it is known.
    pub(crate) fn server_time(&self) -> i64 {
        self.clock.epoch_milliseconds().saturating_add(self.wire.skew())
    }

    /// Remembers that a create of an earlier run is still open, and counted as that of this run's row.
    pub(crate) fn leave_undecided(&self, id: RecordId) {
        self.undecided.borrow_mut().insert(id);
    }

    /// A row of this run has already said that this create is undecided.
    pub(crate) fn is_undecided(&self, id: RecordId) -> bool {
        self.undecided.borrow().contains(&id)
    }

    /// Ends the run at the next safe point of each row. The first reason counts.
    pub(crate) fn stop(&self, stopped: Stopped) {
        self.stopped.borrow_mut().get_or_insert(stopped);
        self.stopping.notify_waiters();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopped.borrow().is_some()
    }

    pub(crate) fn take_stopped(&self) -> Option<Stopped> {
        self.stopped.borrow_mut().take()
    }

    /// Waits, unless the run stops.
    pub(crate) async fn unless_stopping<F: Future>(&self, future: F) -> Option<F::Output> {
        let stopping = self.stopping.notified();
        if self.is_stopping() {
            return None;
        }
        tokio::select! {
            biased;
            output = future => Some(output),
            () = stopping => None,
        }
    }

    /// How long until the run is given up for want of any progress.
    pub(crate) fn patience_left(&self) -> Duration {
        self.patience.left(self.clock.now())
    }

    /// Something moves: the run is not given up before it has stood still for as long again.
    pub(crate) fn moves(&self) {
        self.patience.moves(self.clock.now());
    }

    /// Stops the run because nothing moves any more.
    pub(crate) fn give_up(&self) {
        let seconds = self.patience.limit().as_secs();
        let throttled = self.wire.is_closed();
        let what = if throttled { "the API takes no requests" } else { "no answer came" };
        let mut message = format!("{what} for {seconds} s (--give-up)");
        if let Some(trouble) = self.trouble.take().filter(|_| !throttled) {
            message = format!("{message}: {trouble}");
        }
        let status = throttled.then_some(429);
        let situation =
            Situation { object: self.job.object.name, status, message: &message, ..Situation::default() };
        self.stop(Stopped { hint: hint::choose(self.job.api, &situation), message, signal: None });
    }

    /// A place among the requests that are written down and wait for their turn.
    pub(crate) async fn turn(&self) -> Option<Turn<'_>> {
        // The semaphore is never closed.
        self.unless_stopping(self.turns.acquire()).await?.ok().map(Turn)
    }

    /// Counts what came back of a call.
    pub(crate) fn note(
        &self,
        operation: OperationName,
        verdict: Verdict,
        result: &Result<Answer, CallError>,
    ) {
        count(&self.tally.requests);
        let answers = self.tally.of(operation);
        if matches!(verdict, Verdict::Throttled { .. }) {
            count(&self.tally.throttled);
        } else if result.as_ref().map_or_else(|error| error.status.is_some(), |_| true) {
            count(&answers.all);
            self.moves();
        }
        self.trouble.replace(result.as_ref().err().map(ToString::to_string));
        if verdict == Verdict::Forbidden {
            count(&answers.forbidden);
        }
    }

    /// Takes an event into account and stores it; none where the run has to stop.
    pub(crate) async fn record(&self, entry: &mut Entry, event: Event) -> Option<()> {
        if let Err(impossible) = entry.apply(event) {
            let message = format!("the ledger and the run do not agree on a record: {impossible}");
            self.stop(Stopped { message, hint: None, signal: None });
            return None;
        }
        self.store(entry).await.then_some(())
    }

    /// Stores what has become of a record. What cannot be stored must not be acted on, so it ends the run.
    async fn store(&self, entry: &mut Entry) -> bool {
        // It goes to the ledger and comes back; there is no second copy meanwhile.
        let newest = std::mem::replace(entry, Entry::new(entry.id, None));
        match self.ledger.write(vec![newest]).await {
            Ok(stored) => {
                // What comes back says which copy it is; the next one follows it.
                if let Some(stored) = stored.into_iter().next() {
                    *entry = stored;
                }
                true
            }
            Err(error) => {
                self.stop(Stopped { message: error.to_string(), hint: None, signal: None });
                false
            }
        }
    }
}

/// How many requests are written down ahead of their turn.
fn turns(job: &Job) -> usize {
    let window = Duration::from_secs(u64::from(job.api.rate_limit.seconds));
    let ahead = u128::from(job.limits.quota(job.api)) * AHEAD.as_millis() / window.as_millis().max(1);
    let most = TURNS_A_FLIGHT.saturating_mul(job.limits.concurrency as usize).max(FEWEST_TURNS);
    usize::try_from(ahead).unwrap_or(usize::MAX).clamp(FEWEST_TURNS, most)
}

impl Tally {
    /// So far the API has answered this operation with "forbidden" alone, at least so often.
    pub(crate) fn only_forbidden(&self, operation: OperationName, at_least: u64) -> bool {
        let Answers { all, forbidden } = self.of(operation);
        forbidden.get() >= at_least && forbidden.get() == all.get()
    }

    fn of(&self, operation: OperationName) -> &Answers {
        match operation {
            OperationName::Create => &self.create,
            OperationName::Update => &self.update,
            OperationName::List => &self.list,
        }
    }
}

/// Adds one.
pub(crate) fn count(counter: &Cell<u64>) {
    counter.set(counter.get() + 1);
}
