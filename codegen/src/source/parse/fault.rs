//! What serde complains of, as facts instead of text.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use crate::diagnostic::{Sentence, quoted, sentence};

/// Why a value could not be read.
#[derive(Debug)]
pub(super) enum Fault {
    /// A block lacks this key.
    Missing(&'static str),
    /// This is wrong with the value that is being read.
    Mistake(Sentence),
    /// It is noted already.
    Noted,
}

impl Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let message = message.to_string();
        // What serde derives for an untagged enum without `expecting`; it names Rust types.
        if message.starts_with("data did not match any variant") {
            return Self::Mistake(sentence::no_such_form());
        }
        Self::Mistake(sentence::refused(&message))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Mistake(sentence::wrong_kind(&describe(found), &expected.to_string(), None))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Mistake(sentence::wrong_kind(&describe(found), &expected.to_string(), None))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::Mistake(sentence::wrong_kind(&format!("{length} items"), &expected.to_string(), None))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::Mistake(sentence::unknown_choice(variant, expected))
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

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(key) => write!(f, "`{key}` is missing"),
            Self::Mistake(sentence) => f.write_str(sentence.message()),
            Self::Noted => f.write_str("noted before"),
        }
    }
}

impl std::error::Error for Fault {}

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
