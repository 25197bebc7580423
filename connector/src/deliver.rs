//! Delivers the requests of one row: sends, waits, sends again where that is safe.

use std::time::Duration;

use crate::answer::Answer;
use crate::classify::{Verdict, classify};
use crate::clock::Clock;
use crate::error::{CallError, Sent};
use crate::hint::{self, Situation};
use crate::interrupt::Interrupt;
use crate::outcome::Outcome;
use crate::prepare::PreparedRequest;
use crate::report::Stopped;
use crate::retry::Backoff;
use crate::spec::OperationName;
use crate::sync::Job;
use crate::transport::Transport;

/// So many first answers must all be "forbidden" before it is taken to hold for every row.
const FORBIDDEN_AT_START: u64 = 10;

/// What became of the requests of a row.
pub(crate) enum Delivered {
    /// The record is as the row says.
    Done {
        /// Created or updated.
        outcome: Outcome,
        /// The API marked it as a test record.
        test: bool,
    },
    /// It did not arrive.
    Failed {
        /// Rejected or uncertain.
        outcome: Outcome,
        /// The operation that failed.
        operation: OperationName,
        /// The status of the answer.
        status: Option<u16>,
        /// Why.
        message: String,
    },
    /// The run has to stop; the row is pending.
    Stopped(Stopped),
}

/// Sends the requests of a run.
pub(crate) struct Delivery<'a, T, C> {
    job: &'a Job,
    transport: &'a T,
    clock: &'a C,
    interrupt: &'a Interrupt,
    backoff: Backoff,
    /// When an answer last said anything but "wait".
    progress: Duration,
    answers: u64,
    forbidden: u64,
    pub(crate) requests: u64,
    pub(crate) retries: u64,
    pub(crate) throttled: u64,
}

impl<'a, T: Transport, C: Clock> Delivery<'a, T, C> {
    pub(crate) fn new(
        job: &'a Job,
        transport: &'a T,
        clock: &'a C,
        interrupt: &'a Interrupt,
        backoff: Backoff,
    ) -> Self {
        let progress = clock.now();
        Self {
            job,
            transport,
            clock,
            interrupt,
            backoff,
            progress,
            answers: 0,
            forbidden: 0,
            requests: 0,
            retries: 0,
            throttled: 0,
        }
    }

    /// Delivers a row: its requests in order, the next where the record of the one before was not found.
    pub(crate) async fn deliver(&mut self, requests: &[PreparedRequest]) -> Delivered {
        let mut requests = requests.iter().peekable();
        while let Some(request) = requests.next() {
            match self.settle(request).await {
                Settled::NotFound(_) if requests.peek().is_some() => {}
                Settled::NotFound(answer) => return self.refused(request, Outcome::Rejected, &answer),
                Settled::Delivered(delivered) => return delivered,
            }
        }
        // Unreachable for a job that was checked: every mode has a step, and a step makes a request or a fault.
        let message = "the mode has no call for this row".to_owned();
        Delivered::Stopped(Stopped { message, hint: None, signal: None })
    }

