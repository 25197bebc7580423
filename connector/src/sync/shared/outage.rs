//! Outages: when one write after the other comes to nothing, everyone waits, and one request at a time tries the way.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::Notify;

use crate::http::backoff::Backoff;

/// That many rows in trouble, one after the other, are an outage.
const OUTAGE: usize = 10;

/// The way of one operation to the API.
#[derive(Default)]
pub(crate) struct OutageGate {
    state: RefCell<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    /// The rows that came into trouble since the last answer.
    troubled: BTreeSet<u64>,
    gate: OutageState,
    /// How often the way was tried during this outage.
    probes: u32,
    /// Rows that wait: how often they were tried, when they came, and their number. The first tries the way next.
    waiting: BTreeSet<(u32, u64, u64)>,
    arrivals: u64,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum OutageState {
    #[default]
    Open,
    /// Nothing leaves before this time; then one row does.
    Closed(Duration),
    /// This row is trying the way.
    Probing(u64),
}

/// What a row may do.
pub(crate) enum OutageStep {
    /// Leave.
    Go,
    /// Ask again at this time, or when the way has changed.
    WaitUntil(Option<Duration>),
}

/// A row that waits for the way; it gives up its place when it is dropped.
pub(crate) struct OutageWait<'w> {
    gate: &'w OutageGate,
    place: (u32, u64, u64),
}

impl OutageGate {
    /// The way is not open.
    pub(crate) fn is_closed(&self) -> bool {
        self.state.borrow().gate != OutageState::Open
    }

    /// Lines up a row that was tried this often.
    pub(crate) fn line_up(&self, row: u64, tries: u32) -> OutageWait<'_> {
        let mut state = self.state.borrow_mut();
        state.arrivals += 1;
        let place = (tries, state.arrivals, row);
        state.waiting.insert(place);
        OutageWait { gate: self, place }
    }

    /// Waits until the way has changed. It has to be asked for before it is looked at.
    pub(crate) fn changed(&self) -> tokio::sync::futures::Notified<'_> {
        self.changed.notified()
    }

    /// The API answered: the way is open.
    pub(crate) fn answered(&self) {
        let mut state = self.state.borrow_mut();
        state.troubled.clear();
        state.probes = 0;
        if state.gate != OutageState::Open {
            state.gate = OutageState::Open;
            self.changed.notify_waiters();
        }
    }

    /// A row came into trouble. Says how long nothing leaves, if that begins now.
    pub(crate) fn trouble(
        &self,
        row: u64,
        now: Duration,
        retry_after: Option<Duration>,
        backoff: &mut Backoff,
    ) -> Option<Duration> {
        let mut state = self.state.borrow_mut();
        state.troubled.insert(row);
        let closes = match state.gate {
            OutageState::Open => state.troubled.len() >= OUTAGE,
            OutageState::Closed(until) => {
                // It left before the way was closed; it only counts where it asks for more time.
                let later = now.saturating_add(retry_after.unwrap_or_default());
                state.gate = OutageState::Closed(until.max(later));
                false
            }
            OutageState::Probing(prober) => prober == row,
        };
        if !closes {
            return None;
        }
        state.probes += 1;
        let pause = backoff.probe(state.probes, retry_after);
        state.gate = OutageState::Closed(now.saturating_add(pause));
        self.changed.notify_waiters();
        Some(pause)
    }

    /// A row that tried the way came back without having tried it: it was put off, or did not get through.
    pub(crate) fn put_off(&self, row: u64, now: Duration) {
        let mut state = self.state.borrow_mut();
        if state.gate == OutageState::Probing(row) {
            state.gate = OutageState::Closed(now);
            self.changed.notify_waiters();
        }
    }
}

impl OutageWait<'_> {
    /// What the row may do now.
    pub(crate) fn step(&self, now: Duration) -> OutageStep {
        let mut state = self.gate.state.borrow_mut();
        let (_, _, row) = self.place;
        let first = state.waiting.first() == Some(&self.place);
        match state.gate {
            OutageState::Open => OutageStep::Go,
            OutageState::Closed(until) if first && until <= now => {
                state.gate = OutageState::Probing(row);
                OutageStep::Go
            }
            OutageState::Closed(until) => OutageStep::WaitUntil(first.then_some(until)),
            OutageState::Probing(prober) if prober == row => OutageStep::Go,
            OutageState::Probing(_) => OutageStep::WaitUntil(None),
        }
    }
}

impl Drop for OutageWait<'_> {
    fn drop(&mut self) {
        self.gate.state.borrow_mut().waiting.remove(&self.place);
        // Another row is the first now.
        self.gate.changed.notify_waiters();
    }
}
