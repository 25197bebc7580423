//! What a program holds of a ledger: the ledger itself, opened once, and a scope for each object that it syncs.

use std::collections::BTreeSet;

use super::thread::{Queue, Thread};
use crate::ledger::account::{Account, AccountFacts, KeyStanding, KnownRecord, ScopeName};
use crate::ledger::digest::{Digester, FaultId, RecordId};
use crate::ledger::entry::{Entry, RecentCreate, Recorded};
use crate::ledger::error::LedgerError;
use crate::ledger::faults::{FaultChange, FaultState, RecordedFault};
use crate::ledger::options::OpenOptions;
use crate::ledger::runs::{RecordedRun, RunEnd};
use crate::ledger::sqlite::store::{ScopeId, Store};

/// The most records that are looked up in one go: writes go in between.
const SLICE: usize = 2048;

/// An open ledger. A process opens it once, and takes a [`Scope`] of it for each object.
///
/// Dropping it waits until everything that was asked for is stored. After that its scopes only return errors.
///
/// The futures work on any executor; where there is none, [`wait`](super::wait::wait) for them.
pub struct Ledger {
    thread: Thread,
    digester: Digester,
}

impl Ledger {
    /// Opens a ledger, and locks it unless it is only read.
    pub fn open(options: OpenOptions) -> Result<Self, LedgerError> {
        let (thread, digester) = Thread::start(options)?;
        Ok(Self { thread, digester })
    }

    /// The records of one object. All scopes of a ledger share its thread, its lock and its commits.
    pub async fn scope(&self, name: ScopeName) -> Result<Scope, LedgerError> {
        let queue = self.thread.queue().clone();
        let id = queue.call(move |store| store.scope(&name)).await?;
        Ok(Scope { queue, id, digester: self.digester.clone() })
    }

    /// Makes the digests of this ledger.
    #[must_use]
    pub fn digester(&self) -> &Digester {
        &self.digester
    }

    /// What is known of the records that a person calls `key`, of every object of the account: by record key, by system
    /// key, or by the ids that `key` has where records are known by digests alone.
    pub async fn history(
        &self,
        account: &Account,
        key: &str,
        ids: Vec<RecordId>,
    ) -> Result<Vec<Recorded>, LedgerError> {
        let (account, key) = (account.clone(), key.to_owned());
        self.thread.queue().call(move |store| store.history(&account, &key, &ids)).await
    }

    /// Everything that rows of the account were keyed by.
    pub async fn all_keyed_by(&self, account: &Account) -> Result<Vec<String>, LedgerError> {
        let account = account.clone();
        self.thread.queue().call(move |store| store.all_keyed_by(&account)).await
    }

    /// Whether a public key belongs to the account.
    pub async fn standing(&self, account: &Account, public_key: &str) -> Result<KeyStanding, LedgerError> {
        let (account, digest) = (account.clone(), self.digester.text(public_key));
        self.thread.queue().call(move |store| store.standing(&account, digest)).await
    }

    /// Notes that a public key belongs to the account.
    pub async fn add_public_key(
        &self,
        account: &Account,
        public_key: &str,
        now: i64,
    ) -> Result<(), LedgerError> {
        let (account, digest) = (account.clone(), self.digester.text(public_key));
        self.thread.queue().call(move |store| store.add_public_key(&account, digest, false, now)).await
    }

    /// Notes that a public key belongs to the account, and no other any more.
    pub async fn replace_public_keys(
        &self,
        account: &Account,
        public_key: &str,
        now: i64,
    ) -> Result<(), LedgerError> {
        let (account, digest) = (account.clone(), self.digester.text(public_key));
        self.thread.queue().call(move |store| store.add_public_key(&account, digest, true, now)).await
    }

    /// What is known about an account.
    pub async fn account_facts(&self, account: &Account) -> Result<AccountFacts, LedgerError> {
        let account = account.clone();
        self.thread.queue().call(move |store| store.account_facts(&account)).await
    }

