//! One JSON record out of its text.

use serde_json::error::Category;
use serde_json::map::Map;
use serde_json::{Error, Value};

use super::position::{Lines, Position};
use crate::source::item::RecordFault;
use crate::text::json;

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
        [b'{', ..] => return json::object(text).map_err(|error| fault(&error, at)),
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
