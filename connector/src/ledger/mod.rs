//! The ledger: what is known of every record, in an SQLite file on a thread of its own. SQL is spoken only here.
//!
//! An intent is stored before its request leaves, an outcome after its answer: [`Ledger::fetch`] an [`Entry`],
//! [`Entry::apply`] what happens, [`Ledger::write`] it. Each answer of the ledger comes after the commit.

mod columns;
mod decide;
mod digest;
mod entry;
mod error;
mod file;
mod schema;
mod state;
mod store;
mod wait;
mod worker;

use std::sync::mpsc::sync_channel;
use std::thread::{self, JoinHandle};

use tokio::sync::{mpsc, oneshot};

pub use self::decide::{Decision, RowFacts, decide};
pub use self::digest::{Digest, Digester, Field, FieldDigester, FieldDigests, RecordId};
pub use self::entry::{Attempt, AttemptState, Change, Entry, Window};
pub use self::error::{Holder, LedgerError};
pub use self::file::Place;
pub use self::state::{Event, Impossible, Intent, MAX_RESENDS};
use self::store::Store;
pub use self::wait::wait;
use self::worker::{Command, GROUP, Opened};

/// So many records are looked up without a break; writes go in between.
const SLICE: usize = 2048;

/// Which ledger is opened, and for what.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Where it lies.
    pub place: Place,
    /// Which of its records are meant.
    pub scope: Scope,
    /// It has to be there already.
    pub require: bool,
    /// Nothing is made and nothing is written, not even a lock: a process that writes may be at work beside this one.
    /// A ledger that is not there is an empty one.
    pub read_only: bool,
    /// The time, in epoch milliseconds: whoever finds the ledger locked is told since when.
    pub now: i64,
}

/// Records of one kind in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The API.
    pub base_url: String,
    /// The user's name for the account there.
    pub account: String,
    /// The object.
    pub object: String,
}

/// What the ledger knows about a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStanding {
    /// It belongs to the account.
    Known,
    /// No key of the account is known yet.
    First,
    /// Others belong to the account.
    Unknown,
}

/// A record as a history tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The object.
    pub object: String,
    /// The name of the sync whose run made the last attempt.
    pub sync: Option<String>,
    /// What is known.
    pub entry: Entry,
}

/// An open ledger. Dropping it waits until what was asked for is stored.
///
/// The futures work on any executor; where there is none, [`wait`] for them.
pub struct Ledger {
    commands: Option<mpsc::Sender<Command>>,
    thread: Option<JoinHandle<Result<(), LedgerError>>>,
    digester: Digester,
    blank: bool,
}

impl Ledger {
    /// Opens a ledger, and locks it unless it is only read.
    pub fn open(options: OpenOptions) -> Result<Self, LedgerError> {
        let (commands, receiver) = mpsc::channel(GROUP);
        let (ready, answer) = sync_channel(1);
        let thread = thread::Builder::new().name("ledger".to_owned());
        let thread = thread.spawn(move || worker::run(options, &ready, receiver)).map_err(|_| ended())?;
        let Opened { digester, blank } = answer.recv().map_err(|_| ended())??;
        Ok(Self { commands: Some(commands), thread: Some(thread), digester, blank })
    }

    /// What makes this ledger's digests.
    #[must_use]
    pub fn digester(&self) -> &Digester {
        &self.digester
    }

