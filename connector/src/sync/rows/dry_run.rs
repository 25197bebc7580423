//! What a dry run does with a row: it says what a run would do. Nothing is sent, and no row waits for another.

use super::outcomes::Outcomes;
use crate::api::OperationName;
use crate::clock::Clock;
use crate::ledger::{Decision, Entry, FieldId};
use crate::report::counts::Stopped;
use crate::report::outcome::Outcome;
use crate::report::plan::{PlannedLine, PlannedOutcome};
use crate::sync::feed::plan::PlannedRow;
use crate::sync::row::row_decision::decide_row;
use crate::sync::row::row_run::skipped;
use crate::sync::row::row_update::{addressed, without_address};
use crate::sync::setup::listener::Listener;
use crate::sync::shared::context::Context;

impl<T, C: Clock + Copy> Outcomes<'_, '_, T, C> {
    /// Counts what a run would do with a row, and the most requests that it can cost.
    pub(crate) fn pretend(&mut self, item: &PlannedRow, entry: Option<&Entry>, listener: &mut impl Listener) {
        let decision = decide_row(self.context, item, entry);
        let outcome = self.foresee(decision, item, entry);
        match outcome {
            PlannedOutcome::Unchanged => self.report.count(Outcome::Unchanged),
            PlannedOutcome::Skipped => self.add(item, skipped(self.context.job), listener),
            PlannedOutcome::Invalid => return self.add(item, without_address(item), listener),
            _ => {
                self.report.count(Outcome::Pending);
                self.note_recommended(item, listener);
                self.show_examples(item, listener);
            }
        }
        let operation = match outcome {
            PlannedOutcome::Created => Some(OperationName::Create),
            PlannedOutcome::Updated | PlannedOutcome::UpdatedOrCreated => Some(OperationName::Update),
            _ => None,
        };
        let known = entry.filter(|entry| outcome == PlannedOutcome::Updated && entry.exists_since.is_some());
        let line = PlannedLine {
            row: item.row.number,
            outcome,
            operation,
            key: item.public_key(),
            changed: known.map(|entry| self.changed(item, entry)),
        };
        let requests = match decision {
            Decision::Create | Decision::Update => 1,
            Decision::UpdateThenCreate => 2,
            Decision::SettleFirst => item.requests.iter().filter(|request| request.addressed).count() as u64,
            Decision::Unchanged | Decision::Skip => 0,
        };
        self.plan(&line, requests, listener);
    }

    /// Takes a row into the plan.
    pub(super) fn plan(&mut self, line: &PlannedLine<'_>, requests: u64, listener: &mut impl Listener) {
        self.report.plan.get_or_insert_default().count(line, requests);
        if let Err(error) = listener.planned(line) {
            self.context.stop(Stopped::because(format!("the plan cannot be written: {error}")));
        }
    }

    fn foresee(&self, decision: Decision, item: &PlannedRow, entry: Option<&Entry>) -> PlannedOutcome {
        let exists = entry.is_some_and(|entry| entry.exists_since.is_some());
        match decision {
            Decision::Unchanged => PlannedOutcome::Unchanged,
            Decision::Skip => PlannedOutcome::Skipped,
            Decision::SettleFirst => PlannedOutcome::Unsettled,
            // Which of the two it comes to is known once the record was looked for.
            Decision::Create if is_looked_for(self.context, item, entry) => PlannedOutcome::UpdatedOrCreated,
            Decision::Create => PlannedOutcome::Created,
            Decision::Update
                if !is_looked_for(self.context, item, entry) && addressed(item, entry, false).is_none() =>
            {
                PlannedOutcome::Invalid
            }
            Decision::Update => PlannedOutcome::Updated,
            Decision::UpdateThenCreate if exists => PlannedOutcome::Updated,
            Decision::UpdateThenCreate => PlannedOutcome::UpdatedOrCreated,
        }
    }

    /// The fields that an update would change, in the order of the object.
    fn changed(&self, item: &PlannedRow, entry: &Entry) -> Vec<&'static str> {
        let differs =
            |field: FieldId| item.update.get(field).is_some_and(|digest| entry.known(field) != Some(digest));
        self.fields.iter().filter(|(field, _)| differs(*field)).map(|(_, name)| *name).collect()
    }
}

/// The record of a row without a key is looked for by another field before anything is sent.
fn is_looked_for<T, C: Clock>(context: &Context<'_, T, C>, item: &PlannedRow, entry: Option<&Entry>) -> bool {
    let named = item.request(OperationName::Update).is_none_or(|request| request.addressed);
    let known = entry.is_some_and(|entry| entry.system_key.is_some());
    context.job.match_on.is_some() && !named && !known && item.matched.is_some()
}
