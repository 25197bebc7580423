//! How many requests may be on their way at the same time.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

/// The places before the first good answer: what answers may not be the API, and is not flooded. They fill the quota where
/// an answer takes no longer than a second.
const FIRST: usize = 64;

/// The places of requests in flight.
pub struct Flights {
    places: Semaphore,
    /// Those that are kept back until the first good answer.
    rest: AtomicUsize,
}

/// A place among the requests in flight; free again once it is dropped.
pub struct Flight<'f>(#[expect(dead_code, reason = "held, not read")] SemaphorePermit<'f>);

impl Flights {
    /// At least one place.
    #[must_use]
    pub fn new(most: u32) -> Self {
        let most = most.max(1) as usize;
        let first = most.min(FIRST);
        Self { places: Semaphore::new(first), rest: AtomicUsize::new(most - first) }
    }

    /// The API has answered well: all places may be taken.
    pub(super) fn widen(&self) {
        if self.rest.load(Ordering::Relaxed) > 0 {
            self.places.add_permits(self.rest.swap(0, Ordering::Relaxed));
        }
    }

    /// Waits for a place.
    pub async fn take(&self) -> Flight<'_> {
        loop {
            // The semaphore is never closed, so the first one is taken.
            if let Ok(place) = self.places.acquire().await {
                return Flight(place);
            }
        }
    }
}
