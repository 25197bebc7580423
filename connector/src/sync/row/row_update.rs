//! The update of a row, and what it means that the API does not find its record.

use std::time::Duration;

use super::row_call::{self, RowEnded, TRIES};
use super::row_run::{Delivered, Matched, RowRun, RowStep, not_sent, refused, uncertain_lookup};
use crate::api::OperationName;
use crate::clock::Clock;
use crate::http::answer::classify::Refused;
use crate::http::answer::response::Answer;
use crate::http::transport::Transport;
use crate::http::wire::How;
use crate::ledger::{Change, Entry, Event, Window};
use crate::report::outcome::Outcome;
use crate::request::path::with_parameter;
use crate::request::prepare::PreparedRequest;
use crate::row::fault::FieldError;
use crate::sync::feed::plan::PlannedRow;
use crate::sync::settling::evidence::MARGIN;
use crate::sync::settling::lookup::{Finding, What};
use crate::sync::settling::settle::identities_of;
use crate::sync::settling::walk;

/// The pause before a record that the list shows, and that was not found, is updated again.
const LAG: Duration = Duration::from_millis(500);
/// How often that is tried.
const NOT_FOUND: u32 = 8;

impl<T: Transport, C: Clock + Copy> RowRun<'_, '_, T, C> {
    pub(super) async fn update(&mut self, then_create: bool) -> RowStep {
        let Self { context, item, .. } = *self;
        let Some(request) = addressed(item, Some(&self.entry), self.by_system_key) else {
            return RowStep::End(without_address(item));
        };
        let Some(turn) = context.turn().await else { return RowStep::End(Delivered::Pending) };
        let intent = self.intent(Change::Update, &item.update, None);
        if context.record(&mut self.entry, Event::Intended(intent)).await.is_none() {
            return RowStep::End(Delivered::Pending);
        }
        let RowEnded { ended, tries, another_was_applied, .. } =
            row_call::call(context, &request, turn, item, &mut self.entry).await;
        let (event, step) = match ended.how {
            How::Applied(answer) => {
                let (system_key, digests) =
                    (answer.key(context.job.api), self.confirmed(&item.update, &answer));
                let event = Event::Updated { system_key, at: context.clock.epoch_milliseconds(), digests };
                (event, self.arrived(Outcome::Updated, &answer))
            }
            How::Refused(Refused::NotFound { certain }, answer) => {
                let before = ended.may_be_applied.then_some(tries);
                return Box::pin(self.not_found(&answer, certain, before, then_create)).await;
            }
            How::Refused(_, answer) | How::Denied(answer) | How::Moved(answer) => {
                let (status, message) = (Some(answer.status), answer.message(context.job.api));
                // A refusal says that nothing was changed, but not what a call before it has done.
                if ended.may_be_applied {
                    let event = self.undecided(status, &message, tries);
                    (event, refused(OperationName::Update, status, message))
                } else {
                    self.rejected(OperationName::Update, status, message)
                }
            }
            How::Trouble { status, message } => {
                let event = self.undecided(status, &message, tries);
                let step = if tries >= TRIES && another_was_applied {
                    refused(OperationName::Update, status, message)
                } else if request.operation.repeatable {
                    // Nothing else came through either, so it says nothing about the row: the next run tries on.
                    RowStep::End(Delivered::Pending)
                } else {
                    let (outcome, operation) = (Outcome::Uncertain, Some(OperationName::Update));
                    RowStep::End(Delivered::Failed { outcome, operation, status, message })
                };
                (event, step)
            }
            How::Stopped if ended.may_be_applied => self.left(tries),
            How::Stopped => not_sent(),
        };
        context.record(&mut self.entry, event).await.map_or(RowStep::End(Delivered::Pending), |()| step)
    }

