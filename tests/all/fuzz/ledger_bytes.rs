//! The bytes of a ledger and of its journal: whatever is in them, it is refused or it opens, and what is refused or only
//! read stays as it is.
//!
//! Keys and salts of the ledgers are fresh in every run. An execution with the same number does the same damage, and one
//! that fails leaves its folder behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fastrand::Rng;
use partnerstack_connector::ledger::{
    Change, Decision, Digester, Entry, Event, FieldDigests, Ledger, LedgerError, RecordId, RowFacts, Scope,
    decide, wait,
};
use partnerstack_tests::in_process::memory;

use super::executions::{long, short};
use super::mutation::{flip, range};
use crate::ledger::support::{NOW, Open, account, at, digests, done, id, intent, open, reading, scope, sent};

const RECORDS: u64 = 40;
/// What bytes of a database are counted, sized or told apart by.
const NUMBERS: [u64; 10] =
    [0, 1, 0x7f, 0x80, 0xff, 0x7fff_ffff, 0x8000_0000, i64::MAX.cast_unsigned(), 1 << 63, u64::MAX];
const TEXTS: [&[u8]; 8] =
    [b"create", b"update", b"sent", b"done", b"uncertain", b"missed", b"\xff\xfe", b"CREATE TABLE"];

#[test]
fn a_damaged_ledger_is_refused_or_opens_and_nothing_refused_is_changed() {
    let _limit = partnerstack_tests::limit();
    let ledgers = good();
    let seen = short(300, |rng| judge(rng, &ledgers));
    seen.saw(&[
        "refused: damaged",
        "opened, and all of it can be read",
        "opened, and damage was found later",
    ]);
}

#[test]
#[ignore = "fuzz"]
fn a_million_ledgers() {
    let _limit = partnerstack_tests::limit_of(Duration::from_hours(5));
    let ledgers = good();
    long("ledger bytes", |rng| judge(rng, &ledgers));
}

/// A ledger as its bytes, and its journal where a process was killed.
struct Good {
    database: Vec<u8>,
    journal: Option<Vec<u8>>,
}

fn good() -> Vec<Good> {
    let folder = tempfile::tempdir_in(memory()).expect("there is a place for files");
    let path = folder.path().join("ledger.db");
    let read = |ending: &str| fs::read(format!("{}{ending}", path.display())).expect("it can be read");
    let ledger = open(&path);
    let killed_at_once = Good { database: read(""), journal: Some(read("-wal")) };
    wait(async {
        let run = ledger.begin_run("nightly", NOW).await?;
        ledger.set_keyed_by("nightly", "email").await?;
        ledger.ledger.add_public_key(&account(), "public", NOW).await?;
        ledger.write((0..RECORDS).map(|row| record(&ledger, run, row)).collect()).await?;
        ledger.finish_run(run, NOW + 9).await
    })
    .expect("it can be written");
    let killed = Good { database: read(""), journal: Some(read("-wal")) };
    ledger.close().expect("it can be closed");
    let closed = Good { database: read(""), journal: None };
    vec![killed_at_once, killed, closed]
}

/// Records in every state.
fn record(ledger: &Scope, run: i64, row: u64) -> Entry {
    let mut entry = if row.is_multiple_of(3) { done(ledger, row) } else { sent(ledger, run, row) };
    let message = "no answer".to_owned();
    let event = match row % 6 {
        1 => Event::Undecided { given_up_at: NOW + 5, tries: 1, status: Some(500), message },
        2 => Event::Rejected { status: Some(400), message },
        3 => Event::Intended(intent(Change::Update, run, row, FieldDigests::default())),
        4 => Event::Missed,
        _ => return entry,
    };
    entry.apply(event).expect("it can happen");
    entry
}