    /// Sends one request until it is known what became of it.
    async fn settle(&mut self, request: &PreparedRequest) -> Settled {
        // Pauses grow with every call. The attempts that a row has are those that the server may have acted on: to be put
        // off, or not to get through, uses none of them up.
        let (mut calls, mut attempt) = (1, 1);
        loop {
            let result = self.transport.send(request).await;
            self.requests += 1;
            let verdict = classify(self.job.api, request.operation, attempt, &result);
            self.note(verdict, &result);
            let pause = match (verdict, &result) {
                (Verdict::Done, Ok(answer)) => return Settled::Delivered(self.done(request, answer)),
                (Verdict::NotFound, Ok(answer)) => return Settled::NotFound(answer.clone()),
                (Verdict::Throttled { retry_after }, _) => {
                    self.throttled += 1;
                    self.backoff.pause(calls, retry_after)
                }
                (Verdict::Again, Err(CallError { sent: Sent::No, .. })) => self.backoff.pause(calls, None),
                (Verdict::Again, _) => {
                    attempt += 1;
                    self.backoff.pause(calls, None)
                }
                (Verdict::Stop, Ok(answer)) => {
                    return Settled::Delivered(Delivered::Stopped(self.stopped(request, answer)));
                }
                (Verdict::Forbidden, Ok(answer)) => {
                    self.forbidden += 1;
                    if self.forbidden >= FORBIDDEN_AT_START && self.forbidden == self.answers {
                        return Settled::Delivered(Delivered::Stopped(self.stopped(request, answer)));
                    }
                    return Settled::Delivered(self.refused(request, Outcome::Rejected, answer));
                }
                (Verdict::Uncertain, _) => {
                    return Settled::Delivered(self.failed(request, Outcome::Uncertain, &result));
                }
                _ => return Settled::Delivered(self.failed(request, Outcome::Rejected, &result)),
            };
            if let Some(stopped) = self.wait(pause, &result).await {
                return Settled::Delivered(Delivered::Stopped(stopped));
            }
            calls += 1;
            self.retries += 1;
        }
    }

    /// An answer is progress, unless all that it says is to wait.
    fn note(&mut self, verdict: Verdict, result: &Result<Answer, CallError>) {
        let answered = result.as_ref().map_or_else(|error| error.status.is_some(), |_| true);
        if answered && !matches!(verdict, Verdict::Throttled { .. }) {
            self.answers += 1;
            self.progress = self.clock.now();
        }
    }

    /// Waits before the next attempt; says so where there is no sense in one.
    async fn wait(&self, pause: Duration, result: &Result<Answer, CallError>) -> Option<Stopped> {
        let left = (self.progress + self.job.give_up).saturating_sub(self.clock.now());
        tokio::select! {
            () = self.clock.sleep(pause.min(left)) => {}
            signal = self.interrupt.wait() => {
                return Some(Stopped { message: "interrupted".to_owned(), hint: None, signal: Some(signal) });
            }
        }
        (pause >= left).then(|| self.gave_up(result))
    }

    fn gave_up(&self, result: &Result<Answer, CallError>) -> Stopped {
        let seconds = self.job.give_up.as_secs();
        let (status, last) = match result {
            Ok(answer) => (Some(answer.status), answer.message(self.job.api)),
            Err(error) => (error.status, error.to_string()),
        };
        let message = format!("no progress for {seconds} s (--give-up); last: {last}");
        let situation =
            Situation { object: self.job.object.name, status, message: &message, ..Situation::default() };
        Stopped { hint: hint::choose(self.job.api, &situation), message, signal: None }
    }

    fn done(&self, request: &PreparedRequest, answer: &Answer) -> Delivered {
        let outcome = match request.operation.name {
            OperationName::Create => Outcome::Created,
            OperationName::Update | OperationName::List => Outcome::Updated,
        };
        Delivered::Done { outcome, test: answer.is_test(self.job.api) }
    }

    fn failed(
        &self,
        request: &PreparedRequest,
        outcome: Outcome,
        result: &Result<Answer, CallError>,
    ) -> Delivered {
        match result {
            Ok(answer) => self.refused(request, outcome, answer),
            Err(error) => Delivered::Failed {
                outcome,
                operation: request.operation.name,
                status: error.status,
                message: error.to_string(),
            },
        }
    }

    fn refused(&self, request: &PreparedRequest, outcome: Outcome, answer: &Answer) -> Delivered {
        let message = answer.message(self.job.api);
        let message = match (answer.status, outcome) {
            (300..=399, _) => format!(
                "{message}; it sends requests to another address, which is not followed: see --base-url"
            ),
            (_, Outcome::Uncertain) => format!("it may have been applied: {message}"),
            _ => message,
        };
        Delivered::Failed { outcome, operation: request.operation.name, status: Some(answer.status), message }
    }

    fn stopped(&self, request: &PreparedRequest, answer: &Answer) -> Stopped {
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
        Stopped { message, hint: hint::choose(self.job.api, &situation), signal: None }
    }
}

enum Settled {
    Delivered(Delivered),
    NotFound(Answer),
}