    /// Records of the account that the system should have, at most `limit`: those whose creation times are certain first.
    pub async fn known_records(
        &self,
        account: &Account,
        limit: usize,
    ) -> Result<Vec<KnownRecord>, LedgerError> {
        let account = account.clone();
        self.thread.queue().call(move |store| store.known_records(&account, limit)).await
    }

    /// The accounts of which something is known.
    pub async fn accounts(&self) -> Result<Vec<Account>, LedgerError> {
        self.thread.queue().call(Store::accounts).await
    }

    /// The latest runs of an account, or of all; at most `limit`, the latest first.
    pub async fn runs(
        &self,
        account: Option<Account>,
        limit: usize,
    ) -> Result<Vec<RecordedRun>, LedgerError> {
        self.thread.queue().call(move |store| store.runs(account.as_ref(), limit)).await
    }

    /// The rows of these records that did not arrive, of every object of the account.
    pub async fn fault_history(
        &self,
        account: &Account,
        records: Vec<RecordId>,
    ) -> Result<Vec<RecordedFault>, LedgerError> {
        let account = account.clone();
        self.thread.queue().call(move |store| store.fault_history(&account, &records)).await
    }

    /// Waits until everything is stored, and returns the error if something was not.
    pub fn close(mut self) -> Result<(), LedgerError> {
        self.thread.end()
    }
}

/// What a ledger knows of one object of an account. It does not keep the ledger open.
#[derive(Clone)]
pub struct Scope {
    queue: Queue,
    id: ScopeId,
    digester: Digester,
}

impl Scope {
    /// Makes the digests of this ledger.
    #[must_use]
    pub fn digester(&self) -> &Digester {
        &self.digester
    }

