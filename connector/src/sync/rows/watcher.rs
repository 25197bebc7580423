//! How far a sync has come, and why nothing goes on where that is so.

use std::time::Duration;

use super::outcomes::Outcomes;
use crate::api::OperationName;
use crate::clock::Clock;
use crate::http::transport::Transport;
use crate::report::counts::{Report, Unread};
use crate::source::{Meter, Source, Total};
use crate::sync::settling::lookup::Settler;
use crate::sync::setup::job::Job;
use crate::sync::setup::listener::Listener;
use crate::sync::setup::progress::{Progress, WaitReason};
use crate::sync::shared::context::Context;

/// Requests without an answer for so long are told of.
const SILENT: Duration = Duration::from_secs(5);

/// Says from time to time how far a sync has come.
pub(super) struct Watcher {
    meter: Meter,
    every: Duration,
    told: Duration,
}

impl Watcher {
    pub(super) fn new(source: &Source, every: Duration, now: Duration) -> Self {
        Self { meter: source.meter().clone(), every, told: now }
    }

    /// How often it is told.
    pub(super) fn every(&self) -> Duration {
        self.every
    }

    /// It is time to tell; the next time begins now.
    pub(super) fn is_due(&mut self, now: Duration) -> bool {
        let due = now.saturating_sub(self.told) >= self.every;
        if due {
            self.told = now;
        }
        due
    }

    /// Tells how far the sync has come, and why nothing goes on where that is so.
    pub(super) fn tell<T, C: Clock + Copy>(
        &self,
        outcomes: &mut Outcomes<'_, '_, T, C>,
        waiting: Option<WaitReason>,
        listener: &mut impl Listener,
    ) {
        outcomes.count_requests();
        let (context, report) = (outcomes.context, &outcomes.report);
        let elapsed = context.clock.now().saturating_sub(context.began());
        let api = context.job.api;
        let quota = u64::from(context.job.limits.quota(api)) * 60 / u64::from(api.rate_limit.seconds.max(1));
        listener.progress(&Progress { report, elapsed, total: self.total(context.job), quota, waiting });
    }

    /// The report at the end: how long it took, and how much was not read of a source that was not read to its end.
    pub(super) fn finish<T, C: Clock + Copy>(
        &self,
        context: &Context<'_, T, C>,
        mut report: Report,
    ) -> Report {
        report.duration = context.clock.now().saturating_sub(context.began());
        let total = report.stopped.as_ref().and_then(|_| self.total(context.job));
        report.unread = total.map(|total| {
            let rows = total.rows().saturating_sub(report.read());
            Unread { rows, about: matches!(total, Total::About(_)) }
        });
        report
    }

    /// How many rows the sync has to do with, as far as that can be told.
    fn total(&self, job: &Job) -> Option<Total> {
        let limit = job.limits.rows.unwrap_or(u64::MAX);
        match self.meter.total()? {
            total if total.rows() < limit => Some(total),
            _ => Some(Total::Rows(limit)),
        }
    }
}

/// Why nothing goes on for now. `idle`: there is nothing to do before the source has more.
pub(super) fn waiting<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    settler: &Settler,
    running: usize,
    idle: bool,
) -> Option<WaitReason> {
    if let Some(left) = context.wire.closed_for().filter(|left| !left.is_zero()) {
        return Some(WaitReason::Asked(left));
    }
    let writes = [OperationName::Create, OperationName::Update];
    if writes.into_iter().any(|name| context.outage_gate(name).is_closed()) {
        return Some(WaitReason::Outage);
    }
    if settler.waiting() > 0 && settler.waiting() >= running {
        return Some(WaitReason::Settling(settler.waiting()));
    }
    match context.wire.silent_for() {
        Some(silent) if silent >= SILENT => Some(WaitReason::Answer(silent)),
        _ => idle.then_some(WaitReason::Source),
    }
}
