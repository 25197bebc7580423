//! How long the syncs of a process go on without any progress.

use std::cell::Cell;
use std::time::Duration;

/// The time of the last progress, and how long the next may take. All syncs of a process share one.
#[derive(Debug)]
pub struct Patience {
    limit: Duration,
    progress: Cell<Duration>,
}

impl Patience {
    /// It begins now.
    #[must_use]
    pub fn new(limit: Duration, now: Duration) -> Self {
        Self { limit, progress: Cell::new(now) }
    }

    /// How long without progress is too long.
    #[must_use]
    pub fn limit(&self) -> Duration {
        self.limit
    }

    /// Something moves: it begins anew.
    pub fn moves(&self, now: Duration) {
        self.progress.set(now);
    }

    /// What is left of it.
    #[must_use]
    pub fn left(&self, now: Duration) -> Duration {
        self.progress.get().saturating_add(self.limit).saturating_sub(now)
    }
}
