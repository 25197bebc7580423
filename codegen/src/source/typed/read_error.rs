//! The errors of serde, as values instead of text.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use crate::diagnostic::sentence;
use crate::diagnostic::sentence::Sentence;
use crate::diagnostic::words::quoted;

/// Why a value could not be read.
#[derive(Debug)]
pub(super) enum ReadError {
    /// A block lacks this key.
    Missing(&'static str),
    /// This is wrong with the value that is being read.
    Mistake(Sentence),
    /// Something else is expected in its place.
    Wrong { expected: String, found: String },
    /// It is none of the words that are expected.
    Unknown { found: String, known: &'static [&'static str] },
    /// It is noted already.
    Noted,
}

impl ReadError {
    /// What is wrong, where the value that is being read is a key.
    pub(super) fn about_key(self, key: &str) -> Option<Sentence> {
        match self {
            Self::Mistake(sentence) => Some(sentence),
            Self::Wrong { expected, found } => Some(sentence::wrong_kind("a key", &expected, &found, None)),
            Self::Unknown { found, known } => Some(sentence::unknown_key(&found, "this block", known)),
            Self::Missing(_) => Some(sentence::refused(&format!("`{key}` is no key here"))),
            Self::Noted => None,
        }
    }
}

impl Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let message = message.to_string();
        // What serde derives for an untagged enum without `expecting`; it names Rust types.
        if message.starts_with("data did not match any variant") {
            return Self::Mistake(sentence::no_such_form());
        }
        Self::Mistake(sentence::refused(&message))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Wrong { expected: expected.to_string(), found: describe(found) }
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::Wrong { expected: expected.to_string(), found: format!("{length} items") }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::Unknown { found: variant.to_owned(), known: expected }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::Mistake(sentence::unknown_key(field, "this block", expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::Mistake(sentence::duplicate_key(field))
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(key) => write!(f, "`{key}` is missing"),
            Self::Mistake(sentence) => f.write_str(sentence.message()),
            Self::Wrong { expected, found } => write!(f, "expected {expected}, not {found}"),
            Self::Unknown { found, .. } => write!(f, "`{found}` is unknown"),
            Self::Noted => f.write_str("noted before"),
        }
    }
}

impl std::error::Error for ReadError {}

fn describe(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Unsigned(number) => format!("the number {number}"),
        Unexpected::Signed(number) => format!("the number {number}"),
        Unexpected::Float(number) => format!("the number {number}"),
        Unexpected::Str(text) => format!("the text {}", quoted(text)),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a block of keys".to_owned(),
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        other => other.to_string(),
    }
}
