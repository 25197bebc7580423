//! The records of a list, kept in a ledger that is thrown away: memory does not grow with the list.

use super::thread::Thread;
use crate::ledger::digest::RecordId;
use crate::ledger::error::LedgerError;
use crate::ledger::listed::{Claim, FoundRecords, ListedRecord, ToKeep};
use crate::ledger::options::{LedgerPlace, OpenOptions};

/// The records of a list.
pub(crate) struct ListedRecords {
    thread: Thread,
}

impl ListedRecords {
    /// An empty one.
    pub(crate) async fn open(now: i64) -> Result<Self, LedgerError> {
        let place = LedgerPlace::Temporary;
        let options = OpenOptions { place, digest_key_file: None, require: false, read_only: false, now };
        let (thread, _) = Thread::start(options)?;
        thread.queue().call(crate::ledger::sqlite::store::Store::make_listed).await?;
        Ok(Self { thread })
    }

    /// Keeps records.
    pub(crate) async fn keep(&self, records: Vec<ToKeep>) -> Result<(), LedgerError> {
        self.thread.queue().call(move |store| store.keep_listed(&records)).await
    }

    /// What there is for each list of ids.
    pub(crate) async fn find(
        &self,
        ids: Vec<Vec<RecordId>>,
    ) -> Result<Vec<Option<FoundRecords>>, LedgerError> {
        self.thread.queue().call(move |store| store.find_listed(&ids)).await
    }

    /// Notes which rows have which records, by the numbers of these.
    pub(crate) async fn claim(&self, claims: Vec<(i64, Claim)>) -> Result<(), LedgerError> {
        self.thread.queue().call(move |store| store.claim_listed(&claims)).await
    }

    /// The records in the order in which they were kept, at most `limit`: the first, or those that follow the number `after`.
    pub(crate) async fn page(&self, after: i64, limit: u32) -> Result<Vec<ListedRecord>, LedgerError> {
        self.thread.queue().call(move |store| store.page_of_listed(after, limit)).await
    }
}