    /// No record of it is known and none will be, so there is nothing to compare rows with.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.id.is_blank()
    }

    /// A record of it is known.
    pub async fn knows_records(&self) -> Result<bool, LedgerError> {
        let scope = self.id;
        self.queue.call(move |store| store.knows_records(scope)).await
    }

    /// Rows of which nothing is known may have been sent by runs whose ledger is lost: they are looked for in the list
    /// until a run has come to its end.
    pub async fn adopts(&self) -> Result<bool, LedgerError> {
        let scope = self.id;
        self.queue.call(move |store| store.adopts(scope)).await
    }

    /// Notes whether they are.
    pub async fn set_adopts(&self, adopts: bool) -> Result<(), LedgerError> {
        let scope = self.id;
        self.queue.call(move |store| store.set_adopts(scope, adopts)).await
    }

    /// What is known of records, in the order of `ids`. It is faster for many ids at once than for each alone.
    pub async fn fetch(&self, ids: &[RecordId]) -> Result<Vec<Option<Entry>>, LedgerError> {
        if self.is_blank() {
            return Ok(vec![None; ids.len()]);
        }
        let scope = self.id;
        let mut entries = Vec::with_capacity(ids.len());
        for slice in ids.chunks(SLICE) {
            let ids = slice.to_vec();
            entries.append(&mut self.queue.call(move |store| store.fetch(scope, &ids)).await?);
        }
        Ok(entries)
    }

    /// Stores entries, and gives them back once they are safe. Each must be the newest copy of its record:
    /// [`LedgerError::Stale`] otherwise.
    pub async fn write(&self, entries: Vec<Entry>) -> Result<Vec<Entry>, LedgerError> {
        self.queue.write(self.id, entries).await
    }

    /// Creates that runs before `run` have left open, at most `limit`: the first, or those that follow `after`.
    pub async fn unsettled(
        &self,
        run: i64,
        after: Option<&Entry>,
        limit: usize,
    ) -> Result<Vec<Entry>, LedgerError> {
        let (scope, after) = (self.id, after.and_then(|entry| entry.stored));
        self.queue.call(move |store| store.unsettled(scope, run, after, limit)).await
    }

    /// The latest creates of runs before `run` that were answered, at most `limit`, the latest first.
    pub async fn recent_creates(&self, run: i64, limit: usize) -> Result<Vec<RecentCreate>, LedgerError> {
        let scope = self.id;
        self.queue.call(move |store| store.recent_creates(scope, run, limit)).await
    }

    /// Which records hold these keys of the system's.
    pub async fn holders(&self, keys: Vec<String>) -> Result<Vec<(String, RecordId)>, LedgerError> {
        let scope = self.id;
        self.queue.call(move |store| store.holders(scope, &keys)).await
    }

    /// How many creates of runs before `run` are open.
    pub async fn count_unsettled(&self, run: i64) -> Result<u64, LedgerError> {
        let scope = self.id;
        self.queue.call(move |store| store.count_unsettled(scope, run)).await
    }

    /// Notes whether a record of its account is a test record.
    pub async fn note_test(&self, test: bool) -> Result<(), LedgerError> {
        let scope = self.id;
        self.queue.call(move |store| store.note_test(scope, test)).await
    }

    /// What the rows of a sync were keyed by when it last ran.
    pub async fn keyed_by(&self, sync: &str) -> Result<Option<String>, LedgerError> {
        let (scope, sync) = (self.id, sync.to_owned());
        self.queue.call(move |store| store.keyed_by(scope, &sync)).await
    }

    /// Notes what the rows of a sync are keyed by.
    pub async fn set_keyed_by(&self, sync: &str, keyed_by: &str) -> Result<(), LedgerError> {
        let (scope, sync, keyed_by) = (self.id, sync.to_owned(), keyed_by.to_owned());
        self.queue.call(move |store| store.set_keyed_by(scope, &sync, &keyed_by)).await
    }

    /// How many existing records a sync was the last to write. It reads all records.
    pub async fn delivered(&self, sync: &str) -> Result<u64, LedgerError> {
        let (scope, sync) = (self.id, sync.to_owned());
        self.queue.call(move |store| store.delivered(scope, &sync)).await
    }

    /// Rows that did not arrive are known.
    pub async fn knows_faults(&self) -> Result<bool, LedgerError> {
        let scope = self.id;
        self.queue.call(move |store| store.knows_faults(scope)).await
    }

    /// How it stands with rows that did not arrive, in the order of `ids`; none: they are not known.
    pub async fn fault_states(&self, ids: Vec<FaultId>) -> Result<Vec<Option<FaultState>>, LedgerError> {
        let scope = self.id;
        self.queue.call(move |store| store.fault_states(scope, &ids)).await
    }

    /// Those of these records of which a row is to be done.
    pub async fn open_faults(&self, records: Vec<RecordId>) -> Result<BTreeSet<RecordId>, LedgerError> {
        let scope = self.id;
        self.queue.call(move |store| store.open_faults(scope, &records)).await
    }

    /// Stores what happened to rows that did not arrive, in this order.
    pub async fn change_faults(&self, changes: Vec<FaultChange>) -> Result<(), LedgerError> {
        let scope = self.id;
        self.queue.call(move |store| store.change_faults(scope, &changes)).await
    }

    /// Notes that a run of a sync begins, and gives it a number.
    pub async fn begin_run(&self, sync: &str, now: i64) -> Result<i64, LedgerError> {
        let (scope, sync) = (self.id, sync.to_owned());
        self.queue.call(move |store| store.begin_run(scope, &sync, now)).await
    }

    /// Notes that a run has ended.
    pub async fn finish_run(&self, run: i64, now: i64) -> Result<(), LedgerError> {
        self.queue.call(move |store| store.finish_run(run, None, now)).await
    }

    /// Notes that a run of a sync has ended, and how.
    pub async fn end_run(&self, run: i64, end: RunEnd, now: i64) -> Result<(), LedgerError> {
        self.queue.call(move |store| store.finish_run(run, Some(&end), now)).await
    }
}
