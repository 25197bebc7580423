//! Which format a source has, from what was stated and from how it begins.

use std::io;

use super::kinds;
use super::layout::{self, Layout, first_object, is_text};
use crate::source::error::SourceError;
use crate::source::format::Format;
use crate::source::item::RECORD_LIMIT;
use crate::source::text::buffer::Buffer;
use crate::source::text::lines;
use crate::text::json;

/// Refuses what is not text.
pub(in crate::source::text) fn refuse_binary(raw: &mut Buffer, name: &str) -> Result<(), SourceError> {
    let failed = |source| SourceError::reading(name, 0, source);
    raw.look_ahead(4).map_err(failed)?;
    // No more is read than the kind needs: a stream may bring the rest much later.
    while kinds::may_begin(raw.unread()) && raw.fill().map_err(failed)? {}
    refuse(kinds::of_bytes(raw.unread()), name)
}

/// Refuses text that has no rows, and text in which most bytes are zero.
pub(in crate::source::text) fn refuse_other_text(bytes: &mut Buffer, name: &str) -> Result<(), SourceError> {
    let failed = |source| SourceError::reading(name, 0, source);
    let label = match bytes.look_ahead(4).map_err(failed)? {
        [0, 0, 0, 0, ..] => return Err(SourceError::Zeros { name: name.to_owned() }),
        [0, 0, 0, _, ..] | [_, 0, 0, 0, ..] => {
            return refuse(Some(kinds::UTF32), name);
        }
        [0, _, ..] => "utf-16be",
        [_, 0, ..] => "utf-16le",
        _ => {
            let first = bytes.find(0, RECORD_LIMIT, is_text).map_err(failed)?.unwrap_or(0);
            return refuse(kinds::of_text(bytes.unread().get(first..).unwrap_or_default()), name);
        }
    };
    Err(SourceError::Utf16 { name: name.to_owned(), label })
}

fn refuse(kind: Option<kinds::Kind>, name: &str) -> Result<(), SourceError> {
    kind.map_or(Ok(()), |kinds::Kind { found, cure }| {
        Err(SourceError::Binary { name: name.to_owned(), found, cure })
    })
}

/// The first line is one of a failures file.
pub(in crate::source::text) fn is_failures(bytes: &mut Buffer) -> io::Result<bool> {
    Ok(first_object(bytes)?.is_some_and(|(line, _)| {
        str::from_utf8(line)
            .ok()
            .and_then(|line| json::object(line).ok())
            .is_some_and(|object| lines::is_failure(&object))
    }))
}

/// The format to read, from what was stated (by flag or name) and how the source begins.
pub(in crate::source::text) fn format(
    bytes: &mut Buffer,
    stated: Option<Format>,
    name: &str,
) -> Result<Format, SourceError> {
    let failed = |source| SourceError::reading(name, 0, source);
    let first = bytes.find(0, RECORD_LIMIT, is_text).map_err(failed)?;
    let Some((at, first)) = first.and_then(|at| Some((at, bytes.unread().get(at).copied()?))) else {
        return Err(SourceError::Empty { name: name.to_owned() });
    };
    let named = || name.to_owned();
    match (stated, first) {
        (Some(Format::Csv), b'{' | b'[') => match json_within(bytes, at).map_err(failed)? {
            Within::Json(format) => Err(SourceError::JsonAsCsv { name: named(), format: format.name() }),
            Within::ServerError => Err(SourceError::ServerError { name: named() }),
            Within::Cells => Ok(Format::Csv),
        },
        (Some(Format::Csv), _) => Ok(Format::Csv),
        (Some(Format::Ndjson), b'[') if is_document(bytes, at).map_err(failed)? => array(bytes, at, name),
        (Some(Format::Ndjson), b'{') if layout::is_spread(bytes).map_err(failed)? => {
            Err(SourceError::Spread { name: named() })
        }
        (Some(Format::Ndjson), _) => Ok(Format::Ndjson),
        (_, b'[') => array(bytes, at, name),
        (_, b'{') => {
            let layout = layout::of_objects(bytes).map_err(failed)?;
            layout.fault(name).map_or(Ok(Format::Ndjson), Err)
        }
        (Some(Format::Json), _) => Err(SourceError::NotJson { name: named() }),
        (None, _) => Ok(Format::Csv),
    }
}

/// What is behind the bracket that a source begins with.
enum Within {
    Json(Format),
    ServerError,
    /// The bracket is a character like others.
    Cells,
}

fn json_within(bytes: &mut Buffer, at: usize) -> io::Result<Within> {
    let inner = inner_byte(bytes, at)?;
    Ok(match (bytes.unread().get(at), inner) {
        (Some(b'['), Some(b'{' | b'[' | b']')) => Within::Json(Format::Json),
        (Some(b'{'), Some(b'"' | b'}')) => match layout::of_objects(bytes)? {
            Layout::OnLines => Within::Json(Format::Ndjson),
            Layout::Error => Within::ServerError,
            _ => Within::Json(Format::Json),
        },
        _ => Within::Cells,
    })
}

/// An array of records, and not the first of many lines that each are an array.
fn is_document(bytes: &mut Buffer, at: usize) -> io::Result<bool> {
    if !matches!(inner_byte(bytes, at)?, Some(b'{' | b'[' | b']')) {
        return Ok(false);
    }
    let Some(end) = bytes.find(at, RECORD_LIMIT, |byte| byte == b'\n' || byte == b'\r')? else {
        return Ok(true);
    };
    let line = bytes.unread().get(at..end).unwrap_or_default();
    let is_whole = str::from_utf8(line).is_ok_and(|line| json::value(line).is_ok());
    Ok(!is_whole || bytes.find(end, end + RECORD_LIMIT, is_text)?.is_none())
}

/// JSON, unless the elements of the array are arrays themselves.
fn array(bytes: &mut Buffer, at: usize, name: &str) -> Result<Format, SourceError> {
    let failed = |source| SourceError::reading(name, 0, source);
    let inner = bytes.find(at + 1, at + RECORD_LIMIT, is_text).map_err(failed)?;
    let nested = inner.filter(|inner| bytes.unread().get(*inner) == Some(&b'['));
    let Some(nested) = nested else { return Ok(Format::Json) };
    let cells = !matches!(inner_byte(bytes, nested).map_err(failed)?, Some(b'{' | b'[' | b']'));
    Err(SourceError::ArrayOfArrays { name: name.to_owned(), cells })
}

/// The first byte within a bracket that is not a blank.
fn inner_byte(bytes: &mut Buffer, at: usize) -> io::Result<Option<u8>> {
    let found = bytes.find(at + 1, at + RECORD_LIMIT, is_text)?;
    Ok(found.and_then(|found| bytes.unread().get(found).copied()))
}
