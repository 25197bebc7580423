//! The statements of a ledger. The only file that reads and writes its tables.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Row, Statement, params};

use super::columns::{COLUMNS, entry};
use super::digest::{Digest, RecordId};
use super::entry::Entry;
use super::error::LedgerError;
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
    find: Statement<'c>,
    fetch: Statement<'c>,
    insert: Statement<'c>,
    update: Statement<'c>,
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
            let find = connection.prepare("SELECT number FROM records WHERE scope = ?1 AND id = ?2")?;
            let fetch = connection
                .prepare(&format!("SELECT {COLUMNS} FROM records WHERE number BETWEEN ?1 AND ?2"))?;
            Ok((scope, find, fetch, connection.prepare(INSERT)?, connection.prepare(UPDATE)?))
        };
        let (scope, find, fetch, insert, update) =
            prepare().map_err(|error| LedgerError::of(path, &error))?;
        Ok(Self { connection, path, names, scope, writable, find, fetch, insert, update, failed: None })
    }

    /// Where records are stored. It reads fastest where `ids` are sorted.
    pub(super) fn find(&mut self, ids: &[RecordId]) -> Result<Vec<Option<i64>>, LedgerError> {
        let Some(scope) = self.scope else { return Ok(vec![None; ids.len()]) };
        let mut find_all = || {
            // One transaction: without it each look-up takes and gives back the locks.
            let transaction = self.connection.unchecked_transaction()?;
            let find = |id: &RecordId| self.find.query_row(params![scope, id.0], |row| row.get(0)).optional();
            let numbers = ids.iter().map(find).collect::<Result<_, _>>()?;
            transaction.commit()?;
            Ok(numbers)
        };
        find_all().map_err(|error| LedgerError::of(self.path, &error))
    }

    /// The entries that are stored there; `numbers` are sorted, each once. Neighbours are read in one go.
    pub(super) fn fetch(&mut self, numbers: &[i64]) -> Result<Vec<Entry>, LedgerError> {
        let mut fetch_all = || {
            let transaction = self.connection.unchecked_transaction()?;
            let mut entries = Vec::with_capacity(numbers.len());
            for run in numbers.chunk_by(|one, next| next - one == 1) {
                let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
                let mut rows = self.fetch.query([first, last])?;
                while let Some(row) = rows.next()? {
                    entries.push(entry(row)?);
                }
            }
            transaction.commit()?;
            // The index said that they are there.
            if entries.len() == numbers.len() {
                Ok(entries)
            } else {
                Err(rusqlite::Error::QueryReturnedNoRows)
            }
        };
        fetch_all().map_err(|error| LedgerError::of(self.path, &error))
    }

    /// Writes a group in one transaction. Says of each list whether it was current; what was overtaken is not written.
    ///
    /// After an error nothing is written any more: what a caller took for stored must not be overtaken.
    pub(super) fn write<'e>(
        &mut self,
        group: impl Iterator<Item = &'e mut [Entry]>,
    ) -> Result<Vec<bool>, LedgerError> {
        self.may_write()?;
        self.write_all(group).map_err(|error| {
            // SQLite may have rolled back by itself; then there is nothing left to do.
            let _ = self.connection.execute_batch("ROLLBACK");
            let error = self.said(&error);
            self.failed = Some(error.clone());
            error
        })
    }

    fn write_all<'e>(&mut self, group: impl Iterator<Item = &'e mut [Entry]>) -> rusqlite::Result<Vec<bool>> {
        let scope = self.scope.unwrap_or_default();
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let mut current = Vec::new();
        for entries in group {
            let mut fits = true;
            for entry in entries {
                fits &= self.put(scope, entry)?;
            }
            current.push(fits);
        }
        self.connection.execute_batch("COMMIT")?;
        Ok(current)
    }

    /// Stores an entry, unless the stored one is not the one that it was read with.
    fn put(&mut self, scope: i64, entry: &mut Entry) -> rusqlite::Result<bool> {
        let attempt = entry.attempt.as_ref();
        let window = attempt.and_then(|attempt| attempt.window);
        let revision = entry.revision.saturating_add(1);
        let statement = if entry.number.is_none() { &mut self.insert } else { &mut self.update };
        let changed = statement.execute(params![
            entry.number,
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
        entry.revision = revision;
        entry.number = entry.number.or_else(|| Some(self.connection.last_insert_rowid()));
        Ok(changed == 1)
    }

    /// Creates of runs before `run` that nobody has settled, in the order of their numbers.
    pub(super) fn unsettled(&self, run: i64, after: i64, limit: usize) -> Result<Vec<Entry>, LedgerError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(|connection| {
            let mut statement = connection.prepare(&format!(
                "SELECT {COLUMNS} FROM {UNSETTLED} AND number > ?3 ORDER BY number LIMIT ?4"
            ))?;
            let rows = statement.query_map(params![self.scope, run, after, limit], entry)?;
            rows.collect()
        })
    }

    pub(super) fn count_unsettled(&self, run: i64) -> Result<u64, LedgerError> {
        self.read(|connection| {
            let sql = format!("SELECT COUNT(*) FROM {UNSETTLED}");
            connection.query_row(&sql, params![self.scope, run], |row| row.get::<_, i64>(0))
        })
        .map(i64::cast_unsigned)
    }

    /// What happened to the records that a person means by `key`, of every object of the account: they have that record
    /// key or system key, or one of the ids.
    pub(super) fn history(&self, key: &str, ids: &[RecordId]) -> Result<Vec<Recorded>, LedgerError> {
        let Scope { base_url, account, .. } = &self.names;
        self.read(|connection| {
            let mut found: Vec<Recorded> = Vec::new();
            let mut by_id =
                connection.prepare(&history_by("records.scope = scopes.id AND records.id = ?3"))?;
            for id in ids {
                let rows = by_id.query_map(params![base_url, account, id.0], recorded)?;
                rows.take(MOST).try_for_each(|row| row.map(|row| found.push(row)))?;
            }
            let mut by_key = connection.prepare(&history_by(
                "+records.scope = scopes.id AND (record_key = ?3 OR system_key = ?3)",
            ))?;
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
        let sql = "SELECT COUNT(*), COUNT(*) FILTER (WHERE digest = ?3) FROM public_keys
                   WHERE base_url = ?1 AND account = ?2";
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

    /// Nothing is known of the scope, and nothing will be.
    pub(super) fn is_blank(&self) -> bool {
        self.scope.is_none()
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
    let names = params![names.base_url, names.account, names.object];
    let sql = "SELECT id FROM scopes WHERE base_url = ?1 AND account = ?2 AND object = ?3";
    let found = connection.query_row(sql, names, |row| row.get(0)).optional()?;
    if found.is_some() || !writable {
        return Ok(found);
    }
    let sql = "INSERT INTO scopes (base_url, account, object) VALUES (?1, ?2, ?3) RETURNING id";
    connection.query_row(sql, names, |row| row.get(0)).map(Some)
}

fn recorded(row: &Row<'_>) -> rusqlite::Result<Recorded> {
    Ok(Recorded { object: row.get("object")?, sync: row.get("sync")?, entry: entry(row)? })
}

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

/// What the index `unsettled` holds, in its own words: that is how SQLite knows that it may use it.
const UNSETTLED: &str =
    "records WHERE scope = ?1 AND operation = 'create' AND state IN ('sent', 'uncertain') AND run < ?2";

/// Reads every record, so in the order in which they lie: `+` keeps SQLite from going by the index.
const DELIVERED: &str = "
    SELECT COUNT(*) FROM records JOIN runs ON runs.id = records.run
    WHERE +records.scope = ?1 AND exists_since IS NOT NULL AND runs.sync = ?2";

fn history_by(condition: &str) -> String {
    format!(
        "SELECT {COLUMNS}, object, sync FROM records JOIN scopes ON {condition} LEFT JOIN runs ON runs.id = run
         WHERE base_url = ?1 AND account = ?2 ORDER BY object, number"
    )
}
