//! How the JSON of a source is laid out: a record on each line, or in one of the ways that cannot be read as they are.

use std::io;

use serde_json::{Map, Value};

use crate::source::error::SourceError;
use crate::source::item::RECORD_LIMIT;
use crate::source::text::buffer::Buffer;
use crate::source::text::json as json_record;
use crate::source::text::lines;
use crate::source::text::position::object_end;
use crate::text::json;
use crate::text::names::plain_name;

/// How far the start of a source is searched for an array in an object.
const PROBE: usize = 64 * 1024;
/// The names under which services hand out their lists, so that an empty one is no record.
const LISTS: [&str; 15] = [
    "data", "items", "results", "records", "rows", "value", "values", "entries", "elements", "content",
    "list", "objects", "edges", "nodes", "hits",
];
/// What stands beside the list of a page.
const OF_PAGES: [&str; 10] = [
    "hasmore",
    "next",
    "nextpage",
    "nextpagetoken",
    "nextcursor",
    "totalcount",
    "totalsize",
    "paging",
    "pagination",
    "pageinfo",
];
/// What the error of a server has, and nothing else.
const OF_ERRORS: [&str; 11] = [
    "error",
    "errors",
    "errordescription",
    "message",
    "status",
    "statuscode",
    "code",
    "detail",
    "path",
    "timestamp",
    "success",
];

/// How the objects of a source are laid out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Layout {
    OnLines,
    /// The array of the records lies at a path, as jq writes it.
    Wrapped(String),
    /// The only record lies at a path.
    WrappedOne(String),
    /// The error of a server.
    Error,
    /// An object over several lines.
    Spread,
    /// More than one object in a line.
    Together,
    /// With commas between the objects, and no brackets around them.
    Unbracketed,
}

impl Layout {
    /// Why it cannot be read.
    pub(super) fn fault(self, name: &str) -> Option<SourceError> {
        let name = name.to_owned();
        match self {
            Self::OnLines => None,
            Self::Wrapped(path) => Some(SourceError::Wrapped { name, path }),
            Self::WrappedOne(path) => Some(SourceError::WrappedOne { name, path }),
            Self::Error => Some(SourceError::ServerError { name }),
            Self::Spread => Some(SourceError::Spread { name }),
            Self::Together => Some(SourceError::Together { name }),
            Self::Unbracketed => Some(SourceError::Unbracketed { name }),
        }
    }
}

/// The first object of a source, as far as one line has it.
enum First {
    Whole(Map<String, Value>),
    Cut,
    Together,
    Unbracketed,
    Broken,
}

/// Tells records on lines from what is laid out in another way. The first byte that is not a blank is `{`.
pub(super) fn of_objects(bytes: &mut Buffer) -> io::Result<Layout> {
    let first = first_object(bytes)?.map(|(line, end)| (first_of(line), end));
    let value = match first {
        Some((First::Whole(object), end)) => {
            if bytes.find(end, end + RECORD_LIMIT, is_text)?.is_some() {
                return Ok(Layout::OnLines);
            }
            return Ok(wrapper(&object).unwrap_or(Layout::OnLines));
        }
        Some((First::Together, _)) => return Ok(Layout::Together),
        Some((First::Unbracketed, _)) => return Ok(Layout::Unbracketed),
        // Broken in another way than at its end, so only this one record is wrong.
        Some((First::Broken, _)) => return Ok(Layout::OnLines),
        Some((First::Cut, _)) | None => first_value(bytes)?,
    };
    match value {
        Some(FirstValue { behind: Some(b','), .. }) => return Ok(Layout::Unbracketed),
        Some(FirstValue { object, behind: None }) => {
            if let Some(layout) = wrapper(&object) {
                return Ok(layout);
            }
        }
        _ => {}
    }
    let start = bytes.look_ahead(PROBE)?;
    Ok(match array_of_objects(start.get(..PROBE).unwrap_or(start)) {
        Some(path) => Layout::Wrapped(path),
        None => Layout::Spread,
    })
}

/// An object begins in the first line and ends in a later one.
pub(super) fn is_spread(bytes: &mut Buffer) -> io::Result<bool> {
    let cut = first_object(bytes)?.is_some_and(|(line, _)| matches!(first_of(line), First::Cut));
    Ok(cut && first_value(bytes)?.is_some())
}

/// The first line that is not blank, and where it ends, if it begins with `{` and is not longer than any record.
pub(super) fn first_object(bytes: &mut Buffer) -> io::Result<Option<(&[u8], usize)>> {
    let Some(start) = bytes.find(0, RECORD_LIMIT, is_text)? else {
        return Ok(None);
    };
    if bytes.unread().get(start) != Some(&b'{') {
        return Ok(None);
    }
    let is_end = |byte| byte == b'\n' || byte == b'\r';
    let end = match bytes.find(start, start + lines::FAILURE_LIMIT, is_end)? {
        Some(end) => end,
        None if bytes.ended() => bytes.unread().len(),
        None => return Ok(None),
    };
    Ok(bytes.unread().get(start..end).map(|line| (line, end)))
}

