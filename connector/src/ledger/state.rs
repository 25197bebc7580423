//! The state machine of a record: what may happen to it, and what is known afterwards. No SQL, no clock.

use super::digest::FieldDigests;
use super::entry::{Attempt, AttemptState, Change, Entry, Window};

/// How often a create is sent again because a lookup did not find it.
pub const MAX_RESENDS: u32 = 3;

/// Something that happened to a record, or is about to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A request is about to leave.
    Intended(Intent),
    /// The request leaves later than its intent said, or it leaves again: it waited, was throttled, or could not be sent.
    /// A lookup has to cover that moment too.
    Sending {
        /// When, in epoch milliseconds.
        at: i64,
        /// The creation times that a lookup has to search.
        window: Option<Window>,
    },
    /// The create was confirmed.
    Created {
        /// The key that the system gave.
        system_key: Option<String>,
        /// When, in epoch milliseconds.
        at: i64,
        /// What was sent.
        digests: FieldDigests,
        /// Its body asked for the creation time in its window: a list has the record there, and not where it was sent.
        dated: bool,
    },
    /// The update was confirmed.
    Updated {
        /// The key that the system returned.
        system_key: Option<String>,
        /// When, in epoch milliseconds.
        at: i64,
        /// What was sent.
        digests: FieldDigests,
    },
    /// The record is not there: it was deleted, or it never existed.
    Gone,
    /// The request was refused; nothing that was sent for this intent was applied.
    Rejected {
        /// The status of the answer.
        status: Option<u16>,
        /// What was said.
        message: String,
    },
    /// The request was given up, and it may have been applied. A create is uncertain until it is settled, an update
    /// is rejected.
    Undecided {
        /// When, in epoch milliseconds.
        given_up_at: i64,
        /// How often an update was tried, in this run and before; of a create, lookups count.
        tries: u32,
        /// The status of the last answer.
        status: Option<u16>,
        /// What was said.
        message: String,
    },
    /// A lookup found the record of the open create.
    Found {
        /// The system's key.
        system_key: Option<String>,
        /// Since when it exists, in epoch milliseconds.
        at: i64,
        /// What of the values sent it is known to hold.
        confirmed: FieldDigests,
        /// What of them the list does not show.
        unseen: FieldDigests,
        /// As of a create that was confirmed.
        dated: bool,
    },
    /// A complete lookup, late enough to count, did not find the record of the open create.
    Missed,
    /// A lookup found the record of a row that does not know its key.
    Matched {
        /// The system's key.
        system_key: String,
        /// When, in epoch milliseconds.
        at: i64,
    },
    /// A record of the system's was found to be that of a row, although nothing was known of it.
    Adopted {
        /// The system's key.
        system_key: String,
        /// Since when it exists, in epoch milliseconds.
        at: i64,
        /// What of the row's values it is known to hold.
        confirmed: FieldDigests,
    },
    /// A person says that it arrived.
    Arrived {
        /// The system's key, where it is known.
        system_key: Option<String>,
        /// When, in epoch milliseconds.
        at: i64,
    },
    /// A person says that it did not arrive, or is gone.
    NotArrived,
}

/// A request that is about to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// What it is to do.
    pub operation: Change,
    /// When, in epoch milliseconds.
    pub at: i64,
    /// The run.
    pub run: i64,
    /// The row in that run.
    pub row: u64,
    /// What it sends.
    pub digests: FieldDigests,
    /// The creation times that a lookup has to search.
    pub window: Option<Window>,
}

/// An event that is not possible in this state: the engine and the ledger disagree, and it is not safe to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// A request while a create is open.
    #[error("a create of this record is not settled: nothing else may be sent for it")]
    CreateIsOpen,
    /// A create of a record that exists.
    #[error("this record exists: it must not be created again")]
    Exists,
    /// A record that is known is adopted.
    #[error("this record is known to exist: it cannot be adopted")]
    Known,
    /// An answer without a request.
    #[error("no request of this kind is open for this record")]
    NothingOpen,
    /// A settlement by hand of a record that no request was ever sent for.
    #[error("nothing was ever sent for this record")]
    NothingSent,
}

