//! The only way out. Each call takes a place among those in flight, then a permit of the pace, then it leaves; what
//! comes back is classified and told to the pace.
//!
//! Nothing waits between the permit and the network: a permit is a moment, and what leaves later than that would come
//! on top of the quota.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::answer::classify::{Refused, Verdict, classify};
use super::answer::error::{CallError, CallErrorKind};
use super::answer::response::Answer;
use super::answer::server_time::{ServerClock, Skews};
use super::backoff::Backoff;
use super::flights::{Flight, Flights};
use super::pace::permits::{Answered, Pace, Permit};
use super::pace::shared::SharedPace;
use super::transport::Transport;
use crate::api::ApiSpec;
use crate::clock::Clock;
use crate::request::prepare::PreparedRequest;
use crate::text::redact::Private;

/// How many requests may leave, and how many may be on their way.
#[derive(Debug, Clone, Copy)]
pub struct WireLimits {
    /// The most requests in one window of the API's rate limit.
    pub quota: u32,
    /// The most requests in flight.
    pub concurrency: u32,
    /// What random pauses are drawn from.
    pub seed: u64,
}

/// The connection to the API that all calls of a process share.
pub struct Wire<T, C: Clock> {
    api: &'static ApiSpec,
    transport: T,
    clock: C,
    pace: Pace<C>,
    flights: Flights,
    backoff: Mutex<Backoff>,
    server_clock: ServerClock,
}

/// What a caller decides while its request is under way.
pub trait Caller {
    /// Waits for something; none where the caller has to end before it is there.
    fn wait<F: Future>(&self, future: F) -> impl Future<Output = Option<F::Output>>;

    /// Waits until the request may be called at all. Says whether it may.
    fn ready(&mut self) -> impl Future<Output = bool> {
        std::future::ready(true)
    }

    /// What was written down about the request still holds if it leaves now.
    fn is_current(&self) -> bool {
        true
    }

    /// Writes it down again. Says whether the request may leave at all.
    fn renew(&mut self) -> impl Future<Output = bool> {
        std::future::ready(true)
    }

    /// The request leaves.
    fn leaves(&mut self) {}

    /// Adds what no message may show, besides what the request says.
    fn add_private(&self, _private: &mut Private) {}

    /// A call came back. Says what it means: the caller may know better what can be believed.
    fn came_back(&mut self, verdict: Verdict, result: &Result<Answer, CallError>) -> Verdict;

    /// What follows.
    fn next(&mut self, verdict: Verdict, backoff: &mut Backoff, calls: u32) -> Next {
        match verdict {
            // The gate of the pace makes this one wait, and every other.
            Verdict::Throttled { .. } => Next::Again(Duration::ZERO),
            Verdict::NotSent => Next::Again(backoff.pause(calls, None)),
            _ => Next::End,
        }
    }
}

/// What follows a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the request has come to its end.
    End,
    /// Another call after a pause.
    Again(Duration),
}

/// A caller that asks once and waits for the answer.
#[derive(Default)]
pub struct Once {
    /// No retry would have mended what came.
    pub needs_person: bool,
}

impl Caller for Once {
    async fn wait<F: Future>(&self, future: F) -> Option<F::Output> {
        Some(future.await)
    }

    fn came_back(&mut self, verdict: Verdict, result: &Result<Answer, CallError>) -> Verdict {
        self.needs_person = matches!(result, Err(CallError { kind: CallErrorKind::NeedsPerson, .. }));
        verdict
    }

    fn next(&mut self, _verdict: Verdict, _backoff: &mut Backoff, _calls: u32) -> Next {
        Next::End
    }
}

/// How a request has ended.
pub struct Ended {
    /// What came of its last call.
    pub how: How,
    /// The server may have acted on it, in the last call or in one before.
    pub may_be_applied: bool,
}

/// What came of the last call of a request.
pub enum How {
    /// The server says that it did it.
    Applied(Answer),
    /// The server refuses it.
    Refused(Refused, Answer),
    /// The server takes nothing of this caller.
    Denied(Answer),
    /// The API is at another address.
    Moved(Answer),
    /// No answer that says what became of it.
    Trouble {
        /// The status, where there was one.
        status: Option<u16>,
        /// What happened, for people.
        message: String,
    },
    /// The caller had to end first.
    Stopped,
}

impl<T: Transport, C: Clock + Copy> Wire<T, C> {
    /// A connection through a transport.
    pub fn new(api: &'static ApiSpec, transport: T, clock: C, limits: WireLimits) -> Self {
        let WireLimits { quota, concurrency, seed } = limits;
        let window = Duration::from_secs(u64::from(api.rate_limit.seconds));
        Self {
            api,
            transport,
            clock,
            pace: Pace::new(clock, quota, window, Backoff::seeded(seed)),
            flights: Flights::new(concurrency),
            backoff: Mutex::new(Backoff::seeded(seed.rotate_left(32))),
            server_clock: ServerClock::default(),
        }
    }

