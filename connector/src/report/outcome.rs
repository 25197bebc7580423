//! What became of a row.

use super::hint::{self, Situation};
use crate::api::{ApiSpec, Hint, ObjectSpec, OperationName};
use crate::ledger::FaultId;
use crate::row::fault::{FieldError, RowError};
use crate::source::Unreadable;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The record was made.
    Created,
    /// The record was changed.
    Updated,
    /// The record is as the row says already; nothing was sent.
    Unchanged,
    /// The record differs, and this mode cannot change it.
    Skipped,
    /// The row cannot be sent.
    Invalid,
    /// The API refused it.
    Rejected,
    /// It was sent, and it is not known whether it arrived.
    Uncertain,
    /// It was not decided: the run stopped before, or sends nothing.
    Pending,
    /// It is none of the rows that the sync takes (`where`): nothing else is known of it.
    Filtered,
    /// A row that it needs did not arrive.
    Blocked,
}

impl Outcome {
    /// Every outcome, in the order of the report.
    pub const ALL: [Self; 10] = [
        Self::Created,
        Self::Updated,
        Self::Unchanged,
        Self::Skipped,
        Self::Invalid,
        Self::Rejected,
        Self::Uncertain,
        Self::Pending,
        Self::Filtered,
        Self::Blocked,
    ];

    /// The name in reports and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
            Self::Invalid => "invalid",
            Self::Rejected => "rejected",
            Self::Uncertain => "uncertain",
            Self::Pending => "pending",
            Self::Filtered => "filtered",
            Self::Blocked => "blocked",
        }
    }
}

/// A row that did not arrive, and why.
pub struct Failure {
    /// The id of its entry among the failures; it is the same in every run that has the row.
    pub id: Option<FaultId>,
    /// The row's number.
    pub row: u64,
    /// Its record key, where it has one.
    pub key: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// The operation that failed; none where nothing was sent.
    pub operation: Option<OperationName>,
    /// The status of the answer, where there was one.
    pub status: Option<u16>,
    /// Why, in the API's words or ours.
    pub message: String,
    /// What to do about it.
    pub hint: Option<&'static Hint>,
    /// Every fault of a row that cannot be sent, each with what to do about it.
    pub faults: Vec<(FieldError, Option<&'static Hint>)>,
}

impl Failure {
    /// A row that breaks rules.
    pub(crate) fn invalid(
        api: &'static ApiSpec,
        object: &ObjectSpec,
        key: Option<String>,
        error: RowError,
    ) -> Self {
        let explain = |fault: FieldError| {
            let situation = Situation {
                object: object.name,
                rule: Some(fault.rule),
                field: Some(&fault.field),
                ..Situation::default()
            };
            let hint = hint::choose(api, &situation);
            (fault, hint)
        };
        let faults: Vec<_> = error.faults.into_iter().map(explain).collect();
        let message = faults.iter().map(|(fault, _)| fault.named_with_value()).collect::<Vec<_>>().join("; ");
        let hint = faults.iter().find_map(|(_, hint)| *hint);
        Self { hint, faults, ..Self::before_sending(error.row.unwrap_or_default(), key, message) }
    }

    /// A record that could not be read.
    pub(crate) fn unreadable(unreadable: Unreadable) -> Self {
        let Unreadable { number, rule, message, .. } = unreadable;
        let faults =
            vec![(FieldError { field: String::new(), rule, message: message.clone(), found: None }, None)];
        Self { faults, ..Self::before_sending(number, None, message) }
    }

    fn before_sending(row: u64, key: Option<String>, message: String) -> Self {
        Self {
            id: None,
            row,
            key,
            outcome: Outcome::Invalid,
            operation: None,
            status: None,
            message,
            hint: None,
            faults: Vec::new(),
        }
    }
}