fn judge(rng: &mut Rng, good: &[Good]) -> &'static str {
    let folder = memory().join(format!("fuzz-{}-{:?}", std::process::id(), std::thread::current().id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("there is a place for files");
    let files = Files { path: folder.join("ledger.db") };
    let Good { database, journal } = &good[rng.usize(..good.len())];
    let (mut database, mut journal) = (database.clone(), journal.clone());
    while {
        match &mut journal {
            Some(journal) if rng.bool() => damage(rng, journal),
            _ => damage(rng, &mut database),
        }
        rng.u8(..4) == 0
    } {}
    files.write(&database, journal.as_deref());
    let before = files.contents();
    if rng.bool() {
        // Whether it can be read or not.
        let _ = Open::attempt(reading(&files.path), scope()).map(|open| read_all(&open, &mut Vec::new()));
        assert!(files.contents() == before, "a reader has changed {}", files.path.display());
    }
    let outcome = match Ledger::open(at(&files.path)) {
        Err(error) => {
            assert!(files.contents() == before, "{} was refused and changed: {error}", files.path.display());
            refused(&error)
        }
        Ok(ledger) => {
            drop(ledger);
            match Open::attempt(at(&files.path), scope()).and_then(|open| use_all(rng, open)) {
                Ok(()) => "opened, and all of it can be read",
                Err(_) => "opened, and damage was found later",
            }
        }
    };
    let _ = fs::remove_dir_all(&folder);
    outcome
}

fn refused(error: &LedgerError) -> &'static str {
    let text = error.to_string();
    assert!(text.contains("ledger.db") && text.contains("\n  help: "), "{text}");
    match error {
        LedgerError::Damaged { .. } => "refused: damaged",
        LedgerError::Foreign { .. } => "refused: foreign",
        LedgerError::Newer { .. } => "refused: newer",
        LedgerError::Denied { .. } => "refused: denied",
        LedgerError::DigestKey { .. } => "refused: another key",
        LedgerError::Failed { .. } => "refused: failed",
        other => panic!("damage does not look like this: {other}"),
    }
}

struct Files {
    path: PathBuf,
}

impl Files {
    fn journal(&self) -> PathBuf {
        self.path.with_file_name("ledger.db-wal")
    }

    fn write(&self, database: &[u8], journal: Option<&[u8]>) {
        fs::write(&self.path, database).expect("there is room for files");
        if let Some(journal) = journal {
            fs::write(self.journal(), journal).expect("there is room for files");
        }
    }

    /// An empty journal is none.
    fn contents(&self) -> (Vec<u8>, Vec<u8>) {
        let read = |path: &Path| fs::read(path).unwrap_or_default();
        (read(&self.path), read(&self.journal()))
    }
}

/// What commands read.
fn read_all(open: &Open, entries: &mut Vec<Entry>) -> Result<(), LedgerError> {
    let ids: Vec<RecordId> = (0..RECORDS + 2).map(|row| id(open, row)).collect();
    let mut first = fetch(open, &ids, entries);
    // Damage of one hides the others.
    let hidden = if first.is_err() { &ids[..] } else { &[] };
    let mut note = |result: Result<(), LedgerError>| {
        if first.is_ok() {
            first = result;
        }
    };
    for one in hidden {
        note(fetch(open, &[*one], entries));
    }
    note(wait(async {
        open.unsettled(i64::MAX, None, 100).await.map(|found| {
            for entry in &found {
                let _ = entry.attempt.as_ref().map(|attempt| attempt.given_up(60_000));
            }
            entries.extend(found);
        })
    }));
    note(wait(open.recent_creates(i64::MAX, 100)).map(drop));
    note(wait(open.holders((0..RECORDS).map(|row| format!("txn_{row}")).collect())).map(drop));
    note(wait(open.count_unsettled(i64::MAX)).map(drop));
    note(wait(open.keyed_by("nightly")).map(drop));
    note(wait(open.delivered("nightly")).map(drop));
    note(wait(open.knows_records()).map(drop));
    note(wait(open.adopts()).map(drop));
    note(wait(open.ledger.history(&account(), "7", ids)).map(drop));
    note(wait(open.ledger.all_keyed_by(&account())).map(drop));
    note(wait(open.ledger.standing(&account(), "public")).map(drop));
    first
}

