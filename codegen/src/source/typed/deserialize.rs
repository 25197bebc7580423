//! A node as serde sees it, and what is inside it, one after the other.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::context::Context;
use super::read_error::ReadError;
use super::reader::NodeReader;
use crate::diagnostic::sentence;
use crate::diagnostic::words::list;
use crate::source::tree::node::{Key, Kind, Node};

impl NodeReader<'_> {
    /// Reads the value, and notes what its type refuses once it has seen the whole of it.
    pub(super) fn read<'de, S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, ReadError> {
        self.settle(seed.deserialize(self))
    }
}

macro_rules! integers {
    ($($deserialize:ident $visit:ident $type:ident;)*) => {
        $(fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
            self.settle(visitor.$visit(self.integer($type::MIN, $type::MAX)))
        })*
    };
}

impl<'de> Deserializer<'de> for NodeReader<'_> {
    type Error = ReadError;

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

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
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

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
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

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.settle(visitor.visit_str(self.text()))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.kind() {
            None | Some(Kind::Null) => self.settle(visitor.visit_none()),
            Some(Kind::Nothing) => {
                if let Context::Key(key) = self.context {
                    self.note(|| sentence::forgotten_value(key));
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
    ) -> Result<V::Value, ReadError> {
        self.settle(visitor.visit_newtype_struct(self))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.settle(visitor.visit_seq(Items::new(self)))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.settle(visitor.visit_map(Entries::new(self, None)))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let entries = Entries::new(self, Some(keys));
        match (visitor.visit_map(entries), self.node) {
            (Err(ReadError::Missing(key)), Some(block)) if matches!(block.kind, Kind::Block(_)) => {
                self.session.miss(block, self.context, keys, key);
                Err(ReadError::Noted)
            }
            (result, _) => self.settle(result),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        choices: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let choice = match self.kind() {
            Some(Kind::Text(text)) if choices.contains(&text.as_str()) => text,
            Some(Kind::Text(text)) => {
                self.note(|| sentence::unknown_choice(&self.context.value(), text, choices));
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
    list: NodeReader<'s>,
    rest: std::slice::Iter<'s, Node>,
}

impl<'s> Items<'s> {
    fn new(list: NodeReader<'s>) -> Self {
        Self { list, rest: list.items().iter() }
    }
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = ReadError;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, ReadError> {
        let session = self.list.session;
        let Some(node) = self.rest.find(|node| !session.is_refused(node)) else { return Ok(None) };
        let context = match self.list.context {
            Context::Key(key) | Context::Item(key) => Context::Item(key),
            Context::File => Context::File,
        };
        NodeReader { session, node: Some(node), context }.read(seed).map(Some)
    }
}

/// The entries of a block, and placeholders for those that it lacks.
struct Entries<'s> {
    block: NodeReader<'s>,
    present: Vec<(&'s Key, &'s Node)>,
    absent: Vec<&'static str>,
    value: Option<NodeReader<'s>>,
}

impl<'s> Entries<'s> {
    /// Without `keys` it takes every key; with them, others are noted and left out.
    fn new(block: NodeReader<'s>, keys: Option<&'static [&'static str]>) -> Self {
        let mut present = Vec::new();
        let mut absent = Vec::new();
        if let Some(node @ Node { kind: Kind::Block(entries), .. }) = block.node {
            for (key, value) in entries {
                match keys {
                    Some(keys) if !keys.contains(&key.text.as_str()) => {
                        block.session.note(key.span, || {
                            sentence::unknown_key(&key.text, &block.context.block(), keys)
                        });
                    }
                    _ if block.session.is_refused(value) => {}
                    _ => present.push((key, value)),
                }
            }
            absent = block.session.missed(node);
        } else {
            let shown =
                keys.filter(|keys| keys.len() <= 8).map(|keys| format!("its keys are {}", list(keys, "and")));
            block.wrong("a block of keys", shown);
            absent.extend(keys.unwrap_or_default());
        }
        // Both are taken from their ends.
        present.reverse();
        absent.reverse();
        Self { block, present, absent, value: None }
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = ReadError;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, ReadError> {
        let session = self.block.session;
        if let Some((key, node)) = self.present.pop() {
            self.value = Some(NodeReader { session, node: Some(node), context: Context::Key(&key.text) });
            let made = seed.deserialize(StrDeserializer::new(&key.text)).map_err(|error: ReadError| {
                if let Some(sentence) = error.about_key(&key.text) {
                    session.refuse(node.id, key.span, sentence);
                }
                ReadError::Noted
            });
            return made.map(Some);
        }
        let Some(key) = self.absent.pop() else { return Ok(None) };
        self.value = Some(self.block.placeholder());
        seed.deserialize(StrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, ReadError> {
        self.value.take().unwrap_or(self.block.placeholder()).read(seed)
    }
}
