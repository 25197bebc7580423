//! The statements of a ledger. The only file that reads and writes its tables.

use std::path::{Path, PathBuf};

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, Statement, params};

use super::digest::{Digest, Digester, FieldDigests, RecordId};
use super::entry::{Attempt, AttemptState, Change, Entry, Window};
use super::error::LedgerError;
use super::schema;
use super::{KeyStanding, Recorded, Scope};

/// The most records that a history tells of.
const MOST: usize = 100;

/// An open ledger, on its thread.
pub(super) struct Store<'c> {
    connection: &'c Connection,
    path: &'c Path,
    names: Scope,
    /// None for a scope that the ledger does not know, and may not learn.
    scope: Option<i64>,
    writable: bool,
    fetch: Statement<'c>,
    put: Statement<'c>,
    /// Why nothing is written any more.
    failed: Option<LedgerError>,
}

impl<'c> Store<'c> {
    pub(super) fn new(
        connection: &'c Connection,
        path: &'c Path,
        names: Scope,
        writable: bool,
    ) -> Result<Self, LedgerError> {
        let prepare = || {
            let scope = find_scope(connection, &names, writable)?;
            Ok((scope, connection.prepare(FETCH)?, connection.prepare(PUT)?))
        };
        let (scope, fetch, put) = prepare().map_err(|error| LedgerError::of(path, &error))?;
        Ok(Self { connection, path, names, scope, writable, fetch, put, failed: None })
    }

    pub(super) fn digester(&self) -> Result<Digester, LedgerError> {
        schema::digest_key(self.connection).map(|key| Digester::new(&key)).map_err(|error| self.said(&error))
    }

    /// What is known of records, in the order of `ids`, which is fastest when it is sorted.
    pub(super) fn fetch(&mut self, ids: &[RecordId]) -> Result<Vec<Option<Entry>>, LedgerError> {
        let Some(scope) = self.scope else { return Ok(vec![None; ids.len()]) };
        let mut fetch_all = || {
            // One transaction: without it each look-up takes and gives back the locks.
            let transaction = self.connection.unchecked_transaction()?;
            let fetch =
                |id: &RecordId| self.fetch.query_row(params![scope, id.0], |row| entry(row, 0)).optional();
            let entries = ids.iter().map(fetch).collect::<Result<_, _>>()?;
            transaction.commit()?;
            Ok(entries)
        };
        fetch_all().map_err(|error| LedgerError::of(self.path, &error))
    }

