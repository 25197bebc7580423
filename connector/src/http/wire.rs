//! The only way out. Each call takes a place among those in flight, then a permit of the pace, then it leaves; what
//! comes back is classified and told to the pace.
//!
//! Nothing waits between the permit and the network: a permit is a moment, and what leaves later than that would come
//! on top of the quota.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::backoff::Backoff;
use super::classify::{Verdict, classify};
use super::error::{CallError, Sent};
use super::flights::{Flight, Flights};
use super::pace::{Answered, Pace, Permit};
use super::response::Answer;
use super::transport::Transport;
use crate::api::ApiSpec;
use crate::clock::Clock;
use crate::request::prepare::PreparedRequest;

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
    /// How far the server's clock is ahead, in milliseconds.
    skew: AtomicI64,
}

/// What a caller decides while its request is under way.
pub trait Caller {
    /// Waits for something; none where the caller has to end before it is there.
    fn wait<F: Future>(&self, future: F) -> impl Future<Output = Option<F::Output>>;

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

    /// A call came to its end.
    fn came_back(&mut self, verdict: Verdict, result: &Result<Answer, CallError>);

    /// After `calls` calls it is sent again.
    fn sends_again(&self, verdict: Verdict, _calls: u32) -> bool {
        matches!(verdict, Verdict::Again | Verdict::Throttled { .. })
    }
}

/// A caller that asks once and waits for the answer.
pub struct Once;

impl Caller for Once {
    async fn wait<F: Future>(&self, future: F) -> Option<F::Output> {
        Some(future.await)
    }

    fn came_back(&mut self, _verdict: Verdict, _result: &Result<Answer, CallError>) {}

    fn sends_again(&self, _verdict: Verdict, _calls: u32) -> bool {
        false
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
    /// There is no such record.
    NotFound(Answer),
    /// There is such a record already.
    Duplicate(Answer),
    /// The server refuses it.
    Refused(Answer),
    /// The server does not allow it.
    Forbidden(Answer),
    /// The server takes nothing of this caller.
    Denied(Answer),
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
            skew: AtomicI64::new(0),
        }
    }

    /// Sends a request until it has come to its end.
    pub async fn call(&self, request: &PreparedRequest, caller: &mut impl Caller) -> Ended {
        // Pauses grow with every call. The attempts are the calls that the server may have acted on: one that was put
        // off, or did not get through, is none.
        let (mut calls, mut attempt, mut may_be_applied) = (1, 1, false);
        loop {
            let Some((flight, permit)) = caller.wait(self.clear()).await else {
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
            let (result, permit) = self.transport.send(flight, permit, request).await;
            let verdict = classify(self.api, request.operation, attempt, &result);
            permit.answered(Answered::of(verdict, &result));
            self.note_time(&result);
            caller.came_back(verdict, &result);
            let unknown = leaves_unknown(verdict, &result);
            may_be_applied |= unknown;
            if !caller.sends_again(verdict, calls) {
                return self.ended(verdict, result, may_be_applied);
            }
            attempt += u32::from(unknown);
            // After a 429 the gate of the pace makes this one wait, and every other.
            if !matches!(verdict, Verdict::Throttled { .. }) {
                let pause = self.pause(calls);
                if caller.wait(self.clock.sleep(pause)).await.is_none() {
                    return Ended { how: How::Stopped, may_be_applied };
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

    fn ended(&self, verdict: Verdict, result: Result<Answer, CallError>, may_be_applied: bool) -> Ended {
        let how = match (verdict, result) {
            (Verdict::Done, Ok(answer)) => {
                return Ended { how: How::Applied(answer), may_be_applied: true };
            }
            (Verdict::NotFound, Ok(answer)) => How::NotFound(answer),
            (Verdict::Duplicate, Ok(answer)) => How::Duplicate(answer),
            (Verdict::Stop, Ok(answer)) => How::Denied(answer),
            (Verdict::Forbidden, Ok(answer)) => How::Forbidden(answer),
            (Verdict::Rejected, Ok(answer)) if answer.status < 500 => How::Refused(answer),
            (_, result) => {
                let (status, message) = said(self.api, &result);
                How::Trouble { status, message }
            }
        };
        Ended { how, may_be_applied }
    }

    fn pause(&self, calls: u32) -> Duration {
        // A holder that panicked has left nothing half done.
        self.backoff.lock().unwrap_or_else(PoisonError::into_inner).pause(calls, None)
    }

    fn note_time(&self, result: &Result<Answer, CallError>) {
        if let Ok(Answer { date: Some(date), .. }) = result {
            // Whole seconds, and on its way for a while: good for a margin of minutes.
            let skew = date.saturating_sub(self.clock.epoch_milliseconds());
            self.skew.store(skew, Ordering::Relaxed);
        }
    }
}

impl<T, C: Clock + Copy> Wire<T, C> {
    /// How far the server's clock is ahead, in milliseconds, as far as it is known.
    #[must_use]
    pub fn skew(&self) -> i64 {
        self.skew.load(Ordering::Relaxed)
    }

    /// The API takes no requests for now.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.pace.closed_for().is_some()
    }

    /// What tells the time.
    #[must_use]
    pub fn clock(&self) -> C {
        self.clock
    }
}

/// The server may have acted on a call with this result.
fn leaves_unknown(verdict: Verdict, result: &Result<Answer, CallError>) -> bool {
    match verdict {
        Verdict::Done | Verdict::Uncertain => true,
        Verdict::Again | Verdict::Rejected => match result {
            Ok(answer) => !(300..500).contains(&answer.status),
            Err(error) => error.sent != Sent::No,
        },
        _ => false,
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
