//! How long to wait before a call is made again.

use std::time::Duration;

/// The ceiling of the first pause.
const BASE: Duration = Duration::from_millis(500);
/// The shortest first pause of a request in trouble; each one after it is twice as long.
const TROUBLE: Duration = Duration::from_secs(1);
/// How often that is doubled: 1 + 2 + 4 + ... + 64 seconds are more than two minutes.
const TROUBLE_DOUBLINGS: u32 = 6;
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

    /// The pause after the `attempt`th call (from 1): never shorter than what the server asked for.
    pub fn pause(&mut self, attempt: u32, retry_after: Option<Duration>) -> Duration {
        let ceiling = BASE.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(LIMIT);
        ceiling.mul_f64(self.random.f64()).max(retry_after.unwrap_or_default())
    }

    /// The pause before the way is tried again in an outage, for the `probe`th time.
    pub fn probe(&mut self, probe: u32, retry_after: Option<Duration>) -> Duration {
        let least = BASE.saturating_mul(2_u32.saturating_pow(probe.saturating_sub(1))).min(LIMIT);
        least.mul_f64(1.0 - self.random.f64() / 4.0).max(retry_after.unwrap_or_default())
    }

    /// The pause before a request in trouble is tried again, after `tries` of them. Seven such pauses take two minutes
    /// at least, in which a short outage is over.
    pub fn trouble(&mut self, tries: u32, retry_after: Option<Duration>) -> Duration {
        let least =
            TROUBLE.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1).min(TROUBLE_DOUBLINGS)));
        least.mul_f64(1.0 + self.random.f64() / 4.0).max(retry_after.unwrap_or_default())
    }
}
