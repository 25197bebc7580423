//! Places in the text of a source: lines and columns, both counted from 1.

use std::fmt;

/// A line and a column.
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
    pub(super) fn of(self, error: &serde_json::Error) -> Self {
        match error.line() {
            0 | 1 => Self { column: self.column + as_count(error.column().saturating_sub(1)), ..self },
            line => Self { line: self.line + as_count(line - 1), column: as_count(error.column()) },
        }
    }
}

/// The lines of a source that a record takes, first and last.
#[derive(Clone, Copy)]
pub(super) struct Lines(pub(super) u64, pub(super) u64);

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(first, last) if first == last => write!(f, "line {first}"),
            Self(first, last) => write!(f, "the record in lines {first} to {last}"),
        }
    }
}

/// How many line ends `text` has.
pub(super) fn line_ends(text: &[u8]) -> u64 {
    text.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

/// Where the JSON object at the beginning of a text ends, if it does.
pub(super) fn object_end(text: &[u8]) -> Option<usize> {
    let (mut depth, mut string, mut escape) = (0_usize, false, false);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escape => escape = false,
            b'\\' if string => escape = true,
            b'"' => string = !string,
            _ if string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

fn as_count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
