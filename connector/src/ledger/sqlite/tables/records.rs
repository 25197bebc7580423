//! The records of a ledger: the statements that read and write them.

use rusqlite::{Connection, OptionalExtension, Row, Statement, params};

use crate::ledger::account::Account;
use crate::ledger::digest::RecordId;
use crate::ledger::entry::{Entry, RecentCreate, Recorded, Stored};
use crate::ledger::sqlite::columns::{COLUMNS, entry, window};

/// A scope by the number of its row. None for one that the ledger does not know and may not add.
type ScopeNumber = Option<i64>;

/// What is known of records, in the order of `ids`.
///
/// They are looked up and read in the order in which they are stored, not in that of `ids`: each page is read once.
pub(in crate::ledger) fn fetch(
    connection: &Connection,
    scope: ScopeNumber,
    ids: &[RecordId],
) -> rusqlite::Result<Vec<Option<Entry>>> {
    // One transaction: without it each statement takes the locks and gives them back.
    let transaction = connection.unchecked_transaction()?;
    let numbers = find(connection, scope, ids)?;
    let mut select = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM records WHERE number BETWEEN ?1 AND ?2"))?;
    let mut entries = vec![None; ids.len()];
    for run in numbers.chunk_by(|one, next| next.0.saturating_sub(one.0) <= 1) {
        let (Some((first, _)), Some((last, _))) = (run.first(), run.last()) else { continue };
        let mut rows = select.query([first, last])?;
        for same in run.chunk_by(|one, next| one.0 == next.0) {
            // The index says that it exists.
            let found = entry(rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?)?;
            // A damaged index leads to the record of another row, of which nothing may be taken as known.
            if same.iter().any(|(_, at)| ids.get(*at) != Some(&found.id)) {
                return Err(rusqlite::Error::QueryReturnedNoRows);
            }
            let Some(((_, at), others)) = same.split_first() else { continue };
            for (_, at) in others {
                put(&mut entries, *at, found.clone());
            }
            put(&mut entries, *at, found);
        }
    }
    transaction.commit()?;
    Ok(entries)
}

/// The numbers of those that exist, sorted, each with its position in `ids`.
fn find(
    connection: &Connection,
    scope: ScopeNumber,
    ids: &[RecordId],
) -> rusqlite::Result<Vec<(i64, usize)>> {
    let mut sorted: Vec<(RecordId, usize)> = ids.iter().copied().zip(0..).collect();
    sorted.sort_unstable();
    let mut select = connection.prepare_cached("SELECT number FROM records WHERE scope = ?1 AND id = ?2")?;
    let mut numbers = Vec::with_capacity(ids.len());
    for (id, at) in sorted {
        let number: Option<i64> = select.query_row(params![scope, id.0], |row| row.get(0)).optional()?;
        numbers.extend(number.map(|number| (number, at)));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn put(entries: &mut [Option<Entry>], at: usize, entry: Entry) {
    if let Some(slot) = entries.get_mut(at) {
        *slot = Some(entry);
    }
}

/// Writes lists of entries in one transaction. Returns for each list whether all of its entries were written: one that
/// is not the newest copy is not.
pub(in crate::ledger) fn write<'e>(
    connection: &Connection,
    group: impl Iterator<Item = (ScopeNumber, &'e mut [Entry])>,
) -> rusqlite::Result<Vec<bool>> {
    let (mut insert, mut update) = (connection.prepare_cached(INSERT)?, connection.prepare_cached(UPDATE)?);
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let mut current = Vec::new();
    for (scope, entries) in group {
        let mut fits = true;
        for entry in entries {
            let statement = if entry.stored.is_none() { &mut insert } else { &mut update };
            fits &= store(connection, statement, scope, entry)?;
        }
        current.push(fits);
    }
    connection.execute_batch("COMMIT")?;
    Ok(current)
}

/// Stores an entry, unless what is stored is not the copy that it was read from.
fn store(
    connection: &Connection,
    statement: &mut Statement<'_>,
    scope: ScopeNumber,
    entry: &mut Entry,
) -> rusqlite::Result<bool> {
    let attempt = entry.attempt.as_ref();
    let window = attempt.and_then(|attempt| attempt.window);
    let number = entry.stored.map(|stored| stored.number);
    let revision = entry.stored.map_or(1, |stored| stored.revision.saturating_add(1));
    let changed = statement.execute(params![
        number,
        scope,
        entry.id.0,
        revision,
        entry.record_key,
        entry.system_key,
        entry.exists_since,
        entry.confirmed.to_bytes(),
        attempt.map(|attempt| attempt.operation.name()),
        attempt.map(|attempt| attempt.state.name()),
        attempt.map(|attempt| attempt.at),
        attempt.map(|attempt| attempt.run),
        attempt.map(|attempt| attempt.row.cast_signed()),
        attempt.and_then(|attempt| attempt.digests.to_bytes()),
        window.map(|window| window.from),
        window.map(|window| window.to),
        attempt.map(|attempt| attempt.resends).filter(|resends| *resends > 0),
        attempt.and_then(|attempt| attempt.given_up_at),
        attempt.and_then(|attempt| attempt.status),
        attempt.and_then(|attempt| attempt.message.as_deref()),
    ])?;
    let number = number.unwrap_or_else(|| connection.last_insert_rowid());
    entry.stored = Some(Stored { number, revision });
    Ok(changed == 1)
}

/// Creates of runs before `run` without a known result, in the order of their numbers.
pub(in crate::ledger) fn unsettled(
    connection: &Connection,
    scope: ScopeNumber,
    run: i64,
    after: Option<Stored>,
    limit: usize,
) -> rusqlite::Result<Vec<Entry>> {
    let after = after.map_or(0, |stored| stored.number);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = format!("SELECT {COLUMNS} FROM {UNSETTLED} AND number > ?3 ORDER BY number LIMIT ?4");
    connection.prepare(&sql)?.query_map(params![scope, run, after, limit], entry)?.collect()
}

/// The latest creates of runs before `run` that were answered, the latest first.
pub(in crate::ledger) fn recent_creates(
    connection: &Connection,
    scope: ScopeNumber,
    run: i64,
    limit: usize,
) -> rusqlite::Result<Vec<RecentCreate>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    // From the end of the table, where the latest are. It looks at no more than a few times as many rows.
    let sql = "SELECT system_key, at, window_from, window_to FROM (SELECT * FROM records ORDER BY number DESC LIMIT ?3 * 4)
               WHERE scope = ?1 AND run < ?2 AND operation = 'create' AND state = 'done' AND system_key IS NOT NULL
               LIMIT ?3";
    let made = |row: &Row<'_>| {
        Ok(RecentCreate { system_key: row.get(0)?, at: row.get(1)?, window: window(row, 2)? })
    };
    connection.prepare(sql)?.query_map(params![scope, run, limit], made)?.collect()
}

