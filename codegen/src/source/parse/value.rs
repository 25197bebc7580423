//! One node of the tree as serde sees it: a `Deserializer` that notes what is wrong and goes on.

use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::access::{Entries, Items};
use super::fault::Fault;
use super::{Kind, Node, Session};
use crate::diagnostic::sentence;
use crate::diagnostic::sentence::Sentence;
use crate::diagnostic::words::{list, quoted};

/// A node that is being read; without one it is a stand-in, which takes every shape and is silent.
#[derive(Clone, Copy)]
pub(super) struct Value<'s> {
    pub(super) session: &'s Session<'s>,
    pub(super) node: Option<&'s Node>,
    pub(super) context: Context<'s>,
}

/// What messages call the surroundings of a value.
#[derive(Clone, Copy)]
pub(super) enum Context<'s> {
    File,
    Key(&'s str),
    Item(&'s str),
}

impl Context<'_> {
    /// For what is wrong with a block's keys.
    pub(super) fn block(self) -> String {
        match self {
            Self::Item(key) => format!("this entry of `{key}`"),
            _ => self.value(),
        }
    }

    /// For what is wrong with the value itself.
    fn value(self) -> String {
        match self {
            Self::File => "the file".to_owned(),
            Self::Key(key) => format!("`{key}`"),
            Self::Item(key) => format!("an item of `{key}`"),
        }
    }
}

