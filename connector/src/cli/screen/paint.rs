//! Colours of what is told, where they are wanted. Text of others never brings its own.

use std::io::{self, Write};

use serde_json::{Map, Value};

use crate::report::outcome::Outcome;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Paint {
    /// It went well.
    Good,
    /// A person has to act.
    Bad,
    /// It is not decided yet.
    Open,
    /// It matters less.
    Aside,
}

impl Paint {
    /// The colour of an outcome.
    pub(in crate::cli) fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Created | Outcome::Updated => Self::Good,
            Outcome::Invalid | Outcome::Rejected | Outcome::Blocked => Self::Bad,
            Outcome::Uncertain | Outcome::Pending => Self::Open,
            Outcome::Unchanged | Outcome::Skipped | Outcome::Filtered => Self::Aside,
        }
    }

    /// What a terminal takes for the colour.
    fn code(self) -> &'static str {
        match self {
            Self::Good => "\u{1b}[32m",
            Self::Bad => "\u{1b}[31m",
            Self::Open => "\u{1b}[33m",
            Self::Aside => "\u{1b}[2m",
        }
    }
}

/// The end of a colour.
const END: &str = "\u{1b}[0m";

/// The text in its colour.
pub(in crate::cli) fn painted(paint: Paint, text: &str) -> String {
    format!("{}{text}{END}", paint.code())
}

/// Where people are told something.
pub(in crate::cli) trait Screen: Write {
    /// Colours are wanted from now on, or not.
    fn use_colour(&mut self, _wanted: bool) {}

    /// Writes text of our own in a colour, where colours are wanted.
    fn paint(&mut self, _paint: Paint, text: &str) -> io::Result<()> {
        self.write_all(text.as_bytes())
    }

    /// Writes an event for programs, where they are the readers; says whether they are.
    fn event(&mut self, _name: &str, _properties: Map<String, Value>) -> io::Result<bool> {
        Ok(false)
    }
}
