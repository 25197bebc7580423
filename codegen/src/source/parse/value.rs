//! One node of the tree as serde sees it: a `Deserializer` that notes what is wrong and goes on.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::fault::Fault;
use super::{Key, Kind, Node, Session};
use crate::diagnostic::{Sentence, list, quoted, sentence};

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
    pub(super) fn name(self) -> String {
        match self {
            Self::File => "the file".to_owned(),
            Self::Key(key) => format!("`{key}`"),
            Self::Item(key) => format!("this entry of `{key}`"),
        }
    }
}

impl<'s> Value<'s> {
    fn kind(self) -> Option<&'s Kind> {
        self.node.map(|node| &node.kind)
    }

    fn stand_in(self) -> Self {
        Self { node: None, ..self }
    }

    /// The scalar as the file has it.
    fn written(self) -> &'s str {
        self.node.map(|node| self.session.source_text(node.span)).unwrap_or_default()
    }

    /// Says that another kind of value belongs here.
    fn wrong(self, expected: &str, help: Option<String>) {
        let Some(node) = self.node else { return };
        let sentence = match (&node.kind, self.context) {
            (Kind::Nothing, Context::Key(key)) => sentence::no_value(key, expected),
            _ => sentence::wrong_kind(&self.describe(node), expected, help),
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

    /// Puts what serde complained of at this node, unless a node inside it has taken it.
    fn settle<T>(self, result: Result<T, Fault>) -> Result<T, Fault> {
        let (sentence, node) = match (result, self.node) {
            (Ok(made), _) => return Ok(made),
            (Err(Fault::Mistake(sentence)), Some(node)) => (sentence, node),
            (Err(Fault::Missing(key)), Some(node)) => {
                (sentence::missing_keys(&self.context.name(), &[key]), node)
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
            Some(Kind::Text(text)) => number_in(text),
            _ => None,
        };
        self.wrong("a whole number", help);
        N::default()
    }

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

    fn items(self) -> &'s [Node] {
        let help = match self.kind() {
            Some(Kind::List(items)) => return items,
            Some(Kind::Text(_) | Kind::Bool(_) | Kind::Integer(_) | Kind::Float(_)) => {
                let text = self.written();
                (!text.contains('\n')).then(|| format!("put it in brackets: [{text}]"))
            }
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
            self.wrong("true or false", None);
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
                self.session.miss(block, self.context, key);
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
                self.note(sentence::unknown_choice(text, choices));
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

/// The items of a list.
struct Items<'s> {
    list: Value<'s>,
    rest: std::slice::Iter<'s, Node>,
}

impl<'s> Items<'s> {
    fn new(list: Value<'s>) -> Self {
        Self { list, rest: list.items().iter() }
    }
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let session = self.list.session;
        let Some(node) = self.rest.find(|node| !session.is_refused(node)) else { return Ok(None) };
        let context = match self.list.context {
            Context::Key(key) | Context::Item(key) => Context::Item(key),
            Context::File => Context::File,
        };
        seed.deserialize(Value { session, node: Some(node), context }).map(Some)
    }
}

/// The entries of a block, and stand-ins for those that it lacks.
struct Entries<'s> {
    block: Value<'s>,
    present: Vec<(&'s Key, &'s Node)>,
    absent: Vec<&'static str>,
    value: Option<Value<'s>>,
}

impl<'s> Entries<'s> {
    /// Without `keys` it takes every key; with them, others are noted and left out.
    fn new(block: Value<'s>, keys: Option<&'static [&'static str]>) -> Self {
        let mut present = Vec::new();
        let mut absent = Vec::new();
        if let Some(node @ Node { kind: Kind::Block(entries), .. }) = block.node {
            for (key, value) in entries {
                match keys {
                    Some(keys) if !keys.contains(&key.text.as_str()) => {
                        block
                            .session
                            .note(key.span, sentence::unknown_key(&key.text, &block.context.name(), keys));
                    }
                    _ if block.session.is_refused(value) => {}
                    _ => present.push((key, value)),
                }
            }
            absent = block.session.missed(node);
        } else {
            block.wrong("a block of keys", None);
            absent.extend(keys.unwrap_or_default());
        }
        // Both are taken from their ends.
        present.reverse();
        absent.reverse();
        Self { block, present, absent, value: None }
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let session = self.block.session;
        if let Some((key, node)) = self.present.pop() {
            self.value = Some(Value { session, node: Some(node), context: Context::Key(&key.text) });
            let made = seed.deserialize(StrDeserializer::new(&key.text)).map_err(|fault| match fault {
                Fault::Mistake(sentence) => {
                    session.refuse(node.id, key.span, sentence);
                    Fault::Noted
                }
                fault => fault,
            });
            return made.map(Some);
        }
        let Some(key) = self.absent.pop() else { return Ok(None) };
        self.value = Some(self.block.stand_in());
        seed.deserialize(StrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        seed.deserialize(self.value.take().unwrap_or(self.block.stand_in()))
    }
}