/// A byte that is neither a blank nor the mark that RFC 7464 writes before each record.
pub(super) fn is_text(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && byte != lines::RECORD_SEPARATOR
}

fn first_of(line: &[u8]) -> First {
    let Ok(text) = str::from_utf8(line) else { return First::Broken };
    match json::object(text) {
        Ok(object) => First::Whole(object),
        Err(error) if error.is_eof() => First::Cut,
        Err(_) => match json_record::behind_object(line) {
            Some(b'{' | lines::RECORD_SEPARATOR) => First::Together,
            Some(b',') => First::Unbracketed,
            _ => First::Broken,
        },
    }
}

/// The object at the beginning of a source, and what follows it.
struct FirstValue {
    object: Map<String, Value>,
    behind: Option<u8>,
}

/// The object at the beginning of the source, unless that ends far away.
fn first_value(bytes: &mut Buffer) -> io::Result<Option<FirstValue>> {
    let from = bytes.find(0, RECORD_LIMIT, is_text)?.unwrap_or(0);
    let start = bytes.look_ahead(PROBE)?.get(from..).unwrap_or_default();
    let object = object_end(start).and_then(|end| {
        let text = str::from_utf8(start.get(..end)?).ok()?;
        Some((json::object(text).ok()?, from + end))
    });
    let Some((object, end)) = object else { return Ok(None) };
    let behind = bytes.find(end, end + RECORD_LIMIT, is_text)?;
    let behind = behind.and_then(|behind| bytes.unread().get(behind).copied());
    Ok(Some(FirstValue { object, behind }))
}

/// What an object is that stands alone, if that is no record.
fn wrapper(object: &Map<String, Value>) -> Option<Layout> {
    if let Some(path) = list_in(object, 0) {
        return Some(Layout::Wrapped(path));
    }
    let plain = |name: &str| plain_name(name).into_owned();
    let has_error = object.keys().any(|name| matches!(plain(name).as_str(), "error" | "errors"));
    if has_error && object.keys().all(|name| OF_ERRORS.contains(&plain(name).as_str())) {
        return Some(Layout::Error);
    }
    let (mut path, mut inner) = (String::new(), object);
    while let (Some((name, Value::Object(next))), 1) = (inner.iter().next(), inner.len()) {
        path.push_str(&step(name)?);
        inner = next;
    }
    (!path.is_empty() && !inner.is_empty()).then_some(Layout::WrappedOne(path))
}

/// The deepest object that is searched for a list.
const DEEPEST: usize = 16;

/// The way to the first list of records in an object; an empty list counts where it is that of a page.
fn list_in(object: &Map<String, Value>, depth: usize) -> Option<String> {
    object.iter().find_map(|(name, value)| match value {
        Value::Array(items) if matches!(items.first(), Some(Value::Object(_))) => step(name),
        Value::Array(items) if items.is_empty() && is_page(object, name) => step(name),
        Value::Object(inner) if depth < DEEPEST => Some(step(name)? + &list_in(inner, depth + 1)?),
        _ => None,
    })
}

/// An object with an empty list of this name is a page of a service.
fn is_page(object: &Map<String, Value>, name: &str) -> bool {
    let is_of = |names: &[&str], name: &str| names.contains(&&*plain_name(name));
    object.len() == 1 || is_of(&LISTS, name) || object.keys().any(|key| is_of(&OF_PAGES, key))
}

/// A step of a path, as jq writes it. A key of other characters than these may be personal data.
fn step(name: &str) -> Option<String> {
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    plain.then(|| format!(".{name}"))
}

/// The way from an object's top to the first array of objects in it, of a document that is too long to be
/// looked at as a whole.
fn array_of_objects(text: &[u8]) -> Option<String> {
    let mut path: Vec<&[u8]> = Vec::new();
    let (mut last, mut previous): (&[u8], u8) = (b"", 0);
    let mut rest = text.trim_ascii_start();
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        match byte {
            b'"' => {
                let length = string_length(rest)?;
                last = rest.get(..length)?;
                rest = rest.get(length + 1..)?;
            }
            b'{' if previous == b'[' => break,
            b'{' | b'[' => path.push(if previous == b':' { last } else { b"" }),
            b'}' | b']' => {
                path.pop();
            }
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            previous = *byte;
        }
        if path.is_empty() {
            return None;
        }
    }
    // The top has no key.
    let keys = path.get(1..).filter(|keys| previous == b'[' && !keys.is_empty())?;
    keys.iter().map(|key| step(str::from_utf8(key).ok()?)).collect()
}

/// How long a string is until the quote that closes it.
fn string_length(text: &[u8]) -> Option<usize> {
    let mut escape = false;
    text.iter().position(|byte| {
        let closes = *byte == b'"' && !escape;
        escape = *byte == b'\\' && !escape;
        closes
    })
}
