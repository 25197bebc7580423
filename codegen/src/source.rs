//! YAML files: from bytes to a tree that knows the place of everything, and on to any type that serde can read.
//!
//! The only file that names a YAML crate. `serde_yaml` says what a file means, `saphyr-parser` where it says so;
//! neither does both, and neither tells more than the first mistake.

mod document;
mod folder;
mod parse;
mod plain;

use saphyr_parser::{Event, Marker, Parser, ScanError};
use serde::de::DeserializeOwned;

pub use self::document::{Cursor, Document};
use self::document::{Key, Kind, Node};
pub use self::folder::Folder;
use self::plain::Value;
use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::{Diagnostics, Report};
use crate::diagnostic::sentence;
use crate::diagnostic::sentence::Sentence;
use crate::text::SourceText;
use crate::text::place::Place;
use crate::text::span::Span;

/// The bytes of a file as a text. Where they are not UTF-8 the report points at the first that is wrong.
pub fn decode(path: &str, bytes: &[u8]) -> Result<SourceText, Report> {
    // Offsets count without a byte order mark, as the text does.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(SourceText::new(path, text)),
        Err(error) => error,
    };
    let start = error.valid_up_to();
    let wrong = bytes.get(start).copied().unwrap_or_default();
    // What can be read is shown, with the replacement character for each byte that is wrong.
    let source = SourceText::new(path, &String::from_utf8_lossy(bytes));
    let place = Place::part(&source, Span { start, end: start + '\u{fffd}'.len_utf8() });
    Err(Diagnostic::new(place, sentence::not_utf8(wrong)).into())
}

/// Reads a file as a `T`, and keeps its tree so that later stages can point into it. All mistakes are reported at once.
///
/// Structs take no key that they do not name, whether or not they deny unknown fields.
pub fn parse<T: DeserializeOwned>(source: &SourceText) -> Result<(T, Document), Report> {
    let (root, mut found) = read(source)?;
    let made = parse::parse(source, &root, &mut found);
    match made {
        Some(made) if found.is_empty() => Ok((made, Document::new(source.clone(), root))),
        None if found.is_empty() => {
            Err(Diagnostic::new(Place::file(source), sentence::no_such_form()).into())
        }
        _ => Err(found.into()),
    }
}

/// The tree of a file, and what is wrong with it but does not keep it from being read.
fn read(source: &SourceText) -> Result<(Node, Diagnostics), Report> {
    let marks = Scan::new(source).run()?;
    let value = serde_yaml::from_str::<Value>(source.text()).map_err(|error| {
        let place = match error.location() {
            Some(location) => {
                let start = location.index();
                if let Some(tab) = tab_near(source.text(), start) {
                    return Diagnostic::new(character(source, tab), sentence::tab()).into();
                }
                character(source, start)
            }
            None => Place::file(source),
        };
        Report::from(Diagnostic::new(place, sentence::not_yaml("its structure cannot be made out")))
    })?;
    let mut join = Join { source, nodes: 0, found: Diagnostics::default() };
    match join.node(marks, value) {
        Some(root) => Ok((root, join.found)),
        None => Err(join.found.into()),
    }
}

/// How deep blocks may be nested. What the tool reads needs six.
const DEEPEST: usize = 32;

/// Where something stands, and what is inside it.
struct Mark {
    span: Span,
    shape: Shape,
}

