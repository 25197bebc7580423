//! The mistakes of a stage, while they are collected and once they are reported.

use std::error::Error;
use std::fmt;

use super::mistake::Diagnostic;
use super::render;
use super::sentence::Sentence;
use crate::text::place::Place;
use crate::text::span::Span;

/// The mistakes that a stage has found so far.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Notes a mistake at a place.
    pub fn note(&mut self, place: Place, sentence: Sentence) {
        self.push(Diagnostic::new(place, sentence));
    }

    /// Notes a mistake.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Adds the mistakes of another.
    pub fn append(&mut self, other: Self) {
        self.found.extend(other.found);
    }

    /// Adds the mistakes that another stage has reported.
    pub fn absorb(&mut self, report: Report) {
        self.found.extend(report.diagnostics);
    }

    /// There is no mistake.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The result of the stage, or a report if there is a mistake.
    pub fn into_result<T>(self, made: T) -> Result<T, Report> {
        if self.is_empty() { Ok(made) } else { Err(Report::from(self)) }
    }
}

/// Every mistake that a stage has found, sorted by file and position. There is at least one.
#[derive(Clone, Debug)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// The mistakes, in order.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// One line for each, as compilers write it: `file:line:column: S012: message; help`.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.diagnostics.iter().map(render::line)
    }

    /// Each with the line of the file and a caret under it, as rustc shows it.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        render::render(&self.diagnostics, colour)
    }

    /// The first of them in the same way: each costs a look at the whole file.
    #[must_use]
    pub fn render_first(&self, most: usize, colour: bool) -> String {
        render::render(self.diagnostics.get(..most).unwrap_or(&self.diagnostics), colour)
    }

    /// How many there are, in words: `3 mistakes in 2 files`.
    #[must_use]
    pub fn count(&self) -> String {
        render::count(&self.diagnostics)
    }
}

impl From<Diagnostics> for Report {
    fn from(diagnostics: Diagnostics) -> Self {
        let mut diagnostics = diagnostics.found;
        diagnostics.sort_by(|one, other| {
            (order(&one.place), one.sentence.code(), one.sentence.message()).cmp(&(
                order(&other.place),
                other.sentence.code(),
                other.sentence.message(),
            ))
        });
        Self { diagnostics }
    }
}

fn order(place: &Place) -> (&str, Option<Span>) {
    (place.path(), place.span())
}

impl From<Diagnostic> for Report {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostics: vec![diagnostic] }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().collect::<Vec<_>>().join("\n"))
    }
}

impl Error for Report {}
