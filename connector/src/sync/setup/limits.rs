//! What a sync may do: what it sends, how fast, how long it waits, and when it stops.

use std::time::Duration;

use super::guards::Guards;
use crate::api::ApiSpec;
use crate::generated::API;
use crate::report::failure_limit::FailureLimit;

/// What a sync may do. The default is what a sync does that was told nothing.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The most rows that are read.
    pub rows: Option<u64>,
    /// Nothing is sent or written.
    pub dry_run: bool,
    /// Rows that are as they were are sent again.
    pub full: bool,
    /// A record that differs and cannot be changed is no failure.
    pub ignore_changes: bool,
    /// Fields that can be made from the record key are.
    pub derive_key: bool,
    /// What it must not go beyond without being asked.
    pub guards: Guards,
    /// How many failures before it stops.
    pub max_failures: Option<FailureLimit>,
    /// How long one request may take.
    pub timeout: Duration,
    /// How long without any progress before it stops.
    pub give_up: Duration,
    /// How long a write may take to show in lists.
    pub settle_after: Duration,
    /// How much longer a run waits at its end for lists to prove what is missing.
    pub settle_wait: Duration,
    /// How long requests in flight may still be answered once the run is to stop.
    pub grace: Duration,
    /// The most requests in flight.
    pub concurrency: u32,
    /// Requests a minute; none: the quota of the API.
    pub rate: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows: None,
            dry_run: false,
            full: false,
            ignore_changes: false,
            derive_key: true,
            guards: Guards::default(),
            max_failures: None,
            timeout: Duration::from_mins(1),
            give_up: Duration::from_mins(5),
            settle_after: Duration::from_secs(u64::from(API.settle_after)),
            settle_wait: Duration::ZERO,
            grace: Duration::from_secs(8),
            concurrency: 256,
            rate: None,
        }
    }
}

impl Limits {
    /// The most requests in one window of the API's rate limit.
    #[must_use]
    pub fn quota(&self, api: &ApiSpec) -> u32 {
        let limit = &api.rate_limit;
        self.rate.map_or(limit.requests, |rate| {
            let requests = u64::from(rate) * u64::from(limit.seconds) / 60;
            u32::try_from(requests).unwrap_or(u32::MAX).max(1)
        })
    }
}
