//! The way of one row: decide, write down, send, and write down what became of it.

use std::time::Duration;

use super::row_call::{self, window};
use super::row_decision::decide_row;
use crate::api::OperationName;
use crate::api::mode::Mode;
use crate::clock::Clock;
use crate::http::response::Answer;
use crate::http::transport::Transport;
use crate::http::wire::How;
use crate::ledger::{Attempt, AttemptState, Change, Decision, Entry, Event, FieldDigests, Intent, Window};
use crate::report::outcome::Outcome;
use crate::report::redact::redact;
use crate::request::path::with_parameter;
use crate::request::prepare::PreparedRequest;
use crate::sync::feed::plan::PlannedRow;
use crate::sync::settling::lookup::{Finding, Query, Settler};
use crate::sync::settling::lookup_window::milliseconds;
use crate::sync::settling::settle::{self, Settled};
use crate::sync::shared::context::Context;

/// Servers tell their time in whole seconds.
const TICK: Duration = Duration::from_secs(1);
/// The pause before a record that was just created is asked for again.
const LAG: Duration = Duration::from_millis(500);

/// What became of a row.
pub(crate) enum Delivered {
    /// The record is as the row says, or cannot become so.
    Done {
        outcome: Outcome,
        /// The API marked it as a test record.
        test: bool,
    },
    /// It did not arrive.
    Failed { outcome: Outcome, operation: Option<OperationName>, status: Option<u16>, message: String },
    /// It cannot be sent, for a reason that only the ledger or a lookup knows.
    Invalid { field: String, rule: &'static str, message: String },
    /// The run stops.
    Pending,
}

/// The way of one row.
struct RowRun<'r, 'a, T, C: Clock> {
    context: &'r Context<'a, T, C>,
    settler: &'r Settler,
    item: &'r PlannedRow,
    entry: Entry,
}

/// Brings one row to its end.
pub(crate) async fn deliver<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    settler: &Settler,
    item: &PlannedRow,
    entry: Option<Entry>,
) -> Delivered {
    let entry = entry.unwrap_or_else(|| Entry::new(item.id, item.stored_key()));
    RowRun { context, settler, item, entry }.deliver().await
}

impl<T: Transport, C: Clock + Copy> RowRun<'_, '_, T, C> {
    async fn deliver(&mut self) -> Delivered {
        if let Some(earlier) = self.sent_before() {
            return earlier;
        }
        // What few rows come to is boxed, here and below: the future of every row would have room for it.
        if self.context.job.match_on.is_some()
            && let Some(missing) = Box::pin(self.match_key()).await
        {
            return missing;
        }
        // A create that a lookup found is what this run did with the row, whatever else it does.
        let mut found = false;
        loop {
            let decision = decide_row(self.context, self.item, Some(&self.entry));
            let step = match decision {
                Decision::Unchanged if found => RowStep::End(done(Outcome::Created)),
                Decision::Unchanged => RowStep::End(done(Outcome::Unchanged)),
                Decision::Skip => RowStep::End(self.skipped()),
                Decision::SettleFirst => {
                    let step = Box::pin(self.settle()).await;
                    found |= matches!(step, RowStep::Found);
                    step
                }
                Decision::Create => self.create().await,
                Decision::Update => Box::pin(self.update(false)).await,
                Decision::UpdateThenCreate => Box::pin(self.update(true)).await,
            };
            match step {
                RowStep::End(Delivered::Done { outcome: Outcome::Updated, test }) if found => {
                    return Delivered::Done { outcome: Outcome::Created, test };
                }
                RowStep::End(delivered) => return delivered,
                RowStep::Again | RowStep::Found => {}
            }
        }
    }

