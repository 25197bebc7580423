//! The tree of a file: what it says, and where.

use crate::text::span::Span;

/// One value of a file.
#[derive(Debug)]
pub(crate) struct Node {
    /// Tells it from every other node of the file.
    pub(crate) id: usize,
    /// The part that a caret marks: the whole of a scalar, the first key of a block.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a value is.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Nothing is written there.
    Nothing,
    /// `null` is written there.
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Block(Vec<(Key, Node)>),
}

/// The key of an entry.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) text: String,
    pub(crate) span: Span,
}
