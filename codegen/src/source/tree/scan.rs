//! Where everything in a file is written: one pass over the events of `saphyr-parser`.

use saphyr_parser::{Event, Marker, Parser};

use super::scan_error::explain;
use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::{Diagnostics, Report};
use crate::diagnostic::sentence;
use crate::diagnostic::sentence::Sentence;
use crate::text::place::Place;
use crate::text::source_text::SourceText;
use crate::text::span::Span;

/// How deep blocks may be nested. What the tool reads needs six.
const DEEPEST: usize = 32;

/// Where something is written, and what is inside it.
pub(super) struct Mark {
    pub(super) span: Span,
    pub(super) shape: Shape,
}

/// What is inside a mark.
pub(super) enum Shape {
    Scalar(String),
    List(Vec<Mark>),
    Block(Vec<Mark>),
}

/// Reads the places of everything in a file.
pub(super) fn scan(source: &SourceText) -> Result<Mark, Report> {
    Scan::new(source).run()
}

/// One pass over the events of a file.
struct Scan<'s> {
    source: &'s SourceText,
    /// The byte at which each character begins: the parser counts characters.
    offsets: Vec<usize>,
    open: Vec<Mark>,
    documents: usize,
    root: Option<Mark>,
    found: Diagnostics,
}

impl<'s> Scan<'s> {
    fn new(source: &'s SourceText) -> Self {
        let offsets = source.text().char_indices().map(|(offset, _)| offset).collect();
        Self { source, offsets, open: Vec::new(), documents: 0, root: None, found: Diagnostics::default() }
    }

    fn run(mut self) -> Result<Mark, Report> {
        for (start, character) in self.source.text().char_indices().filter(|(_, c)| is_unprintable(*c)) {
            let span = Span { start, end: start + character.len_utf8() };
            self.note(span, sentence::unprintable(character.into()));
        }
        if !self.found.is_empty() {
            // The parser would only report the same again.
            return Err(self.found.into());
        }
        for event in Parser::new_from_str(self.source.text()) {
            match event {
                Ok((event, place)) => {
                    let span = Span { start: self.offset(place.start), end: self.offset(place.end) };
                    self.take(event, span);
                }
                Err(error) => {
                    let open = self.open.iter().map(|mark| mark.span.start);
                    let start = self.offset(*error.marker());
                    self.found.push(explain(self.source, start, &open.collect::<Vec<_>>(), error.info()));
                    break;
                }
            }
            if self.open.len() > DEEPEST {
                let span = self.open.last().map(|mark| mark.span).unwrap_or_default();
                self.note(span, sentence::too_deep(DEEPEST));
                break;
            }
        }
        match self.root {
            _ if !self.found.is_empty() => Err(self.found.into()),
            Some(root) => Ok(root),
            None => Err(Diagnostic::new(Place::file(self.source), sentence::empty_file()).into()),
        }
    }

    fn take(&mut self, event: Event<'_>, span: Span) {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents == 2 {
                    self.note(span, sentence::second_document());
                }
            }
            Event::Alias(_) => {
                self.note(span, sentence::alias());
                self.close(Mark { span, shape: Shape::Scalar(String::new()) });
            }
            Event::Scalar(text, _, anchor, tag) => {
                self.refuse_properties(span, anchor > 0, tag.is_some());
                self.close(Mark { span, shape: Shape::Scalar(text.into_owned()) });
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_properties(span, anchor > 0, tag.is_some());
                self.open.push(Mark { span, shape: Shape::List(Vec::new()) });
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_properties(span, anchor > 0, tag.is_some());
                self.open.push(Mark { span, shape: Shape::Block(Vec::new()) });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(mark) = self.open.pop() {
                    self.close(mark);
                }
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
    }

    /// Adds a mark that is complete to the list or block around it.
    fn close(&mut self, mark: Mark) {
        match self.open.last_mut().map(|parent| &mut parent.shape) {
            Some(Shape::List(items) | Shape::Block(items)) => items.push(mark),
            Some(Shape::Scalar(_)) => {}
            None => self.root = self.root.take().or(Some(mark)),
        }
    }

    fn refuse_properties(&mut self, span: Span, anchor: bool, tag: bool) {
        if anchor {
            self.note(span, sentence::anchor());
        }
        if tag {
            self.note(span, sentence::tag());
        }
    }

    fn note(&mut self, span: Span, sentence: Sentence) {
        self.found.note(Place::part(self.source, span), sentence);
    }

    fn offset(&self, marker: Marker) -> usize {
        self.offsets.get(marker.index()).copied().unwrap_or(self.source.text().len())
    }
}

/// Characters that YAML does not allow in a file, or that only one of the two readers takes for a line break.
fn is_unprintable(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}
