//! Why a single record of a text cannot be read: every such sentence. None quotes what a record holds.

use super::position::{Lines, Position};

use crate::source::item::RecordFault;

impl RecordFault {
    /// `others` are rows that `--encoding` would spoil.
    pub(super) fn encoding(lines: Lines, encoding: &'static str, others: bool) -> Self {
        let cure = match encoding {
            "UTF-8" if others => {
                "other text of the source is UTF-8, which another `--encoding` would spoil: write this record in UTF-8 where \
                 it comes from"
            }
            "UTF-8" => "where a spreadsheet on Windows wrote the file, add `--encoding windows-1252`",
            _ => "is this the encoding that the file was written in?",
        };
        Self { rule: "encoding", message: format!("{lines} has bytes that are not {encoding}; {cure}") }
    }

    pub(super) fn size(line: u64) -> Self {
        Self {
            rule: "size",
            message: format!(
                "the record that begins in line {line} is longer than 1 MiB (1048576 bytes), the most that a \
                 record may hold; in CSV, a quote that was left open can be the reason"
            ),
        }
    }

    pub(super) fn not_an_object(at: Position, found: &str) -> Self {
        Self::json(format!("line {}: expected a JSON object, found {found}", at.line))
    }

    pub(super) fn several_objects(at: Position) -> Self {
        Self::json(format!(
            "line {} has more than one object; write one on each line, with `jq -c .`",
            at.line
        ))
    }

    pub(super) fn comma_behind(at: Position) -> Self {
        Self::json(format!(
            "line {} has a comma behind its object; take it away, or put `[` before the first object and `]` behind the last",
            at.line
        ))
    }

    pub(super) fn missing_comma(at: Position) -> Self {
        Self::json(format!(
            "the object that begins in line {}, column {} has another one behind it and no comma between them; put one \
             there, or write one object on each line, without brackets",
            at.line, at.column
        ))
    }

    pub(super) fn hidden_in_name(at: Position, name: &str) -> Self {
        Self::json(format!(
            "line {}: two keys are `{name}`, of which one has invisible characters in it",
            at.line
        ))
    }

    pub(super) fn cut_off(at: Position) -> Self {
        Self::json(format!(
            "line {} ends in the middle of a JSON object; in NDJSON, a record is one whole line",
            at.line
        ))
    }

    pub(super) fn not_json(at: Position, reason: &str) -> Self {
        Self::json(format!("line {}, column {}: {reason}", at.line, at.column))
    }

    pub(super) fn unclosed_array(at: Position) -> Self {
        Self::json(format!(
            "the array of records is not closed: nothing could be read from line {} on; is the source cut off?",
            at.line
        ))
    }

    pub(super) fn after_array(at: Position) -> Self {
        Self::json(format!(
            "the array of records is closed, but more follows: nothing was read from line {} on; write all \
             records into one array, or one on each line as NDJSON, with `jq -c '.[]'`",
            at.line
        ))
    }

    pub(super) fn unread_before(line: u64, row: Option<u64>) -> Self {
        let row = row.map(|row| format!(" (row {row})")).unwrap_or_default();
        Self {
            rule: "record",
            message: format!(
                "line {line}: this row{row} could not be read in the first run, so the failures file does not \
                 have it; correct it in the original source and sync that"
            ),
        }
    }

    pub(super) fn no_record(line: u64) -> Self {
        Self {
            rule: "record",
            message: format!("line {line} of the failures file has no object under `record`"),
        }
    }

    fn json(message: String) -> Self {
        Self { rule: "json", message }
    }
}