    /// In insert mode a record key is sent once in a run.
    fn sent_before(&self) -> Option<Delivered> {
        let of_another_row =
            |attempt: &&Attempt| attempt.run == self.context.run && attempt.row != self.item.row.number;
        let attempt = self.entry.attempt.as_ref().filter(of_another_row)?;
        (self.context.job.mode == Mode::Insert).then(|| Delivered::Invalid {
            field: String::new(),
            rule: "duplicate",
            message: format!("has the record key of row {}, which this run has sent", attempt.row),
        })
    }

    /// Finds the system's key of a record whose row does not know it.
    async fn match_key(&mut self) -> Option<Delivered> {
        let Self { context, settler, item, .. } = *self;
        let identity = context.job.match_on?;
        let addressed = item
            .requests
            .iter()
            .any(|request| request.addressed && !request.operation.path_fields.is_empty());
        if addressed || self.entry.system_key.is_some() || self.entry.open_create().is_some() {
            return None;
        }
        let place = context.job.object.identity.iter().position(|known| known.field == identity)?;
        let query = Query { identity: place, digest: item.matched?, times: None, counts_in: Duration::ZERO };
        match context.unless_stopping(settler.find(query, context.clock.now())).await {
            Some(Finding::Found { key: Some(key), .. }) => {
                let event = Event::Matched { system_key: key, at: context.clock.epoch_milliseconds() };
                context.record(&mut self.entry, event).await.map_or(Some(Delivered::Pending), |()| None)
            }
            Some(Finding::Several(keys)) => Some(Delivered::Invalid {
                field: identity.name.to_owned(),
                rule: "ambiguous",
                message: format!("matches several records: {}", keys.join(", ")),
            }),
            Some(Finding::Missed) if item.request(OperationName::Create).is_none() => {
                Some(Delivered::Failed {
                    outcome: Outcome::Rejected,
                    operation: Some(OperationName::Update),
                    // What the API would have said.
                    status: Some(404),
                    message: format!("no record has its {}", identity.name),
                })
            }
            Some(Finding::Missed) => None,
            Some(Finding::Found { key: None, .. } | Finding::Undecided(_)) => Some(Delivered::Failed {
                outcome: Outcome::Rejected,
                operation: Some(OperationName::List),
                status: None,
                message: "its record could not be looked up".to_owned(),
            }),
            None => Some(Delivered::Pending),
        }
    }

    /// Finds out what became of the create that is open.
    async fn settle(&mut self) -> RowStep {
        let settled = settle::settle(self.context, self.settler, &mut self.entry, false).await;
        if self.entry.open_create().is_some_and(|attempt| attempt.run != self.context.run) {
            self.context.leave_undecided(self.item.id);
        }
        match settled {
            Settled::Found => RowStep::Found,
            Settled::Missed => RowStep::Again,
            Settled::GivenUp { status, message } => refused(OperationName::Create, status, message),
            Settled::Uncertain { status, message } => RowStep::End(Delivered::Failed {
                outcome: Outcome::Uncertain,
                operation: Some(OperationName::Create),
                status,
                message,
            }),
            Settled::Stopped => RowStep::End(Delivered::Pending),
        }
    }

