//! The server's clock, as far as its answers tell: the only way from this machine's time to the server's.

use std::sync::{Mutex, PoisonError};

/// The clock is taken to be steady while two readings differ by no more than this, in milliseconds.
const STEADY: u64 = 60_000;

/// How far the server's clock may be ahead of this machine's, in milliseconds: the least and the most of all that is
/// plausible. This machine's own time always is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Skews {
    /// The least; zero or less.
    pub least: i64,
    /// The most; zero or more.
    pub most: i64,
}

impl Skews {
    /// The same, and one more.
    #[must_use]
    pub fn and(self, skew: i64) -> Self {
        Self { least: self.least.min(skew), most: self.most.max(skew) }
    }
}

/// What is known of the server's clock.
#[derive(Debug, Default)]
pub struct ServerClock {
    readings: Mutex<Readings>,
}

#[derive(Debug, Default)]
struct Readings {
    /// The last steady skew.
    steady: Option<i64>,
    /// One that jumped away from it, and was not seen again yet.
    candidate: Option<i64>,
}

impl ServerClock {
    /// Takes a reading: the server's time and this machine's, in epoch milliseconds.
    ///
    /// One that is nearly the same changes nothing: it is given in whole seconds, and answers take their time. One that jumps
    /// counts only once the next one agrees with it: a balancer with two clocks, or a cache, says something else every time.
    pub fn note(&self, server: i64, local: i64) {
        let skew = server.saturating_sub(local);
        let agrees = |known: Option<i64>| known.is_some_and(|known| known.abs_diff(skew) <= STEADY);
        // A holder that panicked has left nothing half done.
        let mut readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        if agrees(readings.steady) {
            readings.candidate = None;
        } else if readings.steady.is_none() || agrees(readings.candidate) {
            (readings.steady, readings.candidate) = (Some(skew), None);
        } else {
            readings.candidate = Some(skew);
        }
    }

    /// What is plausible now.
    #[must_use]
    pub fn skews(&self) -> Skews {
        let readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        readings.steady.map_or(Skews::default(), |skew| Skews::default().and(skew))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_that_jumps_counts_once_it_is_confirmed() {
        let clock = ServerClock::default();
        assert_eq!(clock.skews(), Skews { least: 0, most: 0 });
        clock.note(5_000, 0);
        assert_eq!(clock.skews(), Skews { least: 0, most: 5_000 });
        clock.note(-86_400_000, 0);
        assert_eq!(clock.skews(), Skews { least: 0, most: 5_000 });
        clock.note(6_000, 0);
        assert_eq!(clock.skews(), Skews { least: 0, most: 5_000 }, "nearly the same");
        clock.note(-86_400_000, 0);
        clock.note(-86_399_000, 0);
        assert_eq!(clock.skews(), Skews { least: -86_399_000, most: 0 });
    }
}
