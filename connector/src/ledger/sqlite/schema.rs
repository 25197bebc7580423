//! The tables of a ledger, and the steps from one format to the next.

use std::path::Path;

use rusqlite::Connection;

use super::digest_key;
use super::failure::{of_sqlite, place};
use crate::ledger::error::LedgerError;

/// Marks a database as a ledger: `PSL1` in the file's header.
const APPLICATION: i64 = 0x5053_4c31;

/// The step from each format to the next. A released step is never changed: a new one is added.
const STEPS: [&str; 1] = [r"
    CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE scopes (
        id INTEGER PRIMARY KEY,
        base_url TEXT NOT NULL,
        account TEXT NOT NULL,
        object TEXT NOT NULL,
        -- Rows without a record may have been sent by runs whose ledger is lost.
        adopts INTEGER NOT NULL DEFAULT 0,
        UNIQUE (base_url, account, object)
    );
    -- Times are milliseconds since 1970. Digests are lists of (field, value), 8 bytes each, sorted by field.
    -- Numbered in the order in which records first came: neighbours in a file are neighbours here, and what is written
    -- together lies together.
    CREATE TABLE records (
        number INTEGER PRIMARY KEY,
        scope INTEGER NOT NULL,
        id BLOB NOT NULL,
        revision INTEGER NOT NULL,
        record_key TEXT,
        system_key TEXT,
        exists_since INTEGER,
        confirmed BLOB,
        operation TEXT,
        state TEXT,
        at INTEGER,
        run INTEGER,
        row INTEGER,
        digests BLOB,
        window_from INTEGER,
        window_to INTEGER,
        resends INTEGER,
        given_up_at INTEGER,
        status INTEGER,
        message TEXT,
        UNIQUE (scope, id)
    );
    CREATE INDEX by_system_key ON records (scope, system_key) WHERE system_key IS NOT NULL;
    CREATE INDEX unsettled ON records (scope) WHERE operation = 'create' AND state IN ('sent', 'uncertain');
    CREATE TABLE public_keys (
        base_url TEXT NOT NULL,
        account TEXT NOT NULL,
        digest BLOB NOT NULL,
        added_at INTEGER NOT NULL,
        PRIMARY KEY (base_url, account, digest)
    ) WITHOUT ROWID;
    -- Whether the records of an account are test records; none of it where the system has not said so yet.
    CREATE TABLE accounts (
        base_url TEXT NOT NULL,
        account TEXT NOT NULL,
        test INTEGER NOT NULL,
        PRIMARY KEY (base_url, account)
    ) WITHOUT ROWID;
    CREATE TABLE keyed_by (
        scope INTEGER NOT NULL,
        sync TEXT NOT NULL,
        keyed_by TEXT NOT NULL,
        PRIMARY KEY (scope, sync)
    ) WITHOUT ROWID;
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        scope INTEGER NOT NULL,
        sync TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        finished_at INTEGER,
        mode TEXT,
        exit_code INTEGER,
        -- How many rows ended in each way, as a JSON object.
        rows TEXT
    );
    -- Rows that did not arrive, by a digest of what they say. State 0: to be done; 1: a later version has arrived;
    -- 2: it arrived itself, or was dismissed.
    CREATE TABLE faults (
        scope INTEGER NOT NULL,
        id BLOB NOT NULL,
        record BLOB,
        state INTEGER NOT NULL,
        outcome TEXT,
        run INTEGER,
        row INTEGER,
        at INTEGER,
        status INTEGER,
        message TEXT,
        UNIQUE (scope, id)
    );
    CREATE INDEX faults_of_record ON faults (scope, record) WHERE record IS NOT NULL;
    -- For people: what happened to a record, in words and UTC.
    CREATE VIEW history AS
        SELECT scopes.object, record_key, system_key, datetime(exists_since / 1000, 'unixepoch') AS exists_since,
               operation, state, datetime(at / 1000, 'unixepoch') AS at, runs.sync, run, row, status, message,
               resends, hex(records.id) AS id, scopes.account, scopes.base_url
        FROM records JOIN scopes ON scopes.id = records.scope LEFT JOIN runs ON runs.id = records.run;
"];

/// The newest format.
const NEWEST: i64 = STEPS.len().cast_signed() as i64;

/// Makes an empty database a new ledger, with a digest key of its own or that of a file.
pub(super) fn create(
    connection: &Connection,
    path: &Path,
    key_file: Option<&Path>,
) -> Result<(), LedgerError> {
    let make = || {
        connection.pragma_update(None, "application_id", APPLICATION)?;
        migrate(connection, 0)
    };
    make().map_err(|error| of_sqlite(path, &error))?;
    digest_key::give(connection, path, key_file)
}

/// What was found in a database that was there before.
pub(super) enum LedgerFormat {
    /// It can be used.
    Known,
    /// It was written by an older version.
    Old(i64),
}

/// Looks at a database and changes nothing.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<LedgerFormat, LedgerError> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let found = pragma("application_id").and_then(|application| Ok((application, pragma("user_version")?)));
    let place = place(path);
    match found.map_err(|error| of_sqlite(path, &error))? {
        (APPLICATION, NEWEST) => Ok(LedgerFormat::Known),
        (APPLICATION, found) if found > NEWEST => Err(LedgerError::Newer { place, found, known: NEWEST }),
        (APPLICATION, found) if found > 0 => Ok(LedgerFormat::Old(found)),
        (APPLICATION, _) => Err(LedgerError::Damaged { place, detail: "it has no format number".to_owned() }),
        _ => Err(LedgerError::Foreign { place }),
    }
}

/// The error for a reader that finds an old format: only a writer may migrate it.
pub(super) fn older(path: &Path, found: i64) -> LedgerError {
    LedgerError::Older { place: place(path), found, known: NEWEST }
}

/// Migrates a ledger from a format to the newest. Each step is one transaction.
pub(super) fn migrate(connection: &Connection, from: i64) -> rusqlite::Result<()> {
    for (version, step) in (1_i64..).zip(STEPS).skip_while(|(version, _)| *version <= from) {
        let transaction = connection.unchecked_transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}