/// Which records hold these keys of the system's.
pub(in crate::ledger) fn holders(
    connection: &Connection,
    scope: ScopeNumber,
    keys: &[String],
) -> rusqlite::Result<Vec<(String, RecordId)>> {
    let sql = "SELECT id FROM records WHERE scope = ?1 AND system_key = ?2";
    let mut select = connection.prepare(sql)?;
    let mut held = Vec::new();
    for key in keys {
        let ids = select.query_map(params![scope, key], |row| Ok(RecordId(row.get(0)?)))?;
        ids.into_iter().try_for_each(|id| id.map(|id| held.push((key.clone(), id))))?;
    }
    Ok(held)
}

/// How many there are.
pub(in crate::ledger) fn count_unsettled(
    connection: &Connection,
    scope: ScopeNumber,
    run: i64,
) -> rusqlite::Result<u64> {
    let sql = format!("SELECT COUNT(*) FROM {UNSETTLED}");
    connection.query_row(&sql, params![scope, run], |row| row.get(0)).map(i64::cast_unsigned)
}

/// How many existing records a sync was the last to write.
pub(in crate::ledger) fn count_delivered(
    connection: &Connection,
    scope: ScopeNumber,
    sync: &str,
) -> rusqlite::Result<u64> {
    connection.query_row(DELIVERED, params![scope, sync], |row| row.get(0)).map(i64::cast_unsigned)
}

/// What happened to the records that a person means by `key`, of every object of the account: they have that record
/// key or system key, or one of the ids.
pub(in crate::ledger) fn history(
    connection: &Connection,
    account: &Account,
    key: &str,
    ids: &[RecordId],
) -> rusqlite::Result<Vec<Recorded>> {
    let Account { base_url, name } = account;
    let mut found: Vec<Recorded> = Vec::new();
    let mut by_id = connection.prepare(&history_by("records.scope = scopes.id AND records.id = ?3"))?;
    for id in ids {
        let rows = by_id.query_map(params![base_url, name, id.0], recorded)?;
        rows.take(MOST).try_for_each(|row| row.map(|row| found.push(row)))?;
    }
    let mut by_key = connection
        .prepare(&history_by("+records.scope = scopes.id AND (record_key = ?3 OR system_key = ?3)"))?;
    for row in by_key.query_map(params![base_url, name, key], recorded)?.take(MOST) {
        let row = row?;
        if !found.iter().any(|other| other.object == row.object && other.entry.id == row.entry.id) {
            found.push(row);
        }
    }
    Ok(found)
}

fn recorded(row: &Row<'_>) -> rusqlite::Result<Recorded> {
    Ok(Recorded { object: row.get("object")?, sync: row.get("sync")?, entry: entry(row)? })
}

/// The most records of a history.
const MOST: usize = 100;

const INSERT: &str = "
    INSERT INTO records (number, scope, id, revision, record_key, system_key, exists_since, confirmed,
                         operation, state, at, run, row, digests, window_from, window_to, resends,
                         given_up_at, status, message)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
    ON CONFLICT (scope, id) DO NOTHING";

const UPDATE: &str = "
    UPDATE records SET
        revision = ?4, record_key = ?5, system_key = ?6, exists_since = ?7, confirmed = ?8,
        operation = ?9, state = ?10, at = ?11, run = ?12, row = ?13, digests = ?14, window_from = ?15,
        window_to = ?16, resends = ?17, given_up_at = ?18, status = ?19, message = ?20
    WHERE number = ?1 AND scope = ?2 AND id = ?3 AND revision = ?4 - 1";

/// The condition of the index `unsettled`, word for word: only then SQLite uses the index.
const UNSETTLED: &str =
    "records WHERE scope = ?1 AND operation = 'create' AND state IN ('sent', 'uncertain') AND run < ?2";

/// It reads every record, so `+` keeps SQLite from the index: in the order in which they are stored it is faster.
const DELIVERED: &str = "
    SELECT COUNT(*) FROM records JOIN runs ON runs.id = records.run
    WHERE +records.scope = ?1 AND exists_since IS NOT NULL AND runs.sync = ?2";

fn history_by(condition: &str) -> String {
    format!(
        "SELECT {COLUMNS}, object, sync FROM records JOIN scopes ON {condition} LEFT JOIN runs ON runs.id = run
         WHERE base_url = ?1 AND account = ?2 ORDER BY object, number"
    )
}
