//! What the result of a call means: one pure function. What the server says is believed only where it can be meant.

use std::time::Duration;

use super::error::{CallError, Sent};
use super::response::{Answer, AnswerForm, Body};
use crate::api::{ApiSpec, ErrorClass, ErrorRule, Operation, OperationName};
use crate::text::names::has_words;

/// What the result of a call means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was applied; of a list: here is the page.
    Applied,
    /// The API refuses it.
    Refused(Refused),
    /// The API takes no more for now; everyone waits.
    Throttled {
        /// How long the server asked to wait.
        retry_after: Option<Duration>,
    },
    /// It certainly did not leave.
    NotSent,
    /// Nothing that can be believed came back: it says nothing about the row, and the request may have been applied.
    Trouble {
        /// How long the server asked to wait.
        retry_after: Option<Duration>,
    },
    /// The API does not know the keys: it takes nothing of this caller.
    Denied,
    /// The API is at another address. Requests do not follow: they would show the keys to it.
    Moved,
}

/// What the API refuses a request for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// What the row says.
    Row,
    /// There is no such record.
    NotFound {
        /// The answer repeats its status, as the API's own answers do.
        certain: bool,
    },
    /// There is such a record already.
    Duplicate,
    /// It is not allowed, and may be so for every row.
    Forbidden,
}

impl Verdict {
    /// The answer came from the API itself.
    #[must_use]
    pub fn is_answer(self) -> bool {
        matches!(self, Self::Applied | Self::Refused(_))
    }
}

/// What the result of a call means.
///
/// | answer | create | update | list |
/// |---|---|---|---|
/// | 2xx in the envelope | applied, if its record has a key | applied | applied, if it is a page |
/// | 204, or 2xx without a body | trouble | applied | trouble |
/// | any other 2xx | trouble | trouble | trouble |
/// | 4xx in the envelope | refused | refused | refused |
/// | 429, in any form | throttled | throttled | throttled |
/// | 401, in any form | denied | denied | denied |
/// | 3xx | moved | moved | moved |
/// | 408, 421, 423, 425; 5xx; anything that is not in the envelope | trouble | trouble | trouble |
/// | none: no connection | not sent | not sent | not sent |
/// | none: reset, timeout, broken off | trouble | trouble | trouble |
#[must_use]
pub fn classify(api: &ApiSpec, operation: &Operation, result: &Result<Answer, CallError>) -> Verdict {
    let answer = match result {
        Ok(answer) => answer,
        Err(CallError { sent: Sent::No, .. }) => return Verdict::NotSent,
        Err(CallError { retry_after, .. }) => return Verdict::Trouble { retry_after: *retry_after },
    };
    let trouble = Verdict::Trouble { retry_after: answer.retry_after };
    let form = answer.form(api);
    let class = class_of(api, operation, answer);
    match answer.status {
        200..=299 if is_applied(api, operation.name, answer, form) => Verdict::Applied,
        300..=399 => Verdict::Moved,
        400..=499 => match (class, form) {
            (Some(ErrorClass::Throttled), _) => Verdict::Throttled { retry_after: answer.retry_after },
            (Some(ErrorClass::Unauthorized), _) => Verdict::Denied,
            (Some(ErrorClass::Trouble), _) | (_, AnswerForm::Empty | AnswerForm::Foreign) => trouble,
            (Some(ErrorClass::Forbidden), _) => Verdict::Refused(Refused::Forbidden),
            (Some(ErrorClass::NotFound), AnswerForm::Envelope { with_status }) => {
                Verdict::Refused(Refused::NotFound { certain: with_status })
            }
            (Some(ErrorClass::Duplicate), _) => Verdict::Refused(Refused::Duplicate),
            (Some(ErrorClass::Rejected) | None, _) => Verdict::Refused(Refused::Row),
        },
        _ => trouble,
    }
}

/// A 2xx says that the request was applied, and can be meant.
fn is_applied(api: &ApiSpec, operation: OperationName, answer: &Answer, form: AnswerForm) -> bool {
    match operation {
        OperationName::Create => matches!(form, AnswerForm::Envelope { .. }) && answer.key(api).is_some(),
        OperationName::Update => form != AnswerForm::Foreign,
        OperationName::List => matches!(answer.body, Body::Json(_)) && answer.page(api).is_some(),
    }
}

/// The first class of the spec that an answer falls in.
fn class_of(api: &ApiSpec, operation: &Operation, answer: &Answer) -> Option<ErrorClass> {
    let rules = || {
        api.errors.iter().filter(|rule| {
            rule.status.contains(&answer.status) && rule.operation.is_none_or(|name| name == operation.name)
        })
    };
    // The message is needed only where a rule asks for words.
    let worded = rules().any(|rule| !rule.words.is_empty());
    let message = if worded { answer.message(api) } else { String::new() };
    let fits = |rule: &&ErrorRule| {
        rule.words.is_empty() || rule.words.iter().any(|words| has_words(&message, words))
    };
    rules().find(fits).map(|rule| rule.class)
}
