//! What became of the rows of a sync: counts, reasons, and what is told about them once.

use crate::api::OperationName;
use crate::clock::Clock;
use crate::ledger::{Decision, Entry};
use crate::report::counts::{Report, Stopped};
use crate::report::hint::{self, Situation};
use crate::report::outcome::{Failure, Outcome};
use crate::row::Row;
use crate::row::fault::{FieldError, RowError};
use crate::sync::feed::plan::PlannedRow;
use crate::sync::row::row_decision::decide_row;
use crate::sync::row::row_run::Delivered;
use crate::sync::setup::listener::Listener;
use crate::sync::shared::context::Context;

/// The report of a sync while it grows.
pub(crate) struct Outcomes<'c, 'a, T, C: Clock> {
    context: &'c Context<'a, T, C>,
    pub(crate) report: Report,
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
        Self { context, report: Report::default(), notes: Notes::default() }
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
    }

    /// Stops the run where more rows fail than it may have.
    pub(crate) fn guard(&mut self) {
        if self.context.job.limits.max_failures.is_some_and(|limit| limit.is_passed(&self.report)) {
            let message =
                format!("{} rows failed, which is more than --max-failures allows", self.report.failed());
            self.context.stop(Stopped { person: true, ..Stopped::because(message) });
        }
    }

    /// What a dry run does with a row: it counts the most that it can cost.
    pub(crate) fn pretend(&mut self, item: &PlannedRow, entry: Option<&Entry>, listener: &mut impl Listener) {
        if decide_row(self.context, item, entry) == Decision::Skip {
            return self.report.count(Outcome::Skipped);
        }
        self.note_recommended(item, listener);
        self.report.count(Outcome::Pending);
        for request in item.requests.iter().filter(|request| request.addressed) {
            self.report.requests += 1;
            if !self.notes.examples.contains(&request.operation.name) {
                self.notes.examples.push(request.operation.name);
                listener.example(request);
            }
        }
    }

    pub(crate) fn count_requests(&mut self) {
        let tally = &self.context.tally;
        if !self.context.job.limits.dry_run {
            self.report.requests = tally.requests.get();
        }
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