enum Shape {
    Scalar(String),
    List(Vec<Mark>),
    Block(Vec<Mark>),
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
            // The parser would only say it again, in other words.
            return Err(self.found.into());
        }
        for event in Parser::new_from_str(self.source.text()) {
            match event {
                Ok((event, place)) => {
                    let span = Span { start: self.offset(place.start), end: self.offset(place.end) };
                    self.take(event, span);
                }
                Err(error) => {
                    self.refuse(&error);
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

    /// Puts what is complete into what is open around it.
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

    /// Says in other words what the parser says.
    fn refuse(&mut self, error: &ScanError) {
        let start = self.offset(*error.marker());
        let text = self.source.text();
        let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let line = text.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let info = error.info();
        let has = |words: &[&str]| words.iter().any(|word| info.contains(word));
        let next_tab = || text.get(start..).and_then(|rest| rest.find('\t')).map(|at| start + at);
        let tab = tab_near(text, start).or_else(|| has(&["tab"]).then(next_tab)?);
        let mut open = self.open.iter().rev().map(|mark| mark.span.start);
        let bracket = open.find(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(['[', '{'])));
        let (start, sentence) = match (tab, bracket) {
            (Some(tab), _) => (tab, sentence::tab()),
            _ if has(&["escape"]) => (start, sentence::escape()),
            _ if has(&["quoted scalar"]) && !has(&["trailing"]) => (start, sentence::open_quote()),
            _ if has(&["trailing content"]) => (start, sentence::after_quote()),
            _ if has(&["misplaced bracket"]) => (start, sentence::bracket()),
            _ if has(&["scanning a tag", "parsing a tag"]) => (start, sentence::tag()),
            _ if has(&["scanning an anchor"]) => (start, sentence::anchor()),
            _ if has(&["unknown anchor"]) => (start, sentence::alias()),
            (_, Some(bracket)) => (bracket, sentence::open_bracket()),
            _ if has(&["mapping values are not allowed", "':'"]) && !has(&["simple key"]) => {
                let key = line.len() - line.trim_start_matches([' ', '-']).len();
                let before = text.get(line_start + key..start).unwrap_or_default();
                if !before.contains(':') {
                    return self.refuse_indentation(line_start + key);
                }
                (start, sentence::second_colon())
            }
            _ if has(&["comment intercepting"]) => (start, sentence::comment_in_text()),
            _ if has(&[
                "unexpected character",
                "directive",
                "node content",
                "keys are not allowed",
                "comments must",
            ]) =>
            {
                (start, sentence::reserved())
            }
            _ if has(&["sequence entries are not allowed", "only valid inside a block"]) => {
                (start, sentence::list_on_key_line())
            }
            _ if has(&["simple key"]) => (last_text(text, line_start).unwrap_or(start), sentence::no_colon()),
            _ if has(&["block scalar"]) => (start, sentence::block_text()),
            _ if has(&["'-' indicator", "expected key", "indent", "<document start>"]) => {
                (start, sentence::indentation())
            }
            _ => (start, sentence::not_yaml(info)),
        };
        self.note(Span { start, end: start + 1 }, sentence);
    }

    /// A key at the beginning of a line, where YAML expects the line above to go on.
    fn refuse_indentation(&mut self, start: usize) {
        let text = self.source.text();
        let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let diagnostic = Diagnostic::new(character(self.source, start), sentence::indentation());
        self.found.push(match last_text(text, line_start) {
            Some(above) => {
                let place = Place::part(self.source, Span { start: above, end: start });
                diagnostic.with(place, "it is taken for the rest of this")
            }
            None => diagnostic,
        });
    }

    fn note(&mut self, span: Span, sentence: Sentence) {
        self.found.note(Place::part(self.source, span), sentence);
    }

    fn offset(&self, marker: Marker) -> usize {
        self.offsets.get(marker.index()).copied().unwrap_or(self.source.text().len())
    }
}

/// What YAML does not take in a file, or what one reader of it takes for a line break and the other does not.
fn is_unprintable(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// The tab that indents the line of a position, or one of those behind it up to the next that says something.
fn tab_near(text: &str, at: usize) -> Option<usize> {
    let mut start = text.get(..at)?.rfind('\n').map_or(0, |at| at + 1);
    for (index, line) in text.get(start..)?.split_inclusive('\n').enumerate() {
        let said = line.trim_start();
        let indentation = line.get(..line.len() - said.len())?;
        if let Some(tab) = indentation.find('\t') {
            return Some(start + tab);
        }
        if index > 0 && !said.is_empty() && !said.starts_with('#') {
            return None;
        }
        start += line.len();
    }
    None
}

/// The place of one character.
fn character(source: &SourceText, start: usize) -> Place {
    let length = source.text().get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
    Place::part(source, Span { start, end: start + length })
}

/// Where the last line before `end` begins that says something.
fn last_text(text: &str, end: usize) -> Option<usize> {
    let mut start = end;
    for line in text.get(..end)?.split_inclusive('\n').rev() {
        start -= line.len();
        let said = line.trim_start();
        if !said.is_empty() && !said.starts_with('#') {
            return Some(start + line.len() - said.len());
        }
    }
    None
}

/// Puts what `serde_yaml` has read where the marks say that it stands.
struct Join<'s> {
    source: &'s SourceText,
    nodes: usize,
    found: Diagnostics,
}

impl Join<'_> {
    /// None, with a diagnostic, where the two readers see different shapes.
    fn node(&mut self, mark: Mark, value: Value) -> Option<Node> {
        self.nodes += 1;
        let (id, mut span) = (self.nodes, mark.span);
        let kind = match (mark.shape, value) {
            (Shape::Scalar(text), Value::Null) if text.is_empty() => Kind::Nothing,
            (Shape::Scalar(_), Value::Null) => Kind::Null,
            (Shape::Scalar(_), Value::Bool(value)) => Kind::Bool(value),
            (Shape::Scalar(_), Value::Integer(value)) => Kind::Integer(value),
            (Shape::Scalar(_), Value::Float(value)) => Kind::Float(value),
            (Shape::Scalar(_), Value::Text(value)) => Kind::Text(value),
            (Shape::List(marks), Value::List(values)) if marks.len() == values.len() => {
                span.end = span.start + 1;
                Kind::List(
                    marks
                        .into_iter()
                        .zip(values)
                        .map(|(mark, value)| self.node(mark, value))
                        .collect::<Option<_>>()?,
                )
            }
            (Shape::Block(marks), Value::Block(values)) if marks.len() == 2 * values.len() => {
                let entries = self.entries(marks, values)?;
                // A block is shown by its first key.
                span = entries
                    .first()
                    .map_or(Span { start: span.start, end: span.start + 1 }, |(key, _)| key.span);
                Kind::Block(entries)
            }
            _ => {
                self.found.note(Place::part(self.source, span), sentence::ambiguous());
                return None;
            }
        };
        Some(Node { id, span, kind })
    }

    fn entries(&mut self, marks: Vec<Mark>, values: Vec<Value>) -> Option<Vec<(Key, Node)>> {
        let mut entries: Vec<(Key, Node)> = Vec::with_capacity(values.len());
        let mut marks = marks.into_iter();
        for value in values {
            let (key, mark) = (marks.next()?, marks.next()?);
            let Shape::Scalar(text) = key.shape else {
                self.found.note(Place::part(self.source, key.span), sentence::key_not_a_word());
                return None;
            };
            let mut node = self.node(mark, value)?;
            if matches!(node.kind, Kind::Nothing) {
                // Nothing stands there, so the key has to be pointed at.
                node.span = key.span;
            }
            if let Some((first, _)) = entries.iter().find(|(first, _)| first.text == text) {
                let place = Place::part(self.source, key.span);
                let diagnostic = Diagnostic::new(place, sentence::duplicate_key(&text));
                self.found.push(diagnostic.with(Place::part(self.source, first.span), "first declared here"));
                continue;
            }
            entries.push((Key { text, span: key.span }, node));
        }
        Some(entries)
    }
}
