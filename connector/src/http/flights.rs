//! How many requests may be on their way at the same time.

use tokio::sync::{Semaphore, SemaphorePermit};

/// The places of requests in flight.
pub struct Flights(Semaphore);

/// A place among the requests in flight; free again once it is dropped.
pub struct Flight<'f>(#[expect(dead_code, reason = "held, not read")] SemaphorePermit<'f>);

impl Flights {
    /// At least one place.
    #[must_use]
    pub fn new(most: u32) -> Self {
        Self(Semaphore::new(most.max(1) as usize))
    }

    /// Waits for a place.
    pub async fn take(&self) -> Flight<'_> {
        loop {
            // The semaphore is never closed, so the first one is taken.
            if let Ok(place) = self.0.acquire().await {
                return Flight(place);
            }
        }
    }
}
