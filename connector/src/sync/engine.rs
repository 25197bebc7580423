//! What the rows of a run share: the pace, the ledger, the server, and when to stop.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};

use crate::api::OperationName;
use crate::clock::Clock;
use crate::http::backoff::Backoff;
use crate::http::classify::{Verdict, classify};
use crate::http::error::{CallError, Sent};
use crate::http::pace::{Answered, Pace};
use crate::http::response::Answer;
use crate::http::transport::Transport;
use crate::ledger::{Entry, Field, RecordId, Scope};
use crate::report::counts::Stopped;
use crate::report::hint::{self, Situation};
use crate::request::prepare::PreparedRequest;
use crate::sync::job::Job;
use crate::sync::plan::{Item, MatchDigester};
use crate::sync::settle::Settler;

/// So many first answers must all be "forbidden" before it is taken to hold for every row.
const FORBIDDEN_AT_START: u64 = 10;
/// Requests that are made ready ahead of their turn, in time.
const AHEAD: Duration = Duration::from_millis(250);
/// Fewer would leave gaps while the ledger writes.
const FEWEST_TURNS: usize = 16;
/// More than that for each request that may be in flight would only wait.
const TURNS_A_FLIGHT: usize = 2;

/// What the rows of a run share.
pub(crate) struct Engine<'a, T, C: Clock> {
    pub(crate) job: &'a Job,
    pub(crate) clock: &'a C,
    pub(crate) ledger: &'a Scope,
    pub(crate) matches: Vec<MatchDigester>,
    /// The fields that an update can write, where the mode has one.
    pub(crate) updatable: Option<Vec<Field>>,
    pub(crate) settler: Settler,
    pub(crate) run: i64,
    pub(crate) tally: Tally,
    transport: &'a T,
    pace: Pace<'a, C>,
    /// Requests on their way.
    flights: Semaphore,
    /// Requests that are written down and wait for their turn. If the process dies each of them has to be looked up, so
    /// there are only as many as keep the pace.
    turns: Semaphore,
    backoff: RefCell<Backoff>,
    /// When an answer last said anything but "wait".
    progress: Cell<Duration>,
    /// Creates of earlier runs that this run has looked up in vain, because it has their rows.
    undecided: RefCell<HashSet<RecordId>>,
    /// What kept the last request from an answer, if it got none.
    trouble: RefCell<Option<String>>,
    /// How far the server's clock is ahead, in milliseconds.
    skew: Cell<i64>,
    stopped: RefCell<Option<Stopped>>,
    stopping: Notify,
}

/// What a run has counted of its requests.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) requests: Cell<u64>,
    pub(crate) lookups: Cell<u64>,
    pub(crate) retries: Cell<u64>,
    pub(crate) throttled: Cell<u64>,
    answers: Cell<u64>,
    forbidden: Cell<u64>,
}

/// How a request that writes has ended.
pub(crate) enum Ended {
    /// Applied.
    Done(Answer),
    /// There is no such record.
    NotFound(Answer),
    /// There is such a record already.
    Duplicate(Answer),
    /// Refused.
    Rejected {
        status: Option<u16>,
        message: String,
        /// An attempt before may have been applied.
        applied: bool,
    },
    /// It may have been applied.
    Uncertain { status: Option<u16>, message: String },
    /// The run stops, and it was certainly not applied.
    NotSent,
    /// The run stops, and an attempt before may have been applied.
    Left,
}