    /// The same, whose pace is that of other processes too.
    #[must_use]
    pub fn sharing(self, pace: Option<SharedPace>) -> Self {
        Self { pace: self.pace.sharing(pace), ..self }
    }

    /// Sends a request until it has come to its end.
    pub async fn call(&self, request: &PreparedRequest, caller: &mut impl Caller) -> Ended {
        let (mut calls, mut may_be_applied) = (1, false);
        loop {
            let ready = caller.ready().await;
            let cleared = if ready { caller.wait(self.clear()).await } else { None };
            let Some((flight, permit)) = cleared else {
                return Ended { how: How::Stopped, may_be_applied };
            };
            if !caller.is_current() {
                drop((flight, permit));
                if caller.renew().await {
                    continue;
                }
                return Ended { how: How::Stopped, may_be_applied };
            }
            caller.leaves();
            let (mut result, permit) = self.transport.send(flight, permit, request).await;
            let verdict = classify(self.api, request.operation, &result);
            // What an answer says is shown where it does not simply say yes.
            if let Ok(answer) = &mut result
                && (verdict != Verdict::Applied || !answer.shown_otherwise.is_empty())
            {
                answer.take_out(self.api, || {
                    let mut private = Private::default();
                    caller.add_private(&mut private);
                    request.add_to(&mut private);
                    private
                });
            }
            permit.answered(Answered::of(verdict, &result));
            self.note_time(&result);
            let verdict = caller.came_back(verdict, &result);
            if matches!(verdict, Verdict::Applied) {
                self.flights.widen();
            }
            may_be_applied |= matches!(verdict, Verdict::Applied | Verdict::Trouble { .. });
            let next = caller.next(verdict, &mut self.backoff(), calls);
            match next {
                Next::End => return Ended { how: self.how(verdict, result), may_be_applied },
                Next::Again(Duration::ZERO) => {}
                Next::Again(pause) => {
                    if caller.wait(self.clock.sleep(pause)).await.is_none() {
                        return Ended { how: How::Stopped, may_be_applied };
                    }
                }
            }
            calls += 1;
        }
    }

    /// A place in flight first, then a permit: who waits for a place holds no permit that could grow old.
    async fn clear(&self) -> (Flight<'_>, Permit<'_, C>) {
        let flight = self.flights.take().await;
        (flight, self.pace.ready().await)
    }

    fn how(&self, verdict: Verdict, result: Result<Answer, CallError>) -> How {
        match (verdict, result) {
            (Verdict::Applied, Ok(answer)) => How::Applied(answer),
            (Verdict::Refused(refused), Ok(answer)) => How::Refused(refused, answer),
            (Verdict::Denied, Ok(answer)) => How::Denied(answer),
            (Verdict::Moved, Ok(answer)) => How::Moved(answer),
            (_, result) => {
                let (status, message) = said(self.api, &result);
                How::Trouble { status, message }
            }
        }
    }

    fn note_time(&self, result: &Result<Answer, CallError>) {
        if let Ok(Answer { date: Some(date), .. }) = result {
            self.server_clock.note(*date, self.clock.epoch_milliseconds());
        }
    }
}

impl<T, C: Clock + Copy> Wire<T, C> {
    /// How far the server's clock may be ahead of this machine's.
    #[must_use]
    pub fn skews(&self) -> Skews {
        self.server_clock.skews()
    }

    /// The API takes no requests for now.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.pace.closed_for().is_some()
    }

    /// How long the API takes no requests, if it takes none for now.
    #[must_use]
    pub fn closed_for(&self) -> Option<Duration> {
        self.pace.closed_for()
    }

    /// How long nothing has come back of the requests that are on their way, if there are any.
    #[must_use]
    pub fn silent_for(&self) -> Option<Duration> {
        self.pace.silent_for()
    }

    /// What tells the time.
    #[must_use]
    pub fn clock(&self) -> C {
        self.clock
    }

    /// What pauses are drawn from.
    pub fn backoff(&self) -> MutexGuard<'_, Backoff> {
        // A holder that panicked has left nothing half done.
        self.backoff.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a call said, for people: an answer's own words, or what happened.
#[must_use]
pub fn said(api: &ApiSpec, result: &Result<Answer, CallError>) -> (Option<u16>, String) {
    match result {
        Ok(answer) => (Some(answer.status), answer.explained(api)),
        Err(error) => (error.status, error.to_string()),
    }
}