    /// It knows no record of its scope and learns none, so there is nothing to compare rows with.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.blank
    }

    /// What is known of records, in the order of `ids`. The more are asked for at once, the faster: they are looked up
    /// and read in the order in which they lie, not in that of `ids`.
    pub async fn fetch(&self, ids: &[RecordId]) -> Result<Vec<Option<Entry>>, LedgerError> {
        if self.blank {
            return Ok(vec![None; ids.len()]);
        }
        let mut sorted: Vec<(RecordId, usize)> = ids.iter().copied().zip(0..).collect();
        sorted.sort_unstable();
        let mut places: Vec<(i64, usize)> = Vec::with_capacity(ids.len());
        for slice in sorted.chunks(SLICE) {
            let ids: Vec<RecordId> = slice.iter().map(|(id, _)| *id).collect();
            let numbers = self.call(move |store| store.find(&ids)).await?;
            places
                .extend(numbers.into_iter().zip(slice).filter_map(|(number, (_, at))| Some((number?, *at))));
        }
        drop(sorted);
        places.sort_unstable();
        let mut entries = vec![None; ids.len()];
        for slice in places.chunks(SLICE) {
            let mut numbers: Vec<i64> = slice.iter().map(|(number, _)| *number).collect();
            numbers.dedup();
            let found = self.call(move |store| store.fetch(&numbers)).await?;
            for (same, entry) in slice.chunk_by(|one, next| one.0 == next.0).zip(found) {
                let Some(((_, at), others)) = same.split_first() else { continue };
                for (_, at) in others {
                    put(&mut entries, *at, entry.clone());
                }
                put(&mut entries, *at, entry);
            }
        }
        Ok(entries)
    }

    /// Stores entries, and gives them back once they are safe. Each has to be the newest copy of its record:
    /// [`LedgerError::Stale`] otherwise.
    pub async fn write(&self, entries: Vec<Entry>) -> Result<Vec<Entry>, LedgerError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Write(entries, reply)).await?;
        answer.await.map_err(|_| ended())?
    }

    /// Creates that runs before `run` have left open, at most `limit`: the first, or those that follow `after`.
    pub async fn unsettled(
        &self,
        run: i64,
        after: Option<&Entry>,
        limit: usize,
    ) -> Result<Vec<Entry>, LedgerError> {
        let after = after.and_then(|entry| entry.number).unwrap_or_default();
        self.call(move |store| store.unsettled(run, after, limit)).await
    }

    /// How many creates of runs before `run` are open.
    pub async fn count_unsettled(&self, run: i64) -> Result<u64, LedgerError> {
        self.call(move |store| store.count_unsettled(run)).await
    }

    /// What is known of the records that a person calls `key`, of every object of the account: by record key, by system
    /// key, or by the ids that `key` has where records are known by digests alone.
    pub async fn history(&self, key: &str, ids: Vec<RecordId>) -> Result<Vec<Recorded>, LedgerError> {
        let key = key.to_owned();
        self.call(move |store| store.history(&key, &ids)).await
    }

    /// What the rows of a sync were keyed by, where it ran before.
    pub async fn keyed_by(&self, sync: &str) -> Result<Option<String>, LedgerError> {
        let sync = sync.to_owned();
        self.call(move |store| store.keyed_by(&sync)).await
    }

    /// Remembers what the rows of a sync are keyed by.
    pub async fn set_keyed_by(&self, sync: &str, keyed_by: &str) -> Result<(), LedgerError> {
        let (sync, keyed_by) = (sync.to_owned(), keyed_by.to_owned());
        self.call(move |store| store.set_keyed_by(&sync, &keyed_by)).await
    }

    /// How many records exist that a sync was the last to write. It reads all of them.
    pub async fn delivered(&self, sync: &str) -> Result<u64, LedgerError> {
        let sync = sync.to_owned();
        self.call(move |store| store.delivered(&sync)).await
    }

    /// Whether a public key belongs to the account.
    pub async fn standing(&self, public_key: &str) -> Result<KeyStanding, LedgerError> {
        let digest = self.digester.text(public_key);
        self.call(move |store| store.standing(digest)).await
    }

    /// Remembers that a public key belongs to the account.
    pub async fn add_public_key(&self, public_key: &str, now: i64) -> Result<(), LedgerError> {
        let digest = self.digester.text(public_key);
        self.call(move |store| store.add_public_key(digest, now)).await
    }

    /// Remembers that a run of a sync begins, and gives it a number.
    pub async fn begin_run(&self, sync: &str, now: i64) -> Result<i64, LedgerError> {
        let sync = sync.to_owned();
        self.call(move |store| store.begin_run(&sync, now)).await
    }

    /// Remembers that a run came to its end.
    pub async fn finish_run(&self, run: i64, now: i64) -> Result<(), LedgerError> {
        self.call(move |store| store.finish_run(run, now)).await
    }

    /// Waits until everything is stored, and says if anything was not.
    pub fn close(mut self) -> Result<(), LedgerError> {
        self.end()
    }

    async fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Store<'_>) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (reply, answer) = oneshot::channel();
        let call = move |store: &mut Store<'_>| {
            // Whoever asked may have stopped waiting.
            let _ = reply.send(call(store));
        };
        self.send(Command::Call(Box::new(call))).await?;
        answer.await.map_err(|_| ended())?
    }

    async fn send(&self, command: Command) -> Result<(), LedgerError> {
        let commands = self.commands.as_ref().ok_or_else(ended)?;
        commands.send(command).await.map_err(|_| ended())
    }

    fn end(&mut self) -> Result<(), LedgerError> {
        self.commands = None;
        self.thread.take().map_or(Ok(()), |thread| thread.join().map_err(|_| ended())?)
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        // Whoever wants to know calls `close`.
        let _ = self.end();
    }
}

fn put(entries: &mut [Option<Entry>], at: usize, entry: Entry) {
    if let Some(slot) = entries.get_mut(at) {
        *slot = Some(entry);
    }
}

fn ended() -> LedgerError {
    LedgerError::Failed { path: "".into(), detail: "its thread has ended".to_owned() }
}
