//! What is worth knowing before the first row. It keeps nothing from running.

use crate::api::{ApiSpec, FieldSpec, OperationName};
use crate::sync::Job;

/// What is worth knowing before the first row.
#[derive(Debug, Clone, PartialEq)]
pub enum Warning {
    /// The API takes fewer requests a minute than the sync may send.
    RateAboveQuota {
        /// What the sync may send.
        rate: u32,
        /// What the API takes.
        quota: u32,
    },
    /// In these lines of the mapping the user still has to write a value.
    Unwritten(Vec<String>),
    /// These columns feed no field, and nothing else looks at them.
    UnusedColumns(Vec<String>),
    /// These fields are mapped, and an operation of the mode cannot write them.
    LeftOut(Vec<(&'static FieldSpec, OperationName)>),
}

impl Warning {
    /// Those of a sync.
    pub(super) fn all_of(api: &ApiSpec, job: &Job) -> Vec<Self> {
        let mut warnings = Vec::new();
        let quota = api.rate_limit.requests * 60 / api.rate_limit.seconds.max(1);
        if let Some(rate) = job.limits.rate.filter(|rate| *rate > quota) {
            warnings.push(Self::RateAboveQuota { rate, quota });
        }
        let unused: Vec<String> =
            job.mapping.unmapped().iter().filter(|name| !job.uses(name)).cloned().collect();
        if !unused.is_empty() {
            warnings.push(Self::UnusedColumns(unused));
        }
        let left_out = job.not_writable();
        if !left_out.is_empty() {
            warnings.push(Self::LeftOut(left_out));
        }
        warnings
    }
}
