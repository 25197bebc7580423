//! Reads an entry from the columns of a row.

use rusqlite::Row;
use rusqlite::types::Type;

use crate::ledger::digest::{FieldDigests, RecordId};
use crate::ledger::entry::{Attempt, AttemptState, Change, Entry, Stored, Window};

/// The columns of an entry.
pub(super) const COLUMNS: &str = "records.id, number, revision, record_key, system_key, exists_since, confirmed, \
    operation, state, at, run, row, digests, window_from, window_to, resends, given_up_at, status, message";

/// Reads an entry from a row that begins with [`COLUMNS`].
pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: RecordId(row.get(0)?),
        stored: Some(Stored { number: row.get(1)?, revision: row.get(2)? }),
        record_key: row.get(3)?,
        system_key: row.get(4)?,
        exists_since: row.get(5)?,
        confirmed: digests(row, 6)?,
        attempt: attempt(row)?,
    })
}

fn attempt(row: &Row<'_>) -> rusqlite::Result<Option<Attempt>> {
    const OPERATIONS: [Change; 2] = [Change::Create, Change::Update];
    const STATES: [AttemptState; 5] = [
        AttemptState::Sent,
        AttemptState::Done,
        AttemptState::Rejected,
        AttemptState::Uncertain,
        AttemptState::Missed,
    ];
    let Some(operation) = named(row, 7, &OPERATIONS, Change::name)? else {
        return Ok(None);
    };
    Ok(Some(Attempt {
        operation,
        state: named(row, 8, &STATES, AttemptState::name)?.ok_or_else(|| unreadable(8))?,
        at: row.get(9)?,
        run: row.get(10)?,
        row: row.get::<_, i64>(11)?.cast_unsigned(),
        digests: digests(row, 12)?,
        window: window(row, 13)?,
        resends: row.get::<_, Option<u32>>(15)?.unwrap_or_default(),
        given_up_at: row.get(16)?,
        status: row.get(17)?,
        message: row.get(18)?,
    }))
}

/// The window whose ends are in this column and the next.
pub(super) fn window(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Window>> {
    Ok(match (row.get(column)?, row.get(column + 1)?) {
        (Some(from), Some(to)) => Some(Window { from, to }),
        _ => None,
    })
}

pub(super) fn digests(row: &Row<'_>, column: usize) -> rusqlite::Result<FieldDigests> {
    let bytes = row.get_ref(column)?.as_blob_or_null().map_err(|_| unreadable(column))?;
    FieldDigests::from_bytes(bytes.unwrap_or_default()).ok_or_else(|| unreadable(column))
}

/// The one of a closed set that a column names.
fn named<T: Copy>(
    row: &Row<'_>,
    column: usize,
    all: &[T],
    name: fn(T) -> &'static str,
) -> rusqlite::Result<Option<T>> {
    let text = row.get_ref(column)?.as_str_or_null().map_err(|_| unreadable(column))?;
    let find =
        |text| all.iter().copied().find(|member| name(*member) == text).ok_or_else(|| unreadable(column));
    text.map(find).transpose()
}

fn unreadable(column: usize) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, "records".to_owned(), Type::Blob)
}
