//! Ledgers in folders that go away, and records to put into them.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::task::Poll;

use partnerstack_connector::ledger::{
    Account, Change, Digester, Entry, Event, FieldDigests, Intent, Ledger, LedgerError, LedgerPlace,
    OpenOptions, RecordId, Scope, ScopeName, Window, wait,
};
use tempfile::TempDir;

/// 2026-09-21T14:13:20Z.
pub(crate) const NOW: i64 = 1_790_000_000_000;

/// An open ledger, and the scope of it that most tests use.
pub(crate) struct Open {
    pub(crate) ledger: Ledger,
    scope: Scope,
}

impl Open {
    pub(crate) fn new(options: OpenOptions, name: ScopeName) -> Self {
        Self::attempt(options, name).unwrap()
    }

    pub(crate) fn attempt(options: OpenOptions, name: ScopeName) -> Result<Self, LedgerError> {
        let ledger = Ledger::open(options)?;
        let scope = wait(ledger.scope(name))?;
        Ok(Self { ledger, scope })
    }

    pub(crate) fn close(self) -> Result<(), LedgerError> {
        self.ledger.close()
    }
}

impl Deref for Open {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.scope
    }
}

pub(crate) fn account() -> Account {
    let ScopeName { base_url, account, .. } = scope();
    Account { base_url, name: account }
}

pub(crate) fn scope() -> ScopeName {
    ScopeName {
        base_url: "https://api.example.com/v2".to_owned(),
        account: "default".to_owned(),
        object: "transactions".to_owned(),
    }
}

pub(crate) fn at(path: &Path) -> OpenOptions {
    let place = LedgerPlace::File(path.to_owned());
    OpenOptions { place, digest_key_file: None, require: false, read_only: false, now: NOW }
}

pub(crate) fn reading(path: &Path) -> OpenOptions {
    OpenOptions { read_only: true, ..at(path) }
}

pub(crate) fn open(path: &Path) -> Open {
    Open::new(at(path), scope())
}

pub(crate) fn open_reader(path: &Path) -> Open {
    Open::new(reading(path), scope())
}

pub(crate) fn refusal(options: OpenOptions) -> LedgerError {
    Open::attempt(options, scope()).err().expect("it must not open")
}

/// A ledger that is thrown away.
pub(crate) fn temporary() -> Open {
    Open::new(OpenOptions { place: LedgerPlace::Temporary, ..at(Path::new("")) }, scope())
}

/// A folder, and a ledger in it that holds one record and is closed.
pub(crate) fn closed() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = open(&path);
    wait(ledger.write(vec![done(&ledger, 1)])).unwrap();
    ledger.close().unwrap();
    (folder, path)
}

pub(crate) fn id(ledger: &Scope, number: u64) -> RecordId {
    ledger.digester().record("invoice", &[&number.to_string()])
}

pub(crate) fn digests(digester: &Digester, values: &[(&str, &str)]) -> FieldDigests {
    let digest = |(name, value): &(&str, &str)| {
        let field = digester.field(name);
        (field.field(), field.value(value))
    };
    values.iter().map(digest).collect()
}

pub(crate) fn intent(operation: Change, run: i64, row: u64, digests: FieldDigests) -> Intent {
    let window = Some(Window { from: NOW - 600_000, to: NOW + 600_000 });
    Intent { operation, at: NOW, run, row, digests, window }
}

/// The record of a row whose create is about to leave.
pub(crate) fn sent(ledger: &Scope, run: i64, row: u64) -> Entry {
    let mut entry = Entry::new(id(ledger, row), Some(row.to_string()));
    let digests = digests(ledger.digester(), &[("amount", "1000"), ("currency", "USD")]);
    entry.apply(Event::Intended(intent(Change::Create, run, row, digests))).unwrap();
    entry
}

/// The record of a row that has arrived.
pub(crate) fn done(ledger: &Scope, row: u64) -> Entry {
    let mut entry = sent(ledger, 1, row);
    entry.apply(created(ledger, row)).unwrap();
    entry
}

pub(crate) fn created(ledger: &Scope, row: u64) -> Event {
    let digests = digests(ledger.digester(), &[("amount", "1000"), ("currency", "USD")]);
    Event::Created { system_key: Some(format!("txn_{row}")), at: NOW + 1, digests, dated: false }
}

pub(crate) fn fetch_one(ledger: &Scope, row: u64) -> Option<Entry> {
    wait(ledger.fetch(&[id(ledger, row)])).unwrap().remove(0)
}

/// What lies in a folder: names, and a number that tells contents apart.
pub(crate) fn folder(path: &Path) -> Vec<(String, u64)> {
    let mut files: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|file| {
            let file = file.unwrap();
            let mut hasher = DefaultHasher::new();
            fs::read(file.path()).unwrap().hash(&mut hasher);
            (file.file_name().into_string().unwrap(), hasher.finish())
        })
        .collect();
    files.sort();
    files
}

/// Polls all of them until each is done.
pub(crate) async fn join(lanes: impl Iterator<Item = impl Future<Output = ()>>) {
    let mut lanes: Vec<_> = lanes.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        lanes.retain_mut(|lane| lane.as_mut().poll(context).is_pending());
        if lanes.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