    /// Writes a group in one transaction. Says of each list whether it was current; what was overtaken is not written.
    ///
    /// After an error nothing is written any more: what a caller took for stored must not be overtaken.
    pub(super) fn write<'e>(
        &mut self,
        group: impl Iterator<Item = &'e [Entry]>,
    ) -> Result<Vec<bool>, LedgerError> {
        self.may_write()?;
        let scope = self.scope.unwrap_or_default();
        let put_all = || {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            let mut current = Vec::new();
            for entries in group {
                let mut fits = true;
                for entry in entries {
                    fits &= put(&mut self.put, scope, entry)? == 1;
                }
                current.push(fits);
            }
            self.connection.execute_batch("COMMIT")?;
            Ok(current)
        };
        put_all().map_err(|error| {
            // SQLite may have rolled back by itself; then there is nothing left to do.
            let _ = self.connection.execute_batch("ROLLBACK");
            self.failed = Some(LedgerError::of(self.path, &error));
            LedgerError::of(self.path, &error)
        })
    }

    /// Creates of runs before `run` that nobody has settled, in the order of their ids.
    pub(super) fn unsettled(
        &self,
        run: i64,
        after: Option<RecordId>,
        limit: usize,
    ) -> Result<Vec<Entry>, LedgerError> {
        let after = after.map_or(Vec::new(), |id| id.0.to_vec());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(|connection| {
            let mut statement = connection.prepare(UNSETTLED)?;
            let rows = statement.query_map(params![self.scope, run, after, limit], |row| entry(row, 0))?;
            rows.collect()
        })
    }

    pub(super) fn count_unsettled(&self, run: i64) -> Result<u64, LedgerError> {
        self.read(|connection| {
            connection.query_row(COUNT_UNSETTLED, params![self.scope, run], |row| row.get::<_, i64>(0))
        })
        .map(i64::cast_unsigned)
    }

    /// What happened to the records that a person means by `key`, of every object of the account: they have that record
    /// key or system key, or one of the ids.
    pub(super) fn history(&self, key: &str, ids: &[RecordId]) -> Result<Vec<Recorded>, LedgerError> {
        let Scope { base_url, account, .. } = &self.names;
        self.read(|connection| {
            let mut found: Vec<Recorded> = Vec::new();
            let mut by_id = connection.prepare(&history_by("records.id = ?3"))?;
            for id in ids {
                let rows = by_id.query_map(params![base_url, account, id.0], recorded)?;
                rows.take(MOST).try_for_each(|row| row.map(|row| found.push(row)))?;
            }
            let mut by_key = connection.prepare(&history_by("(record_key = ?3 OR system_key = ?3)"))?;
            for row in by_key.query_map(params![base_url, account, key], recorded)?.take(MOST) {
                let row = row?;
                if !found.iter().any(|other| other.object == row.object && other.entry.id == row.entry.id) {
                    found.push(row);
                }
            }
            Ok(found)
        })
    }

    pub(super) fn keyed_by(&self, sync: &str) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT keyed_by FROM keyed_by WHERE scope = ?1 AND sync = ?2";
        self.read(|connection| {
            connection.query_row(sql, params![self.scope, sync], |row| row.get(0)).optional()
        })
    }

    pub(super) fn set_keyed_by(&self, sync: &str, keyed_by: &str) -> Result<(), LedgerError> {
        let sql = "INSERT INTO keyed_by (scope, sync, keyed_by) VALUES (?1, ?2, ?3)
                   ON CONFLICT DO UPDATE SET keyed_by = excluded.keyed_by";
        self.change(|connection| connection.execute(sql, params![self.scope, sync, keyed_by])).map(drop)
    }

    pub(super) fn delivered(&self, sync: &str) -> Result<u64, LedgerError> {
        self.read(|connection| {
            connection.query_row(DELIVERED, params![self.scope, sync], |row| row.get::<_, i64>(0))
        })
        .map(i64::cast_unsigned)
    }

    pub(super) fn standing(&self, public_key: Digest) -> Result<KeyStanding, LedgerError> {
        let sql = "SELECT COUNT(*), COUNT(*) FILTER (WHERE digest = ?3) FROM public_keys WHERE base_url = ?1 AND account = ?2";
        let Scope { base_url, account, .. } = &self.names;
        let count = |connection: &Connection| {
            connection.query_row(sql, params![base_url, account, public_key.0], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
        };
        Ok(match self.read(count)? {
            (0_i64, _) => KeyStanding::First,
            (_, 0_i64) => KeyStanding::Unknown,
            _ => KeyStanding::Known,
        })
    }

    pub(super) fn add_public_key(&self, public_key: Digest, now: i64) -> Result<(), LedgerError> {
        let sql =
            "INSERT OR IGNORE INTO public_keys (base_url, account, digest, added_at) VALUES (?1, ?2, ?3, ?4)";
        let Scope { base_url, account, .. } = &self.names;
        self.change(|connection| connection.execute(sql, params![base_url, account, public_key.0, now]))
            .map(drop)
    }

    pub(super) fn begin_run(&self, sync: &str, now: i64) -> Result<i64, LedgerError> {
        let sql = "INSERT INTO runs (scope, sync, started_at) VALUES (?1, ?2, ?3) RETURNING id";
        self.change(|connection| connection.query_row(sql, params![self.scope, sync, now], |row| row.get(0)))
    }

    pub(super) fn finish_run(&self, run: i64, now: i64) -> Result<(), LedgerError> {
        let sql = "UPDATE runs SET finished_at = ?2 WHERE id = ?1";
        self.change(|connection| connection.execute(sql, params![run, now])).map(drop)
    }

    /// Why nothing is written any more, where that is so.
    pub(super) fn failed(self) -> Option<LedgerError> {
        self.failed
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, LedgerError> {
        read(self.connection).map_err(|error| self.said(&error))
    }

    fn change<T>(&self, change: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, LedgerError> {
        self.may_write()?;
        self.read(change)
    }

    fn may_write(&self) -> Result<(), LedgerError> {
        match &self.failed {
            Some(error) => Err(error.clone()),
            None if self.writable => Ok(()),
            None => {
                let detail = "this run only reads it".to_owned();
                Err(LedgerError::Denied { path: PathBuf::from(self.path), purpose: "written", detail })
            }
        }
    }

    fn said(&self, error: &rusqlite::Error) -> LedgerError {
        LedgerError::of(self.path, error)
    }
}

fn find_scope(connection: &Connection, names: &Scope, writable: bool) -> rusqlite::Result<Option<i64>> {
    let Scope { base_url, account, object } = names;
    if writable {
        let sql = "INSERT OR IGNORE INTO scopes (base_url, account, object) VALUES (?1, ?2, ?3)";
        connection.execute(sql, params![base_url, account, object])?;
    }
    let sql = "SELECT id FROM scopes WHERE base_url = ?1 AND account = ?2 AND object = ?3";
    connection.query_row(sql, params![base_url, account, object], |row| row.get(0)).optional()
}

/// How many rows changed: none where the stored revision is not the one that the entry was read with.
fn put(statement: &mut Statement<'_>, scope: i64, entry: &Entry) -> rusqlite::Result<usize> {
    let attempt = entry.attempt.as_ref();
    let window = attempt.and_then(|attempt| attempt.window);
    statement.execute(params![
        scope,
        entry.id.0,
        entry.revision.saturating_add(1),
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
    ])
}

/// Reads an entry from the columns of [`COLUMNS!`], which begin at `first`.
fn entry(row: &Row<'_>, first: usize) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: RecordId(row.get(first)?),
        revision: row.get(first + 1)?,
        record_key: row.get(first + 2)?,
        system_key: row.get(first + 3)?,
        exists_since: row.get(first + 4)?,
        confirmed: digests(row, first + 5)?,
        attempt: attempt(row, first + 6)?,
    })
}

