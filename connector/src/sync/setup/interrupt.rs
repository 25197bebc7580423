//! A request to stop, which reaches the loop between rows and whatever waits.

use std::sync::atomic::{AtomicI32, Ordering};

use tokio::sync::Notify;

/// Set once, by a signal; the run ends at the next safe point.
#[derive(Debug, Default)]
pub struct Interrupt {
    signal: AtomicI32,
    raised: Notify,
}

impl Interrupt {
    /// Asks the run to stop, because of a signal of that number.
    pub fn raise(&self, signal: i32) {
        self.signal.store(signal, Ordering::Release);
        self.raised.notify_waiters();
    }

    /// The signal, if there was one.
    #[must_use]
    pub fn signal(&self) -> Option<i32> {
        Some(self.signal.load(Ordering::Acquire)).filter(|&signal| signal != 0)
    }

    /// Waits for a signal.
    pub async fn wait(&self) -> i32 {
        loop {
            let raised = self.raised.notified();
            if let Some(signal) = self.signal() {
                return signal;
            }
            raised.await;
        }
    }
}
