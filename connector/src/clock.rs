//! Time, injected: the engine asks a [`Clock`] and never the system.
#![expect(clippy::disallowed_methods, reason = "this is where the system is asked")]

use std::future::Future;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where the engine gets its time from.
pub trait Clock {
    /// The time since some fixed moment; never goes back.
    fn now(&self) -> Duration;
    /// Milliseconds since 1970, which may jump.
    fn epoch_milliseconds(&self) -> i64;
    /// Waits.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()>;
}

/// A clock that several share.
impl<C: Clock> Clock for &C {
    fn now(&self) -> Duration {
        (**self).now()
    }

    fn epoch_milliseconds(&self) -> i64 {
        (**self).epoch_milliseconds()
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> {
        (**self).sleep(time)
    }
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn epoch_milliseconds(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> {
        tokio::time::sleep(time)
    }
}
