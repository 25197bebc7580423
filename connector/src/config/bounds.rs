//! The bounds of every number that a person may set, for flags and sync files alike.

use std::time::Duration;

use super::given::Setting;
use crate::error::SetupError;

/// Seconds of a day, which no time is longer than.
const DAY: u64 = 86_400;

/// What a number may be.
pub(crate) struct Bounds {
    /// The key of a sync file; the flag has `-` for `_`.
    key: &'static str,
    pub(crate) least: u64,
    pub(crate) most: u64,
    unit: &'static str,
}

const fn seconds(key: &'static str, least: u64) -> Bounds {
    Bounds { key, least, most: DAY, unit: " seconds" }
}

pub(crate) const LIMIT: Bounds = Bounds { key: "limit", least: 0, most: 1_000_000_000_000, unit: " rows" };
pub(crate) const TIMEOUT: Bounds = seconds("timeout", 1);
pub(crate) const GIVE_UP: Bounds = seconds("give_up", 1);
pub(crate) const SETTLE_AFTER: Bounds = seconds("settle_after", 0);
pub(crate) const SETTLE_WAIT: Bounds = seconds("settle_wait", 0);
pub(crate) const WAIT: Bounds = seconds("wait", 0);
pub(crate) const GRACE: Bounds = seconds("grace", 0);
/// More would need more ports than a machine has.
pub(crate) const CONCURRENCY: Bounds = Bounds { key: "concurrency", least: 1, most: 16_384, unit: "" };
pub(crate) const RATE: Bounds =
    Bounds { key: "rate", least: 1, most: 100_000_000, unit: " requests a minute" };

impl Bounds {
    /// The number, if it was set and lies within them.
    pub(super) fn check(&self, given: Option<Setting<u64>>) -> Result<Option<u64>, SetupError> {
        let Some(Setting { value, place }) = given else { return Ok(None) };
        if (self.least..=self.most).contains(&value) {
            return Ok(Some(value));
        }
        let name = match &place {
            Some(_) => format!("`{}`", self.key),
            None => format!("--{}", self.key.replace('_', "-")),
        };
        let message = format!("{name} must be from {} to {}{}", self.least, self.most, self.unit);
        Err(SetupError::new(message).at(place.as_ref()))
    }

    /// The same as a time.
    pub(super) fn time(&self, given: Option<Setting<u64>>) -> Result<Option<Duration>, SetupError> {
        Ok(self.check(given)?.map(Duration::from_secs))
    }

    /// The same where its upper bound is known to fit.
    pub(super) fn small(&self, given: Option<Setting<u64>>) -> Result<Option<u32>, SetupError> {
        Ok(self.check(given)?.map(|value| u32::try_from(value).unwrap_or(u32::MAX)))
    }
}
