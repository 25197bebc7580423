//! Why a record was not written, told apart by what a program does about it.

use std::fmt;
use std::time::Duration;

use crate::api::{Hint, ObjectSpec, Operation};
use crate::generated::API;
use crate::http::answer::response::Answer;
use crate::report::hint::{self, Situation};
use crate::row::fault::RowError;

/// Why a record was not written.
///
/// | variant | applied? | what to do |
/// |---|---|---|
/// | `Invalid` | no, nothing was sent | correct the payload |
/// | `NotFound` | no | correct the key, or create the record |
/// | `Duplicate` | no | change the record that exists |
/// | `Rejected` | no | correct what the API's message names |
/// | `Denied` | no | correct keys, permissions or base URL: the next call will fail too |
/// | `Unavailable` | no, or sending it twice does what once does | call again later |
/// | `Uncertain` | it is not known | look the record up before anything is sent again |
///
/// Texts of the API may repeat what was sent to it; texts of the connector never do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The payload breaks rules of the spec; all of them are listed. Nothing was sent.
    #[error(transparent)]
    Invalid(#[from] RowError),
    /// There is no record with this key.
    #[error("the record does not exist: {0}")]
    NotFound(Refusal),
    /// There is a record like this already.
    #[error("the record exists already: {0}")]
    Duplicate(Refusal),
    /// The API refused this record.
    #[error("refused: {0}")]
    Rejected(Refusal),
    /// The API refused the caller: the keys, what they are allowed, or the base URL.
    #[error("access denied: {0}")]
    Denied(Refusal),
    /// No answer that can be used came for as long as the client tries. What may have been applied in spite of
    /// that can be sent again.
    #[error("the API is not available: {message}")]
    Unavailable {
        /// What happened.
        message: String,
    },
    /// The create was sent, and what came back does not say whether it was applied. It was not sent again, because
    /// that could make a second record.
    #[error("it may have been applied ({message}); {advice}")]
    Uncertain {
        /// What happened.
        message: String,
        /// What to do before anything is sent again.
        advice: String,
    },
}

/// What the API said when it refused.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The API's own words, safe to print: control characters escaped, at most 500 characters.
    pub message: String,
    /// What to do about it, where the spec knows.
    pub hint: Option<&'static Hint>,
}

/// Hints follow from the rest.
impl PartialEq for Refusal {
    fn eq(&self, other: &Self) -> bool {
        (self.status, &self.message) == (other.status, &other.message)
    }
}

impl Eq for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}: {}", self.status, self.message)?;
        self.hint.map_or(Ok(()), |hint| write!(f, " ({})", hint.text))
    }
}

/// What a refusal is about.
#[derive(Clone, Copy)]
pub(super) enum Why {
    NotFound,
    Duplicate,
    Rejected,
    Denied,
}

impl ClientError {
    pub(super) fn refused(
        why: Why,
        object: &'static ObjectSpec,
        operation: &Operation,
        answer: &Answer,
    ) -> Self {
        let (status, message) = (answer.status, answer.message(&API));
        let situation = Situation {
            object: object.name,
            operation: Some(operation.name),
            status: Some(status),
            message: &message,
            ..Situation::default()
        };
        let refusal = Refusal { status, hint: hint::choose(&API, &situation), message };
        match why {
            Why::NotFound => Self::NotFound(refusal),
            Why::Duplicate => Self::Duplicate(refusal),
            Why::Denied => Self::Denied(refusal),
            Why::Rejected => Self::Rejected(refusal),
        }
    }

    pub(super) fn unavailable(after: Duration, trouble: Option<String>) -> Self {
        let trouble = trouble.unwrap_or_else(|| "it takes no requests for now".to_owned());
        Self::Unavailable { message: format!("given up after {after:?}: {trouble}") }
    }

    pub(super) fn uncertain(object: &ObjectSpec, message: &str) -> Self {
        let fields: Vec<&str> = object.identity.iter().map(|identity| identity.field.name).collect();
        let by = if fields.is_empty() { String::new() } else { format!(" by {}", fields.join(" or ")) };
        let advice = format!("look the {} up{by} before you send it again", object.singular);
        Self::Uncertain { message: message.to_owned(), advice }
    }
}

/// The faults of several payloads as those of one.
pub(super) fn all_faults(errors: [Option<RowError>; 2]) -> ClientError {
    let mut faults: Vec<_> = Vec::new();
    for fault in errors.into_iter().flatten().flat_map(|error| error.faults) {
        // A field that both carry has one fault.
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    ClientError::Invalid(RowError { row: None, faults })
}
