//! What is inside a node, one after the other, as serde asks for it.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess};

use super::fault::Fault;
use super::value::{Context, Value};
use super::{Key, Kind, Node};
use crate::diagnostic::sentence;
use crate::diagnostic::words::list;

/// The items of a list.
pub(super) struct Items<'s> {
    list: Value<'s>,
    rest: std::slice::Iter<'s, Node>,
}

impl<'s> Items<'s> {
    pub(super) fn new(list: Value<'s>) -> Self {
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
        Value { session, node: Some(node), context }.read(seed).map(Some)
    }
}

/// The entries of a block, and stand-ins for those that it lacks.
pub(super) struct Entries<'s> {
    block: Value<'s>,
    present: Vec<(&'s Key, &'s Node)>,
    absent: Vec<&'static str>,
    value: Option<Value<'s>>,
}

impl<'s> Entries<'s> {
    /// Without `keys` it takes every key; with them, others are noted and left out.
    pub(super) fn new(block: Value<'s>, keys: Option<&'static [&'static str]>) -> Self {
        let mut present = Vec::new();
        let mut absent = Vec::new();
        if let Some(node @ Node { kind: Kind::Block(entries), .. }) = block.node {
            for (key, value) in entries {
                match keys {
                    Some(keys) if !keys.contains(&key.text.as_str()) => {
                        block
                            .session
                            .note(key.span, sentence::unknown_key(&key.text, &block.context.block(), keys));
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
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let session = self.block.session;
        if let Some((key, node)) = self.present.pop() {
            self.value = Some(Value { session, node: Some(node), context: Context::Key(&key.text) });
            let made = seed.deserialize(StrDeserializer::new(&key.text)).map_err(|fault: Fault| {
                if let Some(sentence) = fault.about_key(&key.text) {
                    session.refuse(node.id, key.span, sentence);
                }
                Fault::Noted
            });
            return made.map(Some);
        }
        let Some(key) = self.absent.pop() else { return Ok(None) };
        self.value = Some(self.block.stand_in());
        seed.deserialize(StrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        self.value.take().unwrap_or(self.block.stand_in()).read(seed)
    }
}
