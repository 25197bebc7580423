//! How long to wait before a call is made again.

use std::time::Duration;

/// The ceiling of the first pause.
const BASE: Duration = Duration::from_millis(500);
/// The ceiling of every pause.
const LIMIT: Duration = Duration::from_secs(30);

/// Exponential backoff with full jitter: any time up to a ceiling that doubles, so that clients who failed together do
/// not come back together.
#[derive(Debug)]
pub struct Backoff {
    random: fastrand::Rng,
}

impl Backoff {
    /// Pauses that a seed determines.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(seed) }
    }

    /// The pause after the `attempt`th call (from 1). What the server asked for counts more.
    pub fn pause(&mut self, attempt: u32, retry_after: Option<Duration>) -> Duration {
        retry_after.unwrap_or_else(|| {
            let ceiling = BASE.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(LIMIT);
            ceiling.mul_f64(self.random.f64())
        })
    }
}