impl<'s> Value<'s> {
    fn kind(self) -> Option<&'s Kind> {
        self.node.map(|node| &node.kind)
    }

    pub(super) fn stand_in(self) -> Self {
        Self { node: None, ..self }
    }

    /// The scalar as the file has it.
    fn written(self) -> &'s str {
        self.node.map(|node| self.session.source_text(node.span)).unwrap_or_default()
    }

    /// Says that another kind of value belongs here.
    pub(super) fn wrong(self, expected: &str, help: Option<String>) {
        let Some(node) = self.node else { return };
        let sentence = match (&node.kind, self.context) {
            (Kind::Nothing, Context::Key(key)) => sentence::no_value(key, expected),
            _ => sentence::wrong_kind(&self.context.value(), expected, &self.describe(node), help),
        };
        self.session.note(node.span, sentence);
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

    fn note(self, sentence: Sentence) {
        if let Some(node) = self.node {
            self.session.note(node.span, sentence);
        }
    }

    /// Reads the value, and takes what a type complains of after it has seen the whole of it.
    pub(super) fn read<'de, S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Fault> {
        self.settle(seed.deserialize(self))
    }

    /// Puts what serde complained of at this node, unless a node inside it has taken it.
    fn settle<T>(self, result: Result<T, Fault>) -> Result<T, Fault> {
        let (sentence, node) = match (result, self.node) {
            (Ok(made), _) => return Ok(made),
            (Err(Fault::Mistake(sentence)), Some(node)) => (sentence, node),
            (Err(Fault::Wrong { expected, found }), Some(node)) => {
                (sentence::wrong_kind(&self.context.value(), &expected, &found, None), node)
            }
            (Err(Fault::Unknown { found, known }), Some(node)) => {
                (sentence::unknown_choice(&self.context.value(), &found, known), node)
            }
            (Err(Fault::Missing(key)), Some(node)) => {
                (sentence::missing_keys(&self.context.block(), &[key]), node)
            }
            (Err(_), _) => return Err(Fault::Noted),
        };
        self.session.refuse(node.id, node.span, sentence);
        Err(Fault::Noted)
    }

    /// A whole number within a range; 0 stands in for what is none.
    fn integer<N: TryFrom<i128> + Default>(self, least: impl Into<i128>, most: impl Into<i128>) -> N {
        let (least, most) = (least.into(), most.into());
        let help = match self.kind() {
            Some(Kind::Integer(number)) => {
                return N::try_from(*number).unwrap_or_else(|_| {
                    self.note(sentence::out_of_range(self.written(), least, most));
                    N::default()
                });
            }
            Some(Kind::Float(_))
                if self.written().bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') =>
            {
                // So many digits that not even the reader takes it for a whole number.
                self.note(sentence::out_of_range(self.written(), least, most));
                return N::default();
            }
            Some(Kind::Text(text)) => number_in(text),
            _ => None,
        };
        self.wrong("a whole number", help);
        N::default()
    }

    /// A text; an empty one stands in for what is none.
    fn text(self) -> &'s str {
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

    /// The items of a list; none of what is no list.
    pub(super) fn items(self) -> &'s [Node] {
        let help = match self.kind() {
            Some(Kind::List(items)) => return items,
            // A list all the same, for whoever wrote it.
            Some(Kind::Text(text)) if text.starts_with('-') => {
                Some("put a blank behind each dash".to_owned())
            }
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

macro_rules! integers {
    ($($deserialize:ident $visit:ident $type:ident;)*) => {
        $(fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.settle(visitor.$visit(self.integer($type::MIN, $type::MAX)))
        })*
    };
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Fault;

    integers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let result = match self.kind() {
            None | Some(Kind::Nothing | Kind::Null) => visitor.visit_unit(),
            Some(Kind::Bool(value)) => visitor.visit_bool(*value),
            Some(Kind::Integer(number)) => match (u64::try_from(*number), i64::try_from(*number)) {
                (Ok(number), _) => visitor.visit_u64(number),
                (Err(_), Ok(number)) => visitor.visit_i64(number),
                (Err(_), Err(_)) => visitor.visit_u64(self.integer(u64::MIN, u64::MAX)),
            },
            Some(Kind::Float(number)) => visitor.visit_f64(*number),
            Some(Kind::Text(text)) => visitor.visit_str(text),
            Some(Kind::List(_)) => visitor.visit_seq(Items::new(self)),
            Some(Kind::Block(_)) => visitor.visit_map(Entries::new(self, None)),
        };
        self.settle(result)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let value = if let Some(Kind::Bool(value)) = self.kind() {
            *value
        } else {
            // Words that older YAML took for these.
            let meant = match self.text().to_ascii_lowercase().as_str() {
                "yes" | "on" | "true" | "1" => Some("write `true`".to_owned()),
                "no" | "off" | "false" | "0" => Some("write `false`".to_owned()),
                _ => None,
            };
            self.wrong("true or false", meant);
            false
        };
        self.settle(visitor.visit_bool(value))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.settle(visitor.visit_str(self.text()))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.kind() {
            None | Some(Kind::Null) => self.settle(visitor.visit_none()),
            Some(Kind::Nothing) => {
                if let Context::Key(key) = self.context {
                    self.note(sentence::forgotten_value(key));
                }
                self.settle(visitor.visit_none())
            }
            Some(_) => self.settle(visitor.visit_some(self)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.settle(visitor.visit_newtype_struct(self))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.settle(visitor.visit_seq(Items::new(self)))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.settle(visitor.visit_map(Entries::new(self, None)))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let entries = Entries::new(self, Some(keys));
        match (visitor.visit_map(entries), self.node) {
            (Err(Fault::Missing(key)), Some(block)) if matches!(block.kind, Kind::Block(_)) => {
                self.session.miss(block, self.context, keys, key);
                Err(Fault::Noted)
            }
            (result, _) => self.settle(result),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        choices: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let choice = match self.kind() {
            Some(Kind::Text(text)) if choices.contains(&text.as_str()) => text,
            Some(Kind::Text(text)) => {
                self.note(sentence::unknown_choice(&self.context.value(), text, choices));
                choices.first().copied().unwrap_or_default()
            }
            _ => {
                self.wrong(&list(choices, "or"), None);
                choices.first().copied().unwrap_or_default()
            }
        };
        self.settle(visitor.visit_enum(choice.into_deserializer()))
    }
}