impl Entry {
    /// Applies an event. An impossible one changes nothing.
    pub fn apply(&mut self, event: Event) -> Result<(), Impossible> {
        match event {
            Event::Intended(intent) => return self.intend(intent),
            Event::Sending { at, window } => {
                let attempt = self.open(None)?;
                if attempt.state == AttemptState::Uncertain {
                    return Err(Impossible::CreateIsOpen);
                }
                attempt.at = at;
                attempt.window = match (attempt.window, window) {
                    (Some(before), Some(now)) => Some(before.around(now)),
                    (before, now) => now.or(before),
                };
            }
            Event::Created { system_key, at, digests, dated } => {
                self.open(Some(Change::Create))?;
                self.exists(system_key, at, digests, dated);
            }
            Event::Found { system_key, at, confirmed, unseen, dated } => {
                self.open(Some(Change::Create))?;
                self.exists(system_key, at, confirmed, dated);
                if let Some(attempt) = &mut self.attempt {
                    attempt.digests = unseen;
                }
            }
            Event::Updated { system_key, at, digests } => {
                self.open(Some(Change::Update))?;
                self.identify(system_key);
                self.confirmed.merge(&digests);
                self.goes_on(at);
            }
            Event::Gone => {
                if self.open_create().is_some() {
                    return Err(Impossible::CreateIsOpen);
                }
                self.forget();
            }
            Event::Rejected { status, message } => {
                let attempt = self.open(None)?;
                // A create that was given up can only be settled: this refusal is the answer to another request.
                if attempt.state == AttemptState::Uncertain {
                    return Err(Impossible::CreateIsOpen);
                }
                attempt.end(AttemptState::Rejected, status, message);
            }
            Event::Undecided { given_up_at, tries, status, message } => {
                let attempt = self.open(None)?;
                attempt.given_up_at = Some(given_up_at);
                if attempt.operation == Change::Create {
                    attempt.end(AttemptState::Uncertain, status, message);
                } else {
                    attempt.end(AttemptState::Rejected, status, message);
                    attempt.resends = tries;
                    let sent = attempt.digests.clone();
                    self.confirmed.forget(&sent);
                }
            }
            Event::Missed => {
                let attempt = self.open(Some(Change::Create))?;
                let last = attempt.resends >= MAX_RESENDS;
                attempt.state = if last { AttemptState::Rejected } else { AttemptState::Missed };
                attempt.message.get_or_insert_with(|| "it did not arrive".to_owned());
            }
            Event::Matched { system_key, at } => {
                if self.open_create().is_some() {
                    return Err(Impossible::CreateIsOpen);
                }
                self.identify(Some(system_key));
                self.exists_since.get_or_insert(at);
            }
            Event::Adopted { system_key, at, confirmed } => {
                if self.open_create().is_some() {
                    return Err(Impossible::CreateIsOpen);
                }
                if self.exists_since.is_some() {
                    return Err(Impossible::Known);
                }
                (self.system_key, self.exists_since, self.confirmed) =
                    (Some(system_key), Some(at), confirmed);
            }
            Event::Arrived { system_key, at } => return self.settled_by_hand(system_key, at),
            Event::NotArrived => {
                let attempt = self.attempt.as_mut().ok_or(Impossible::NothingSent)?;
                attempt.end(
                    AttemptState::Rejected,
                    attempt.status,
                    "settled by hand: it did not arrive".to_owned(),
                );
                self.forget();
            }
        }
        Ok(())
    }

    fn settled_by_hand(&mut self, system_key: Option<String>, at: i64) -> Result<(), Impossible> {
        let attempt = self.attempt.as_ref().ok_or(Impossible::NothingSent)?;
        if attempt.operation == Change::Create && attempt.state != AttemptState::Done {
            self.confirmed = attempt.digests.clone();
        } else {
            // The record exists; whether it holds the values of the update is not known.
            self.confirmed.forget(&attempt.digests);
        }
        self.identify(system_key);
        self.goes_on(at);
        if let Some(attempt) = &mut self.attempt {
            attempt.message = Some("settled by hand: it arrived".to_owned());
        }
        Ok(())
    }

