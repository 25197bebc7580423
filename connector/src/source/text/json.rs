//! One JSON record out of its text.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::map::{Entry, Map};
use serde_json::{Error, Value};

use super::position::{Lines, Position};
use crate::source::item::RecordFault;

/// The record that begins at `at`.
pub(super) fn record(
    text: &[u8],
    at: Position,
    encoding: &'static str,
) -> Result<Map<String, Value>, RecordFault> {
    let Ok(text) = str::from_utf8(text) else {
        let last = at.after(text.trim_ascii_end()).line;
        return Err(RecordFault::encoding(Lines(at.line, last), encoding));
    };
    // serde_json would quote what it found instead of an object.
    let found = match text.as_bytes() {
        [b'{', ..] => return object(text).map_err(|error| fault(&error, at)),
        [] => "nothing",
        [b'[', ..] => "an array",
        [b'"', ..] => "a text",
        [b'0'..=b'9' | b'-', ..] => "a number",
        b"true" | b"false" => "true or false",
        b"null" => "null",
        _ => "something that is not JSON",
    };
    Err(RecordFault::not_an_object(at, found))
}

/// The object that `text` is.
pub(super) fn object(text: &str) -> Result<Map<String, Value>, Error> {
    serde_json::from_str::<UniqueKeys>(text).map(|object| object.0)
}

fn fault(error: &Error, at: Position) -> RecordFault {
    let place = at.of(error);
    let text = error.to_string();
    let reason = text.strip_suffix(&format!(" at line {} column {}", error.line(), error.column()));
    let reason = reason.unwrap_or(&text);
    match error.classify() {
        Category::Eof => RecordFault::cut_off(place),
        Category::Data => RecordFault::not_json(place, reason),
        Category::Syntax | Category::Io => RecordFault::not_json(place, &format!("not valid JSON: {reason}")),
    }
}

/// An object without a repeated key: which of the two values is meant cannot be known.
struct UniqueKeys(Map<String, Value>);

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members).map(Self)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            match object.entry(key) {
                Entry::Vacant(entry) => {
                    entry.insert(members.next_value()?);
                }
                Entry::Occupied(entry) => {
                    let key: String = entry.key().chars().take(60).collect();
                    let key = key.escape_debug();
                    return Err(A::Error::custom(format_args!("the key `{key}` occurs twice")));
                }
            }
        }
        Ok(object)
    }
}