fn attempt(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Attempt>> {
    const OPERATIONS: [Change; 2] = [Change::Create, Change::Update];
    const STATES: [AttemptState; 5] = [
        AttemptState::Sent,
        AttemptState::Done,
        AttemptState::Rejected,
        AttemptState::Uncertain,
        AttemptState::Missed,
    ];
    let Some(operation) = named(row, first, &OPERATIONS, Change::name)? else {
        return Ok(None);
    };
    let window = match (row.get(first + 6)?, row.get(first + 7)?) {
        (Some(from), Some(to)) => Some(Window { from, to }),
        _ => None,
    };
    Ok(Some(Attempt {
        operation,
        state: named(row, first + 1, &STATES, AttemptState::name)?.ok_or_else(|| unreadable(first + 1))?,
        at: row.get(first + 2)?,
        run: row.get(first + 3)?,
        row: row.get::<_, i64>(first + 4)?.cast_unsigned(),
        digests: digests(row, first + 5)?,
        window,
        resends: row.get::<_, Option<u32>>(first + 8)?.unwrap_or_default(),
        given_up_at: row.get(first + 9)?,
        status: row.get(first + 10)?,
        message: row.get(first + 11)?,
    }))
}

fn digests(row: &Row<'_>, column: usize) -> rusqlite::Result<FieldDigests> {
    let bytes = row.get_ref(column)?.as_blob_or_null().map_err(|_| unreadable(column))?;
    FieldDigests::from_bytes(bytes.unwrap_or_default()).ok_or_else(|| unreadable(column))
}

/// The member of a closed set that a column names.
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

fn recorded(row: &Row<'_>) -> rusqlite::Result<Recorded> {
    Ok(Recorded { object: row.get(0)?, sync: row.get(1)?, entry: entry(row, 2)? })
}

/// The columns of an entry, in the order that [`entry`] reads.
macro_rules! columns {
    () => {
        "records.id, revision, record_key, system_key, exists_since, confirmed, operation, state, at, run, row, digests, \
         window_from, window_to, resends, given_up_at, status, message"
    };
}

const FETCH: &str = concat!("SELECT ", columns!(), " FROM records WHERE scope = ?1 AND id = ?2");

const PUT: &str = "
    INSERT INTO records (scope, id, revision, record_key, system_key, exists_since, confirmed, operation, state, at, run, row,
                         digests, window_from, window_to, resends, given_up_at, status, message)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
    ON CONFLICT (scope, id) DO UPDATE SET
        revision = ?3, record_key = ?4, system_key = ?5, exists_since = ?6, confirmed = ?7, operation = ?8, state = ?9, at = ?10,
        run = ?11, row = ?12, digests = ?13, window_from = ?14, window_to = ?15, resends = ?16, given_up_at = ?17, status = ?18,
        message = ?19
    WHERE revision = ?3 - 1";

/// What the index `unsettled` holds, in its own words: that is how SQLite knows that it may use it.
macro_rules! from_unsettled {
    () => {
        " FROM records WHERE scope = ?1 AND operation = 'create' AND state IN ('sent', 'uncertain') AND run < ?2"
    };
}

const UNSETTLED: &str =
    concat!("SELECT ", columns!(), from_unsettled!(), " AND records.id > ?3 ORDER BY records.id LIMIT ?4");

const COUNT_UNSETTLED: &str = concat!("SELECT COUNT(*)", from_unsettled!());

const DELIVERED: &str = "
    SELECT COUNT(*) FROM records JOIN runs ON runs.id = records.run
    WHERE records.scope = ?1 AND exists_since IS NOT NULL AND runs.sync = ?2";

fn history_by(condition: &str) -> String {
    format!(
        "SELECT scopes.object, runs.sync, {} FROM scopes JOIN records ON records.scope = scopes.id
         LEFT JOIN runs ON runs.id = records.run WHERE base_url = ?1 AND account = ?2 AND {condition} ORDER BY 1, 3",
        columns!()
    )
}
