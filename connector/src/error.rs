//! Why a run cannot start. The errors of a row are in [`crate::row::fault`], those of a call in [`crate::http::error`].

use std::fmt;

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
