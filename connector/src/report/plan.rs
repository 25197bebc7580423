//! What a dry run says that a run with these rows would do.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::api::{ApiSpec, OperationName};

/// What a run would do with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlannedOutcome {
    /// Make its record.
    Created,
    /// Change its record.
    Updated,
    /// Change its record, or make it where the API does not know it: the ledger cannot tell.
    UpdatedOrCreated,
    /// Nothing: the record is as the row says.
    Unchanged,
    /// Nothing: the record differs, and this mode cannot change it.
    Skipped,
    /// Find out first what became of an earlier create of its record.
    Unsettled,
    /// Nothing: the sync does not take it.
    Filtered,
    /// Nothing: it cannot be sent.
    Invalid,
}

impl PlannedOutcome {
    /// Every outcome, in the order of the report.
    pub const ALL: [Self; 8] = [
        Self::Created,
        Self::Updated,
        Self::UpdatedOrCreated,
        Self::Unchanged,
        Self::Skipped,
        Self::Unsettled,
        Self::Filtered,
        Self::Invalid,
    ];

    /// The name in reports and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::UpdatedOrCreated => "updated_or_created",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
            Self::Unsettled => "unsettled",
            Self::Filtered => "filtered",
            Self::Invalid => "invalid",
        }
    }
}

/// What a run would do with one row, without anything that the row holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedLine<'r> {
    /// The row's number.
    pub row: u64,
    /// What would become of it.
    pub outcome: PlannedOutcome,
    /// The operation that would be tried first.
    pub operation: Option<OperationName>,
    /// Its record key, where it has one that is certainly no personal data.
    pub key: Option<&'r str>,
    /// The fields that an update would change; none where there is no update, or nothing to compare the row with.
    pub changed: Option<Vec<&'static str>>,
}

impl PlannedLine<'_> {
    /// A row that leads to no request.
    #[must_use]
    pub const fn without_request(row: u64, outcome: PlannedOutcome) -> Self {
        Self { row, outcome, operation: None, key: None, changed: None }
    }
}

/// What a run with the rows of a dry run would do.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    counts: [u64; PlannedOutcome::ALL.len()],
    changed: BTreeMap<&'static str, u64>,
    /// Rows to update whose records the ledger does not know, so that it cannot tell what changes.
    pub not_compared: u64,
    /// The most requests that write.
    pub requests: u64,
    /// How long these take at the pace of the run.
    pub duration: Duration,
}

impl Plan {
    /// Counts a row, and the most requests that it may need.
    pub fn count(&mut self, line: &PlannedLine<'_>, requests: u64) {
        if let Some(count) = self.counts.get_mut(line.outcome as usize) {
            *count += 1;
        }
        self.requests += requests;
        if line.outcome == PlannedOutcome::Updated && line.changed.is_none() {
            self.not_compared += 1;
        }
        for field in line.changed.iter().flatten() {
            *self.changed.entry(field).or_default() += 1;
        }
    }

    /// How many rows would end so.
    #[must_use]
    pub fn of(&self, outcome: PlannedOutcome) -> u64 {
        self.counts.get(outcome as usize).copied().unwrap_or_default()
    }

    /// The fields that updates would change, with the number of rows, the most frequent first.
    #[must_use]
    pub fn changed(&self) -> Vec<(&'static str, u64)> {
        let mut fields: Vec<_> = self.changed.iter().map(|(field, rows)| (*field, *rows)).collect();
        // The sort is stable: equally frequent ones stay in the order of their names.
        fields.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
        fields
    }

    /// The minutes that the requests take, rounded up.
    #[must_use]
    pub fn minutes(&self) -> u64 {
        self.duration.as_millis().div_ceil(60_000).try_into().unwrap_or(u64::MAX)
    }

    /// Works out how long the requests take where so many leave in a window of the API's rate limit.
    pub(crate) fn pace(&mut self, api: &ApiSpec, quota: u32) {
        let window = u128::from(api.rate_limit.seconds) * 1000;
        let milliseconds = u128::from(self.requests) * window / u128::from(quota.max(1));
        self.duration = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX));
    }
}