impl<'a, T: Transport, C: Clock> Engine<'a, T, C> {
    pub(crate) fn new(job: &'a Job, transport: &'a T, clock: &'a C, ledger: &'a Scope, run: i64) -> Self {
        let window = Duration::from_secs(u64::from(job.api.rate_limit.seconds));
        let ahead = u128::from(job.limits.quota(job.api)) * AHEAD.as_millis() / window.as_millis().max(1);
        let turns = usize::try_from(ahead)
            .unwrap_or(usize::MAX)
            .clamp(FEWEST_TURNS, (TURNS_A_FLIGHT * job.limits.concurrency as usize).max(FEWEST_TURNS));
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
            matches: MatchDigester::of(job, digester),
            updatable,
            settler: Settler::default(),
            run,
            tally: Tally::default(),
            transport,
            pace: Pace::new(clock, job.limits.quota(job.api), window, Backoff::seeded(job.seed)),
            flights: Semaphore::new(job.limits.concurrency.max(1) as usize),
            turns: Semaphore::new(turns),
            backoff: RefCell::new(Backoff::seeded(job.seed.rotate_left(32))),
            progress: Cell::new(clock.now()),
            undecided: RefCell::default(),
            trouble: RefCell::new(None),
            skew: Cell::new(0),
            stopped: RefCell::new(None),
            stopping: Notify::new(),
        }
    }

    /// How far the server's clock is ahead, in milliseconds, as far as it is known.
    pub(crate) fn skew(&self) -> i64 {
        self.skew.get()
    }

    /// Remembers that a create of an earlier run is still open, and counted as that of this run's row.
    pub(crate) fn leave_undecided(&self, id: RecordId) {
        self.undecided.borrow_mut().insert(id);
    }

    /// A row of this run has said already that nobody knows what became of this create.
    pub(crate) fn is_undecided(&self, id: RecordId) -> bool {
        self.undecided.borrow().contains(&id)
    }

    /// The server's time in epoch milliseconds, as far as it is known.
    pub(crate) fn server_time(&self) -> i64 {
        self.clock.epoch_milliseconds().saturating_add(self.skew.get())
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

    /// Something moves: the run is not given up before it has stood still for as long again.
    pub(crate) fn moves(&self) {
        self.progress.set(self.clock.now());
    }

    /// How long until the run is given up for want of any progress.
    pub(crate) fn patience(&self) -> Duration {
        (self.progress.get() + self.job.limits.give_up).saturating_sub(self.clock.now())
    }

    /// Stops the run because nothing moves any more.
    pub(crate) fn give_up(&self) {
        let seconds = self.job.limits.give_up.as_secs();
        let throttled = self.pace.closed_for().is_some();
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

    /// Stores what has become of a record. What cannot be stored must not be acted on, so it ends the run.
    pub(crate) async fn store(&self, entry: &mut Entry) -> bool {
        // It goes to the ledger and comes back; meanwhile nobody has a copy.
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

    /// Sends a request that writes until it is known, or cannot be known, what became of it. `turn` is given back when the
    /// first call may leave.
    pub(crate) async fn send(
        &self,
        request: &PreparedRequest,
        turn: Turn<'_>,
        item: &Item,
        entry: &mut Entry,
    ) -> Ended {
        // Pauses grow with every call. The attempts that a row has are those that the server may have acted on: to be put
        // off, or not to get through, uses none of them up.
        let (mut calls, mut attempt, mut applied) = (1, 1, false);
        let mut turn = Some(turn);
        loop {
            let Some(permit) = self.unless_stopping(self.pace.ready()).await else {
                return if applied { Ended::Left } else { Ended::NotSent };
            };
            turn.take();
            if !self.refresh(item, entry).await {
                return if applied { Ended::Left } else { Ended::NotSent };
            }
            let flight = self.flights.acquire().await;
            // The answer that made room may have been one that stops the run.
            if self.is_stopping() {
                return if applied { Ended::Left } else { Ended::NotSent };
            }
            let result = self.transport.send(request).await;
            drop(flight);
            let verdict = classify(self.job.api, request.operation, attempt, &result);
            permit.answered(Answered::of(verdict, &result));
            self.note(verdict, &result);
            match (verdict, result) {
                (Verdict::Done, Ok(answer)) => return Ended::Done(answer),
                (Verdict::NotFound, Ok(answer)) => return Ended::NotFound(answer),
                (Verdict::Duplicate, Ok(answer)) => return Ended::Duplicate(answer),
                (Verdict::Stop, Ok(answer)) => {
                    self.refuse_all(request, &answer, item);
                    return Ended::NotSent;
                }
                (Verdict::Forbidden, Ok(answer)) if self.is_forbidden_from_the_start() => {
                    self.refuse_all(request, &answer, item);
                    return Ended::NotSent;
                }
                // The gate of the pace makes this one wait, and every other.
                (Verdict::Throttled { .. }, _) => {}
                (Verdict::Again, result) => {
                    if !matches!(result, Err(CallError { sent: Sent::No, .. })) {
                        attempt += 1;
                        applied = true;
                    }
                    let pause = self.backoff.borrow_mut().pause(calls, None);
                    if self.unless_stopping(self.clock.sleep(pause)).await.is_none() {
                        return if applied { Ended::Left } else { Ended::NotSent };
                    }
                }
                (Verdict::Uncertain, result) => {
                    let (status, message) = self.said(&result);
                    return Ended::Uncertain {
                        status,
                        message: format!("it may have been applied: {message}"),
                    };
                }
                (_, result) => {
                    let (status, message) = self.said(&result);
                    return Ended::Rejected { status, message, applied };
                }
            }
            calls += 1;
            count(&self.tally.retries);
        }
    }

    /// Sends a request that only reads, once; waits before it is sent again, if that is for the caller to do.
    pub(crate) async fn look(&self, request: &PreparedRequest, attempt: u32) -> Result<Answer, String> {
        loop {
            let permit = self.unless_stopping(self.pace.ready()).await.ok_or("the run was stopped")?;
            let flight = self.flights.acquire().await;
            let result = self.transport.send(request).await;
            drop(flight);
            let verdict = classify(self.job.api, request.operation, attempt, &result);
            permit.answered(Answered::of(verdict, &result));
            self.note(verdict, &result);
            count(&self.tally.lookups);
            match (verdict, result) {
                (Verdict::Done, Ok(answer)) => return Ok(answer),
                // Nothing else may be under way that would give the run up.
                (Verdict::Throttled { .. }, _) if !self.patience().is_zero() => {}
                (_, result) => {
                    let pause = self.backoff.borrow_mut().pause(attempt, None);
                    self.unless_stopping(self.clock.sleep(pause)).await.ok_or("the run was stopped")?;
                    return Err(format!("the lookup failed: {}", self.said(&result).1));
                }
            }
        }
    }

    /// A place among the requests that are written down and wait for their turn.
    pub(crate) async fn turn(&self) -> Option<Turn<'_>> {
        // The semaphore is never closed.
        self.unless_stopping(self.turns.acquire()).await?.ok().map(Turn)
    }

    /// What a call said, for people: an answer's own words, or what happened.
    fn said(&self, result: &Result<Answer, CallError>) -> (Option<u16>, String) {
        match result {
            Ok(answer) => {
                let message = answer.message(self.job.api);
                let message = match answer.status {
                    300..=399 => format!(
                        "{message}; it sends requests to another address, which is not followed: see --base-url"
                    ),
                    _ => message,
                };
                (Some(answer.status), message)
            }
            Err(error) => (error.status, error.to_string()),
        }
    }

    fn note(&self, verdict: Verdict, result: &Result<Answer, CallError>) {
        count(&self.tally.requests);
        if let Ok(Answer { date: Some(date), .. }) = result {
            // Whole seconds, and on its way for a while: good for a margin of minutes.
            self.skew.set(date.saturating_sub(self.clock.epoch_milliseconds()));
        }
        if matches!(verdict, Verdict::Throttled { .. }) {
            count(&self.tally.throttled);
        } else if result.as_ref().map_or_else(|error| error.status.is_some(), |_| true) {
            count(&self.tally.answers);
            self.moves();
        }
        self.trouble.replace(result.as_ref().err().map(ToString::to_string));
        if verdict == Verdict::Forbidden {
            count(&self.tally.forbidden);
        }
    }

    fn is_forbidden_from_the_start(&self) -> bool {
        let forbidden = self.tally.forbidden.get();
        forbidden >= FORBIDDEN_AT_START && forbidden == self.tally.answers.get()
    }

    fn refuse_all(&self, request: &PreparedRequest, answer: &Answer, item: &Item) {
        let text = answer.message(self.job.api);
        let operation = request.operation;
        let message = match operation.name {
            OperationName::Create if answer.status == 404 => {
                format!(
                    "{} {} was not found ({text}): is the base URL right?",
                    operation.method.name(),
                    operation.path
                )
            }
            _ => format!("HTTP {}: {text}", answer.status),
        };
        let situation = Situation {
            object: self.job.object.name,
            operation: Some(operation.name),
            status: Some(answer.status),
            message: &text,
            ..Situation::default()
        };
        let message = self.redacted(item, &message);
        self.stop(Stopped { message, hint: hint::choose(self.job.api, &situation), signal: None });
    }
}

/// A place among the requests that wait for their turn; given back when the turn has come.
pub(crate) struct Turn<'e>(#[expect(dead_code, reason = "held, not read")] tokio::sync::SemaphorePermit<'e>);

fn count(counter: &Cell<u64>) {
    counter.set(counter.get() + 1);
}
