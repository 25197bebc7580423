//! What was acknowledged is there: after SIGKILL at any moment, and after the disk was full.

use std::path::Path;
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use partnerstack_connector::ledger::{AttemptState, wait};
use partnerstack_tests::able::able;

use super::child::Child;
use super::support::{done, fetch_one, id, open, sent};

#[test]
fn what_was_acknowledged_outlives_a_kill() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let mut random = Rng::with_seed(25);
    let (mut sent, mut done, mut next) = (Vec::new(), Vec::new(), 1_000);
    for kill in 0..12 {
        let mut child = Child::start_from(&path, next);
        // The first one hits a ledger that is being made, the others at work.
        let said = if kill == 0 { 0 } else { random.usize(1..200) };
        let mut lines: Vec<String> = (0..said).filter_map(|_| child.line()).collect();
        thread::sleep(Duration::from_micros(random.u64(0..20_000)));
        child.kill();
        lines.extend(std::iter::from_fn(|| child.line()));
        for line in lines {
            let (state, row) = line.split_once(' ').unwrap();
            let row: u64 = row.parse().unwrap_or_else(|_| panic!("{line}"));
            let rows = if state == "done" { &mut done } else { &mut sent };
            rows.push(row);
            next = next.max(row + 1);
        }
        // Rows that were written and not acknowledged may be there or not.
        next += 8 - next % 8 + 16;
        check(&path, &sent, &done);
    }
    assert!(done.len() > 100, "only {} rows", done.len());
}

fn check(path: &Path, sent: &[u64], done: &[u64]) {
    let ledger = open(path);
    let states = |rows: &[u64]| -> Vec<_> {
        let ids: Vec<_> = rows.iter().map(|row| id(&ledger, *row)).collect();
        let found = wait(ledger.fetch(&ids)).unwrap();
        found
            .into_iter()
            .map(|entry| entry.and_then(|entry| entry.attempt).map(|attempt| attempt.state))
            .collect()
    };
    assert!(states(sent).iter().all(|state| matches!(state, Some(AttemptState::Sent | AttemptState::Done))));
    assert!(states(done).iter().all(|state| *state == Some(AttemptState::Done)));
}

/// A limit on the size of a file is what a test can have without being root; a full disk says the same.
#[test]
fn a_full_disk_stops_the_ledger_and_costs_nothing() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    // Blocks of 512 bytes; without the signal that would end the process.
    let told = fill(Child::limited("trap '' XFSZ; ulimit -f 600", "fill", &path));
    let rows: Vec<u64> =
        told.iter().filter_map(|line| line.strip_prefix("sent ")).map(|row| row.parse().unwrap()).collect();
    assert!(!rows.is_empty());

    let ledger = open(&path);
    assert!(rows.iter().all(|row| fetch_one(&ledger, *row).is_some()));
    wait(ledger.write(vec![sent(&ledger, 2, 7)])).unwrap();
    ledger.close().unwrap();
}

/// The real thing, where this user may mount: a disk of one megabyte.
#[test]
fn a_disk_that_is_full_says_so() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let mount = format!("mount -t tmpfs -o size=1m none {}", folder.path().display());
    let may = std::process::Command::new("unshare").args(["-rm", "sh", "-c", &mount]).output();
    if able(may.is_ok_and(|output| output.status.success()), "`unshare`, and the right to mount a disk") {
        let enter =
            format!("[ -n \"$IN\" ] || IN=1 exec unshare -rm sh -c '{mount} && exec \"$@\"' sh \"$@\"");
        fill(Child::limited(&enter, "fill", &path));
    }
}

fn fill(mut child: Child) -> Vec<String> {
    let told: Vec<String> = std::iter::from_fn(|| child.line()).collect();
    let text = told.iter().filter(|line| !line.starts_with("sent ")).cloned().collect::<Vec<_>>().join("\n");
    assert!(text.contains("cannot grow") && text.contains("help: make room on that disk"), "{text}");
    assert!(text.ends_with("full\nagain true\nreads true\nclose true"), "{text}");
    told
}

#[test]
fn dropping_a_ledger_stores_what_was_asked_for() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = open(&path);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    for row in 0..500 {
        let mut write = Box::pin(ledger.write(vec![done(&ledger, row)]));
        // Asked for, and not waited for.
        let _ = write.as_mut().poll(&mut context);
    }
    drop(ledger);
    let ledger = open(&path);
    assert!((0..500).all(|row| fetch_one(&ledger, row).is_some()));
}
