//! A file that has been read: every value is reached by its route, and knows its place.

use super::tree::node::{Key, Kind, Node};
use crate::text::place::Place;
use crate::text::source_text::SourceText;
use crate::text::span::Span;

/// A file that has been read, to point into.
#[derive(Debug)]
pub struct Document {
    source: SourceText,
    root: Node,
}

impl Document {
    pub(super) fn new(source: SourceText, root: Node) -> Self {
        Self { source, root }
    }

    /// The text that was read.
    #[must_use]
    pub fn source(&self) -> &SourceText {
        &self.source
    }

    /// The file as a whole; every value is reached from there.
    #[must_use]
    pub fn cursor(&self) -> Cursor<'_> {
        Cursor { source: &self.source, node: Some(&self.root), span: self.root.span, key: self.root.span }
    }
}

/// A value of a file, reached by its route. A route to what is not written stops at the last value that is.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'d> {
    source: &'d SourceText,
    node: Option<&'d Node>,
    span: Span,
    key: Span,
}

impl<'d> Cursor<'d> {
    /// The value of a key.
    #[must_use]
    pub fn key(self, name: &str) -> Self {
        let entry = self.entries().iter().find(|(key, _)| key.text == name);
        self.step(entry.map(|(key, node)| (key.span, node)))
    }

    /// An item of a list.
    #[must_use]
    pub fn index(self, index: usize) -> Self {
        let item = self.items().get(index);
        self.step(item.map(|node| (node.span, node)))
    }

    /// Where the value is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::part(self.source, self.span)
    }

    /// Where a part of its text is, the last if there are several.
    #[must_use]
    pub fn part(&self, part: &str) -> Place {
        let written = self.source.text().get(self.span.start..self.span.end).unwrap_or_default();
        let start = written.rfind(part).map(|at| self.span.start + at);
        let span = start.map_or(self.span, |start| Span { start, end: start + part.len() });
        Place::part(self.source, span)
    }

    /// Where its key is; of an item, where the item is.
    #[must_use]
    pub fn key_place(&self) -> Place {
        Place::part(self.source, self.key)
    }

    /// It is written in the file, if only as `null`.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.node.is_some()
    }

    /// Its text, if that is what it is.
    #[must_use]
    pub fn text(&self) -> Option<&'d str> {
        match self.node.map(|node| &node.kind) {
            Some(Kind::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Its text or its number, to compare items by.
    #[must_use]
    pub fn scalar(&self) -> Option<String> {
        match self.node.map(|node| &node.kind) {
            Some(Kind::Text(text)) => Some(text.clone()),
            Some(Kind::Integer(number)) => Some(number.to_string()),
            _ => None,
        }
    }

    /// What is inside, with its key where it has one.
    pub fn children(self) -> impl Iterator<Item = (Option<&'d str>, Self)> {
        let items = self.items().iter().map(move |node| (None, self.step(Some((node.span, node)))));
        let entries = self
            .entries()
            .iter()
            .map(move |(key, node)| (Some(key.text.as_str()), self.step(Some((key.span, node)))));
        items.chain(entries)
    }

    /// It is a list.
    #[must_use]
    pub fn is_list(&self) -> bool {
        matches!(self.node.map(|node| &node.kind), Some(Kind::List(_)))
    }

    fn step(self, to: Option<(Span, &'d Node)>) -> Self {
        match to {
            Some((key, node)) => Self { source: self.source, node: Some(node), span: node.span, key },
            None => Self { node: None, ..self },
        }
    }

    fn items(&self) -> &'d [Node] {
        match self.node.map(|node| &node.kind) {
            Some(Kind::List(items)) => items,
            _ => &[],
        }
    }

    fn entries(&self) -> &'d [(Key, Node)] {
        match self.node.map(|node| &node.kind) {
            Some(Kind::Block(entries)) => entries,
            _ => &[],
        }
    }
}
