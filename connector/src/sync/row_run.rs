//! The way of one row: decide, write down, send, and write down what became of it.

use std::borrow::Cow;
use std::time::Duration;

use crate::api::OperationName;
use crate::api::mode::Mode;
use crate::clock::Clock;
use crate::http::response::Answer;
use crate::http::transport::Transport;
use crate::ledger::{Change, Decision, Entry, Event, FieldDigests, Intent, RowFacts, Window, decide};
use crate::report::outcome::Outcome;
use crate::request::prepare::PreparedRequest;
use crate::sync::engine::{Ended, Engine};
use crate::sync::lookup_window::milliseconds;
use crate::sync::plan::Item;
use crate::sync::settle::{Finding, Query, match_of};

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

impl<T: Transport, C: Clock> Engine<'_, T, C> {
    /// What to do with a row now.
    pub(crate) fn decide(&self, item: &Item, entry: Option<&Entry>) -> Decision {
        // Of a record that is not known to exist there is nothing to compare.
        let known = entry.filter(|entry| entry.exists_since.is_some());
        let mapped = known.map_or_else(Cow::default, |entry| self.comparable(item, entry));
        let facts = RowFacts {
            mapped: &mapped,
            updatable: self.updatable.as_deref(),
            creates: self.job.steps().iter().any(|step| step.operation.name == OperationName::Create),
            has_key: item
                .requests
                .iter()
                .any(|request| request.operation.name == OperationName::Update && request.addressed),
            full: self.job.limits.full,
        };
        decide(entry, &facts)
    }

    /// What of a row is compared with what is known. Fields that this mode cannot write count where they are known:
    /// where they are not, there is nothing that they could differ from.
    fn comparable<'i>(&self, item: &'i Item, entry: &Entry) -> Cow<'i, FieldDigests> {
        if self.updatable.is_none() {
            return Cow::Borrowed(&item.create);
        }
        let known = |field| entry.known(field).is_some();
        let fixed =
            item.create.iter().filter(|(field, _)| item.update.get(*field).is_none() && known(*field));
        Cow::Owned(fixed.chain(item.update.iter()).collect())
    }

    /// Brings one row to its end.
    pub(crate) async fn deliver(&self, item: &Item, entry: Option<Entry>) -> Delivered {
        let mut entry = entry.unwrap_or_else(|| Entry::new(item.id, item.stored_key()));
        if let Some(earlier) = self.sent_before(item, &entry) {
            return earlier;
        }
        // What few rows come to is boxed, here and below: the future of every row would have room for it.
        if self.job.match_on.is_some()
            && let Some(missing) = Box::pin(self.match_key(item, &mut entry)).await
        {
            return missing;
        }
        // A create that a lookup found is what this run did with the row, whatever else it does.
        let mut found = false;
        loop {
            let decision = self.decide(item, Some(&entry));
            let step = match decision {
                Decision::Unchanged if found => Step::End(done(Outcome::Created)),
                Decision::Unchanged => Step::End(done(Outcome::Unchanged)),
                Decision::Skip => Step::End(self.skipped()),
                Decision::SettleFirst => {
                    let step = Box::pin(self.settle(&mut entry, false)).await;
                    found |= matches!(step, Step::Found);
                    if entry.open_create().is_some_and(|attempt| attempt.run != self.run) {
                        self.leave_undecided(item.id);
                    }
                    step
                }
                Decision::Create => self.create(item, &mut entry).await,
                Decision::Update => Box::pin(self.update(item, &mut entry, false)).await,
                Decision::UpdateThenCreate => Box::pin(self.update(item, &mut entry, true)).await,
            };
            match step {
                Step::End(Delivered::Done { outcome: Outcome::Updated, test }) if found => {
                    return Delivered::Done { outcome: Outcome::Created, test };
                }
                Step::End(delivered) => return delivered,
                Step::Again | Step::Found => {}
            }
        }
    }

    /// In insert mode a record key is sent once in a run.
    fn sent_before(&self, item: &Item, entry: &Entry) -> Option<Delivered> {
        let attempt = entry
            .attempt
            .as_ref()
            .filter(|attempt| attempt.run == self.run && attempt.row != item.row.number)?;
        (self.job.mode == Mode::Insert).then(|| Delivered::Invalid {
            field: String::new(),
            rule: "duplicate",
            message: format!("has the record key of row {}, which this run has sent", attempt.row),
        })
    }

    /// Finds the system's key of a record whose row does not know it.
    async fn match_key(&self, item: &Item, entry: &mut Entry) -> Option<Delivered> {
        let identity = self.job.match_on?;
        let addressed = item
            .requests
            .iter()
            .any(|request| request.addressed && !request.operation.path_fields.is_empty());
        if addressed || entry.system_key.is_some() || entry.open_create().is_some() {
            return None;
        }
        let place = self.job.object.identity.iter().position(|known| known.field == identity)?;
        let digest = item.matched?;
        let query = Query { identity: place, digest, times: None, counts_in: Duration::ZERO };
        match self.unless_stopping(self.settler.find(query, self.clock.now())).await {
            Some(Finding::Found { key: Some(key), .. }) => {
                let event = Event::Matched { system_key: key, at: self.clock.epoch_milliseconds() };
                self.record(entry, event).await.map_or(Some(Delivered::Pending), |()| None)
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
    async fn settle(&self, entry: &mut Entry, leftover: bool) -> Step {
        let Some(attempt) = entry.open_create() else { return Step::Again };
        let (status, said) = (attempt.status, attempt.message.clone());
        let uncertain = |why: String| {
            let message = said.clone().map_or_else(|| why.clone(), |said| format!("{said}; {why}"));
            let operation = Some(OperationName::Create);
            Step::End(Delivered::Failed { outcome: Outcome::Uncertain, operation, status, message })
        };
        let Some((identity, digest)) = match_of(&self.matches, &attempt.digests) else {
            return uncertain("nothing that it could be found by was sent".to_owned());
        };
        let given_up = attempt.given_up(milliseconds(self.job.limits.timeout));
        let counts_at = given_up.saturating_add(milliseconds(self.job.limits.settle_after));
        let left = counts_at.saturating_sub(self.clock.epoch_milliseconds());
        // A clock that was put back must not keep a row waiting for longer than it would have had to.
        let most = self.job.limits.settle_after + self.job.limits.timeout;
        let counts_in = Duration::from_millis(u64::try_from(left).unwrap_or_default()).min(most);
        let query = Query { identity, digest, times: self.times(attempt), counts_in };
        match self.unless_stopping(self.settler.find(query, self.clock.now())).await {
            Some(Finding::Found { key, created }) => {
                let event = Event::Found { system_key: key, at: self.since(created) };
                self.record(entry, event).await.map_or(Step::End(Delivered::Pending), |()| Step::Found)
            }
            Some(Finding::Missed) if leftover => Step::Again,
            Some(Finding::Missed) => {
                if self.record(entry, Event::Missed).await.is_none() {
                    return Step::End(Delivered::Pending);
                }
                // The state machine says when it was sent often enough.
                match &entry.attempt {
                    Some(attempt) if attempt.state == crate::ledger::AttemptState::Rejected => {
                        let message = said.unwrap_or_else(|| "it did not arrive".to_owned());
                        let operation = Some(OperationName::Create);
                        refused(operation, status, message)
                    }
                    _ => Step::Again,
                }
            }
            Some(Finding::Several(_)) => uncertain("several records match it".to_owned()),
            Some(Finding::Undecided(why)) => uncertain(why),
            None => uncertain("the run was stopped before it was looked up".to_owned()),
        }
    }

    /// Looks up what an earlier run has left open and this input no longer has; says whether it was found. What was not
    /// cannot be sent again, and stays open until a person says that it is over.
    pub(crate) async fn settle_leftover(&self, mut entry: Entry) -> bool {
        matches!(self.settle(&mut entry, true).await, Step::Found)
    }

    async fn create(&self, item: &Item, entry: &mut Entry) -> Step {
        let Some(request) = item.request(OperationName::Create) else { return Step::End(self.skipped()) };
        let Some(turn) = self.turn().await else { return Step::End(Delivered::Pending) };
        let again = entry
            .attempt
            .as_ref()
            .is_some_and(|attempt| attempt.state == crate::ledger::AttemptState::Missed);
        let intent = self.intent(Change::Create, item, &item.create, Some(self.window(item)));
        if self.record(entry, Event::Intended(intent)).await.is_none() {
            return Step::End(Delivered::Pending);
        }
        let ended = self.send(request, turn, item, entry).await;
        self.create_ended(item, entry, ended, again).await
    }

    async fn create_ended(&self, item: &Item, entry: &mut Entry, ended: Ended, again: bool) -> Step {
        let operation = Some(OperationName::Create);
        let (event, step) = match ended {
            Ended::Done(answer) => {
                let (system_key, digests) = (self.key_of(&answer), item.create.clone());
                let event = Event::Created { system_key, at: self.clock.epoch_milliseconds(), digests };
                (
                    event,
                    Step::End(Delivered::Done {
                        outcome: Outcome::Created,
                        test: answer.is_test(self.job.api),
                    }),
                )
            }
            // What was sent before, and not found, may be what it collides with.
            Ended::Duplicate(answer) if again => {
                (self.undecided(item, Some(answer.status), &answer.message(self.job.api)), Step::Again)
            }
            Ended::Duplicate(answer) | Ended::NotFound(answer) => {
                let (status, message) = (Some(answer.status), answer.message(self.job.api));
                let event = Event::Rejected { status, message: self.redacted(item, &message) };
                (event, refused(operation, status, message))
            }
            Ended::Rejected { status, message, .. } => {
                let event = Event::Rejected { status, message: self.redacted(item, &message) };
                (event, refused(operation, status, message))
            }
            Ended::Uncertain { status, message } => (self.undecided(item, status, &message), Step::Again),
            Ended::NotSent => {
                let message = "the run stopped before it was sent".to_owned();
                (Event::Rejected { status: None, message }, Step::End(Delivered::Pending))
            }
            // Only what may be sent twice is left like this; a create is not.
            Ended::Left => (self.undecided(item, None, "the run was stopped"), Step::End(Delivered::Pending)),
        };
        self.record(entry, event).await.map_or(Step::End(Delivered::Pending), |()| step)
    }

    async fn update(&self, item: &Item, entry: &mut Entry, then_create: bool) -> Step {
        let Some(request) = addressed(item, entry) else {
            let field =
                item.request(OperationName::Update).and_then(|request| request.operation.path_fields.first());
            let field = field.map_or_else(String::new, |field| field.name.to_owned());
            let message =
                "is required: it says which record the row means, and the ledger does not know it".to_owned();
            return Step::End(Delivered::Invalid { field, rule: "required", message });
        };
        let Some(turn) = self.turn().await else { return Step::End(Delivered::Pending) };
        let intent = self.intent(Change::Update, item, &item.update, None);
        if self.record(entry, Event::Intended(intent)).await.is_none() {
            return Step::End(Delivered::Pending);
        }
        let operation = Some(OperationName::Update);
        let (event, step) = match self.send(&request, turn, item, entry).await {
            Ended::Done(answer) => {
                let (system_key, digests) = (self.key_of(&answer), item.update.clone());
                let event = Event::Updated { system_key, at: self.clock.epoch_milliseconds(), digests };
                (
                    event,
                    Step::End(Delivered::Done {
                        outcome: Outcome::Updated,
                        test: answer.is_test(self.job.api),
                    }),
                )
            }
            Ended::NotFound(answer) => return self.not_found(item, entry, &answer, then_create).await,
            Ended::Duplicate(answer) => {
                let (status, message) = (Some(answer.status), answer.message(self.job.api));
                let event = Event::Rejected { status, message: self.redacted(item, &message) };
                (event, refused(operation, status, message))
            }
            Ended::Rejected { status, message, applied } => {
                let event = match status {
                    // A refusal says that nothing was changed; no answer, or that of a broken server, does not.
                    Some(code) if !applied && (300..500).contains(&code) => {
                        Event::Rejected { status, message: self.redacted(item, &message) }
                    }
                    _ => self.undecided(item, status, &message),
                };
                (event, refused(operation, status, message))
            }
            Ended::Uncertain { status, message } => {
                let event = self.undecided(item, status, &message);
                (event, refused(operation, status, message))
            }
            Ended::NotSent => {
                let message = "the run stopped before it was sent".to_owned();
                (Event::Rejected { status: None, message }, Step::End(Delivered::Pending))
            }
            Ended::Left => (self.undecided(item, None, "the run was stopped"), Step::End(Delivered::Pending)),
        };
        self.record(entry, event).await.map_or(Step::End(Delivered::Pending), |()| step)
    }

    /// The record of an update is not there: not yet, no more, or it never was.
    async fn not_found(&self, item: &Item, entry: &mut Entry, answer: &Answer, then_create: bool) -> Step {
        let (status, message) = (answer.status, answer.message(self.job.api));
        let age = entry.exists_since.map(|since| self.clock.epoch_milliseconds().saturating_sub(since));
        let young = age.is_some_and(|age| age < milliseconds(self.job.limits.settle_after + TICK));
        if young {
            let event = Event::Rejected { status: Some(status), message: self.redacted(item, &message) };
            if self.record(entry, event).await.is_none()
                || self.unless_stopping(self.clock.sleep(LAG)).await.is_none()
            {
                return Step::End(Delivered::Pending);
            }
            return Step::Again;
        }
        let event = Event::NotFound { status, message: self.redacted(item, &message) };
        if self.record(entry, event).await.is_none() {
            return Step::End(Delivered::Pending);
        }
        if then_create {
            return self.create(item, entry).await;
        }
        let operation = Some(OperationName::Update);
        Step::End(Delivered::Failed { outcome: Outcome::Rejected, operation, status: Some(status), message })
    }

    fn skipped(&self) -> Delivered {
        let lost = self.job.object.steps(Mode::Update).is_err() && !self.job.limits.ignore_changes;
        if !lost {
            return done(Outcome::Skipped);
        }
        // Nothing else would carry the correction, so it must be said.
        let message = "the record exists and differs from the row, and it cannot be changed".to_owned();
        Delivered::Failed { outcome: Outcome::Skipped, operation: None, status: None, message }
    }

    fn intent(
        &self,
        operation: Change,
        item: &Item,
        digests: &FieldDigests,
        window: Option<Window>,
    ) -> Intent {
        let at = self.clock.epoch_milliseconds();
        Intent { operation, at, run: self.run, row: item.row.number, digests: digests.clone(), window }
    }

    fn undecided(&self, item: &Item, status: Option<u16>, message: &str) -> Event {
        let message = self.redacted(item, message);
        Event::Undecided { given_up_at: self.clock.epoch_milliseconds(), status, message }
    }

    pub(crate) fn redacted(&self, item: &Item, message: &str) -> String {
        crate::report::redact::redact(message, &item.row, self.job.columns.as_deref())
    }

    fn key_of(&self, answer: &Answer) -> Option<String> {
        let record = answer.record(self.job.api)?;
        record.get(self.job.api.answers.key)?.as_str().map(str::to_owned)
    }

    /// Takes an event into account and stores it; none where the run has to stop.
    pub(crate) async fn record(&self, entry: &mut Entry, event: Event) -> Option<()> {
        if let Err(impossible) = entry.apply(event) {
            let message = format!("the ledger and the run do not agree on a record: {impossible}");
            self.stop(crate::report::counts::Stopped { message, hint: None, signal: None });
            return None;
        }
        self.store(entry).await.then_some(())
    }
}

/// How the way of a row goes on.
enum Step {
    End(Delivered),
    /// A lookup found what an open create has made.
    Found,
    Again,
}

impl Item {
    fn request(&self, name: OperationName) -> Option<&PreparedRequest> {
        self.requests.iter().find(|request| request.operation.name == name)
    }
}

/// The update of a row, under the key that the record has. The system's own key takes the place of a row's key that a
/// create cannot carry: the record was made without it.
fn addressed(item: &Item, entry: &Entry) -> Option<PreparedRequest> {
    let request = item.request(OperationName::Update)?;
    let carried =
        request.operation.path_fields.iter().all(|field| field.writable.contains(&OperationName::Create));
    match &entry.system_key {
        Some(key) if !request.addressed || !carried => {
            let path = crate::request::path::with_parameter(request.operation.path, key);
            Some(PreparedRequest { path, addressed: true, ..request.clone() })
        }
        _ => request.addressed.then(|| request.clone()),
    }
}

fn refused(operation: Option<OperationName>, status: Option<u16>, message: String) -> Step {
    Step::End(Delivered::Failed { outcome: Outcome::Rejected, operation, status, message })
}

fn done(outcome: Outcome) -> Delivered {
    Delivered::Done { outcome, test: false }
}
