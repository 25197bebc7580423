//! One JSON record out of its text.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::map::{Entry, Map};
use serde_json::{Error, Value};

use super::buffer::line_ends;
use super::fault::{Fault, Lines};

/// A place in a source, both counted from 1.
#[derive(Clone, Copy)]
pub(super) struct Position {
    pub(super) line: u64,
    pub(super) column: u64,
}

impl Position {
    pub(super) const START: Self = Self { line: 1, column: 1 };

    /// The place right behind `text`.
    pub(super) fn after(self, text: &[u8]) -> Self {
        match text.iter().rposition(|byte| *byte == b'\n') {
            None => Self { column: self.column + as_count(text.len()), ..self },
            Some(last) => Self { line: self.line + line_ends(text), column: as_count(text.len() - last) },
        }
    }

    /// The place that `serde_json` means when the text that it read begins here.
    fn of(self, error: &Error) -> Self {
        match error.line() {
            0 | 1 => Self { column: self.column + as_count(error.column().saturating_sub(1)), ..self },
            line => Self { line: self.line + as_count(line - 1), column: as_count(error.column()) },
        }
    }
}

/// The record that begins at `at`.
pub(super) fn record(text: &[u8], at: Position, encoding: &'static str) -> Result<Map<String, Value>, Fault> {
    let Ok(text) = str::from_utf8(text) else {
        let last = at.after(text.trim_ascii_end()).line;
        return Err(Fault::encoding(Lines(at.line, last), encoding));
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
    Err(Fault::not_an_object(at, found))
}

/// The object that `text` is.
pub(super) fn object(text: &str) -> Result<Map<String, Value>, Error> {
    serde_json::from_str::<Object>(text).map(|object| object.0)
}

fn fault(error: &Error, at: Position) -> Fault {
    let place = at.of(error);
    let text = error.to_string();
    let reason = text.strip_suffix(&format!(" at line {} column {}", error.line(), error.column()));
    let reason = reason.unwrap_or(&text);
    match error.classify() {
        Category::Eof => Fault::cut_off(place),
        Category::Data => Fault::not_json(place, reason),
        Category::Syntax | Category::Io => Fault::not_json(place, &format!("not valid JSON: {reason}")),
    }
}

/// An object in which no key stands twice: which of the two values is meant, nobody can know.
struct Object(Map<String, Value>);

impl<'de> Deserialize<'de> for Object {
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
                    return Err(A::Error::custom(format_args!("the key `{key}` stands twice")));
                }
            }
        }
        Ok(object)
    }
}

fn as_count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
