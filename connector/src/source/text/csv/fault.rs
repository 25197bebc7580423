//! Why a single record of a CSV text cannot be read: every such sentence. None quotes what a record holds.

use super::quotes::QuoteMistake;
use crate::source::item::RecordFault;
use crate::source::text::position::Lines;

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
}

fn counted(lines: Lines, cells: usize, columns: usize) -> String {
    let s = |count: usize| if count == 1 { "" } else { "s" };
    format!("{lines} has {cells} cell{}, but the header has {columns} column{}", s(cells), s(columns))
}
