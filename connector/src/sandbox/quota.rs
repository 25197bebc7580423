//! The quota: a number of requests in any window, and how long to wait for the next.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A sliding window over the requests that were let in; those that were turned away do not count.
#[derive(Debug)]
pub(super) struct Quota {
    limit: usize,
    window: Duration,
    admitted: VecDeque<Instant>,
}

impl Quota {
    pub(super) fn new(requests: u32, seconds: u32) -> Self {
        let limit = usize::try_from(requests).unwrap_or(usize::MAX);
        Self { limit, window: Duration::from_secs(seconds.into()), admitted: VecDeque::new() }
    }

    /// Lets a request in, or says in how many whole seconds one will be.
    pub(super) fn admit(&mut self, now: Instant) -> Result<(), u64> {
        while self.admitted.front().is_some_and(|&then| now.saturating_duration_since(then) >= self.window) {
            self.admitted.pop_front();
        }
        if self.admitted.len() < self.limit {
            self.admitted.push_back(now);
            return Ok(());
        }
        let age = self.admitted.front().map_or(Duration::ZERO, |&then| now.saturating_duration_since(then));
        let wait = self.window.saturating_sub(age);
        Err(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_window_of_any_position_holds_more_than_the_quota() {
        let mut quota = Quota::new(2, 60);
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs_f32(seconds);
        assert_eq!(quota.admit(at(0.0)), Ok(()));
        assert_eq!(quota.admit(at(30.0)), Ok(()));
        assert_eq!(quota.admit(at(59.5)), Err(1), "half a second is told as a whole one");
        assert_eq!(quota.admit(at(60.0)), Ok(()), "the first has left the window");
        assert_eq!(
            quota.admit(at(60.0)),
            Err(30),
            "what was turned away did not count, what was let in does"
        );
        assert_eq!(Quota::new(0, 60).admit(start), Err(60));
    }
}
