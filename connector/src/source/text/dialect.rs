//! The delimiter of a CSV file: given, declared by its first line, or found from its header.

use std::io;

use super::buffer::Buffer;
use crate::source::error::SourceError;
use crate::source::item::RECORD_LIMIT;

/// The delimiter that `--delimiter` names.
pub(super) fn named(text: &str) -> Result<u8, SourceError> {
    match (text, text.as_bytes()) {
        ("tab" | "\\t", _) => Ok(b'\t'),
        ("comma", _) => Ok(b','),
        ("semicolon", _) => Ok(b';'),
        ("pipe", _) => Ok(b'|'),
        (_, [byte]) if can_delimit(*byte) => Ok(*byte),
        _ => Err(SourceError::UnknownDelimiter { text: text.to_owned() }),
    }
}

/// Consumes a first line `sep=;`, by which a file tells spreadsheets its delimiter.
pub(super) fn declared(bytes: &mut Buffer) -> io::Result<Option<u8>> {
    let line_end = bytes.find(0, 8, |byte| byte == b'\n' || byte == b'\r')?;
    let length = line_end.unwrap_or(bytes.unread().len());
    let (delimiter, after) = match bytes.unread().get(..length) {
        Some([s, e, p, b'=', byte]) if [*s, *e, *p].eq_ignore_ascii_case(b"sep") && can_delimit(*byte) => {
            (*byte, bytes.look_ahead(length + 2)?.get(length..).unwrap_or_default())
        }
        _ => return Ok(None),
    };
    let line_end = if after.starts_with(b"\r\n") { 2 } else { 1 };
    bytes.consume(length + line_end);
    Ok(Some(delimiter))
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
