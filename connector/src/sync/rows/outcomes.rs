//! What became of the rows of a sync: counts, reasons, and what is told about them once.

use std::ops::Range;

use super::guard_watch::GuardWatch;
use crate::api::OperationName;
use crate::clock::Clock;
use crate::ledger::{Entry, FieldId};
use crate::report::counts::{Report, Stopped};
use crate::report::hint::{self, Situation};
use crate::report::outcome::{Failure, Outcome};
use crate::report::plan::{PlannedLine, PlannedOutcome};
use crate::row::Row;
use crate::row::fault::{FieldError, RowError};
use crate::sync::feed::plan::PlannedRow;
use crate::sync::row::row_decision::decide_row;
use crate::sync::row::row_run::Delivered;
use crate::sync::setup::listener::Listener;
use crate::sync::shared::context::Context;

/// The report of a sync while it grows.
pub(crate) struct Outcomes<'c, 'a, T, C: Clock> {
    pub(super) context: &'c Context<'a, T, C>,
    pub(crate) report: Report,
    /// The fields of the object, as digests name them.
    pub(super) fields: Vec<(FieldId, &'static str)>,
    pub(super) watch: GuardWatch,
    notes: Notes,
}

/// What was said already, so that it is said once.
#[derive(Default)]
struct Notes {
    recommended: Vec<&'static str>,
    examples: Vec<OperationName>,
}

impl<'c, 'a, T, C: Clock + Copy> Outcomes<'c, 'a, T, C> {
    pub(crate) fn new(context: &'c Context<'a, T, C>) -> Self {
        let digester = context.ledger.digester();
        let fields = context.job.object.fields.iter();
        let fields = fields.map(|field| (digester.field(field.name).field(), field.name)).collect();
        Self {
            context,
            report: Report::default(),
            fields,
            watch: GuardWatch::new(&context.job.limits.guards),
            notes: Notes::default(),
        }
    }

    /// Counts what became of a row, and says why where it did not arrive.
    pub(crate) fn add(&mut self, item: &PlannedRow, delivered: Delivered, listener: &mut impl Listener) {
        let job = self.context.job;
        let (row, key) = (item.row.number, Some(item.shown_key.clone()));
        match delivered {
            Delivered::Done { outcome, test } => {
                self.report.count(outcome);
                self.report.test_records += u64::from(test);
            }
            Delivered::Pending => self.report.count(Outcome::Pending),
            Delivered::Failed { outcome, operation, status, message } => {
                let situation = Situation {
                    object: job.object.name,
                    operation,
                    status,
                    message: &message,
                    ..Situation::default()
                };
                let hint = hint::choose(job.api, &situation);
                let failure =
                    Failure { row, key, outcome, operation, status, message, hint, faults: Vec::new() };
                self.fail(&failure, Some(&item.row), listener);
            }
            Delivered::Invalid { field, rule, message } => {
                let error = RowError {
                    row: Some(row),
                    faults: vec![FieldError { field, rule, message, found: None }],
                };
                self.fail(&Failure::invalid(job.api, job.object, key, error), Some(&item.row), listener);
            }
        }
    }

    pub(crate) fn fail(&mut self, failure: &Failure, row: Option<&Row>, listener: &mut impl Listener) {
        self.report.count(failure.outcome);
        if failure.outcome == Outcome::Skipped {
            self.report.lost += 1;
        }
        self.report.add_reason(failure, row, self.context.job.columns.as_deref());
        if let Err(error) = listener.failed(failure, row) {
            let message = format!("the failures file cannot be written: {error}");
            self.context.stop(Stopped::because(message));
        }
        if self.context.job.limits.dry_run && failure.outcome == Outcome::Invalid {
            let line = PlannedLine::without_request(failure.row, PlannedOutcome::Invalid);
            self.plan(&line, 0, listener);
        }
    }

    /// Counts rows that the sync does not take, by their numbers.
    pub(super) fn filter(&mut self, rows: Range<u64>, listener: &mut impl Listener) {
        self.report.count_rows(Outcome::Filtered, rows.end - rows.start);
        if self.context.job.limits.dry_run {
            for row in rows {
                self.plan(&PlannedLine::without_request(row, PlannedOutcome::Filtered), 0, listener);
            }
        }
    }

    /// The guards have been checked.
    pub(crate) fn do_not_watch(&mut self) {
        self.watch = GuardWatch::default();
    }

    /// Counts a row against the guards.
    pub(super) fn watch(&mut self, item: &PlannedRow, entry: Option<&Entry>) {
        if !self.watch.is_idle() {
            self.watch.count(item, entry, decide_row(self.context, item, entry));
        }
    }

    /// Stops the run where it goes beyond a guard, or more rows fail than it may have.
    pub(crate) fn guard(&mut self) {
        if !self.context.job.limits.dry_run
            && let Some(message) = self.watch.passed()
        {
            self.context.stop(Stopped { person: true, ..Stopped::because(message) });
        }
        if self.context.job.limits.max_failures.is_some_and(|limit| limit.is_passed(&self.report)) {
            let message =
                format!("{} rows failed, which is more than --max-failures allows", self.report.failed());
            self.context.stop(Stopped { person: true, ..Stopped::because(message) });
        }
    }

    /// Says which guards all rows together go beyond.
    pub(crate) fn end_watch(&mut self) {
        if self.context.is_stopping() {
            return;
        }
        let Some(message) = self.watch.passed_at_end() else { return };
        if self.context.job.limits.dry_run {
            self.report.guards = Some(message);
        } else {
            self.context.stop(Stopped { person: true, ..Stopped::because(message) });
        }
    }

    /// Shows the first request of each operation.
    pub(super) fn show_examples(&mut self, item: &PlannedRow, listener: &mut impl Listener) {
        for request in item.requests.iter().filter(|request| request.addressed) {
            if !self.notes.examples.contains(&request.operation.name) {
                self.notes.examples.push(request.operation.name);
                listener.example(request);
            }
        }
    }

    pub(crate) fn count_requests(&mut self) {
        let (tally, job) = (&self.context.tally, self.context.job);
        if job.limits.dry_run {
            self.report.plan.get_or_insert_default().pace(job.api, job.limits.quota(job.api));
        }
        self.report.requests = tally.requests.get();
        self.report.lookups = tally.lookups.get();
        self.report.retries = tally.retries.get();
        self.report.throttled = tally.throttled.get();
    }

    pub(crate) fn note_recommended(&mut self, item: &PlannedRow, listener: &mut impl Listener) {
        let creates = item.requests.iter().any(|request| request.operation.name == OperationName::Create);
        for field in item.lacking.iter().filter(|_| creates) {
            if !self.notes.recommended.contains(&field.name) {
                self.notes.recommended.push(field.name);
                listener.recommended(field, item.row.number);
            }
        }
    }
}
