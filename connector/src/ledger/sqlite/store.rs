//! The store of a ledger: all that its thread asks for.

use std::collections::BTreeSet;
use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::{of_sqlite, place};
use super::file::{self, Opened};
use super::lock::Locks;
use super::tables::{accounts, faults, records, runs};
use crate::ledger::account::{Account, AccountFacts, KeyStanding, KnownRecord, ScopeName};
use crate::ledger::digest::{Digest, Digester, FaultId, RecordId};
use crate::ledger::entry::{Entry, RecentCreate, Recorded, Stored};
use crate::ledger::error::LedgerError;
use crate::ledger::faults::{FaultChange, FaultState, RecordedFault};
use crate::ledger::options::OpenOptions;
use crate::ledger::runs::{RecordedRun, RunEnd};

/// An open ledger, on its thread.
///
/// After a failed write it only reads: later writes must not be stored without the one that failed.
pub(in crate::ledger) struct Store {
    connection: Connection,
    path: PathBuf,
    digester: Digester,
    writable: bool,
    /// Why nothing is written any more.
    failed: Option<LedgerError>,
    /// The last field, because it must be dropped after the connection.
    locks: Option<Locks>,
}

/// A scope as the store knows it.
#[derive(Clone, Copy)]
pub(in crate::ledger) struct ScopeId(Option<i64>);

impl ScopeId {
    /// The ledger knows nothing of the scope, and may not add it.
    pub(in crate::ledger) fn is_blank(self) -> bool {
        self.0.is_none()
    }
}

impl Store {
    /// Opens a ledger.
    pub(in crate::ledger) fn open(options: &OpenOptions) -> Result<Self, LedgerError> {
        let OpenOptions { place: at, digest_key_file, require, read_only, now } = options;
        let key_file = digest_key_file.as_deref();
        let Opened { connection, path, digester, locks } = if *read_only {
            file::open_reader(at, key_file, *require)?
        } else {
            file::open_writer(at, key_file, *require, *now)?
        };
        Ok(Self { connection, path, digester, writable: !read_only, failed: None, locks })
    }

    /// Makes the digests of this ledger.
    pub(in crate::ledger) fn digester(&self) -> &Digester {
        &self.digester
    }

    /// The scope of that name. A ledger that is written adds a scope that it does not know, and keeps other processes from
    /// writing it.
    pub(in crate::ledger) fn scope(&mut self, name: &ScopeName) -> Result<ScopeId, LedgerError> {
        let ScopeName { base_url, account, object } = name;
        if let Some(locks) = &mut self.locks {
            locks.take(name)?;
        }
        let sql = "SELECT id FROM scopes WHERE base_url = ?1 AND account = ?2 AND object = ?3";
        let names = params![base_url, account, object];
        let find = |connection: &Connection| connection.query_row(sql, names, |row| row.get(0)).optional();
        let found = self.read(find)?;
        if found.is_some() || !self.writable {
            return Ok(ScopeId(found));
        }
        let sql = "INSERT INTO scopes (base_url, account, object) VALUES (?1, ?2, ?3) RETURNING id";
        self.change(|connection| connection.query_row(sql, names, |row| row.get(0))).map(ScopeId)
    }

