//! One JSON record out of its text.

use std::borrow::Cow;

use serde_json::error::Category;
use serde_json::map::Map;
use serde_json::{Error, Value};

use super::decode::Charset;
use super::position::{Lines, Position, object_end};
use crate::source::item::RecordFault;
use crate::text::json;
use crate::text::names::property_name;

/// The record that begins at `at`. `unread` is what is known of the text behind it.
pub(super) fn record(
    text: &[u8],
    at: Position,
    charset: &mut Charset,
    unread: &[u8],
) -> Result<Map<String, Value>, RecordFault> {
    let Ok(text) = str::from_utf8(text) else {
        let last = at.after(text.trim_ascii_end()).line;
        return Err(charset.fault(Lines(at.line, last), text, unread));
    };
    charset.note(text.as_bytes());
    // serde_json would quote what it found instead of an object.
    let found = match text.as_bytes() {
        [b'{', ..] => {
            let object = json::object(text).map_err(|error| fault(&error, at))?;
            return visible(object, at);
        }
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

/// What follows the object at the beginning of a text, if that is a whole one.
pub(super) fn behind_object(text: &[u8]) -> Option<u8> {
    let end = object_end(text)?;
    json::object(str::from_utf8(text.get(..end)?).ok()?).ok()?;
    text.get(end..)?.trim_ascii_start().first().copied()
}

/// The record without the invisible characters of its names, which no mapping has.
fn visible(object: Map<String, Value>, at: Position) -> Result<Map<String, Value>, RecordFault> {
    if object.keys().all(|name| matches!(property_name(name), Cow::Borrowed(_))) {
        return Ok(object);
    }
    let mut found = Map::new();
    for (name, value) in object {
        let name = property_name(&name).into_owned();
        if found.insert(name.clone(), value).is_some() {
            return Err(RecordFault::hidden_in_name(at, &name));
        }
    }
    Ok(found)
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
