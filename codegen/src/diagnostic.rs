//! What is said about a spec that is wrong: every sentence with its code, where it points, and how it is rendered.

mod catalogue;
mod render;

use std::error::Error;
use std::fmt;

pub use self::catalogue::{CODES, Sentence, nearest, sentence};
pub(crate) use self::catalogue::{list, quoted};
use crate::source::Source;

/// A part of a text, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Where it begins.
    pub start: usize,
    /// Where it ends, which is not part of it.
    pub end: usize,
}

/// A place that a diagnostic points at: a part of a file, or a file as a whole.
#[derive(Clone, Debug)]
pub struct Place {
    source: Source,
    span: Option<Span>,
}

impl Place {
    /// A file as a whole.
    #[must_use]
    pub fn file(source: &Source) -> Self {
        Self { source: source.clone(), span: None }
    }

    /// A part of a file; only its first line is shown, because a caret under a whole block says nothing.
    #[must_use]
    pub fn part(source: &Source, span: Span) -> Self {
        let text = source.text();
        let start = floor_char(text, span.start);
        let line_end =
            text.get(start..).and_then(|rest| rest.find(['\r', '\n'])).map_or(text.len(), |at| start + at);
        let end = floor_char(text, span.end).clamp(start, line_end);
        Self { source: source.clone(), span: Some(Span { start, end }) }
    }

    /// The file, as it was named when it was read.
    #[must_use]
    pub fn path(&self) -> &str {
        self.source.path()
    }

    /// Line and column, both from 1, in characters; none for a file as a whole.
    #[must_use]
    pub fn line_and_column(&self) -> Option<(usize, usize)> {
        let before = self.source.text().get(..self.span?.start)?;
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Some((line, column))
    }

    /// `path:line:column`.
    fn address(&self) -> String {
        match self.line_and_column() {
            Some((line, column)) => format!("{}:{line}:{column}", self.path()),
            None => self.path().to_owned(),
        }
    }

    fn order(&self) -> (&str, Option<Span>) {
        (self.path(), self.span)
    }
}

fn floor_char(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// One mistake.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    place: Place,
    sentence: Sentence,
    labels: Vec<(Place, &'static str)>,
}

impl Diagnostic {
    /// A mistake at a place.
    #[must_use]
    pub fn new(place: Place, sentence: Sentence) -> Self {
        Self { place, sentence, labels: Vec::new() }
    }

    /// The same, with a second place that belongs to it.
    #[must_use]
    pub fn with(mut self, place: Place, label: &'static str) -> Self {
        self.labels.push((place, label));
        self
    }

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What it says.
    #[must_use]
    pub fn sentence(&self) -> &Sentence {
        &self.sentence
    }
}

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

    /// Takes over what another has found.
    pub fn append(&mut self, other: Self) {
        self.found.extend(other.found);
    }

    /// Takes over what another stage has reported.
    pub fn absorb(&mut self, report: Report) {
        self.found.extend(report.diagnostics);
    }

    /// Nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// What the stage made, if it found nothing wrong.
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
        render::carets(&self.diagnostics, colour)
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
            (one.place.order(), one.sentence.code(), one.sentence.message()).cmp(&(
                other.place.order(),
                other.sentence.code(),
                other.sentence.message(),
            ))
        });
        Self { diagnostics }
    }
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
