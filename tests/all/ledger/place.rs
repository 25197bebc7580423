//! Files: who may read them, who has them, and what is never done to them.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use partnerstack_connector::ledger::{Ledger, LedgerError, OpenOptions, wait};

use super::child::Child;
use super::support::{at, closed, done, fetch_one, folder, open, open_reader, reading, refusal, sent};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn only_its_owner_can_read_a_ledger() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/partnerstack/ledger.db");
    let ledger = open(&path);
    wait(ledger.write(vec![sent(&ledger, 1, 1)])).unwrap();
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db.lock"] {
        assert_eq!(mode(&path.with_file_name(name)), 0o600, "{name}");
    }
    for made in ["state", "state/partnerstack"] {
        assert_eq!(mode(&folder.path().join(made)), 0o700, "{made}");
    }
    ledger.close().unwrap();
    assert_eq!(names_in(path.parent().unwrap()), ["ledger.db", "ledger.db.lock"]);
}

#[test]
fn a_ledger_that_came_by_a_copy_is_made_private() {
    let _limit = partnerstack_tests::limit();
    let (_folder, path) = closed();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(fetch_one(&open(&path), 1).is_some());
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_second_process_is_told_who_has_it_and_since_when() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let mut child = Child::start("hold", &path);
    assert_eq!(child.line().as_deref(), Some("open"));
    let error = refusal(at(&path));
    let LedgerError::Locked { holder: Some(holder), .. } = &error else { panic!("{error}") };
    assert_eq!((holder.pid, holder.since.as_str()), (child.id(), "2026-09-21T14:13:20Z"));
    let text = error.to_string();
    assert!(
        text.contains(&format!("in use by process {}, since 2026-09-21T14:13:20Z", child.id())),
        "{text}"
    );
    // By another name, it is the same ledger.
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(matches!(refusal(at(&link)), LedgerError::Locked { .. }));
    // Killed is released: the kernel does it.
    child.kill();
    open(&path);
}

#[test]
fn a_process_opens_a_ledger_once() {
    let _limit = partnerstack_tests::limit();
    let (folder, path) = closed();
    let first = open(&path);
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for name in [&path, &link] {
        let error = refusal(at(name));
        assert_eq!(error, LedgerError::OpenHere { place: path.to_str().unwrap().to_owned() });
        let text = error.to_string();
        assert!(
            text.contains("is open in this process already\n  help: open it once, and take a scope"),
            "{text}"
        );
    }
    assert!(fetch_one(&open_reader(&path), 1).is_some(), "it may be read");
    // Others are told of this process.
    let mut child = Child::start("hold", &path);
    assert!(child.line().unwrap().contains(&format!("in use by process {}", std::process::id())));
    drop(first);
    open(&path);
}

#[test]
fn a_ledger_that_did_not_open_may_be_tried_again() {
    let _limit = partnerstack_tests::limit();
    let (_folder, path) = closed();
    let whole = fs::read(&path).unwrap();
    patch(&path, 68, &7_u32.to_be_bytes());
    for _ in 0..2 {
        assert!(matches!(refusal(at(&path)), LedgerError::Foreign { .. }));
    }
    fs::write(&path, whole).unwrap();
    assert!(fetch_one(&open(&path), 1).is_some());
}

#[test]
fn a_ledger_that_has_to_be_there_is_not_made() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/ledger.db");
    for read_only in [true, false] {
        let error = refusal(OpenOptions { require: true, read_only, ..at(&path) });
        assert_eq!(error, LedgerError::Missing { place: path.to_str().unwrap().to_owned() });
    }
    assert_eq!(self::folder(folder.path()), []);
    open(&path);
    Ledger::open(OpenOptions { require: true, ..at(&path) }).unwrap();
}

/// What is wrong with a file, how it gets so, and what has to be said.
type Case = (&'static str, fn(&Path), &'static str);

