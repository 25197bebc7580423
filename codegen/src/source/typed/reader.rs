//! One node of the tree while it is read: what is wrong with it is noted, and a placeholder takes its place.

use super::context::Context;
use super::read_error::ReadError;
use super::session::Session;
use crate::diagnostic::sentence;
use crate::diagnostic::sentence::Sentence;
use crate::diagnostic::words::quoted;
use crate::source::tree::node::{Kind, Node};

/// A node that is being read; without one it is a placeholder, which takes every shape and is silent.
#[derive(Clone, Copy)]
pub(super) struct NodeReader<'s> {
    pub(super) session: &'s Session<'s>,
    pub(super) node: Option<&'s Node>,
    pub(super) context: Context<'s>,
}

impl<'s> NodeReader<'s> {
    pub(super) fn kind(self) -> Option<&'s Kind> {
        self.node.map(|node| &node.kind)
    }

    pub(super) fn placeholder(self) -> Self {
        Self { node: None, ..self }
    }

    /// The scalar as the file has it.
    fn written(self) -> &'s str {
        self.node.map(|node| self.session.source_text(node.span)).unwrap_or_default()
    }

    /// Says that another kind of value belongs here.
    pub(super) fn wrong(self, expected: &str, help: Option<String>) {
        let Some(node) = self.node else { return };
        self.session.note(node.span, || match (&node.kind, self.context) {
            (Kind::Nothing, Context::Key(key)) => sentence::no_value(key, expected),
            _ => sentence::wrong_kind(&self.context.value(), expected, &self.describe(node), help),
        });
    }

    fn describe(self, node: &Node) -> String {
        match &node.kind {
            Kind::Nothing => "nothing".to_owned(),
            Kind::Null => "null".to_owned(),
            Kind::Bool(value) => format!("`{value}`"),
            Kind::Integer(_) | Kind::Float(_) => {
                format!("the number {}", self.session.source_text(node.span))
            }
            Kind::Text(text) => format!("the text {}", quoted(text)),
            Kind::List(_) => "a list".to_owned(),
            Kind::Block(_) => "a block of keys".to_owned(),
        }
    }

    pub(super) fn note(self, sentence: impl FnOnce() -> Sentence) {
        if let Some(node) = self.node {
            self.session.note(node.span, sentence);
        }
    }

    /// Notes an error of serde at this node, unless it was noted at a node inside.
    pub(super) fn settle<T>(self, result: Result<T, ReadError>) -> Result<T, ReadError> {
        let (sentence, node) = match (result, self.node) {
            (Ok(made), _) => return Ok(made),
            (Err(ReadError::Mistake(sentence)), Some(node)) => (sentence, node),
            (Err(ReadError::Wrong { expected, found }), Some(node)) => {
                (sentence::wrong_kind(&self.context.value(), &expected, &found, None), node)
            }
            (Err(ReadError::Unknown { found, known }), Some(node)) => {
                (sentence::unknown_choice(&self.context.value(), &found, known), node)
            }
            (Err(ReadError::Missing(key)), Some(node)) => {
                (sentence::missing_keys(&self.context.block(), &[key]), node)
            }
            (Err(_), _) => return Err(ReadError::Noted),
        };
        self.session.refuse(node.id, node.span, sentence);
        Err(ReadError::Noted)
    }

    /// A whole number within a range; 0 if it is none.
    pub(super) fn integer<N: TryFrom<i128> + Default>(
        self,
        least: impl Into<i128>,
        most: impl Into<i128>,
    ) -> N {
        let (least, most) = (least.into(), most.into());
        let help = match self.kind() {
            Some(Kind::Integer(number)) => {
                return N::try_from(*number).unwrap_or_else(|_| {
                    self.note(|| sentence::out_of_range(self.written(), least, most));
                    N::default()
                });
            }
            Some(Kind::Float(_))
                if self.written().bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') =>
            {
                // It has too many digits for the YAML reader to take it for a whole number.
                self.note(|| sentence::out_of_range(self.written(), least, most));
                return N::default();
            }
            Some(Kind::Text(text)) => number_in(text),
            _ => None,
        };
        self.wrong("a whole number", help);
        N::default()
    }

    /// A text; an empty one if it is none.
    pub(super) fn text(self) -> &'s str {
        let help = match self.kind() {
            Some(Kind::Text(text)) => return text,
            Some(Kind::Bool(_) | Kind::Integer(_) | Kind::Float(_)) => {
                Some(format!("put it in quotes: \"{}\"", self.written()))
            }
            _ => None,
        };
        self.wrong("a text", help);
        ""
    }

    /// The items of a list; none if it is no list.
    pub(super) fn items(self) -> &'s [Node] {
        let help = match self.kind() {
            Some(Kind::List(items)) => return items,
            // It was meant as a list.
            Some(Kind::Text(text)) if text.starts_with('-') => Some("put a blank after each dash".to_owned()),
            Some(Kind::Text(_) | Kind::Bool(_) | Kind::Integer(_) | Kind::Float(_)) => {
                let text = self.written();
                (!text.contains('\n')).then(|| format!("put it in brackets: [{text}]"))
            }
            Some(Kind::Block(_)) => Some("begin each item with a dash: `- key: value`".to_owned()),
            _ => None,
        };
        self.wrong("a list", help);
        &[]
    }
}

/// What to write instead of a text that means a number.
fn number_in(text: &str) -> Option<String> {
    let digits = text.replace(['_', ',', ' '], "");
    let number = digits.parse::<i128>().ok()?;
    Some(format!("write it as digits alone, without quotes: {number}"))
}
