//! When the next request may leave: the quota is filled and never exceeded, and after a 429 everyone waits.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Queue, Notify};

use super::bucket::{Bucket, Slot};
use super::shared::{NoTurn, SharedPace};
use crate::clock::Clock;
use crate::http::answer::classify::Verdict;
use crate::http::answer::error::CallError;
use crate::http::answer::response::Answer;
use crate::http::backoff::Backoff;

/// How many answers tell how long one takes.
const BLOCK: u32 = 32;
/// An answer that takes longer than usual by this was held up.
const LONGER: Duration = Duration::from_secs(1);

/// Hands out permits to send, one for each request.
///
/// In every window the server sees at most `burst + rate * window` requests, which is the quota, wherever the window
/// begins. Time that was not used is not caught up beyond the burst. Where nothing came back for a while, everything that is
/// on its way may have been held up, and arrive now: it is counted again.
pub struct Pace<C> {
    clock: C,
    bucket: Bucket,
    /// What processes beside this one take turns of too.
    shared: Option<SharedPace>,
    state: Mutex<PaceState>,
    queue: Queue<()>,
    opened: Notify,
}

struct PaceState {
    slot: Slot,
    gate: Gate,
    /// Requests on their way, and since when nothing has come back of them.
    flying: usize,
    quiet_since: Duration,
    usual: UsualTime,
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

/// How long a request usually takes at least.
#[derive(Clone, Copy, Debug, Default)]
struct UsualTime {
    /// The shortest times of the latest block of answers and of the one before it.
    shortest: [Option<Duration>; 2],
    answers: u32,
}

impl UsualTime {
    fn time(&self) -> Duration {
        self.shortest.iter().flatten().min().copied().unwrap_or_default()
    }

    fn note(&mut self, took: Duration) {
        let [latest, before] = &mut self.shortest;
        if self.answers.is_multiple_of(BLOCK) {
            *before = latest.take();
        }
        self.answers = self.answers.wrapping_add(1);
        *latest = Some(latest.map_or(took, |shortest| shortest.min(took)));
    }
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
        let bucket = Bucket::new(quota, window);
        let state = PaceState {
            // The run before may have used up what it had saved.
            slot: bucket.empty(clock.now()),
            gate: Gate::Open,
            flying: 0,
            quiet_since: Duration::ZERO,
            usual: UsualTime::default(),
            closings: 0,
            in_a_row: 0,
            backoff,
        };
        let (queue, opened) = (Queue::new(()), Notify::new());
        Self { clock, bucket, shared: None, state: Mutex::new(state), queue, opened }
    }

    /// The same, which takes its turns among those of other processes.
    #[must_use]
    pub fn sharing(self, shared: Option<SharedPace>) -> Self {
        Self { shared, ..self }
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
                    Gate::Probing => None,
                    gate => match self.take(&mut state, now, gate != Gate::Open) {
                        Ok(()) => return self.permit(&mut state, now),
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

    /// Tells the other processes how long the server asks to wait.
    fn tell(&self, pause: Duration) {
        self.shared.iter().for_each(|shared| shared.close(self.epoch(), pause));
    }

    /// The time by the clock that all processes of this machine have.
    fn epoch(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.clock.epoch_milliseconds()).unwrap_or_default())
    }

    fn state(&self) -> MutexGuard<'_, PaceState> {
        // Nothing is left half done where a holder could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a turn now, or says when there will be one.
    fn take(&self, state: &mut PaceState, now: Duration, spend: bool) -> Result<(), Duration> {
        let turn = self.bucket.turn(state.slot, now);
        if turn > now {
            return Err(turn);
        }
        if let Some(shared) = &self.shared {
            match shared.take(self.epoch(), spend) {
                Ok(()) => {}
                Err(NoTurn::Yet(wait)) => return Err(now.saturating_add(wait)),
                // Another process was told to wait, so this one waits as well.
                Err(NoTurn::Closed(wait)) => {
                    let until = now.saturating_add(wait);
                    if state.gate == Gate::Open {
                        state.closings += 1;
                    }
                    state.gate = Gate::Closed(until);
                    return Err(until);
                }
            }
        }
        let take = if spend { Bucket::spend } else { Bucket::take };
        take(&self.bucket, &mut state.slot, now);
        Ok(())
    }

    fn permit(&self, state: &mut PaceState, now: Duration) -> Permit<'_, C> {
        let probe = state.gate != Gate::Open;
        if probe {
            state.gate = Gate::Probing;
        }
        if state.flying == 0 {
            state.quiet_since = now;
        }
        state.flying += 1;
        Permit { pace: self, closings: state.closings, left: now, probe, answered: false }
    }

    /// Something came back. If nothing did for a while, and it took longer than usual, then what is on its way beside it may
    /// have been held up as well.
    fn lands(&self, state: &mut PaceState, left: Duration, now: Duration) {
        let took = now.saturating_sub(left);
        let quiet = now.saturating_sub(state.quiet_since) > self.bucket.silence();
        if quiet && took > state.usual.time().saturating_add(LONGER) {
            self.bucket.add(&mut state.slot, now, state.flying);
            self.shared.iter().for_each(|shared| shared.add(self.epoch(), state.flying));
        }
        state.usual.note(took);
        state.quiet_since = now;
        state.flying = state.flying.saturating_sub(1);
    }

    /// How long the gate stays closed, if it is.
    #[must_use]
    pub fn closed_for(&self) -> Option<Duration> {
        match self.state().gate {
            Gate::Closed(until) => Some(until.saturating_sub(self.clock.now())),
            Gate::Open | Gate::Probing => None,
        }
    }

    /// How long nothing has come back of the requests that are on their way, if there are any.
    #[must_use]
    pub fn silent_for(&self) -> Option<Duration> {
        let state = self.state();
        (state.flying > 0).then(|| self.clock.now().saturating_sub(state.quiet_since))
    }

    fn answered(&self, permit: &Permit<'_, C>, answered: Answered) {
        let Permit { closings, probe, left, .. } = *permit;
        let now = self.clock.now();
        let mut state = self.state();
        self.lands(&mut state, left, now);
        match answered {
            Answered::Throttled(retry_after) if closings == state.closings => {
                state.closings += 1;
                state.in_a_row += 1;
                let in_a_row = state.in_a_row;
                let pause = state.backoff.pause(in_a_row, retry_after);
                state.gate = Gate::Closed(now.saturating_add(pause));
                self.tell(pause);
            }
            // It left before the gate closed, so it says nothing new, unless it asks for more time.
            Answered::Throttled(retry_after) => {
                if let (Gate::Closed(until), Some(pause)) = (state.gate, retry_after) {
                    state.gate = Gate::Closed(until.max(now.saturating_add(pause)));
                    self.tell(pause);
                }
            }
            Answered::Otherwise if probe => {
                state.in_a_row = 0;
                state.gate = Gate::Open;
                state.slot = Slot { next: state.slot.next.max(self.bucket.empty(now).next) };
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
    left: Duration,
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
        self.pace.answered(&self, answered);
    }
}

impl<C: Clock> Drop for Permit<'_, C> {
    fn drop(&mut self) {
        // A request that was given up must not keep the others waiting for its answer.
        if !self.answered {
            self.pace.answered(self, Answered::Nothing);
        }
    }
}
