//! The runs of a ledger: the statements that read and write them.

use rusqlite::{Connection, Row, params};

use crate::ledger::account::{Account, ScopeName};
use crate::ledger::runs::{RecordedRun, RunEnd};

/// Notes that a run of a sync begins, and gives it a number.
pub(in crate::ledger) fn begin(
    connection: &Connection,
    scope: Option<i64>,
    sync: &str,
    now: i64,
) -> rusqlite::Result<i64> {
    let sql = "INSERT INTO runs (scope, sync, started_at) VALUES (?1, ?2, ?3) RETURNING id";
    connection.query_row(sql, params![scope, sync, now], |row| row.get(0))
}

/// Notes that a run has ended.
pub(in crate::ledger) fn finish(
    connection: &Connection,
    run: i64,
    end: Option<&RunEnd>,
    now: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE runs SET finished_at = ?2, mode = ?3, exit_code = ?4, rows = ?5 WHERE id = ?1";
    let mode = end.map(|end| end.mode);
    let (code, rows) = (end.map(|end| end.exit_code), end.map(|end| end.rows.as_str()));
    connection.execute(sql, params![run, now, mode, code, rows]).map(drop)
}

/// The latest runs of an account, or of all.
pub(in crate::ledger) fn latest(
    connection: &Connection,
    account: Option<&Account>,
    limit: usize,
) -> rusqlite::Result<Vec<RecordedRun>> {
    let sql =
        "SELECT runs.id, sync, mode, base_url, account, object, started_at, finished_at, exit_code, rows
               FROM runs JOIN scopes ON scopes.id = runs.scope
               WHERE ?1 IS NULL OR (base_url = ?1 AND account = ?2) ORDER BY runs.id DESC LIMIT ?3";
    let run = |row: &Row<'_>| {
        let (mode, rows): (Option<String>, Option<String>) = (row.get(2)?, row.get(9)?);
        let exit_code: Option<u8> = row.get(8)?;
        Ok(RecordedRun {
            number: row.get(0)?,
            sync: row.get(1)?,
            scope: ScopeName { base_url: row.get(3)?, account: row.get(4)?, object: row.get(5)? },
            started_at: row.get(6)?,
            finished_at: row.get(7)?,
            mode,
            exit_code,
            rows,
        })
    };
    let (base_url, name) = account.map(|account| (&account.base_url, &account.name)).unzip();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection.prepare(sql)?.query_map(params![base_url, name, limit], run)?.collect()
}
