//! How many requests in how much time: a token bucket that keeps only a time.

use std::time::Duration;

/// A pace: a number of requests in each window.
///
/// All that is kept of a bucket is its [`Slot`], one time: processes that share a bucket share only that.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    interval: Duration,
    /// How far ahead of the even pace requests may be.
    allowance: Duration,
    window: Duration,
}

/// When the next request would leave at an even pace, by a clock that its owner knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Slot {
    pub(super) next: Duration,
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
        Self { interval, allowance: interval * (burst - 1), window }
    }

    /// A slot of which nothing is saved up.
    #[must_use]
    pub fn empty(&self, now: Duration) -> Slot {
        Slot { next: now.saturating_add(self.allowance) }
    }

    /// Says when there will be a turn: now at the earliest.
    #[must_use]
    pub fn turn(&self, slot: Slot, now: Duration) -> Duration {
        self.known(slot, now).saturating_sub(self.allowance).max(now)
    }

    /// Takes a turn.
    pub fn take(&self, slot: &mut Slot, now: Duration) {
        slot.next = self.known(*slot, now).saturating_add(self.interval);
    }

    /// Takes a turn, and with it all that was saved up.
    pub fn spend(&self, slot: &mut Slot, now: Duration) {
        slot.next = self.known(*slot, now).max(self.empty(now).next).saturating_add(self.interval);
    }

    /// Takes `count` turns more, for requests that may have been held up and leave only now.
    pub fn add(&self, slot: &mut Slot, now: Duration, count: usize) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        slot.next = self.known(*slot, now).max(self.empty(now).next)
            + self.interval.saturating_mul(count).min(self.window);
    }

    /// How long nothing has to come back before what is on its way may be held up.
    pub(super) fn silence(&self) -> Duration {
        Duration::from_secs(1) + 4 * self.interval
    }

    /// How much later than its time a turn can be taken at no cost worth speaking of.
    pub(super) fn slack(&self) -> Duration {
        (self.interval / 2).min(self.allowance / 8)
    }

    /// No bucket is ahead by more than a window: a clock that was set back has told the time.
    fn known(&self, slot: Slot, now: Duration) -> Duration {
        slot.next.clamp(now, now.saturating_add(self.window))
    }
}
