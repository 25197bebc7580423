//! What the syncs of one run have in common, and what each must have for itself.

use std::time::Duration;

use crate::config::given::SourcePlace;
use crate::config::settings::{Settings, TargetSettings};
use crate::error::SetupError;
use crate::files::identity::is_same;
use crate::sync::Limits;

/// What the syncs of one run have in common.
pub(in crate::run) struct Common {
    pub(in crate::run) target: TargetSettings,
    /// Of these, what all syncs of the run share: whether anything is sent, how fast, and how long it may take.
    pub(in crate::run) limits: Limits,
}

impl Common {
    /// Checks that the syncs fit together.
    pub(in crate::run) fn of(syncs: &[Settings]) -> Result<Self, SetupError> {
        let (first, rest) = syncs.split_first().ok_or_else(|| SetupError::new("there is nothing to sync"))?;
        let fault = |sync: &Settings, what: &str| {
            Err(SetupError::new(format!("the syncs `{}` and `{}` {what}", first.name, sync.name)))
        };
        for sync in rest {
            if sync.target != first.target {
                return fault(sync, "do not have the same base URL, account and ledger");
            }
            if common_limits(&sync.limits) != common_limits(&first.limits) {
                return fault(
                    sync,
                    "do not have the same dry_run, rate, concurrency, timeout, give_up, settle_after, settle_wait and grace",
                );
            }
        }
        for (number, sync) in syncs.iter().enumerate() {
            let before = || syncs.iter().take(number);
            // Rows of one record keep their order within a sync only.
            if before().any(|earlier| earlier.object.name == sync.object.name) {
                return Err(SetupError::new(format!("two syncs of one run write {}", sync.object.name))
                    .help("run one after the other"));
            }
            if before().any(|earlier| earlier.name == sync.name) {
                return Err(SetupError::new(format!("two syncs of one run are called `{}`", sync.name))
                    .help("give each a `name:` of its own"));
            }
            let same = |earlier: &Settings| match (&earlier.failures, &sync.failures) {
                (Some(one), Some(other)) => is_same(one, other),
                _ => false,
            };
            if before().any(same) {
                return Err(SetupError::new("two syncs of one run have the same failures file"));
            }
            let same = |earlier: &Settings| match (&earlier.plan, &sync.plan) {
                (Some(one), Some(other)) => is_same(one, other),
                _ => false,
            };
            if before().any(same) {
                return Err(SetupError::new("two syncs of one run have the same plan"));
            }
            if sync.source == SourcePlace::Stdin && before().any(|earlier| earlier.source == sync.source) {
                return Err(SetupError::new("two syncs of one run read standard input"));
            }
        }
        Ok(Self { target: first.target.clone(), limits: first.limits.clone() })
    }
}

fn common_limits(limits: &Limits) -> (bool, Option<u32>, u32, [Duration; 5]) {
    let times = [limits.timeout, limits.give_up, limits.settle_after, limits.settle_wait, limits.grace];
    (limits.dry_run, limits.rate, limits.concurrency, times)
}
