//! What the rows of one sync share: the job, the ledger, the connection, the counts, and whether the run stops.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use super::fault_log::FaultLog;
use super::outage::OutageGate;
use super::recent::{Recent, RunTime, milliseconds};
use super::shown::ShownFields;
use super::tally::{Tally, count};
use crate::api::{Hint, OperationName};
use crate::clock::Clock;
use crate::http::answer::classify::{Refused, Verdict};
use crate::http::answer::error::{CallError, CallErrorKind};
use crate::http::answer::response::{Answer, AnswerForm};
use crate::http::wire::{Wire, said};
use crate::ledger::{Entry, Event, FieldId, RecordId, Scope};
use crate::report::counts::Stopped;
use crate::report::hint::{self, Situation};
use crate::sync::feed::plan::MatchDigester;
use crate::sync::feed::row_text::RowTexts;
use crate::sync::setup::job::Job;
use crate::sync::setup::patience::Patience;

/// That many answers that are not the API's, before any that is, are no trouble on the way.
const FOREIGN_AT_START: u64 = 10;
/// How often the patience that is left is looked at.
const LOOK: Duration = Duration::from_secs(10);
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
    /// What records of the API show, as digests.
    pub(crate) shown_fields: ShownFields,
    /// The latest records that were made.
    pub(crate) recent: Recent,
    /// The fields that an update can write, where the mode has one.
    pub(crate) updatable: Option<Vec<FieldId>>,
    pub(crate) tally: Tally,
    /// What is to be written down about rows that did not arrive.
    pub(crate) faults: FaultLog,
    pub(crate) row_texts: RowTexts,
    /// Requests that are written down and wait for their turn. If the process dies each of them has to be looked up, so
    /// there are only as many as keep the pace.
    turns: Semaphore,
    /// Creates of earlier runs that this run could not settle, and counts as those of its own rows.
    undecided: RefCell<HashSet<RecordId>>,
    /// The ways of creates and of updates to the API.
    ways: [OutageGate; 2],
    /// When a write was last applied, and of which row.
    applied: Cell<Option<(Duration, u64)>>,
    /// When this run began, by both of this machine's clocks.
    began: (Duration, i64),
    /// What is to be told when there is a chance.
    warnings: RefCell<Vec<String>>,
    /// Held while one row finds out whether the API answers at this address.
    pub(crate) asking: tokio::sync::Mutex<()>,
    /// Why the last request came to nothing, if it did.
    trouble: RefCell<Option<String>>,
    stopped: RefCell<Option<Stopped>>,
    stopping: Notify,
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
            shown_fields: ShownFields::of(job, digester),
            recent: Recent::default(),
            updatable,
            tally: Tally::default(),
            faults: FaultLog::default(),
            row_texts: RowTexts::of(job, digester),
            turns: Semaphore::new(turns(job)),
            undecided: RefCell::default(),
            ways: <[OutageGate; 2]>::default(),
            applied: Cell::new(None),
            began: (clock.now(), clock.epoch_milliseconds()),
            warnings: RefCell::default(),
            asking: tokio::sync::Mutex::new(()),
            trouble: RefCell::new(None),
            stopped: RefCell::new(None),
            stopping: Notify::new(),
        }
    }

    /// The time since the run began. It does not jump when this machine's clock is set.
    pub(crate) fn run_time(&self) -> RunTime {
        milliseconds(self.clock.now().saturating_sub(self.began.0))
    }

    /// When the run began.
    pub(crate) fn began(&self) -> Duration {
        self.began.0
    }

    /// That time by the clock that waits.
    pub(crate) fn time_of(&self, time: RunTime) -> Duration {
        self.began.0.saturating_add(Duration::from_millis(u64::try_from(time).unwrap_or_default()))
    }

    /// Epoch milliseconds by this machine's clock, at a time of the run.
    pub(crate) fn epoch_of(&self, time: RunTime) -> i64 {
        self.began.1.saturating_add(time)
    }

    /// How long after a create has ended an absent record can count as missing, and how much longer that is waited for.
    pub(crate) fn settle_until(&self) -> RunTime {
        milliseconds(self.job.limits.settle_after.saturating_add(self.job.limits.settle_wait))
    }

    /// The API has answered this operation with "forbidden" at least this often, one time after the other.
    pub(crate) fn is_forbidden(&self, operation: OperationName, at_least: u64) -> bool {
        self.tally.of(operation).forbidden.get() >= at_least
    }

    /// The way of an operation that writes.
    pub(crate) fn outage_gate(&self, operation: OperationName) -> &OutageGate {
        let [create, update] = &self.ways;
        if operation == OperationName::Create { create } else { update }
    }

    /// A write of another row was applied since.
    pub(crate) fn another_was_applied(&self, since: Duration, row: u64) -> bool {
        self.applied.get().is_some_and(|(at, of)| at >= since && of != row)
    }

    /// Tells something when there is a chance. The same is told once.
    pub(crate) fn warn(&self, warning: &str) {
        let mut warnings = self.warnings.borrow_mut();
        if !warnings.iter().any(|told| told == warning) {
            warnings.push(warning.to_owned());
        }
    }

    /// What is to be told, from the `told`th on.
    pub(crate) fn warnings(&self, told: usize) -> Vec<String> {
        self.warnings.borrow().get(told..).unwrap_or_default().to_vec()
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

    /// Waits until the run is to be given up.
    pub(crate) async fn out_of_patience(&self) {
        loop {
            let left = self.patience_left();
            if left.is_zero() {
                return;
            }
            self.clock.sleep(left.min(LOOK)).await;
        }
    }

    /// Something moves: the run is not given up before it has stood still for as long again.
    pub(crate) fn moves(&self) {
        self.patience.moves(self.clock.now());
    }

    /// Stops the run because nothing moves any more.
    pub(crate) fn give_up(&self) {
        // Another sync of this run has found it out.
        if let Some(message) = self.patience.over() {
            return self.stop(Stopped { hint: self.hint(None, None, &message), ..Stopped::because(message) });
        }
        let seconds = self.patience.limit().as_secs();
        let throttled = self.wire.is_closed();
        let what = if throttled { "the API takes no requests" } else { "nothing came through" };
        let mut message = format!("{what} for {seconds} s (--give-up)");
        if let Some(trouble) = self.trouble.take().filter(|_| !throttled) {
            message = format!("{message}: {trouble}");
        }
        let status = throttled.then_some(429);
        self.stop(Stopped { hint: self.hint(status, None, &message), ..Stopped::because(message) });
    }

    /// A place among the requests that are written down and wait for their turn.
    pub(crate) async fn turn(&self) -> Option<Turn<'_>> {
        // The semaphore is never closed.
        self.unless_stopping(self.turns.acquire()).await?.ok().map(Turn)
    }

    /// Notes what came back of a write.
    pub(crate) fn note_write(
        &self,
        operation: OperationName,
        row: u64,
        verdict: Verdict,
        result: &Result<Answer, CallError>,
    ) {
        let now = self.clock.now();
        count(&self.tally.requests);
        let way = self.outage_gate(operation);
        match verdict {
            Verdict::Applied => {
                self.applied.set(Some((now, row)));
                self.tally.note_test(result, self.job.api);
                self.tally.of(operation).forbidden.set(0);
                self.tally.good.set(true);
                way.answered();
                self.patience.moves(now);
            }
            Verdict::Refused(refused) => {
                if refused == Refused::Forbidden {
                    count(&self.tally.of(operation).forbidden);
                }
                way.answered();
                self.patience.moves(now);
            }
            Verdict::Throttled { retry_after } => {
                count(&self.tally.throttled);
                way.put_off(row, now);
                self.patience.other_failed(now);
                self.too_long(retry_after, "the API takes no requests");
            }
            Verdict::NotSent => {
                way.put_off(row, now);
                self.patience.write_failed(now);
                self.note_unmendable(result);
            }
            Verdict::Trouble { retry_after } => {
                self.patience.write_failed(now);
                self.note_foreign(result);
                if way.trouble(row, now, retry_after, &mut self.wire.backoff()).is_some() {
                    self.too_long(retry_after, "the API is out of order");
                }
            }
            Verdict::Denied | Verdict::Moved => {}
        }
        self.note_trouble(verdict, result);
    }

    /// Notes what came back of a read.
    pub(crate) fn note_read(&self, verdict: Verdict, result: &Result<Answer, CallError>) {
        let now = self.clock.now();
        count(&self.tally.requests);
        match verdict {
            Verdict::Applied => {
                self.tally.good.set(true);
                self.patience.read_answered();
            }
            Verdict::Throttled { retry_after } => {
                count(&self.tally.throttled);
                self.patience.other_failed(now);
                self.too_long(retry_after, "the API takes no requests");
            }
            Verdict::Trouble { .. } => {
                self.patience.other_failed(now);
                self.note_foreign(result);
            }
            _ => {
                self.patience.other_failed(now);
                self.note_unmendable(result);
            }
        }
        self.note_trouble(verdict, result);
    }

    fn note_trouble(&self, verdict: Verdict, result: &Result<Answer, CallError>) {
        let trouble = match verdict {
            Verdict::Trouble { .. } | Verdict::NotSent => Some(said(self.job.api, result).1),
            _ => None,
        };
        self.trouble.replace(trouble);
    }

    /// What no retry mends ends the run.
    fn note_unmendable(&self, result: &Result<Answer, CallError>) {
        if let Err(CallError { kind: CallErrorKind::NeedsPerson, detail, .. }) = result {
            self.stop_for_person(detail.clone(), None, None);
        }
    }

    /// Before the first good answer, what answers may not be the API at all.
    fn note_foreign(&self, result: &Result<Answer, CallError>) {
        let Ok(answer) = result else { return };
        if self.tally.good.get() || matches!(answer.form(self.job.api), AnswerForm::Envelope { .. }) {
            return;
        }
        count(&self.tally.foreign);
        if self.tally.foreign.get() >= FOREIGN_AT_START {
            let message = format!(
                "what answers is not the API ({}): is the base URL right?",
                answer.explained(self.job.api)
            );
            self.stop_for_person(message, Some(answer.status), None);
        }
    }

    /// The server asks for more time than the run has.
    fn too_long(&self, retry_after: Option<Duration>, what: &str) {
        let limit = self.patience.limit();
        if let Some(wait) = retry_after.filter(|wait| *wait > limit) {
            let message = format!(
                "{what} for the next {} s, which is more than --give-up {} allows",
                wait.as_secs(),
                limit.as_secs()
            );
            self.patience.end(&message);
            self.give_up();
        }
    }

    /// Ends the run: a person has to act.
    pub(crate) fn stop_for_person(
        &self,
        message: String,
        status: Option<u16>,
        operation: Option<OperationName>,
    ) {
        let hint = self.hint(status, operation, &message);
        self.stop(Stopped { hint, person: true, ..Stopped::because(message) });
    }

    fn hint(
        &self,
        status: Option<u16>,
        operation: Option<OperationName>,
        message: &str,
    ) -> Option<&'static Hint> {
        let object = self.job.object.name;
        let situation = Situation { object, operation, status, message, ..Situation::default() };
        hint::choose(self.job.api, &situation)
    }

    /// Writes into the ledger whether the account's records are test records.
    async fn store_test(&self) {
        let test = self.tally.test.get();
        if test == self.tally.test_noted.get() {
            return;
        }
        if let Some(test) = test
            && let Err(error) = self.ledger.note_test(test).await
        {
            return self.stop(Stopped::because(error.to_string()));
        }
        self.tally.test_noted.set(test);
    }

    /// Whether the ledger knows rows that did not arrive.
    pub(crate) async fn learn_faults(&self) -> bool {
        match self.ledger.knows_faults().await {
            Ok(known) => self.faults.set_knows_earlier(known),
            Err(error) => self.stop(Stopped::because(error.to_string())),
        }
        self.faults.knows_earlier()
    }

    /// Writes down whether the account's records are test records, and what became of rows that did not arrive.
    pub(crate) async fn store_notes(&self) {
        self.store_test().await;
        let changes = self.faults.take();
        if !changes.is_empty()
            && let Err(error) = self.ledger.change_faults(changes).await
        {
            self.stop(Stopped::because(error.to_string()));
        }
    }

    /// Takes an event into account and stores it; none where the run has to stop.
    pub(crate) async fn record(&self, entry: &mut Entry, event: Event) -> Option<()> {
        if let Err(impossible) = entry.apply(event) {
            let message = format!("the ledger and the run do not agree on a record: {impossible}");
            self.stop(Stopped::because(message));
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
                self.stop(Stopped::because(error.to_string()));
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
