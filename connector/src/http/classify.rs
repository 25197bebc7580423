//! What the result of a call means: one pure function.

use std::time::Duration;

use super::error::{CallError, Sent};
use super::response::{Answer, Body};
use crate::api::{ApiSpec, ErrorClass, ErrorRule, Operation, OperationName};
use crate::text::names::has_words;

/// How often a repeatable request is sent before its row is given up.
pub const REPEATABLE_ATTEMPTS: u32 = 8;

/// What is to be done about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was applied.
    Done,
    /// It was not applied and may be sent again after a pause.
    Again,
    /// The server takes no more for now; everyone waits.
    Throttled {
        /// How long the server asked to wait.
        retry_after: Option<Duration>,
    },
    /// There is no such record.
    NotFound,
    /// There is such a record already.
    Duplicate,
    /// It may have been applied: nothing but a lookup can tell.
    Uncertain,
    /// Refused, for this row.
    Rejected,
    /// Refused, and it may be so for every row.
    Forbidden,
    /// Refused for every row to come.
    Stop,
}

/// What the result of the `attempt`th call (from 1) of a request means.
#[must_use]
pub fn classify(
    api: &ApiSpec,
    operation: &Operation,
    attempt: u32,
    result: &Result<Answer, CallError>,
) -> Verdict {
    match result {
        Ok(answer) => match answer.status {
            200..=299
                if api.answers.success.contains(&answer.status) && matches!(answer.body, Body::Json(_)) =>
            {
                Verdict::Done
            }
            // A success that cannot be read may come from something between us and the server.
            200..=299 | 500..=599 => maybe_applied(operation, attempt),
            _ => refusal(api, operation, answer),
        },
        Err(CallError { sent: Sent::No, .. }) => Verdict::Again,
        Err(_) => maybe_applied(operation, attempt),
    }
}

fn maybe_applied(operation: &Operation, attempt: u32) -> Verdict {
    match (operation.repeatable, attempt < REPEATABLE_ATTEMPTS) {
        (true, true) => Verdict::Again,
        (true, false) => Verdict::Rejected,
        (false, _) => Verdict::Uncertain,
    }
}

fn refusal(api: &ApiSpec, operation: &Operation, answer: &Answer) -> Verdict {
    match class_of(api, operation, answer) {
        Some(ErrorClass::Throttled) => Verdict::Throttled { retry_after: answer.retry_after },
        Some(ErrorClass::Unauthorized) => Verdict::Stop,
        Some(ErrorClass::Forbidden) => Verdict::Forbidden,
        // A create names no record, so what was not found is the route.
        Some(ErrorClass::NotFound) if operation.name == OperationName::Create => Verdict::Stop,
        Some(ErrorClass::NotFound) => Verdict::NotFound,
        Some(ErrorClass::Duplicate) => Verdict::Duplicate,
        Some(ErrorClass::Rejected) | None => Verdict::Rejected,
    }
}

/// The first class of the spec that an answer falls in.
fn class_of(api: &ApiSpec, operation: &Operation, answer: &Answer) -> Option<ErrorClass> {
    let message = answer.message(api);
    let fits = |rule: &&ErrorRule| {
        rule.status.contains(&answer.status)
            && rule.operation.is_none_or(|name| name == operation.name)
            && (rule.words.is_empty() || rule.words.iter().any(|words| has_words(&message, words)))
    };
    api.errors.iter().find(fits).map(|rule| rule.class)
}
