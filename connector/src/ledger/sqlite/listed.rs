//! The tables for the records of a list: the statements that read and write them.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::ledger::digest::RecordId;
use crate::ledger::error::LedgerError;
use crate::ledger::listed::{Claim, Compared, FoundRecords, ListedRecord, ToKeep};
use crate::ledger::sqlite::columns::digests;
use crate::ledger::sqlite::store::Store;

/// Only a ledger that is thrown away has them.
const TABLES: &str = "
    CREATE TABLE listed (
        number INTEGER PRIMARY KEY,
        key TEXT NOT NULL,
        created INTEGER,
        shown BLOB,
        row INTEGER,
        row_id BLOB,
        row_key TEXT,
        -- Of a record that a row has: the names of the fields that differ, with commas between them.
        differing TEXT,
        twice INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE listed_ids (
        id BLOB NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (id, number)
    ) WITHOUT ROWID;";

const COLUMNS: &str = "number, key, created, shown, row, row_id, row_key, differing, twice";
/// The most records of one id that are looked at.
const SAME: u32 = 10;

impl Store {
    pub(in crate::ledger) fn make_listed(&mut self) -> Result<(), LedgerError> {
        self.change(|connection| connection.execute_batch(TABLES))
    }

    pub(in crate::ledger) fn keep_listed(&mut self, records: &[ToKeep]) -> Result<(), LedgerError> {
        self.change(|connection| keep(connection, records))
    }

    pub(in crate::ledger) fn find_listed(
        &mut self,
        ids: &[Vec<RecordId>],
    ) -> Result<Vec<Option<FoundRecords>>, LedgerError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let found = ids.iter().map(|ids| find(connection, ids)).collect();
            transaction.commit()?;
            found
        })
    }

    pub(in crate::ledger) fn claim_listed(&mut self, claims: &[(i64, Claim)]) -> Result<(), LedgerError> {
        self.change(|connection| claim(connection, claims))
    }

    pub(in crate::ledger) fn page_of_listed(
        &mut self,
        after: i64,
        limit: u32,
    ) -> Result<Vec<ListedRecord>, LedgerError> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM listed WHERE number > ?1 ORDER BY number LIMIT ?2");
            connection.prepare_cached(&sql)?.query_map([after, limit.into()], record)?.collect()
        })
    }
}

fn keep(connection: &Connection, records: &[ToKeep]) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    let mut insert =
        connection.prepare_cached("INSERT INTO listed (key, created, shown) VALUES (?1, ?2, ?3)")?;
    let mut name =
        connection.prepare_cached("INSERT OR IGNORE INTO listed_ids (id, number) VALUES (?1, ?2)")?;
    for ToKeep { record, ids } in records {
        let number = insert.insert(params![record.key, record.created, record.shown.to_bytes()])?;
        for id in ids {
            name.execute(params![id.0, number])?;
        }
    }
    transaction.commit()
}

fn find(connection: &Connection, ids: &[RecordId]) -> rusqlite::Result<Option<FoundRecords>> {
    let mut numbers = connection.prepare_cached("SELECT number FROM listed_ids WHERE id = ?1 LIMIT ?2")?;
    let mut select = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM listed WHERE number = ?1"))?;
    for (place, id) in ids.iter().enumerate() {
        let under: Vec<i64> =
            numbers.query_map(params![id.0, SAME], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        if under.is_empty() {
            continue;
        }
        let mut records = Vec::with_capacity(under.len());
        for number in under {
            records.extend(select.query_row([number], record).optional()?);
        }
        return Ok(Some(FoundRecords { place, records }));
    }
    Ok(None)
}

fn claim(connection: &Connection, claims: &[(i64, Claim)]) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    let mut update = connection.prepare_cached(
        "UPDATE listed SET row = ?2, row_id = ?3, row_key = ?4, differing = ?5, twice = ?6 WHERE number = ?1",
    )?;
    for (number, Claim { row, id, key, compared }) in claims {
        let (differing, twice) = match compared {
            Compared::Equal => (None, false),
            Compared::Different(fields) => (Some(fields.join(",")), false),
            Compared::Twice => (None, true),
        };
        update.execute(params![number, row.cast_signed(), id.0, key, differing, twice])?;
    }
    transaction.commit()
}

fn record(row: &Row<'_>) -> rusqlite::Result<ListedRecord> {
    let claim = match row.get::<_, Option<i64>>(4)? {
        Some(number) => {
            let differing: Option<String> = row.get(7)?;
            let compared = match differing {
                _ if row.get(8)? => Compared::Twice,
                Some(fields) => Compared::Different(fields.split(',').map(str::to_owned).collect()),
                None => Compared::Equal,
            };
            let id = RecordId(row.get(5)?);
            Some(Claim { row: number.cast_unsigned(), id, key: row.get(6)?, compared })
        }
        None => None,
    };
    Ok(ListedRecord {
        number: row.get(0)?,
        key: row.get(1)?,
        created: row.get(2)?,
        shown: digests(row, 3)?,
        claim,
    })
}
