//! Why a single record of a text cannot be read: every such sentence. None quotes what a record holds.

use super::position::{Lines, Position};
use super::quotes::QuoteMistake;
use crate::source::item::RecordFault;

/// Why a record has more cells than columns, or fewer.
#[derive(Clone, Copy)]
pub(super) enum Ragged {
    Missing,
    /// It is a line of text and no row.
    Note,
    Surplus,
    /// It has typographic quotes.
    Typographic,
}

impl RecordFault {
    pub(super) fn ragged(lines: Lines, cells: usize, columns: usize, why: Ragged) -> Self {
        let cure = match (why, lines) {
            (_, Lines(first, last)) if first != last => "is a quote left open in its first line?",
            (Ragged::Typographic, _) => {
                "the quotes in it are typographic ones, which hold no cell together: write them as \" in a text editor"
            }
            (Ragged::Surplus, _) => "a cell that contains the delimiter needs quotes around it",
            (Ragged::Missing, _) => "a cell may be empty, but its delimiter must be there",
            (Ragged::Note, _) => {
                "if it is no row but the total or a note of a report, take it out where the source comes from; of a row, a \
                 cell may be empty, but its delimiter must be there"
            }
        };
        Self { rule: "ragged", message: format!("{}; {cure}", counted(lines, cells, columns)) }
    }

    pub(super) fn single_quotes(lines: Lines) -> Self {
        Self {
            rule: "quote",
            message: format!(
                "{lines}: every cell stands in single quotes, which would be part of the values; CSV has double ones: export \
                 the file so"
            ),
        }
    }

    pub(super) fn surplus(lines: Lines, cells: usize, columns: usize) -> Self {
        let counted = counted(lines, cells, columns);
        Self {
            rule: "ragged",
            message: format!(
                "{counted}, and other rows have no empty cell behind the last; a cell that contains the delimiter needs \
                 quotes around it"
            ),
        }
    }

    pub(super) fn zeros(lines: Lines) -> Self {
        Self {
            rule: "record",
            message: format!("{lines} has nothing but NUL bytes; was the file written to its end?"),
        }
    }

    pub(super) fn misplaced_quote(lines: Lines, line: u64, mistake: QuoteMistake) -> Self {
        let (what, cure) = match mistake {
            QuoteMistake::Behind => (
                "text stands behind a quote that closes its cell",
                "double a quote that is meant as a character (\"\"), and leave nothing between a closing quote and the \
                 delimiter",
            ),
            QuoteMistake::Backslash => (
                "a backslash stands before a quote",
                "CSV doubles a quote that is meant as a character (\"\"): export the file so, without backslashes as escapes",
            ),
            QuoteMistake::Before => (
                "a blank stands before a quote that opens a cell",
                "leave nothing between the delimiter and the quote",
            ),
        };
        let record = if lines.0 == lines.1 { String::new() } else { format!(" ({lines})") };
        Self { rule: "quote", message: format!("line {line}: {what}{record}; {cure}") }
    }

    pub(super) fn rows_in_cell(lines: Lines, line: u64) -> Self {
        Self {
            rule: "quote",
            message: format!(
                "{lines}: a quote that opens in line {line} holds whole lines that look like rows, and nothing of them was \
                 sent; close the quote, or double it where it is meant as a character"
            ),
        }
    }

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

    pub(super) fn quote(line: u64) -> Self {
        Self {
            rule: "quote",
            message: format!(
                "a quote that opens in line {line} never closes: all that follows it, to the end of the source, \
                 is part of this row, and nothing of it was sent; close the quote, or double it where it is \
                 meant as a character"
            ),
        }
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

fn counted(lines: Lines, cells: usize, columns: usize) -> String {
    let s = |count: usize| if count == 1 { "" } else { "s" };
    format!("{lines} has {cells} cell{}, but the header has {columns} column{}", s(cells), s(columns))
}