    async fn create(&mut self) -> RowStep {
        let Self { context, item, .. } = *self;
        let Some(request) = item.request(OperationName::Create) else { return RowStep::End(self.skipped()) };
        let Some(turn) = context.turn().await else { return RowStep::End(Delivered::Pending) };
        let again = self.entry.attempt.as_ref().is_some_and(|attempt| attempt.state == AttemptState::Missed);
        let intent = self.intent(Change::Create, &item.create, Some(window(context, item)));
        if context.record(&mut self.entry, Event::Intended(intent)).await.is_none() {
            return RowStep::End(Delivered::Pending);
        }
        let ended = row_call::call(context, request, turn, item, &mut self.entry).await;
        let (event, step) = match ended.how {
            How::Applied(answer) => {
                let (system_key, digests) = (self.key_of(&answer), item.create.clone());
                let event = Event::Created { system_key, at: context.clock.epoch_milliseconds(), digests };
                (event, self.arrived(Outcome::Created, &answer))
            }
            // What was sent before, and not found, may be what it collides with.
            How::Duplicate(answer) if again => {
                (self.undecided(Some(answer.status), &answer.message(context.job.api)), RowStep::Again)
            }
            How::Duplicate(answer) | How::NotFound(answer) => {
                self.rejected(OperationName::Create, Some(answer.status), answer.message(context.job.api))
            }
            How::Refused(answer) | How::Forbidden(answer) | How::Denied(answer) => {
                self.rejected(OperationName::Create, Some(answer.status), answer.explained(context.job.api))
            }
            How::Trouble { status, message } if ended.may_be_applied => {
                (self.undecided(status, &format!("it may have been applied: {message}")), RowStep::Again)
            }
            How::Trouble { status, message } => self.rejected(OperationName::Create, status, message),
            // Only what may be sent twice is left like this; a create is not.
            How::Stopped if ended.may_be_applied => self.left(),
            How::Stopped => not_sent(),
        };
        context.record(&mut self.entry, event).await.map_or(RowStep::End(Delivered::Pending), |()| step)
    }

    async fn update(&mut self, then_create: bool) -> RowStep {
        let Self { context, item, .. } = *self;
        let Some(request) = addressed(item, &self.entry) else { return RowStep::End(without_address(item)) };
        let Some(turn) = context.turn().await else { return RowStep::End(Delivered::Pending) };
        let intent = self.intent(Change::Update, &item.update, None);
        if context.record(&mut self.entry, Event::Intended(intent)).await.is_none() {
            return RowStep::End(Delivered::Pending);
        }
        let ended = row_call::call(context, &request, turn, item, &mut self.entry).await;
        let (event, step) = match ended.how {
            How::Applied(answer) => {
                let (system_key, digests) = (self.key_of(&answer), item.update.clone());
                let event = Event::Updated { system_key, at: context.clock.epoch_milliseconds(), digests };
                (event, self.arrived(Outcome::Updated, &answer))
            }
            How::NotFound(answer) => return self.not_found(&answer, then_create).await,
            How::Duplicate(answer) => {
                self.rejected(OperationName::Update, Some(answer.status), answer.message(context.job.api))
            }
            How::Refused(answer) | How::Forbidden(answer) | How::Denied(answer) => {
                let (status, message) = (Some(answer.status), answer.explained(context.job.api));
                // A refusal says that nothing was changed, but not what a call before it has done.
                if ended.may_be_applied {
                    let event = self.undecided(status, &message);
                    (event, refused(OperationName::Update, status, message))
                } else {
                    self.rejected(OperationName::Update, status, message)
                }
            }
            How::Trouble { status, message } => {
                let event = self.undecided(status, &message);
                (event, refused(OperationName::Update, status, message))
            }
            How::Stopped if ended.may_be_applied => self.left(),
            How::Stopped => not_sent(),
        };
        context.record(&mut self.entry, event).await.map_or(RowStep::End(Delivered::Pending), |()| step)
    }

    /// The record of an update is not there: not yet, no more, or it never was.
    async fn not_found(&mut self, answer: &Answer, then_create: bool) -> RowStep {
        let context = self.context;
        let (status, message) = (answer.status, answer.message(context.job.api));
        let now = context.clock.epoch_milliseconds();
        let age = self.entry.exists_since.map(|since| now.saturating_sub(since));
        let young = age.is_some_and(|age| age < milliseconds(context.job.limits.settle_after + TICK));
        if young {
            let event = Event::Rejected { status: Some(status), message: self.redacted(&message) };
            if context.record(&mut self.entry, event).await.is_none()
                || context.unless_stopping(context.clock.sleep(LAG)).await.is_none()
            {
                return RowStep::End(Delivered::Pending);
            }
            return RowStep::Again;
        }
        let event = Event::NotFound { status, message: self.redacted(&message) };
        if context.record(&mut self.entry, event).await.is_none() {
            return RowStep::End(Delivered::Pending);
        }
        if then_create {
            return self.create().await;
        }
        refused(OperationName::Update, Some(status), message)
    }

