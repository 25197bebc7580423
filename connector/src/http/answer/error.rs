//! What kept a call from an answer, and whether the server may have got the request.

use std::time::Duration;

/// A call that brought no answer that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct CallError {
    /// What happened.
    pub kind: CallErrorKind,
    /// Whether the server may have got the request.
    pub sent: Sent,
    /// The status, where the head of an answer came.
    pub status: Option<u16>,
    /// How long the server asked to wait.
    pub retry_after: Option<Duration>,
    /// What happened, for people.
    pub detail: String,
}

/// What happened to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallErrorKind {
    /// No connection: name not found, refused, TLS, or no answer to the attempt.
    Connect,
    /// No connection, and no retry mends that: a person has to act.
    NeedsPerson,
    /// No answer in time.
    Timeout,
    /// The connection ended before the answer did.
    Broken,
    /// The answer said success, but what came cannot be read.
    Unreadable,
}

/// Whether the server may have got a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Certainly not.
    No,
    /// It may have, and it may have acted on it.
    Maybe,
    /// Certainly: it answered.
    Yes,
}
