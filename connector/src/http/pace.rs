//! When the next request may leave: the quota is filled and never exceeded, and after a 429 everyone waits.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Queue, Notify};

use super::answer::classify::Verdict;
use super::answer::error::CallError;
use super::answer::response::Answer;
use super::backoff::Backoff;
use crate::clock::Clock;

/// Hands out permits to send, one for each request.
///
/// In every window the server sees at most `burst + rate * window` requests, which is the quota, wherever the window
/// begins. Time that was not used is not caught up beyond the burst.
pub struct Pace<C> {
    clock: C,
    state: Mutex<PaceState>,
    queue: Queue<()>,
    opened: Notify,
}

struct PaceState {
    bucket: Bucket,
    gate: Gate,
    /// Counts the closings of the gate, so that an answer is held against the gate that its request went through.
    closings: u64,
    /// Closings without an answer between them that said anything else.
    in_a_row: u32,
    backoff: Backoff,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    Open,
    /// Nothing leaves before this time; then one request does.
    Closed(Duration),
    /// One has left, and the others wait for its answer.
    Probing,
}

/// What came back of a request, as far as the pace is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Too many requests; wait so long, if the server said how long.
    Throttled(Option<Duration>),
    /// Anything else that a server said.
    Otherwise,
    /// Nothing.
    Nothing,
}

impl Answered {
    /// What the result of a call says to the pace.
    #[must_use]
    pub fn of(verdict: Verdict, result: &Result<Answer, CallError>) -> Self {
        match (verdict, result) {
            (Verdict::Throttled { retry_after }, _) => Self::Throttled(retry_after),
            (_, Ok(_) | Err(CallError { status: Some(_), .. })) => Self::Otherwise,
            (_, Err(_)) => Self::Nothing,
        }
    }
}

impl<C: Clock> Pace<C> {
    /// A pace of at most `quota` requests in each `window`.
    #[must_use]
    pub fn new(clock: C, quota: u32, window: Duration, backoff: Backoff) -> Self {
        let state = PaceState {
            bucket: Bucket::new(quota, window),
            gate: Gate::Open,
            closings: 0,
            in_a_row: 0,
            backoff,
        };
        Self { clock, state: Mutex::new(state), queue: Queue::new(()), opened: Notify::new() }
    }

    /// Waits for the turn of one request.
    pub async fn ready(&self) -> Permit<'_, C> {
        // Only the first in the queue looks at the clock, so a turn is taken when it is used: what a process that stood
        // still has missed is not caught up.
        let _first = self.queue.lock().await;
        loop {
            let opened = self.opened.notified();
            let now = self.clock.now();
            let time = {
                let mut state = self.state();
                match state.gate {
                    Gate::Closed(until) if until > now => Some(until),
                    Gate::Closed(_) => {
                        state.gate = Gate::Probing;
                        state.bucket.spend(now);
                        return self.permit(state.closings, true);
                    }
                    Gate::Probing => None,
                    Gate::Open => match state.bucket.take(now) {
                        Ok(()) => return self.permit(state.closings, false),
                        Err(time) => Some(time),
                    },
                }
            };
            match time {
                Some(time) => self.clock.sleep(time.saturating_sub(now)).await,
                None => opened.await,
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, PaceState> {
        // Nothing is left half done where a holder could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn permit(&self, closings: u64, probe: bool) -> Permit<'_, C> {
        Permit { pace: self, closings, probe, answered: false }
    }

    /// How long the gate stays closed, if it is.
    #[must_use]
    pub fn closed_for(&self) -> Option<Duration> {
        match self.state().gate {
            Gate::Closed(until) => Some(until.saturating_sub(self.clock.now())),
            Gate::Open | Gate::Probing => None,
        }
    }

    fn answered(&self, permit_closings: u64, probe: bool, answered: Answered) {
        let now = self.clock.now();
        let mut state = self.state();
        match answered {
            Answered::Throttled(retry_after) if permit_closings == state.closings => {
                state.closings += 1;
                state.in_a_row += 1;
                let in_a_row = state.in_a_row;
                let pause = state.backoff.pause(in_a_row, retry_after);
                state.gate = Gate::Closed(now + pause);
            }
            // It left before the gate closed, so it says nothing new, unless it asks for more time.
            Answered::Throttled(retry_after) => {
                if let (Gate::Closed(until), Some(pause)) = (state.gate, retry_after) {
                    state.gate = Gate::Closed(until.max(now + pause));
                }
            }
            Answered::Otherwise if probe => {
                state.in_a_row = 0;
                state.gate = Gate::Open;
                state.bucket.spend(now);
            }
            // The one that was sent ahead got no answer; another one has to try.
            Answered::Nothing if probe => state.gate = Gate::Closed(now),
            Answered::Otherwise | Answered::Nothing => {}
        }
        if probe {
            self.opened.notify_waiters();
        }
    }
}

/// Leave to send one request.
pub struct Permit<'p, C: Clock> {
    pace: &'p Pace<C>,
    closings: u64,
    probe: bool,
    answered: bool,
}

impl<C: Clock> Permit<'_, C> {
    /// The time of this machine, in epoch milliseconds.
    #[must_use]
    pub fn epoch_milliseconds(&self) -> i64 {
        self.pace.clock.epoch_milliseconds()
    }

    /// Says what came back.
    pub fn answered(mut self, answered: Answered) {
        self.answered = true;
        self.pace.answered(self.closings, self.probe, answered);
    }
}

impl<C: Clock> Drop for Permit<'_, C> {
    fn drop(&mut self) {
        // A request that was given up must not keep the others waiting for its answer.
        if !self.answered {
            self.pace.answered(self.closings, self.probe, Answered::Nothing);
        }
    }
}

/// A token bucket that keeps only the time at which it will be full again.
#[derive(Debug)]
pub struct Bucket {
    interval: Duration,
    /// How far ahead of the even pace requests may be.
    allowance: Duration,
    /// When the next request would leave at an even pace.
    next: Duration,
}

impl Bucket {
    /// A bucket for `quota` requests in each `window`: a burst of a quarter of a percent, and the rest evenly.
    #[must_use]
    pub fn new(quota: u32, window: Duration) -> Self {
        let quota = quota.max(1);
        let burst = (quota / 400).max(1);
        // The burst comes on top of what the rate brings in the worst window; as much again is kept for requests that
        // overtake others on the way, because the server counts arrivals.
        let evenly = quota.saturating_sub(burst + quota / 400).max(1);
        let interval = window / evenly;
        Self { interval, allowance: interval * (burst - 1), next: Duration::ZERO }
    }

    /// Takes a turn now, or says when there will be one.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        let next = self.next.max(now);
        let turn = next.saturating_sub(self.allowance);
        if turn > now {
            return Err(turn);
        }
        self.next = next + self.interval;
        Ok(())
    }

    /// Takes a turn now, and with it all that was saved up.
    pub fn spend(&mut self, now: Duration) {
        self.next = now + self.allowance + self.interval;
    }
}
