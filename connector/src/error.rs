//! The errors of the stages: before the first row, of a row, and of a call.

use std::fmt;
use std::time::Duration;

/// The run cannot start: configuration, credentials, a file, or a pair outside the matrix. Nothing was sent.
///
/// The text says what is wrong, and after a blank line, where there is more to say, what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}{message}{help}")]
pub struct SetupError {
    place: String,
    message: String,
    help: String,
}

impl SetupError {
    /// An error with its text for people.
    pub fn new(message: impl Into<String>) -> Self {
        Self { place: String::new(), message: message.into(), help: String::new() }
    }

    /// The same, beginning with where it is written: `FILE:LINE:COLUMN: `, or nothing.
    #[must_use]
    pub fn at(mut self, place: &str) -> Self {
        if !place.is_empty() {
            place.clone_into(&mut self.place);
        }
        self
    }

    /// The same, followed by what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl fmt::Display) -> Self {
        use fmt::Write as _;
        // Writing to a String cannot fail.
        let _ = write!(self.help, "\n  help: {help}");
        self
    }

    /// Where it is written, as [`at`](Self::at) was told; mostly empty.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What is wrong, without its place and without help.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it, if anything is said.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.help.strip_prefix("\n  help: ")
    }
}

/// A rule of the spec that a value of a row breaks. Its message never repeats the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The destination field, or the column where no field is concerned; empty where it is the row as a whole.
    pub field: String,
    /// The short name of the rule.
    pub rule: &'static str,
    /// What was expected, and what to write instead.
    pub message: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{} ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

/// A row that cannot be sent, with every fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct RowError {
    /// The row's number; none for a payload that was not made from a row.
    pub row: Option<u64>,
    /// Every fault, in the order of the fields.
    pub faults: Vec<FieldError>,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(row) = self.row {
            write!(f, "row {row}: ")?;
        }
        for (position, fault) in self.faults.iter().enumerate() {
            let separator = if position == 0 { "" } else { "; " };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

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