#[test]
fn what_is_no_ledger_is_refused_and_left_as_it_is() {
    let _limit = partnerstack_tests::limit();
    let cases: [Case; 8] = [
        ("empty", |path| fs::write(path, "").unwrap(), "is damaged, or no ledger (the file has 0 bytes)"),
        (
            "a text",
            |path| fs::write(path, "not a database".repeat(1000)).unwrap(),
            "is damaged, or no ledger",
        ),
        ("a short text", |path| fs::write(path, "x").unwrap(), "is damaged, or no ledger"),
        (
            "cut off",
            |path| fs::write(path, &fs::read(path).unwrap()[..9000]).unwrap(),
            "is damaged, or no ledger",
        ),
        ("torn pages", |path| patch(path, 4096, &vec![0xAB; 30_000]), "is damaged, or no ledger"),
        ("newer", |path| patch(path, 60, &99_u32.to_be_bytes()), "has format 99, this program knows up to 1"),
        (
            "another program's",
            |path| patch(path, 68, &7_u32.to_be_bytes()),
            "is a database of another program",
        ),
        ("no format", |path| patch(path, 60, &0_u32.to_be_bytes()), "is damaged, or no ledger"),
    ];
    for (name, spoil, expected) in cases {
        let (parent, path) = closed();
        spoil(&path);
        let mut before = folder(parent.path());
        before.retain(|(name, _)| name != "ledger.db.lock");
        for options in [at(&path), OpenOptions { require: true, ..at(&path) }, reading(&path)] {
            let error = refusal(options).to_string();
            assert!(error.contains(expected) && error.contains("\n  help: "), "{name}: {error}");
            assert!(error.contains(path.to_str().unwrap()), "{name}: {error}");
            let mut after = folder(parent.path());
            after.retain(|(name, _)| name != "ledger.db.lock");
            assert_eq!(after, before, "{name}");
        }
    }
}

fn patch(path: &Path, offset: u64, bytes: &[u8]) {
    let mut file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(offset)).unwrap();
    file.write_all(bytes).unwrap();
}

/// Damage further in is met when its page is read.
#[test]
fn damage_that_is_found_later_stops_the_ledger_and_not_the_program() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = open(&path);
    wait(ledger.write((0..3_000).map(|row| done(&ledger, row)).collect())).unwrap();
    ledger.close().unwrap();
    let size = fs::metadata(&path).unwrap().len();
    patch(&path, size / 2, &vec![0xAB; usize::try_from(size / 2).unwrap()]);
    let ledger = open(&path);
    let ids: Vec<_> = (0..3_000).map(|row| super::support::id(&ledger, row)).collect();
    let error = wait(ledger.fetch(&ids)).unwrap_err();
    assert!(matches!(error, LedgerError::Damaged { .. }), "{error}");
    let entries = (3_000..6_000).map(|row| done(&ledger, row)).collect();
    let error = wait(ledger.write(entries)).unwrap_err();
    assert!(matches!(error, LedgerError::Damaged { .. }), "{error}");
    assert_eq!(wait(ledger.write(vec![done(&ledger, 6_000)])), Err(error.clone()), "it stays failed");
    assert_eq!(ledger.close(), Err(error));
}

#[test]
fn a_folder_in_its_place_is_refused() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    for options in [at(folder.path()), reading(folder.path())] {
        let error = refusal(options).to_string();
        assert!(error.contains("cannot be opened: it is a folder"), "{error}");
    }
}

#[test]
fn what_a_killed_first_start_left_is_no_obstacle() {
    let _limit = partnerstack_tests::limit();
    let (_other, whole) = closed();
    let half = fs::read(whole).unwrap()[..9000].to_vec();
    for (database, journal) in [(&half[..], &b"\xD9\xD5\x05\xF9\x20\xA1\x63\xD7\0\0"[..]), (b"", &[0; 512])] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        fs::write(folder.path().join("ledger.db.new"), database).unwrap();
        fs::write(folder.path().join("ledger.db.new-journal"), journal).unwrap();
        drop(open(&path));
        assert_eq!(names_in(folder.path()), ["ledger.db", "ledger.db.lock"]);
    }
}

