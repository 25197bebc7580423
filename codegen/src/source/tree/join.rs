//! Puts places and values together to one tree.

use super::node::{Key, Kind, Node};
use super::plain::PlainValue;
use super::scan::{Mark, Shape};
use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::{Diagnostics, Report};
use crate::diagnostic::sentence;
use crate::text::place::Place;
use crate::text::source_text::SourceText;
use crate::text::span::Span;

/// The tree of a file, and what is wrong with it but does not keep it from being read.
pub(super) fn join(
    source: &SourceText,
    marks: Mark,
    value: PlainValue,
) -> Result<(Node, Diagnostics), Report> {
    let mut join = Join { source, nodes: 0, found: Diagnostics::default() };
    match join.node(marks, value) {
        Some(root) => Ok((root, join.found)),
        None => Err(join.found.into()),
    }
}

/// Gives each value that `serde_yaml` has read the place that was marked for it.
struct Join<'s> {
    source: &'s SourceText,
    nodes: usize,
    found: Diagnostics,
}

impl Join<'_> {
    /// None, with a diagnostic, where the two readers disagree about the shape.
    fn node(&mut self, mark: Mark, value: PlainValue) -> Option<Node> {
        self.nodes += 1;
        let (id, mut span) = (self.nodes, mark.span);
        let kind = match (mark.shape, value) {
            (Shape::Scalar(text), PlainValue::Null) if text.is_empty() => Kind::Nothing,
            (Shape::Scalar(_), PlainValue::Null) => Kind::Null,
            (Shape::Scalar(_), PlainValue::Bool(value)) => Kind::Bool(value),
            (Shape::Scalar(_), PlainValue::Integer(value)) => Kind::Integer(value),
            (Shape::Scalar(_), PlainValue::Float(value)) => Kind::Float(value),
            (Shape::Scalar(_), PlainValue::Text(value)) => Kind::Text(value),
            (Shape::List(marks), PlainValue::List(values)) if marks.len() == values.len() => {
                span.end = span.start + 1;
                Kind::List(
                    marks
                        .into_iter()
                        .zip(values)
                        .map(|(mark, value)| self.node(mark, value))
                        .collect::<Option<_>>()?,
                )
            }
            (Shape::Block(marks), PlainValue::Block(values)) if marks.len() == 2 * values.len() => {
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

    fn entries(&mut self, marks: Vec<Mark>, values: Vec<PlainValue>) -> Option<Vec<(Key, Node)>> {
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
                // There is no value to point at, so the place is that of the key.
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
