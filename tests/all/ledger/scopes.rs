//! Several scopes of one ledger: what they share, and what happens when it closes.

use std::task::{Context, Waker};

use partnerstack_connector::ledger::{AttemptState, LedgerError, ScopeName, wait};

use super::support::{Open, at, created, fetch_one, id, join, open, reading, scope, sent};

fn named(object: &str) -> ScopeName {
    ScopeName { object: object.to_owned(), ..scope() }
}

#[test]
fn scopes_of_one_ledger_are_written_side_by_side() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let open = open(&path);
    let scopes =
        ["deals", "customers", "transactions"].map(|name| wait(open.ledger.scope(named(name))).unwrap());
    let lane = |lane: usize| {
        let scope = scopes[lane % 3].clone();
        async move {
            let mut entries = scope.write(vec![sent(&scope, 1, lane as u64)]).await.unwrap();
            entries[0].apply(created(&scope, lane as u64)).unwrap();
            scope.write(entries).await.unwrap();
        }
    };
    wait(join((0..300).map(lane)));
    for row in 0..300 {
        for (number, scope) in scopes.iter().enumerate() {
            let found = fetch_one(scope, row as u64).map(|entry| entry.attempt.unwrap().state);
            assert_eq!(found, (row % 3 == number).then_some(AttemptState::Done), "{row} in {number}");
        }
    }
    assert_eq!(wait(scopes[0].count_unsettled(9)).unwrap(), 0);
}

/// The same record id in two scopes is two records, and an entry of one is not written into the other.
#[test]
fn an_entry_belongs_to_its_scope() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let open = open(&folder.path().join("ledger.db"));
    let other = wait(open.ledger.scope(named("deals"))).unwrap();
    let entry = wait(open.write(vec![sent(&open, 1, 1)])).unwrap().remove(0);
    assert_eq!(wait(other.write(vec![entry.clone()])), Err(LedgerError::Stale));
    assert_eq!((fetch_one(&other, 1), fetch_one(&open, 1)), (None, Some(entry)));
}

#[test]
fn a_scope_that_is_taken_twice_is_one() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let open = open(&folder.path().join("ledger.db"));
    let again = wait(open.ledger.scope(scope())).unwrap();
    let entry = wait(open.write(vec![sent(&open, 1, 1)])).unwrap().remove(0);
    assert_eq!(fetch_one(&again, 1), Some(entry));
}

#[test]
fn a_reader_adds_no_scope() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    open(&path).close().unwrap();
    let reader = Open::new(reading(&path), named("deals"));
    assert!(reader.is_blank());
    assert!(!wait(reader.ledger.scope(scope())).unwrap().is_blank());
}

#[test]
fn a_closed_ledger_refuses_what_its_scopes_ask() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let open = open(&path);
    let scope = wait(open.ledger.scope(scope())).unwrap();
    let other = scope.clone();
    // More than fits into the queue: some wait for room, and nothing polls them while the ledger closes.
    let mut writes: Vec<_> =
        (0..3_000).map(|row| (row, Box::pin(other.write(vec![sent(&other, 1, row)])))).collect();
    let mut context = Context::from_waker(Waker::noop());
    writes.retain_mut(|(_, write)| write.as_mut().poll(&mut context).is_pending());
    open.close().unwrap();
    for (row, write) in writes {
        match wait(write) {
            Ok(entries) => assert_eq!(entries[0].id, id(&scope, row)),
            Err(error) => assert!(error.to_string().contains("its thread has ended"), "{error}"),
        }
    }
    let error = wait(scope.begin_run("sync", 0)).unwrap_err();
    assert!(error.to_string().contains(&format!("the ledger {} failed", path.display())), "{error}");
    // It does not keep the lock.
    drop(Open::new(at(&path), self::scope()));
}