    /// A record of the scope is known.
    pub(in crate::ledger) fn knows_records(&mut self, scope: ScopeId) -> Result<bool, LedgerError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM records WHERE scope = ?1)";
        self.read(|connection| connection.query_row(sql, [scope.0], |row| row.get(0)))
    }

    /// Whether rows without a record are looked for in the list.
    pub(in crate::ledger) fn adopts(&mut self, scope: ScopeId) -> Result<bool, LedgerError> {
        let sql = "SELECT adopts FROM scopes WHERE id = ?1";
        let adopts =
            self.read(|connection| connection.query_row(sql, [scope.0], |row| row.get(0)).optional());
        Ok(adopts?.unwrap_or_default())
    }

    /// Notes whether they are.
    pub(in crate::ledger) fn set_adopts(&mut self, scope: ScopeId, adopts: bool) -> Result<(), LedgerError> {
        let sql = "UPDATE scopes SET adopts = ?2 WHERE id = ?1";
        self.change(|connection| connection.execute(sql, params![scope.0, adopts])).map(drop)
    }

    /// What is known of records, in the order of `ids`.
    pub(in crate::ledger) fn fetch(
        &mut self,
        scope: ScopeId,
        ids: &[RecordId],
    ) -> Result<Vec<Option<Entry>>, LedgerError> {
        self.read(|connection| records::fetch(connection, scope.0, ids))
    }

    /// Stores lists of entries in one commit. Returns for each list whether its entries were the newest copies; what is
    /// not the newest is not written.
    pub(in crate::ledger) fn write<'e>(
        &mut self,
        group: impl Iterator<Item = (ScopeId, &'e mut [Entry])>,
    ) -> Result<Vec<bool>, LedgerError> {
        self.may_write()?;
        records::write(&self.connection, group.map(|(scope, entries)| (scope.0, entries))).map_err(|error| {
            // SQLite may have rolled back by itself; then this fails, and nothing is left to do.
            let _ = self.connection.execute_batch("ROLLBACK");
            let error = self.said(&error);
            self.failed = Some(error.clone());
            error
        })
    }

    /// Creates of runs before `run` without a known result, at most `limit`: the first, or those that follow `after`.
    pub(in crate::ledger) fn unsettled(
        &mut self,
        scope: ScopeId,
        run: i64,
        after: Option<Stored>,
        limit: usize,
    ) -> Result<Vec<Entry>, LedgerError> {
        self.read(|connection| records::unsettled(connection, scope.0, run, after, limit))
    }

    /// The latest creates of runs before `run` that were answered.
    pub(in crate::ledger) fn recent_creates(
        &mut self,
        scope: ScopeId,
        run: i64,
        limit: usize,
    ) -> Result<Vec<RecentCreate>, LedgerError> {
        self.read(|connection| records::recent_creates(connection, scope.0, run, limit))
    }

    /// Which records hold these keys of the system's.
    pub(in crate::ledger) fn holders(
        &mut self,
        scope: ScopeId,
        keys: &[String],
    ) -> Result<Vec<(String, RecordId)>, LedgerError> {
        self.read(|connection| records::holders(connection, scope.0, keys))
    }

    /// How many creates of runs before `run` have no known result.
    pub(in crate::ledger) fn count_unsettled(
        &mut self,
        scope: ScopeId,
        run: i64,
    ) -> Result<u64, LedgerError> {
        self.read(|connection| records::count_unsettled(connection, scope.0, run))
    }

    /// How many existing records a sync was the last to write.
    pub(in crate::ledger) fn delivered(&mut self, scope: ScopeId, sync: &str) -> Result<u64, LedgerError> {
        self.read(|connection| records::count_delivered(connection, scope.0, sync))
    }

    /// What happened to the records that a person means by `key`, of every object of the account.
    pub(in crate::ledger) fn history(
        &mut self,
        account: &Account,
        key: &str,
        ids: &[RecordId],
    ) -> Result<Vec<Recorded>, LedgerError> {
        self.read(|connection| records::history(connection, account, key, ids))
    }

    /// What the rows of a sync were keyed by when it last ran.
    pub(in crate::ledger) fn keyed_by(
        &mut self,
        scope: ScopeId,
        sync: &str,
    ) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT keyed_by FROM keyed_by WHERE scope = ?1 AND sync = ?2";
        self.read(|connection| connection.query_row(sql, params![scope.0, sync], |row| row.get(0)).optional())
    }

    /// Everything that rows of the account were keyed by.
    pub(in crate::ledger) fn all_keyed_by(&mut self, account: &Account) -> Result<Vec<String>, LedgerError> {
        let sql = "SELECT DISTINCT keyed_by FROM keyed_by JOIN scopes ON scopes.id = keyed_by.scope
                   WHERE base_url = ?1 AND account = ?2";
        let Account { base_url, name } = account;
        self.read(|connection| {
            let mut statement = connection.prepare(sql)?;
            statement.query_map(params![base_url, name], |row| row.get(0))?.collect()
        })
    }

    /// Notes what the rows of a sync are keyed by.
    pub(in crate::ledger) fn set_keyed_by(
        &mut self,
        scope: ScopeId,
        sync: &str,
        keyed_by: &str,
    ) -> Result<(), LedgerError> {
        let sql = "INSERT INTO keyed_by (scope, sync, keyed_by) VALUES (?1, ?2, ?3)
                   ON CONFLICT DO UPDATE SET keyed_by = excluded.keyed_by";
        self.change(|connection| connection.execute(sql, params![scope.0, sync, keyed_by])).map(drop)
    }

    /// Whether a public key belongs to the account.
    pub(in crate::ledger) fn standing(
        &mut self,
        account: &Account,
        public_key: Digest,
    ) -> Result<KeyStanding, LedgerError> {
        self.read(|connection| accounts::standing(connection, account, public_key))
    }

    /// Notes that a public key belongs to the account; `alone`: and no other any more.
    pub(in crate::ledger) fn add_public_key(
        &mut self,
        account: &Account,
        public_key: Digest,
        alone: bool,
        now: i64,
    ) -> Result<(), LedgerError> {
        self.change(|connection| accounts::add_public_key(connection, account, public_key, alone, now))
    }

    /// What is known about an account.
    pub(in crate::ledger) fn account_facts(
        &mut self,
        account: &Account,
    ) -> Result<AccountFacts, LedgerError> {
        self.read(|connection| accounts::facts(connection, account))
    }

    /// Notes whether a record of the scope's account is a test record.
    pub(in crate::ledger) fn note_test(&mut self, scope: ScopeId, test: bool) -> Result<(), LedgerError> {
        self.change(|connection| accounts::note_test(connection, scope.0, test))
    }

    /// Records of the account that the system should have, at most `limit`: those whose creation times are certain first.
    pub(in crate::ledger) fn known_records(
        &mut self,
        account: &Account,
        limit: usize,
    ) -> Result<Vec<KnownRecord>, LedgerError> {
        self.read(|connection| accounts::known_records(connection, account, limit))
    }

    /// Notes that a run of a sync begins, and gives it a number.
    pub(in crate::ledger) fn begin_run(
        &mut self,
        scope: ScopeId,
        sync: &str,
        now: i64,
    ) -> Result<i64, LedgerError> {
        self.change(|connection| runs::begin(connection, scope.0, sync, now))
    }

    /// Notes that a run has ended.
    pub(in crate::ledger) fn finish_run(
        &mut self,
        run: i64,
        end: Option<&RunEnd>,
        now: i64,
    ) -> Result<(), LedgerError> {
        self.change(|connection| runs::finish(connection, run, end, now))
    }

    /// The latest runs of an account, or of all; at most `limit`, the latest first.
    pub(in crate::ledger) fn runs(
        &mut self,
        account: Option<&Account>,
        limit: usize,
    ) -> Result<Vec<RecordedRun>, LedgerError> {
        self.read(|connection| runs::latest(connection, account, limit))
    }

    /// The accounts of which something is known.
    pub(in crate::ledger) fn accounts(&mut self) -> Result<Vec<Account>, LedgerError> {
        self.read(accounts::all)
    }

    /// Rows of the scope that did not arrive are known.
    pub(in crate::ledger) fn knows_faults(&mut self, scope: ScopeId) -> Result<bool, LedgerError> {
        self.read(|connection| faults::known(connection, scope.0))
    }

    /// How it stands with rows that did not arrive, in the order of `ids`.
    pub(in crate::ledger) fn fault_states(
        &mut self,
        scope: ScopeId,
        ids: &[FaultId],
    ) -> Result<Vec<Option<FaultState>>, LedgerError> {
        self.read(|connection| faults::states(connection, scope.0, ids))
    }

    /// Those of these records of which a row is to be done.
    pub(in crate::ledger) fn open_faults(
        &mut self,
        scope: ScopeId,
        records: &[RecordId],
    ) -> Result<BTreeSet<RecordId>, LedgerError> {
        self.read(|connection| faults::open_of(connection, scope.0, records))
    }

    /// Stores what happened to rows that did not arrive.
    pub(in crate::ledger) fn change_faults(
        &mut self,
        scope: ScopeId,
        changes: &[FaultChange],
    ) -> Result<(), LedgerError> {
        self.change(|connection| faults::change(connection, scope.0, changes))
    }

    /// The rows of these records that did not arrive, of every object of the account.
    pub(in crate::ledger) fn fault_history(
        &mut self,
        account: &Account,
        records: &[RecordId],
    ) -> Result<Vec<RecordedFault>, LedgerError> {
        self.read(|connection| faults::history(connection, account, records))
    }

    /// Closes the ledger, then gives its locks back. Returns the error if something was not stored.
    pub(in crate::ledger) fn close(self) -> Result<(), LedgerError> {
        let Self { connection, path, failed, locks, .. } = self;
        let closed = connection.close().map_err(|(_, error)| of_sqlite(&path, &error));
        drop(locks);
        failed.map_or(closed, Err)
    }

    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        read(&self.connection).map_err(|error| self.said(&error))
    }

    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        self.may_write()?;
        self.read(change)
    }

    fn may_write(&self) -> Result<(), LedgerError> {
        match &self.failed {
            Some(error) => Err(error.clone()),
            None if self.writable => Ok(()),
            None => {
                let detail = "this run only reads it".to_owned();
                Err(LedgerError::Denied { place: place(&self.path), purpose: "written", detail })
            }
        }
    }

    fn said(&self, error: &rusqlite::Error) -> LedgerError {
        of_sqlite(&self.path, error)
    }
}
