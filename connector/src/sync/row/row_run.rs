//! The way of one row: decide, write down, send, and write down what became of it.

use std::time::Duration;

use super::row_call::{self, RowEnded, window};
use super::row_decision::decide_row;
use crate::api::OperationName;
use crate::api::mode::Mode;
use crate::clock::Clock;
use crate::http::answer::classify::Refused;
use crate::http::answer::response::Answer;
use crate::http::transport::Transport;
use crate::http::wire::How;
use crate::ledger::{Attempt, AttemptState, Change, Decision, Entry, Event, FieldDigests, Intent, Window};
use crate::report::outcome::Outcome;
use crate::report::redact::redact;
use crate::sync::feed::plan::PlannedRow;
use crate::sync::settling::lookup::{Finding, Query, Settler, What};
use crate::sync::settling::settle::{self, Settled, identities_of};
use crate::sync::setup::job::Job;
use crate::sync::shared::context::Context;
use crate::sync::shared::recent::{Created, Made, RequestTimes};

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
pub(super) struct RowRun<'r, 'a, T, C: Clock> {
    pub(super) context: &'r Context<'a, T, C>,
    pub(super) settler: &'r Settler,
    pub(super) item: &'r PlannedRow,
    pub(super) entry: Entry,
    /// When the open create left and ended, if this run has sent it.
    pub(super) sent: Option<RequestTimes>,
    /// When the first create of this run was about to leave.
    pub(super) first_create: Option<Duration>,
    /// How often an update was answered with "not found" although the record is there.
    pub(super) not_found: u32,
    /// The record is not known by the row's own key: the system's takes its place.
    pub(super) by_system_key: bool,
}

/// Brings one row to its end.
pub(crate) async fn deliver<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    settler: &Settler,
    item: &PlannedRow,
    entry: Option<Entry>,
) -> Delivered {
    let entry = entry.unwrap_or_else(|| Entry::new(item.id, item.stored_key()));
    let run = RowRun {
        context,
        settler,
        item,
        entry,
        sent: None,
        first_create: None,
        not_found: 0,
        by_system_key: false,
    };
    let delivered = run.deliver().await;
    // If this row was to try again for all of them in an outage and did not, another one does.
    for operation in [OperationName::Create, OperationName::Update] {
        context.outage_gate(operation).put_off(item.row.number, context.clock.now());
    }
    delivered
}

