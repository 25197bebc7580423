//! A place in a file, as a value: it can be compared, printed as `FILE:LINE:COLUMN`, and shown with its line.

use std::fmt;

use super::source_text::SourceText;
use super::span::Span;

/// A part of a file, or a file as a whole. Clones share the text of the file.
///
/// ```
/// use partnerstack_codegen::text::{Place, SourceText, Span};
///
/// let source = SourceText::new("sync.yaml", "object: things\nmode: insrt\n");
/// let place = Place::part(&source, Span { start: 21, end: 26 });
/// assert_eq!(place.to_string(), "sync.yaml:2:7");
/// assert_eq!(Place::file(&source).to_string(), "sync.yaml");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    source: SourceText,
    span: Option<Span>,
}

impl Place {
    /// A file as a whole.
    #[must_use]
    pub fn file(source: &SourceText) -> Self {
        Self { source: source.clone(), span: None }
    }

    /// A part of a file. It ends with its first line: a caret under a whole block would show nothing.
    #[must_use]
    pub fn part(source: &SourceText, span: Span) -> Self {
        let text = source.text();
        let start = floor_char(text, span.start);
        let line_end =
            text.get(start..).and_then(|rest| rest.find(['\r', '\n'])).map_or(text.len(), |at| start + at);
        let end = floor_char(text, span.end).clamp(start, line_end);
        Self { source: source.clone(), span: Some(Span { start, end }) }
    }

    /// The file's name, as it was given when the file was read.
    #[must_use]
    pub fn path(&self) -> &str {
        self.source.path()
    }

    /// The file's text.
    #[must_use]
    pub fn source(&self) -> &SourceText {
        &self.source
    }

    /// The part of the text; none for a file as a whole.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.span
    }

    /// Line and column, both from 1, in characters; none for a file as a whole.
    #[must_use]
    pub fn line_and_column(&self) -> Option<(usize, usize)> {
        let before = self.source.text().get(..self.span?.start)?;
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Some((line, column))
    }
}

/// `FILE:LINE:COLUMN`, or `FILE`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line_and_column() {
            Some((line, column)) => write!(f, "{}:{line}:{column}", self.path()),
            None => f.write_str(self.path()),
        }
    }
}

/// The same as `Display`: the text may hold a secret.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}

fn floor_char(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}
