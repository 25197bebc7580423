//! What the first bytes of a source tell: its format, or why it is none.

use std::io;

use super::buffer::Buffer;
use super::lines;
use crate::source::error::SourceError;
use crate::source::format::Format;
use crate::source::item::RECORD_LIMIT;
use crate::text::json;

/// How files begin that people take for tables, what they are, and what to do with them.
const BINARY: [(&[u8], &str, &str); 5] = [
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive", "save the sheet as \"CSV UTF-8\", or unpack it"),
    (b"\xD0\xCF\x11\xE0", "an old Excel workbook", "save the sheet as \"CSV UTF-8\""),
    (b"\x1F\x8B", "compressed with gzip", "unpack it: `gunzip -c FILE | ... --source -`"),
    (b"\x28\xB5\x2F\xFD", "compressed with zstd", "unpack it: `zstd -dc FILE | ... --source -`"),
    (b"PAR1", "a Parquet file", "export it as CSV or NDJSON"),
];

/// How far the start of a source is searched for an array in an object.
const PROBE: usize = 64 * 1024;

/// Refuses what is not text.
pub(super) fn refuse_binary(raw: &mut Buffer, name: &str) -> Result<(), SourceError> {
    let start = raw.look_ahead(4).map_err(|source| SourceError::reading(name, 0, source))?;
    match BINARY.iter().find(|(magic, ..)| start.starts_with(magic)) {
        Some((_, found, cure)) => Err(SourceError::Binary { name: name.to_owned(), found, cure }),
        None => Ok(()),
    }
}

/// Refuses text in which every other byte is zero.
pub(super) fn refuse_utf16(bytes: &mut Buffer, name: &str) -> Result<(), SourceError> {
    let label = match bytes.look_ahead(2).map_err(|source| SourceError::reading(name, 0, source))? {
        [0, _, ..] => "utf-16be",
        [_, 0, ..] => "utf-16le",
        _ => return Ok(()),
    };
    Err(SourceError::Utf16 { name: name.to_owned(), label })
}

/// The first line is one of a failures file.
pub(super) fn is_failures(bytes: &mut Buffer) -> io::Result<bool> {
    Ok(first_object(bytes)?.is_some_and(|(line, _)| {
        str::from_utf8(line)
            .ok()
            .and_then(|line| json::object(line).ok())
            .is_some_and(|object| lines::is_failure(&object))
    }))
}

/// The format to read, from what was stated (by flag or name) and how the source begins.
pub(super) fn format(bytes: &mut Buffer, stated: Option<Format>, name: &str) -> Result<Format, SourceError> {
    let failed = |source| SourceError::reading(name, 0, source);
    let first = bytes.find(0, RECORD_LIMIT, is_text).map_err(failed)?;
    let Some(first) = first.and_then(|at| bytes.unread().get(at).copied()) else {
        return Err(SourceError::Empty { name: name.to_owned() });
    };
    match (stated, first) {
        (Some(stated @ (Format::Csv | Format::Ndjson)), _) => Ok(stated),
        (_, b'[') => Ok(Format::Json),
        (_, b'{') => match objects(bytes).map_err(failed)? {
            Objects::OnLines => Ok(Format::Ndjson),
            Objects::Wrapped(path) => Err(SourceError::Wrapped { name: name.to_owned(), path }),
            Objects::Spread => Err(SourceError::Spread { name: name.to_owned() }),
        },
        (Some(Format::Json), _) => Err(SourceError::NotJson { name: name.to_owned() }),
        (None, _) => Ok(Format::Csv),
    }
}

/// How the objects of a source are laid out.
enum Objects {
    OnLines,
    Wrapped(String),
    Spread,
}

/// Tells records on lines from one object that is spread over them, or that has the records in it.
fn objects(bytes: &mut Buffer) -> io::Result<Objects> {
    let whole = match first_object(bytes)?.map(|(line, end)| (str::from_utf8(line).map(json::object), end)) {
        Some((Ok(Ok(_)), end)) => {
            if bytes.find(end, end + RECORD_LIMIT, is_text)?.is_some() {
                return Ok(Objects::OnLines);
            }
            true
        }
        Some((Ok(Err(error)), _)) if error.is_eof() => false,
        None => false,
        // Broken in another way than at its end, so only this one record is wrong.
        Some(_) => return Ok(Objects::OnLines),
    };
    let start = bytes.look_ahead(PROBE)?;
    Ok(match array_of_objects(start.get(..PROBE).unwrap_or(start)) {
        Some(path) => Objects::Wrapped(path),
        None if whole => Objects::OnLines,
        None => Objects::Spread,
    })
}

/// The first line that is not blank, and where it ends, if it begins with `{` and is not longer than any record.
fn first_object(bytes: &mut Buffer) -> io::Result<Option<(&[u8], usize)>> {
    let Some(start) = bytes.find(0, RECORD_LIMIT, is_text)? else {
        return Ok(None);
    };
    if bytes.unread().get(start) != Some(&b'{') {
        return Ok(None);
    }
    let end = match bytes.find(start, start + lines::FAILURE_LIMIT, |byte| byte == b'\n')? {
        Some(end) => end,
        None if bytes.ended() => bytes.unread().len(),
        None => return Ok(None),
    };
    Ok(bytes.unread().get(start..end).map(|line| (line, end)))
}

/// The way from an object's top to the first array of objects in it, as jq writes it: `.data.items`.
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
    // The top has no key. A key of other characters than these may be personal data.
    let keys = path.get(1..).filter(|keys| previous == b'[' && !keys.is_empty())?;
    let plain =
        |key: &&[u8]| !key.is_empty() && key.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let key = |key: &&[u8]| format!(".{}", String::from_utf8_lossy(key));
    keys.iter().all(plain).then(|| keys.iter().map(key).collect())
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

fn is_text(byte: u8) -> bool {
    !byte.is_ascii_whitespace()
}