    fn skipped(&self) -> Delivered {
        let job = self.context.job;
        let lost = job.object.steps(Mode::Update).is_err() && !job.limits.ignore_changes;
        if !lost {
            return done(Outcome::Skipped);
        }
        // Nothing else would carry the correction, so it must be said.
        let message = "the record exists and differs from the row, and it cannot be changed".to_owned();
        Delivered::Failed { outcome: Outcome::Skipped, operation: None, status: None, message }
    }

    fn intent(&self, operation: Change, digests: &FieldDigests, window: Option<Window>) -> Intent {
        let at = self.context.clock.epoch_milliseconds();
        let (run, row) = (self.context.run, self.item.row.number);
        Intent { operation, at, run, row, digests: digests.clone(), window }
    }

    fn arrived(&self, outcome: Outcome, answer: &Answer) -> RowStep {
        RowStep::End(Delivered::Done { outcome, test: answer.is_test(self.context.job.api) })
    }

    fn rejected(&self, operation: OperationName, status: Option<u16>, message: String) -> (Event, RowStep) {
        let event = Event::Rejected { status, message: self.redacted(&message) };
        (event, refused(operation, status, message))
    }

    fn undecided(&self, status: Option<u16>, message: &str) -> Event {
        let message = self.redacted(message);
        Event::Undecided { given_up_at: self.context.clock.epoch_milliseconds(), status, message }
    }

    /// The run stops, and a call before may have been applied.
    fn left(&self) -> (Event, RowStep) {
        (self.undecided(None, "the run was stopped"), RowStep::End(Delivered::Pending))
    }

    fn redacted(&self, message: &str) -> String {
        redact(message, &self.item.row, self.context.job.columns.as_deref())
    }

    fn key_of(&self, answer: &Answer) -> Option<String> {
        let api = self.context.job.api;
        answer.record(api)?.get(api.answers.key)?.as_str().map(str::to_owned)
    }
}

/// How the way of a row goes on.
enum RowStep {
    End(Delivered),
    /// A lookup found what an open create has made.
    Found,
    Again,
}

/// The update of a row, under the key that the record has. The system's own key takes the place of a row's key that a
/// create cannot carry: the record was made without it.
fn addressed(item: &PlannedRow, entry: &Entry) -> Option<PreparedRequest> {
    let request = item.request(OperationName::Update)?;
    let carried =
        request.operation.path_fields.iter().all(|field| field.writable.contains(&OperationName::Create));
    match &entry.system_key {
        Some(key) if !request.addressed || !carried => {
            let path = with_parameter(request.operation.path, key);
            Some(PreparedRequest { path, addressed: true, ..request.clone() })
        }
        _ => request.addressed.then(|| request.clone()),
    }
}

/// Neither the row nor the ledger says which record an update means.
fn without_address(item: &PlannedRow) -> Delivered {
    let field = item.request(OperationName::Update).and_then(|request| request.operation.path_fields.first());
    let field = field.map_or_else(String::new, |field| field.name.to_owned());
    let message =
        "is required: it says which record the row means, and the ledger does not know it".to_owned();
    Delivered::Invalid { field, rule: "required", message }
}

fn not_sent() -> (Event, RowStep) {
    let message = "the run stopped before it was sent".to_owned();
    (Event::Rejected { status: None, message }, RowStep::End(Delivered::Pending))
}

fn refused(operation: OperationName, status: Option<u16>, message: String) -> RowStep {
    let operation = Some(operation);
    RowStep::End(Delivered::Failed { outcome: Outcome::Rejected, operation, status, message })
}

fn done(outcome: Outcome) -> Delivered {
    Delivered::Done { outcome, test: false }
}
