//! Dry runs and histories: they read what is there, while another process writes it, and leave no trace.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use partnerstack_connector::ledger::{LedgerError, ScopeName, wait};

use super::child::{Child, unprivileged};
use super::support::{
    Open, account, closed, done, fetch_one, folder, open, open_reader, reading, scope, sent,
};

#[test]
fn reading_leaves_a_folder_as_it_was() {
    let _limit = partnerstack_tests::limit();
    let (parent, path) = closed();
    let before = folder(parent.path());
    let ledger = open_reader(&path);
    assert!(fetch_one(&ledger, 1).is_some() && fetch_one(&ledger, 2).is_none());
    ledger.close().unwrap();
    assert_eq!(folder(parent.path()), before);
}

#[test]
fn a_ledger_that_is_not_there_is_an_empty_one() {
    let _limit = partnerstack_tests::limit();
    let parent = tempfile::tempdir().unwrap();
    let ledger = open_reader(&parent.path().join("state/ledger.db"));
    assert_eq!(fetch_one(&ledger, 1), None);
    assert_eq!(wait(ledger.keyed_by("sync")).unwrap(), None);
    assert_eq!(folder(parent.path()), []);
}

#[test]
fn an_object_that_the_ledger_does_not_know_has_no_records() {
    let _limit = partnerstack_tests::limit();
    let (_parent, path) = closed();
    let ledger = Open::new(reading(&path), ScopeName { object: "deals".to_owned(), ..scope() });
    assert!(ledger.is_blank());
    assert_eq!(fetch_one(&ledger, 1), None);
    assert_eq!(wait(ledger.unsettled(9, None, 10)).unwrap(), []);
    assert_eq!(wait(ledger.delivered("sync")).unwrap(), 0);
}

#[test]
fn a_reader_writes_nothing() {
    let _limit = partnerstack_tests::limit();
    let (_parent, path) = closed();
    let ledger = open_reader(&path);
    let refused =
        |error: LedgerError| assert!(error.to_string().contains("this run only reads it"), "{error}");
    refused(wait(ledger.write(vec![done(&ledger, 2)])).unwrap_err());
    refused(wait(ledger.begin_run("sync", 0)).unwrap_err());
    refused(wait(ledger.set_keyed_by("sync", "x")).unwrap_err());
    refused(wait(ledger.ledger.add_public_key(&account(), "x", 0)).unwrap_err());
    assert!(fetch_one(&ledger, 1).is_some(), "it reads on");
}

#[test]
fn a_reader_sees_what_a_writer_has_stored_and_neither_waits_for_the_other() {
    let _limit = partnerstack_tests::limit();
    let (_parent, path) = closed();
    let writer = open(&path);
    let reader = open_reader(&path);
    for row in 2..50 {
        wait(writer.write(vec![sent(&writer, 1, row)])).unwrap();
        assert!(fetch_one(&reader, row).is_some());
    }
    // The reader leaves first, then the writer; and the other way round.
    drop(reader);
    wait(writer.write(vec![sent(&writer, 1, 50)])).unwrap();
    let reader = open_reader(&path);
    drop(writer);
    assert!(fetch_one(&reader, 50).is_some());
    drop(reader);
    assert!(fetch_one(&open(&path), 50).is_some());
}

#[test]
fn what_a_killed_writer_left_is_read_and_stays_for_the_next_writer() {
    let _limit = partnerstack_tests::limit();
    let (parent, path) = closed();
    let mut child = Child::start("write", &path);
    let mut last = String::new();
    for _ in 0..500 {
        last = child.line().unwrap();
    }
    child.kill();
    let before = folder(parent.path());
    assert!(fs::metadata(path.with_file_name("ledger.db-wal")).unwrap().len() > 0);
    let ledger = open_reader(&path);
    let row = last.split(' ').nth(1).unwrap().parse().unwrap();
    assert!(fetch_one(&ledger, row).is_some(), "{last}");
    drop(ledger);
    // The third file is SQLite's memory, made anew by each process.
    let lasting = |(name, _): &(String, u64)| name != "ledger.db-shm";
    assert!(
        folder(parent.path())
            .iter()
            .filter(|file| lasting(file))
            .eq(before.iter().filter(|file| lasting(file)))
    );
}

#[test]
fn in_a_place_that_cannot_be_written_reading_works_and_writing_says_why() {
    let _limit = partnerstack_tests::limit();
    let (parent, path) = closed();
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    set(&path, 0o444);
    set(&path.with_file_name("ledger.db.lock"), 0o444);
    set(parent.path(), 0o555);
    let told = |mode| {
        let mut child = unprivileged(mode, &path);
        std::iter::from_fn(|| child.line()).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(told("read"), "read true");
    let error = told("hold");
    assert!(error.contains("cannot be locked: Permission denied") && error.contains("help: "), "{error}");

    // The lock can be taken, the folder does not take the files that SQLite needs.
    set(&path.with_file_name("ledger.db.lock"), 0o666);
    set(&path, 0o666);
    let error = told("hold");
    assert!(error.contains("cannot be written") && error.contains("help: "), "{error}");
    set(parent.path(), 0o755);
}
