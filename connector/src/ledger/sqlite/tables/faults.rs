//! The rows that did not arrive: the statements that read and write them.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::ledger::account::Account;
use crate::ledger::digest::{FaultId, RecordId};
use crate::ledger::faults::{FailedRow, FaultChange, FaultState, RecordedFault};

const OPEN: i64 = 0;
const REPLACED: i64 = 1;
const CLOSED: i64 = 2;

/// Any are known.
pub(in crate::ledger) fn known(connection: &Connection, scope: Option<i64>) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM faults WHERE scope = ?1)";
    connection.query_row(sql, [scope], |row| row.get(0))
}

/// How it stands with rows, in the order of `ids`; none: they are not known.
pub(in crate::ledger) fn states(
    connection: &Connection,
    scope: Option<i64>,
    ids: &[FaultId],
) -> rusqlite::Result<Vec<Option<FaultState>>> {
    let transaction = connection.unchecked_transaction()?;
    let mut select =
        connection.prepare_cached("SELECT state, run FROM faults WHERE scope = ?1 AND id = ?2")?;
    let state = |row: &Row<'_>| {
        let state: i64 = row.get(0)?;
        Ok(match state {
            OPEN => FaultState::Open(row.get(1)?),
            REPLACED => FaultState::Replaced,
            _ => FaultState::Closed,
        })
    };
    let find = |id: &FaultId| select.query_row(params![scope, id.0], state).optional();
    let states = ids.iter().map(find).collect::<rusqlite::Result<Vec<_>>>()?;
    transaction.commit()?;
    Ok(states)
}

/// Those of these records of which a row is to be done.
pub(in crate::ledger) fn open_of(
    connection: &Connection,
    scope: Option<i64>,
    records: &[RecordId],
) -> rusqlite::Result<BTreeSet<RecordId>> {
    let transaction = connection.unchecked_transaction()?;
    let sql = "SELECT EXISTS (SELECT 1 FROM faults WHERE scope = ?1 AND record = ?2 AND state = 0)";
    let mut select = connection.prepare_cached(sql)?;
    let mut open = BTreeSet::new();
    for record in records {
        if select.query_row(params![scope, record.0], |row| row.get(0))? {
            open.insert(*record);
        }
    }
    transaction.commit()?;
    Ok(open)
}

/// Stores changes in one transaction, in their order.
pub(in crate::ledger) fn change(
    connection: &Connection,
    scope: Option<i64>,
    changes: &[FaultChange],
) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    for change in changes {
        match change {
            FaultChange::Failed(fault) => failed(connection, scope, fault)?,
            FaultChange::Arrived { record, id, later, corrects } => {
                let state = if *later { REPLACED } else { CLOSED };
                let sql = "UPDATE faults SET state = ?3 WHERE scope = ?1 AND record = ?2 AND state = 0";
                connection.prepare_cached(sql)?.execute(params![scope, record.0, state])?;
                if let Some(id) = id {
                    let sql = "UPDATE faults SET state = 2 WHERE scope = ?1 AND id = ?2";
                    connection.prepare_cached(sql)?.execute(params![scope, id.0])?;
                }
                if let Some(corrects) = corrects {
                    // One that another ledger has noted is not known yet.
                    let sql = "INSERT INTO faults (scope, id, record, state) VALUES (?1, ?2, ?3, 1)
                               ON CONFLICT DO UPDATE SET state = 1";
                    connection.prepare_cached(sql)?.execute(params![scope, corrects.0, record.0])?;
                }
            }
            FaultChange::Dismissed(id) => {
                let sql = "INSERT INTO faults (scope, id, state) VALUES (?1, ?2, ?3)
                           ON CONFLICT DO UPDATE SET state = excluded.state";
                connection.prepare_cached(sql)?.execute(params![scope, id.0, CLOSED])?;
            }
        }
    }
    transaction.commit()
}

/// The latest failure of a record takes the place of those of earlier runs.
fn failed(connection: &Connection, scope: Option<i64>, fault: &FailedRow) -> rusqlite::Result<()> {
    let FailedRow { id, record, outcome, run, row, at, status, message } = fault;
    let record = record.map(|record| record.0);
    if let Some(record) = record {
        let sql = "UPDATE faults SET state = 2 WHERE scope = ?1 AND record = ?2 AND state = 0 AND run < ?3";
        connection.prepare_cached(sql)?.execute(params![scope, record, run])?;
    }
    let sql = "INSERT INTO faults (scope, id, record, state, outcome, run, row, at, status, message)
               VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9)
               ON CONFLICT DO UPDATE SET record = excluded.record, state = 0, outcome = excluded.outcome,
                   run = excluded.run, row = excluded.row, at = excluded.at, status = excluded.status,
                   message = excluded.message";
    let row = row.cast_signed();
    let values = params![scope, id.0, record, outcome, run, row, at, status, message];
    connection.prepare_cached(sql)?.execute(values).map(drop)
}

/// The rows of these records that did not arrive, of every object of the account.
pub(in crate::ledger) fn history(
    connection: &Connection,
    account: &Account,
    records: &[RecordId],
) -> rusqlite::Result<Vec<RecordedFault>> {
    let sql = "SELECT object, sync, faults.id, state, outcome, run, row, at, status, message
               FROM scopes JOIN faults ON faults.scope = scopes.id LEFT JOIN runs ON runs.id = run
               WHERE base_url = ?1 AND account = ?2 AND record = ?3 AND outcome IS NOT NULL ORDER BY at";
    let mut select = connection.prepare(sql)?;
    let recorded = |row: &Row<'_>| {
        let (state, number): (i64, i64) = (row.get(3)?, row.get(6)?);
        Ok(RecordedFault {
            object: row.get(0)?,
            sync: row.get(1)?,
            id: FaultId(row.get(2)?),
            open: state == OPEN,
            outcome: row.get(4)?,
            run: row.get(5)?,
            row: number.cast_unsigned(),
            at: row.get(7)?,
            status: row.get(8)?,
            message: row.get(9)?,
        })
    };
    let Account { base_url, name } = account;
    let mut found = Vec::new();
    for record in records {
        let rows = select.query_map(params![base_url, name, record.0], recorded)?;
        rows.take(MOST).try_for_each(|row| row.map(|row| found.push(row)))?;
    }
    Ok(found)
}

/// The most rows of one record that a history shows.
const MOST: usize = 20;
