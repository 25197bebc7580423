//! What became of the rows of a sync: counts, reasons, and what is told about them once.

use std::ops::Range;

use super::guard_watch::GuardWatch;
use crate::api::OperationName;
use crate::clock::Clock;
use crate::ledger::{Entry, FailedRow, FieldId, RecordId};
use crate::report::counts::{Report, Stopped};
use crate::report::hint::{self, Situation};
use crate::report::outcome::{Failure, Outcome};
use crate::report::plan::{PlannedLine, PlannedOutcome};
use crate::report::redact::redact;
use crate::row::Row;
use crate::row::fault::{FieldError, RowError};
use crate::sync::feed::plan::PlannedRow;
use crate::sync::feed::row_text::entry_of;
use crate::sync::row::row_decision::decide_row;
use crate::sync::row::row_run::Delivered;
use crate::sync::setup::listener::Listener;
use crate::sync::shared::context::Context;
use crate::text::printable::printable;

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
                self.note_arrived(item, outcome);
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
                let failure = Failure {
                    id: None,
                    row,
                    key,
                    outcome,
                    operation,
                    status,
                    message,
                    hint,
                    faults: Vec::new(),
                };
                self.fail_planned(failure, item, listener);
            }
            Delivered::Invalid { field, rule, message } => {
                let error = RowError {
                    row: Some(row),
                    faults: vec![FieldError { field, rule, message, found: None }],
                };
                self.fail_planned(Failure::invalid(job.api, job.object, key, error), item, listener);
            }
        }
    }

    fn fail_planned(&mut self, failure: Failure, item: &PlannedRow, listener: &mut impl Listener) {
        let id = item.fault.unwrap_or_else(|| self.context.row_texts.id(self.context.job, &item.row));
        self.fail(&Failure { id: Some(id), ..failure }, Some(item.id), Some(&item.row), listener);
    }

    /// A row that was not sent because a later version of it has arrived.
    pub(crate) fn pass_replaced(&mut self, row: u64, listener: &mut impl Listener) {
        self.report.count(Outcome::Skipped);
        self.report.replaced += 1;
        if self.context.job.limits.dry_run {
            self.plan(&PlannedLine::without_request(row, PlannedOutcome::Skipped), 0, listener);
        }
    }

    /// The record of a row is as the row says, so what failed of it before is no more to be done.
    pub(crate) fn note_arrived(&self, item: &PlannedRow, outcome: Outcome) {
        let arrives = matches!(outcome, Outcome::Created | Outcome::Updated | Outcome::Unchanged);
        if arrives && !self.context.job.limits.dry_run {
            let corrects = entry_of(&item.row);
            let id = item.fault.filter(|_| corrects.is_none());
            let later = outcome != Outcome::Unchanged;
            self.context.faults.arrived(item.id, id, corrects, later, item.listed);
        }
    }

    /// Writes down that a row did not arrive, without its values.
    fn note_failed(&self, failure: &Failure, record: Option<RecordId>, row: Option<&Row>) {
        let Some(id) = failure.id.filter(|_| !self.context.job.limits.dry_run) else { return };
        let message = if failure.faults.is_empty() {
            row.map_or_else(
                || failure.message.clone(),
                |row| redact(&failure.message, row, self.context.job.columns.as_deref()),
            )
        } else {
            let faults: Vec<String> = failure.faults.iter().map(|(fault, _)| fault.to_string()).collect();
            printable(&faults.join("; "))
        };
        self.context.faults.failed(FailedRow {
            id,
            record: record.filter(|record| *record != RecordId::NONE),
            outcome: failure.outcome.name(),
            run: self.context.run,
            row: failure.row,
            at: self.context.clock.epoch_milliseconds(),
            status: failure.status,
            message,
        });
    }

    /// Counts a row that did not arrive, and says why. `record`: the digest of its record key.
    pub(crate) fn fail(
        &mut self,
        failure: &Failure,
        record: Option<RecordId>,
        row: Option<&Row>,
        listener: &mut impl Listener,
    ) {
        self.note_failed(failure, record, row);
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
