//! What the ledger knows of one record.

use super::digest::{Digest, FieldDigests, FieldId, RecordId};

/// What the ledger knows of one record. [`Entry::apply`] changes it, the ledger only stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The digest of its record key.
    pub id: RecordId,
    /// The values of its record key as people know them; none if they may be personal data.
    pub record_key: Option<String>,
    /// The system's own key.
    pub system_key: Option<String>,
    /// Since when it is known to exist, in epoch milliseconds; none if it is not known to exist.
    pub exists_since: Option<i64>,
    /// What the system has confirmed to hold. To compare a row with it, use [`Entry::known`].
    pub confirmed: FieldDigests,
    /// The last request that was to write it.
    pub attempt: Option<Attempt>,
    /// What the store noted when it stored this copy; none if it has not stored it.
    pub(super) stored: Option<Stored>,
}

/// Tells the store which copy of which record this is. Only the store looks inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// The number of the record.
    pub(super) number: i64,
    /// How often the record was stored: an old copy is recognized by it.
    pub(super) revision: u32,
}

/// A record as a history shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The object.
    pub object: String,
    /// The name of the sync whose run made the last attempt.
    pub sync: Option<String>,
    /// What is known.
    pub entry: Entry,
}

/// A create that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentCreate {
    /// The system's key.
    pub system_key: String,
    /// When it left, in epoch milliseconds.
    pub at: i64,
    /// The window of the creation time that its body asked for, if for any.
    pub window: Option<Window>,
}

impl Entry {
    /// A record of which nothing is known.
    #[must_use]
    pub fn new(id: RecordId, record_key: Option<String>) -> Self {
        Self {
            id,
            record_key,
            system_key: None,
            exists_since: None,
            confirmed: FieldDigests::default(),
            attempt: None,
            stored: None,
        }
    }

    /// The digest of what the system is known to hold in a field: what it has confirmed, unless an open update may have
    /// changed it.
    #[must_use]
    pub fn known(&self, field: FieldId) -> Option<Digest> {
        let overtaken = self.open_update().is_some_and(|attempt| attempt.digests.get(field).is_some());
        if overtaken { None } else { self.confirmed.get(field) }
    }

    /// The digest of what the create sent in a field that no list or answer has shown: it is probably there, and where
    /// nothing can be sent for the record any more that is all that can be known.
    #[must_use]
    pub fn unseen(&self, field: FieldId) -> Option<Digest> {
        let made =
            |attempt: &&Attempt| attempt.operation == Change::Create && attempt.state == AttemptState::Done;
        self.attempt.as_ref().filter(made).and_then(|attempt| attempt.digests.get(field))
    }

    /// The create whose result is not known, if there is one. Nothing else may be sent for the record.
    #[must_use]
    pub fn open_create(&self) -> Option<&Attempt> {
        self.attempt.as_ref().filter(|attempt| attempt.operation == Change::Create && attempt.is_open())
    }

    /// The update whose result is not known, if there is one. Another update may follow it, but until one is answered,
    /// the fields that it sent are not known.
    #[must_use]
    pub fn open_update(&self) -> Option<&Attempt> {
        self.attempt.as_ref().filter(|attempt| attempt.operation == Change::Update && attempt.is_open())
    }
}

/// The last request that was to write a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What it was to do.
    pub operation: Change,
    /// What became of it.
    pub state: AttemptState,
    /// When it was about to leave, in epoch milliseconds.
    pub at: i64,
    /// The run that made it.
    pub run: i64,
    /// The row in that run.
    pub row: u64,
    /// What it sent; once it is done, only what is not confirmed of it.
    pub digests: FieldDigests,
    /// The creation times that a lookup for the record has to search; once it is done, only where the body asked for one.
    pub window: Option<Window>,
    /// How often the create was sent again because a lookup did not find it.
    pub resends: u32,
    /// When the request was given up without an answer; none if the process ended before that.
    pub given_up_at: Option<i64>,
    /// The status of the last answer.
    pub status: Option<u16>,
    /// The message of the last answer, without values of the row.
    pub message: Option<String>,
}

impl Attempt {
    /// Its result is not known.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, AttemptState::Sent | AttemptState::Uncertain)
    }

    /// The time from which `settle_after` is counted: when it was given up or, if the process ended before that, when it
    /// would have been.
    #[must_use]
    pub fn given_up(&self, timeout_ms: i64) -> i64 {
        self.given_up_at.unwrap_or_else(|| self.at.saturating_add(timeout_ms))
    }
}

/// A request that writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Makes the record.
    Create,
    /// Changes it.
    Update,
}

impl Change {
    /// The name in the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
        }
    }
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptState {
    /// It is about to leave or on its way, or it was when the process ended.
    Sent,
    /// The system has confirmed it.
    Done,
    /// The system has refused it, or it was given up.
    Rejected,
    /// It was given up without an answer that says whether it arrived: it may have.
    Uncertain,
    /// A complete lookup, late enough to count, did not find what it was to create: it may be sent again.
    Missed,
}

impl AttemptState {
    /// The name in the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Done => "done",
            Self::Rejected => "rejected",
            Self::Uncertain => "uncertain",
            Self::Missed => "missed",
        }
    }
}

/// A span of time in epoch milliseconds, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The earliest.
    pub from: i64,
    /// The latest.
    pub to: i64,
}

impl Window {
    /// The smallest span that holds both.
    #[must_use]
    pub fn around(self, other: Self) -> Self {
        Self { from: self.from.min(other.from), to: self.to.max(other.to) }
    }
}