    /// The API says that there is no record to update. That is believed where nothing speaks against it.
    async fn not_found(
        &mut self,
        answer: &Answer,
        certain: bool,
        tried_before: Option<u32>,
        then_create: bool,
    ) -> RowStep {
        let context = self.context;
        let (status, message) = (answer.status, answer.message(context.job.api));
        let ended = match tried_before {
            Some(tries) => self.undecided(Some(status), &message, tries),
            None => Event::Rejected { status: Some(status), message: self.redacted(&message) },
        };
        if context.record(&mut self.entry, ended).await.is_none() {
            return RowStep::End(Delivered::Pending);
        }
        if self.entry.exists_since.is_some() || !certain {
            match self.is_listed().await {
                Ok(true) => return self.found_again(status, message).await,
                Ok(false) => {}
                Err(end) => return end,
            }
        } else if !context.tally.is_good() && !walk::list_answers(context).await {
            return RowStep::End(Delivered::Pending);
        }
        if context.record(&mut self.entry, Event::Gone).await.is_none() {
            return RowStep::End(Delivered::Pending);
        }
        if !self.by_system_key && self.item.matched.is_some() {
            match self.find_match().await {
                Some(Matched::Known) => {
                    self.by_system_key = true;
                    return RowStep::Again;
                }
                Some(Matched::Ended(delivered)) => return RowStep::End(delivered),
                Some(Matched::Missing) | None => {}
            }
        }
        if then_create {
            return self.create().await;
        }
        refused(OperationName::Update, Some(status), message)
    }

    /// The list shows the record. It is searched where the record should be first, and then everywhere.
    async fn is_listed(&self) -> Result<bool, RowStep> {
        let identities = identities_of(&self.context.matches, &self.item.create);
        let window = |at: i64| Window { from: at.saturating_sub(MARGIN), to: at.saturating_add(MARGIN) };
        let near = self.entry.exists_since.map(|at| vec![window(at)]);
        for windows in near.into_iter().chain([Vec::new()]) {
            let what = What::Record { key: self.entry.system_key.clone(), identities: identities.clone() };
            match self.look_up(what, windows).await {
                Some(Finding::Found { .. } | Finding::Several(_)) => return Ok(true),
                Some(Finding::Missed) => {}
                Some(Finding::Undecided(why)) => return Err(RowStep::End(uncertain_lookup(&why))),
                None => return Err(RowStep::End(Delivered::Pending)),
            }
        }
        Ok(false)
    }

    /// The record is there all the same, so the update is tried again.
    async fn found_again(&mut self, status: u16, message: String) -> RowStep {
        self.not_found += 1;
        if self.not_found >= NOT_FOUND {
            return refused(OperationName::Update, Some(status), message);
        }
        let pause = LAG.saturating_mul(2_u32.saturating_pow(self.not_found));
        match self.context.unless_stopping(self.context.clock.sleep(pause)).await {
            Some(()) => RowStep::Again,
            None => RowStep::End(Delivered::Pending),
        }
    }
}

/// The update of a row, under the key that the record has. The system's own key takes the place of a row's key that a
/// create cannot carry: the record was made without it.
pub(crate) fn addressed(
    item: &PlannedRow,
    entry: Option<&Entry>,
    by_system_key: bool,
) -> Option<PreparedRequest> {
    let request = item.request(OperationName::Update)?;
    let carried =
        request.operation.path_fields.iter().all(|field| field.writable.contains(&OperationName::Create));
    match entry.and_then(|entry| entry.system_key.as_deref()) {
        Some(key) if by_system_key || !request.addressed || !carried => {
            let path = with_parameter(request.operation.path, key);
            Some(PreparedRequest { path, addressed: true, ..request.clone() })
        }
        _ => request.addressed.then(|| request.clone()),
    }
}

/// Neither the row nor the ledger says which record an update means.
pub(crate) fn without_address(item: &PlannedRow) -> Delivered {
    let FieldError { field, rule, message, .. } = item.missing_address();
    Delivered::Invalid { field, rule, message }
}