/// What is known of these records. No damage makes one record stand for another.
fn fetch(open: &Open, ids: &[RecordId], entries: &mut Vec<Entry>) -> Result<(), LedgerError> {
    let found = wait(open.fetch(ids))?;
    for (id, entry) in ids.iter().zip(found) {
        assert!(entry.as_ref().is_none_or(|entry| entry.id == *id), "{entry:?} was found as {id}");
        entries.extend(entry);
    }
    Ok(())
}

/// What a run does with it.
fn use_all(rng: &mut Rng, open: Open) -> Result<(), LedgerError> {
    let mut entries = Vec::new();
    let read = read_all(&open, &mut entries);
    let written = wait(async {
        let run = open.begin_run("nightly", NOW).await?;
        open.set_keyed_by("nightly", "name").await?;
        entries.sort_by_key(|entry| entry.id);
        entries.dedup_by_key(|entry| entry.id);
        for entry in &mut entries {
            go_on(rng, open.digester(), entry, run);
        }
        let written = open.write(entries).await.map(drop);
        let added = open.write(vec![sent(&open, run, RECORDS + 1)]).await.map(drop);
        open.finish_run(run, NOW + 20).await?;
        written.and(added)
    });
    let closed = open.close();
    read.and(written).and(closed)
}

/// A row comes for a record that was read.
fn go_on(rng: &mut Rng, digester: &Digester, entry: &mut Entry, run: i64) {
    let mapped = digests(digester, &[("amount", "2000"), ("currency", "USD")]);
    let fields: Vec<_> = mapped.iter().map(|(field, _)| field).collect();
    let updatable = rng.bool().then_some(&fields[..]);
    let facts =
        RowFacts { mapped: &mapped, updatable, creates: rng.bool(), has_key: rng.bool(), full: rng.bool() };
    let system_key = Some("txn_9".to_owned());
    let event = match decide(Some(entry), &facts) {
        Decision::SettleFirst if rng.bool() => Event::Missed,
        Decision::SettleFirst => {
            let unseen = FieldDigests::default();
            Event::Found { system_key, at: NOW, confirmed: mapped, unseen, dated: false }
        }
        _ => Event::Intended(intent(Change::Create, run, 1, mapped)),
    };
    // What cannot happen is refused.
    let _ = entry.apply(event);
}

/// One change, mostly of bytes that mean something.
fn damage(rng: &mut Rng, bytes: &mut Vec<u8>) {
    const PAGE: usize = 4096;
    if bytes.is_empty() {
        return;
    }
    let mut at = rng.usize(..bytes.len());
    for _ in 0..16 {
        if bytes[at] != 0 {
            break;
        }
        at = rng.usize(..bytes.len());
    }
    let pages = bytes.len().div_ceil(PAGE);
    match rng.u8(..12) {
        // The header of the database or of the journal.
        0 => at = rng.usize(..100.min(bytes.len())),
        // The header of a page.
        1 => at = (rng.usize(..pages) * PAGE + rng.usize(..16)).min(bytes.len() - 1),
        2 => return bytes.truncate(at),
        3 if rng.u8(..4) == 0 => return bytes.resize(bytes.len() + rng.usize(..3 * PAGE), rng.u8(..)),
        4 => {
            let part = range(rng, bytes.len(), PAGE);
            return bytes[part].fill(rng.u8(..));
        }
        5 => {
            // A page stands in the place of another.
            let (from, to) = (rng.usize(..pages) * PAGE, rng.usize(..pages) * PAGE);
            let length = PAGE.min(bytes.len() - from).min(bytes.len() - to);
            return bytes.copy_within(from..from + length, to);
        }
        6 => {
            let text = TEXTS[rng.usize(..TEXTS.len())];
            return bytes.iter_mut().skip(at).zip(text).for_each(|(byte, new)| *byte = *new);
        }
        7 => return flip(rng, bytes),
        _ => {}
    }
    let number = NUMBERS[rng.usize(..NUMBERS.len())].to_be_bytes();
    let width = [1, 1, 1, 2, 4, 8][rng.usize(..6)];
    bytes.iter_mut().skip(at).zip(&number[8 - width..]).for_each(|(byte, new)| *byte = *new);
}