impl<T: Transport, C: Clock + Copy> RowRun<'_, '_, T, C> {
    async fn deliver(mut self) -> Delivered {
        if let Some(earlier) = self.sent_before() {
            return earlier;
        }
        // What few rows come to is boxed, here and below: the future of every row would have room for it.
        if self.context.job.match_on.is_some()
            && let Some(missing) = Box::pin(self.match_key()).await
        {
            return missing;
        }
        // A create that a lookup found is what this run did with the row, whatever else it does. It is no change either
        // that a list does not show all that was sent, as long as it was what the row says.
        let (mut found, mut as_sent) = (false, false);
        loop {
            let decision = decide_row(self.context, self.item, Some(&self.entry));
            let step = match decision {
                Decision::Unchanged if found => RowStep::End(done(Outcome::Created)),
                Decision::Unchanged => RowStep::End(done(Outcome::Unchanged)),
                Decision::Skip if as_sent => RowStep::End(done(Outcome::Created)),
                Decision::Skip => RowStep::End(skipped(self.context.job)),
                Decision::SettleFirst => {
                    let sent_so = self.has_sent_what_the_row_says();
                    let step = Box::pin(self.settle()).await;
                    if matches!(step, RowStep::Found) {
                        (found, as_sent) = (true, sent_so);
                    }
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

    /// The create that is open has sent every value of the row.
    fn has_sent_what_the_row_says(&self) -> bool {
        self.entry.open_create().is_some_and(|attempt| {
            self.item.create.iter().all(|(field, digest)| attempt.digests.get(field) == Some(digest))
        })
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
        let item = self.item;
        self.context.job.match_on?;
        let addressed = item
            .requests
            .iter()
            .any(|request| request.addressed && !request.operation.path_fields.is_empty());
        if addressed || self.entry.system_key.is_some() || self.entry.open_create().is_some() {
            return None;
        }
        match self.find_match().await? {
            Matched::Missing if item.request(OperationName::Create).is_none() => {
                let field = self.context.job.match_on.map_or("", |field| field.name);
                Some(Delivered::Failed {
                    outcome: Outcome::Rejected,
                    operation: Some(OperationName::Update),
                    // What the API would have said.
                    status: Some(404),
                    message: format!("no record has its {field}"),
                })
            }
            Matched::Known | Matched::Missing => None,
            Matched::Ended(delivered) => Some(delivered),
        }
    }

    /// Looks up the record that has the row's value of the identity field that finds it.
    pub(super) async fn find_match(&mut self) -> Option<Matched> {
        let Self { context, item, .. } = *self;
        let identity = context.job.match_on?;
        let place = context.job.object.identity.iter().position(|known| known.field == identity)?;
        let what = What::Record { key: None, identities: vec![(place, item.matched?)] };
        Some(match self.look_up(what, Vec::new()).await {
            Some(Finding::Found { key: Some(key), .. }) => {
                let event = Event::Matched { system_key: key, at: context.clock.epoch_milliseconds() };
                match context.record(&mut self.entry, event).await {
                    Some(()) => Matched::Known,
                    None => Matched::Ended(Delivered::Pending),
                }
            }
            Some(Finding::Several(keys)) => Matched::Ended(Delivered::Invalid {
                field: identity.name.to_owned(),
                rule: "ambiguous",
                message: format!("matches several records: {}", keys.join(", ")),
            }),
            Some(Finding::Missed) => Matched::Missing,
            Some(Finding::Found { key: None, .. }) => {
                Matched::Ended(uncertain_lookup("its record has no key in the list"))
            }
            Some(Finding::Undecided(why)) => Matched::Ended(uncertain_lookup(&why)),
            None => Matched::Ended(Delivered::Pending),
        })
    }

    /// Waits for a lookup; none where the run stops.
    pub(super) async fn look_up(&self, what: What, windows: Vec<Window>) -> Option<Finding> {
        self.context.unless_stopping(self.settler.find(self.context, Query { what, windows })).await
    }

    /// Finds out what became of the create that is open.
    async fn settle(&mut self) -> RowStep {
        let Self { context, settler, item, sent, .. } = *self;
        let first = self.first_create.unwrap_or_else(|| context.clock.now());
        let settled = settle::settle(context, settler, &mut self.entry, sent).await;
        if self.entry.open_create().is_some_and(|attempt| attempt.run != context.run) {
            context.leave_undecided(item.id);
        }
        let uncertain = |status, message| {
            let operation = Some(OperationName::Create);
            RowStep::End(Delivered::Failed { outcome: Outcome::Uncertain, operation, status, message })
        };
        match settled {
            Settled::Found => RowStep::Found,
            Settled::Missed => RowStep::Again,
            // It never arrives, although others do.
            Settled::GivenUp { status, message } if context.another_was_applied(first, item.row.number) => {
                refused(OperationName::Create, status, message)
            }
            Settled::GivenUp { status, message } | Settled::Uncertain { status, message } => {
                uncertain(status, message)
            }
            Settled::Stopped => RowStep::End(Delivered::Pending),
        }
    }

    pub(super) async fn create(&mut self) -> RowStep {
        let Self { context, item, .. } = *self;
        let Some(request) = item.request(OperationName::Create) else {
            return RowStep::End(skipped(self.context.job));
        };
        let Some(turn) = context.turn().await else { return RowStep::End(Delivered::Pending) };
        let again = self.entry.attempt.as_ref().is_some_and(|attempt| attempt.state == AttemptState::Missed);
        let intent = self.intent(Change::Create, &item.create, Some(window(context, item)));
        if context.record(&mut self.entry, Event::Intended(intent)).await.is_none() {
            return RowStep::End(Delivered::Pending);
        }
        self.first_create.get_or_insert_with(|| context.clock.now());
        let RowEnded { ended, sent, .. } =
            row_call::call(context, request, turn, item, &mut self.entry).await;
        self.sent = sent;
        let (event, step) = match ended.how {
            How::Applied(answer) => {
                let (system_key, digests) =
                    (answer.key(context.job.api), self.confirmed(&item.create, &answer));
                if let (Some(key), Some(sent)) = (&system_key, sent) {
                    context.recent.add(key, Made { left: sent.left, created: Created::of(item.created) });
                }
                let (at, dated) = (context.clock.epoch_milliseconds(), item.created.is_some());
                let event = Event::Created { system_key, at, digests, dated };
                (event, self.arrived(Outcome::Created, &answer))
            }
            // What was sent before, and not found, may be what it collides with.
            How::Refused(Refused::Duplicate, answer) if again => {
                (self.undecided(Some(answer.status), &answer.message(context.job.api), 0), RowStep::Again)
            }
            How::Refused(Refused::Duplicate, answer) if item.derived => {
                return Box::pin(self.adopt(&answer)).await;
            }
            How::Refused(_, answer) | How::Denied(answer) | How::Moved(answer) => {
                self.rejected(OperationName::Create, Some(answer.status), answer.message(context.job.api))
            }
            How::Trouble { status, message } => {
                (self.undecided(status, &format!("it may have been applied: {message}"), 0), RowStep::Again)
            }
            How::Stopped if ended.may_be_applied => self.left(0),
            How::Stopped => not_sent(),
        };
        context.record(&mut self.entry, event).await.map_or(RowStep::End(Delivered::Pending), |()| step)
    }

    /// A record bears the key that this tool derives from the row's own: an earlier run has made it, and the ledger of that
    /// run is gone.
    async fn adopt(&mut self, answer: &Answer) -> RowStep {
        let Self { context, item, .. } = *self;
        let what = What::Record { key: None, identities: identities_of(&context.matches, &item.create) };
        let (status, message) = (Some(answer.status), answer.message(context.job.api));
        let (event, step) = match self.look_up(what, Vec::new()).await {
            Some(Finding::Found { key, created, fields }) => {
                let dated = item.created.is_some();
                (settle::found(context, &item.create, key, created, &fields, dated), RowStep::Again)
            }
            Some(Finding::Several(_) | Finding::Missed) => {
                self.rejected(OperationName::Create, status, message)
            }
            Some(Finding::Undecided(why)) => {
                let event = Event::Rejected { status, message: self.redacted(&message) };
                (event, RowStep::End(uncertain_lookup(&why)))
            }
            None => not_sent(),
        };
        context.record(&mut self.entry, event).await.map_or(RowStep::End(Delivered::Pending), |()| step)
    }

    pub(super) fn intent(&self, operation: Change, digests: &FieldDigests, window: Option<Window>) -> Intent {
        let at = self.context.clock.epoch_milliseconds();
        let (run, row) = (self.context.run, self.item.row.number);
        Intent { operation, at, run, row, digests: digests.clone(), window }
    }

    pub(super) fn arrived(&self, outcome: Outcome, answer: &Answer) -> RowStep {
        RowStep::End(Delivered::Done { outcome, test: answer.is_test(self.context.job.api) })
    }

    pub(super) fn rejected(
        &self,
        operation: OperationName,
        status: Option<u16>,
        message: String,
    ) -> (Event, RowStep) {
        let event = Event::Rejected { status, message: self.redacted(&message) };
        (event, refused(operation, status, message))
    }

    pub(super) fn undecided(&self, status: Option<u16>, message: &str, tries: u32) -> Event {
        let (message, given_up_at) = (self.redacted(message), self.context.clock.epoch_milliseconds());
        Event::Undecided { given_up_at, tries, status, message }
    }

    /// The run stops, and a call before may have been applied.
    pub(super) fn left(&self, tries: u32) -> (Event, RowStep) {
        (self.undecided(None, "the run was stopped", tries), RowStep::End(Delivered::Pending))
    }

    pub(super) fn redacted(&self, message: &str) -> String {
        redact(message, &self.item.row, self.context.job.columns.as_deref())
    }

    /// What of the values sent an answer confirms: all that it does not show with another value.
    pub(super) fn confirmed(&self, sent: &FieldDigests, answer: &Answer) -> FieldDigests {
        let mut confirmed = sent.clone();
        for (name, value) in &answer.shown_otherwise {
            if let Some((field, shown)) = self.context.shown_fields.digest(name, value)
                && shown != sent.get(field)
            {
                confirmed.remove(field);
            }
        }
        confirmed
    }
}

/// What a lookup by an identity field has come to.
pub(super) enum Matched {
    /// The ledger knows the record's key now.
    Known,
    /// There is no such record.
    Missing,
    /// The row ends here.
    Ended(Delivered),
}

/// A lookup that failed: what it was to find out is not known.
pub(super) fn uncertain_lookup(why: &str) -> Delivered {
    Delivered::Failed {
        outcome: Outcome::Uncertain,
        operation: Some(OperationName::List),
        status: None,
        message: format!("its record could not be looked up: {why}"),
    }
}

/// How the way of a row goes on.
pub(super) enum RowStep {
    End(Delivered),
    /// A lookup found what an open create has made.
    Found,
    Again,
}

pub(super) fn not_sent() -> (Event, RowStep) {
    let message = "the run stopped before it was sent".to_owned();
    (Event::Rejected { status: None, message }, RowStep::End(Delivered::Pending))
}

pub(super) fn refused(operation: OperationName, status: Option<u16>, message: String) -> RowStep {
    let operation = Some(operation);
    RowStep::End(Delivered::Failed { outcome: Outcome::Rejected, operation, status, message })
}

/// A row whose record differs and cannot be changed.
pub(crate) fn skipped(job: &Job) -> Delivered {
    if job.object.steps(Mode::Update).is_ok() || job.limits.ignore_changes {
        return done(Outcome::Skipped);
    }
    // Nothing else would carry the correction, so it must be said.
    let message = "the record exists and differs from the row, and it cannot be changed".to_owned();
    Delivered::Failed { outcome: Outcome::Skipped, operation: None, status: None, message }
}

fn done(outcome: Outcome) -> Delivered {
    Delivered::Done { outcome, test: false }
}
