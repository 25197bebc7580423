//! The delimiter of a CSV file: given, declared by its first line, or found from its header.

use std::io;

use crate::source::error::SourceError;
use crate::source::item::RECORD_LIMIT;
use crate::source::text::buffer::Buffer;

/// The delimiter that `--delimiter` names.
pub(in crate::source::text) fn named(text: &str) -> Result<u8, SourceError> {
    match (text, text.as_bytes()) {
        ("tab" | "\\t", _) => Ok(b'\t'),
        ("comma", _) => Ok(b','),
        ("semicolon", _) => Ok(b';'),
        ("pipe", _) => Ok(b'|'),
        (_, [byte]) if can_delimit(*byte) => Ok(*byte),
        _ => Err(SourceError::UnknownDelimiter { text: text.to_owned() }),
    }
}

/// The longest first line that declares a delimiter: programs that do not know it fill it up with empty cells.
const DECLARATION: usize = 256;

/// Consumes a first line `sep=;`, by which a file tells spreadsheets its delimiter.
pub(super) fn declared(bytes: &mut Buffer) -> io::Result<Option<u8>> {
    let is_end = |byte| byte == b'\n' || byte == b'\r';
    // Of another line no more is read than this.
    bytes.find(0, 6, is_end)?;
    let start = bytes.unread();
    let start = start.strip_prefix(b"\"").unwrap_or(start);
    if !start.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"sep=")) {
        return Ok(None);
    }
    let line_end = bytes.find(0, DECLARATION, is_end)?;
    let length = line_end.unwrap_or(bytes.unread().len());
    let Some(delimiter) = bytes.unread().get(..length).and_then(declaration) else { return Ok(None) };
    let after = bytes.look_ahead(length + 2)?.get(length..).unwrap_or_default();
    let line_end = if after.starts_with(b"\r\n") { 2 } else { 1 };
    bytes.consume(length + line_end);
    Ok(Some(delimiter))
}

/// The delimiter that a line declares: `sep=;`, in quotes too, and with empty cells behind it.
fn declaration(line: &[u8]) -> Option<u8> {
    let quoted =
        line.strip_prefix(b"\"").and_then(|rest| Some((rest.get(..5)?, rest.get(5..)?.strip_prefix(b"\"")?)));
    let (declaration, rest) = quoted.or(line.split_at_checked(5))?;
    let delimiter = declaration.last().copied().filter(|byte| can_delimit(*byte))?;
    let is_filler = |byte: &u8| *byte == delimiter || matches!(byte, b',' | b';' | b'\t' | b' ');
    rest.iter().all(is_filler).then_some(delimiter)
}

/// The one of `,` `;` tab `|` that the header has most of, outside quotes.
pub(super) fn found(bytes: &mut Buffer) -> io::Result<u8> {
    let none = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut counts = none;
    let (mut quoted, mut blank, mut previous, mut at) = (false, true, b'\n', 0);
    loop {
        while let Some(byte) = bytes.unread().get(at).copied() {
            at += 1;
            match byte {
                b'"' if quoted => quoted = false,
                // A quote opens at the start of a cell, and opens again right after it closed.
                b'"' if matches!(previous, b',' | b';' | b'\t' | b'|' | b'"' | b'\n' | b'\r') => {
                    (quoted, blank) = (true, false);
                }
                _ if quoted => {}
                b'\n' | b'\r' if blank => counts = none,
                b'\n' | b'\r' => return Ok(most(&counts)),
                _ => {
                    blank &= byte.is_ascii_whitespace();
                    for (candidate, count) in &mut counts {
                        *count += usize::from(*candidate == byte);
                    }
                }
            }
            previous = byte;
        }
        if at > RECORD_LIMIT || !bytes.fill()? {
            return Ok(most(&counts));
        }
    }
}

fn most(counts: &[(u8, usize)]) -> u8 {
    let mut best = (b',', 0);
    for candidate in counts {
        if candidate.1 > best.1 {
            best = *candidate;
        }
    }
    best.0
}

/// Letters and digits cannot: `--delimiter \t` without quotes reaches the program as `t`.
fn can_delimit(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\r' | b'\n' | 0)
}