fn names_in(path: &Path) -> Vec<String> {
    folder(path).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn what_lies_in_its_way_is_left_as_it_is() {
    let _limit = partnerstack_tests::limit();
    for (name, says) in
        [("ledger.db.new", "made"), ("ledger.db.new-journal", "made"), ("ledger.db.lock", "locked")]
    {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("ledger.db");
        let other = parent.path().join(name);
        fs::write(&other, "of another program").unwrap();
        let error = refusal(at(&path)).to_string();
        assert!(error.contains(says) && error.contains(&format!("{name}` was not written")), "{error}");
        assert_eq!(fs::read_to_string(&other).unwrap(), "of another program");
        // Nor is a link followed.
        fs::rename(&other, parent.path().join("kept")).unwrap();
        std::os::unix::fs::symlink("kept", &other).unwrap();
        assert!(refusal(at(&path)).to_string().contains("was not written"));
        assert_eq!(fs::read_to_string(parent.path().join("kept")).unwrap(), "of another program");
        fs::remove_file(&other).unwrap();
        drop(open(&path));
    }
}

#[test]
fn what_is_no_ledger_gets_no_lock_no_journal_and_keeps_its_mode() {
    let _limit = partnerstack_tests::limit();
    let parent = tempfile::tempdir().unwrap();
    let other = parent.path().join("other.db");
    let path = parent.path().join("link.db");
    std::os::unix::fs::symlink(&other, &path).unwrap();
    // A database of another program, with a journal of the same kind.
    let (_kept, ledger) = closed();
    fs::copy(&ledger, &other).unwrap();
    patch(&other, 68, &7_u32.to_be_bytes());
    for contents in [fs::read(&other).unwrap(), Vec::new(), b"some,rows\n".repeat(100)] {
        fs::write(&other, &contents).unwrap();
        fs::set_permissions(&other, fs::Permissions::from_mode(0o644)).unwrap();
        let changed = fs::metadata(&other).unwrap().modified().unwrap();
        for name in [&other, &path] {
            for options in [at(name), reading(name)] {
                refusal(options);
                assert_eq!(names_in(parent.path()), ["link.db", "other.db"]);
            }
        }
        assert_eq!((mode(&other), fs::read(&other).unwrap()), (0o644, contents));
        assert_eq!(fs::metadata(&other).unwrap().modified().unwrap(), changed);
    }
}

#[test]
fn a_pipe_and_a_device_are_refused_at_once() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    for path in [&pipe, Path::new("/dev/null")] {
        for options in [at(path), reading(path)] {
            let error = refusal(options).to_string();
            assert!(error.contains("cannot be opened: it is a device or a pipe"), "{error}");
        }
    }
    assert!(!Path::new("/dev/null.lock").exists());
}

#[test]
fn a_link_to_where_there_is_none_yet_is_followed() {
    let _limit = partnerstack_tests::limit();
    let parent = tempfile::tempdir().unwrap();
    fs::create_dir(parent.path().join("real")).unwrap();
    let link = parent.path().join("link.db");
    std::os::unix::fs::symlink("real/ledger.db", &link).unwrap();
    drop(open(&link));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(names_in(&parent.path().join("real")), ["ledger.db", "ledger.db.lock"]);
    assert!(matches!(wait(open(&link).fetch(&[])), Ok(entries) if entries.is_empty()));
}

#[test]
fn a_second_name_of_its_file_is_refused_or_locked_with_the_first() {
    let _limit = partnerstack_tests::limit();
    let (folder, path) = closed();
    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    let other = other.join("hard.db");
    fs::hard_link(&path, &other).unwrap();
    for options in [at(&other), reading(&other)] {
        let error = refusal(options).to_string();
        assert!(error.contains("has another name too") && error.contains("use the other name"), "{error}");
    }
    assert_eq!(names_in(other.parent().unwrap()), ["hard.db"], "nothing is made beside it");
    open(&path).close().unwrap();
    // Not even where a ledger of that name was used before.
    fs::write(other.with_file_name("hard.db.lock"), "").unwrap();
    let mut child = Child::start("hold", &path);
    assert_eq!(child.line().as_deref(), Some("open"));
    assert!(matches!(refusal(at(&other)), LedgerError::Locked { .. }));
    child.kill();
    let first = open(&path);
    for name in [&path, &other] {
        assert!(matches!(refusal(at(name)), LedgerError::OpenHere { .. }), "{}", name.display());
    }
    drop(first);
    open(&path);
}

#[cfg(target_os = "linux")]
#[test]
fn it_does_not_help_to_remove_the_lock_file() {
    let _limit = partnerstack_tests::limit();
    let (folder, path) = closed();
    let mut child = Child::start("hold", &path);
    assert_eq!(child.line().as_deref(), Some("open"));
    let locks: Vec<_> = names_in(folder.path()).into_iter().filter(|name| name.contains(".lock")).collect();
    assert_eq!(locks.len(), 2, "{locks:?}");
    for name in &locks {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    assert!(matches!(refusal(at(&path)), LedgerError::Locked { .. }));
    assert!(fetch_one(&open_reader(&path), 1).is_some());
    child.kill();
    assert!(fetch_one(&open(&path), 1).is_some());
}