    fn intend(&mut self, intent: Intent) -> Result<(), Impossible> {
        if self.open_create().is_some() {
            return Err(Impossible::CreateIsOpen);
        }
        if intent.operation == Change::Create && self.exists_since.is_some() {
            return Err(Impossible::Exists);
        }
        let Intent { operation, at, run, row, digests, window } = intent;
        let state = AttemptState::Sent;
        let (resends, given_up_at, status, message) = (0, None, None, None);
        let mut next = Attempt {
            operation,
            state,
            at,
            run,
            row,
            digests,
            window,
            resends,
            given_up_at,
            status,
            message,
        };
        if let Some(last) = &self.attempt {
            if self.open_update().is_some() {
                self.confirmed.forget(&last.digests);
            }
            // Each run counts from zero: failed tries of earlier runs are no reason to give up sooner.
            let before = if last.run == run { last.resends } else { 0 };
            next.resends = match (last.state, last.operation) {
                (AttemptState::Missed, _) => before.saturating_add(1),
                // An upsert sends an update between two creates, and that one was not found.
                (AttemptState::Rejected, Change::Update) if operation == Change::Create => before,
                // An update in trouble is tried on, in this run or the next.
                (AttemptState::Rejected, Change::Update) if last.given_up_at.is_some() => last.resends,
                _ => 0,
            };
            if operation == Change::Create && last.state == AttemptState::Missed {
                next.window =
                    next.window.zip(last.window).map(|(now, before)| now.around(before)).or(next.window);
                // If the missed create arrives after all, only what both of them sent is certain.
                next.digests.keep_equal(&last.digests);
            }
        }
        self.attempt = Some(next);
        Ok(())
    }

    /// The open attempt, if it is of that kind; any kind for none.
    fn open(&mut self, operation: Option<Change>) -> Result<&mut Attempt, Impossible> {
        let of_that_kind =
            |attempt: &&mut Attempt| operation.is_none_or(|operation| attempt.operation == operation);
        self.attempt
            .as_mut()
            .filter(|attempt| attempt.is_open())
            .filter(of_that_kind)
            .ok_or(Impossible::NothingOpen)
    }

    /// The record has just been made.
    fn exists(&mut self, system_key: Option<String>, since: i64, confirmed: FieldDigests, dated: bool) {
        (self.system_key, self.exists_since, self.confirmed) = (system_key, None, confirmed);
        let window = self.attempt.as_ref().and_then(|attempt| attempt.window).filter(|_| dated);
        self.goes_on(since);
        if let Some(attempt) = &mut self.attempt {
            attempt.window = window;
        }
    }

    /// Takes over the system's key. If it is another one, this is another record, and nothing of it is confirmed.
    fn identify(&mut self, system_key: Option<String>) {
        let Some(key) = system_key else { return };
        if self.system_key.as_ref().is_some_and(|before| *before != key) {
            self.confirmed = FieldDigests::default();
        }
        self.system_key = Some(key);
    }

    /// The record exists, since `at` if it was not known before; the attempt is done.
    fn goes_on(&mut self, at: i64) {
        self.exists_since.get_or_insert(at);
        if let Some(attempt) = &mut self.attempt {
            (attempt.state, attempt.digests, attempt.window) =
                (AttemptState::Done, FieldDigests::default(), None);
            (attempt.status, attempt.message) = (None, None);
        }
    }

    fn forget(&mut self) {
        (self.system_key, self.exists_since, self.confirmed) = (None, None, FieldDigests::default());
    }
}

impl Attempt {
    fn end(&mut self, state: AttemptState, status: Option<u16>, message: String) {
        (self.state, self.status, self.message) = (state, status, Some(message));
    }
}
