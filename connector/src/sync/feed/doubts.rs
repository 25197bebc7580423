//! What looks wrong in a row and breaks no rule: it is sent, and said once.

use crate::row::{Record, Row};

/// CSV quotes with `"` alone.
const SINGLE_QUOTES: &str = "all cells of row 1 stand in single quotes, which CSV sends as part of the values: quote with \" \
                             or not at all";

/// What is doubtful of the first row of a source.
pub(super) fn of_first(row: &Row) -> Option<&'static str> {
    let Record::Cells(cells) = &row.record else { return None };
    let quoted = |cell: &str| cell.len() > 1 && cell.starts_with('\'') && cell.ends_with('\'');
    let mut filled = cells.iter().filter(|cell| !cell.is_empty()).peekable();
    (row.number == 1 && filled.peek().is_some() && filled.all(quoted)).then_some(SINGLE_QUOTES)
}
