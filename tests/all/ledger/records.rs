//! What goes into a ledger, and what comes out.

use fastrand::Rng;
use partnerstack_connector::ledger::{
    Account, Attempt, AttemptState, Change, Entry, Event, FieldDigests, KeyStanding, LedgerError,
    LedgerPlace, OpenOptions, RecordId, ScopeName, Window, wait,
};

use super::support::{
    NOW, Open, account, at, created, digests, done, fetch_one, id, join, open, scope, sent, temporary,
};

#[test]
fn an_entry_comes_back_as_it_was_stored() {
    let _limit = partnerstack_tests::limit();
    let ledger = temporary();
    let mut full = sent(&ledger, 5, u64::MAX);
    full.record_key = Some("Zoë/1".to_owned());
    full.system_key = Some("txn_1".to_owned());
    full.exists_since = Some(-1);
    full.confirmed = digests(ledger.digester(), &[("a", "1"), ("b", ""), ("c", "3")]);
    full.attempt = Some(Attempt {
        operation: Change::Update,
        state: AttemptState::Uncertain,
        at: NOW,
        run: 7,
        row: u64::MAX,
        digests: digests(ledger.digester(), &[("a", "2")]),
        window: Some(Window { from: i64::MIN, to: i64::MAX }),
        resends: 3,
        given_up_at: Some(NOW + 1),
        status: Some(503),
        message: Some("no answer".to_owned()),
    });
    let bare = Entry::new(id(&ledger, 2), None);
    let stored = wait(ledger.write(vec![full, bare])).unwrap();
    let ids: Vec<RecordId> = stored.iter().map(|entry| entry.id).collect();
    assert_eq!(wait(ledger.fetch(&ids)).unwrap(), stored.into_iter().map(Some).collect::<Vec<_>>());
}

#[test]
fn every_state_comes_back() {
    let _limit = partnerstack_tests::limit();
    let ledger = temporary();
    let states = [
        AttemptState::Sent,
        AttemptState::Done,
        AttemptState::Rejected,
        AttemptState::Uncertain,
        AttemptState::Missed,
    ];
    for (row, state) in (0..).zip(states) {
        let mut entry = sent(&ledger, 1, row);
        entry.attempt.as_mut().unwrap().state = state;
        wait(ledger.write(vec![entry])).unwrap();
        assert_eq!(fetch_one(&ledger, row).unwrap().attempt.unwrap().state, state);
    }
}

/// More than one slice, in random order, with unknown ones and doubles among them.
#[test]
fn records_are_fetched_in_the_order_in_which_they_are_asked_for() {
    let _limit = partnerstack_tests::limit();
    let ledger = temporary();
    wait(ledger.write((0..5_000).map(|row| done(&ledger, row)).collect())).unwrap();
    let mut random = Rng::with_seed(3);
    let rows: Vec<u64> = (0..9_000).map(|_| random.u64(0..6_000)).collect();
    let ids: Vec<RecordId> = rows.iter().map(|row| id(&ledger, *row)).collect();
    let found = wait(ledger.fetch(&ids)).unwrap();
    assert_eq!(found.len(), rows.len());
    for (row, entry) in rows.iter().zip(found) {
        let key = entry.map(|entry| entry.record_key.unwrap());
        assert_eq!(key, (*row < 5_000).then(|| row.to_string()));
    }
    assert_eq!(wait(ledger.fetch(&[])).unwrap(), []);
}

#[test]
fn a_copy_that_was_overtaken_is_not_written() {
    let _limit = partnerstack_tests::limit();
    let ledger = temporary();
    let new = sent(&ledger, 1, 1);
    let first = wait(ledger.write(vec![new.clone()])).unwrap().remove(0);
    assert_eq!(wait(ledger.write(vec![new])), Err(LedgerError::Stale), "it is no longer new");

    let mut second = first.clone();
    second.apply(created(&ledger, 1)).unwrap();
    let second = wait(ledger.write(vec![second])).unwrap().remove(0);
    assert_eq!(wait(ledger.write(vec![first])), Err(LedgerError::Stale));
    assert_eq!(fetch_one(&ledger, 1), Some(second));
    // It did no harm: the ledger goes on.
    wait(ledger.write(vec![sent(&ledger, 1, 2)])).unwrap();
}

/// Many at once, each waiting for its own: they share transactions, and none gets another's answer.
#[tokio::test]
async fn writes_of_many_tasks_are_committed_together_and_answered_apart() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let ledger = open(&folder.path().join("ledger.db"));
    let ledger = &ledger;
    let lane = |lane: u64| async move {
        for step in 0..20 {
            let row = lane * 100 + step;
            let mut entries = ledger.write(vec![sent(ledger, 1, row)]).await.unwrap();
            assert_eq!(entries[0].record_key, Some(row.to_string()));
            entries[0].apply(created(ledger, row)).unwrap();
            ledger.write(entries).await.unwrap();
            let found = ledger.fetch(&[id(ledger, row)]).await.unwrap().remove(0).unwrap();
            assert_eq!(found.attempt.unwrap().state, AttemptState::Done);
        }
    };
    join((0..200).map(lane)).await;
    let ids: Vec<_> = (0..200).flat_map(|lane| (0..20).map(move |step| lane * 100 + step)).collect();
    let ids: Vec<_> = ids.into_iter().map(|row| id(ledger, row)).collect();
    assert!(ledger.fetch(&ids).await.unwrap().iter().all(Option::is_some));
}

#[test]
fn a_caller_that_stops_waiting_does_not_stop_the_ledger() {
    let _limit = partnerstack_tests::limit();
    let ledger = temporary();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    for row in 0..10 {
        let mut write = Box::pin(ledger.write(vec![sent(&ledger, 1, row)]));
        // Asked for, and not waited for.
        let _ = write.as_mut().poll(&mut context);
    }
    assert!((0..10).all(|row| fetch_one(&ledger, row).is_some()));
}

#[test]
fn the_latest_creates_of_earlier_runs_say_where_a_list_has_them() {
    let _limit = partnerstack_tests::limit();
    let ledger = temporary();
    let mut entries: Vec<Entry> = (0..6).map(|row| sent(&ledger, if row < 4 { 1 } else { 2 }, row)).collect();
    for (row, entry) in (0..5).zip(&mut entries) {
        let Event::Created { system_key, at, digests, .. } = created(&ledger, row) else { unreachable!() };
        entry.apply(Event::Created { system_key, at, digests, dated: row == 2 }).unwrap();
    }
    let window = entries[0].attempt.as_ref().unwrap().window;
    assert_eq!(window, None, "where nothing was asked for nothing is kept");
    wait(ledger.write(entries)).unwrap();

    let recent = |run, most| {
        let creates = wait(ledger.recent_creates(run, most)).unwrap();
        creates.into_iter().map(|create| (create.system_key, create.window)).collect::<Vec<_>>()
    };
    let asked = Some(Window { from: NOW - 600_000, to: NOW + 600_000 });
    let keys = ["txn_3", "txn_2", "txn_1", "txn_0"].map(str::to_owned);
    let expected: Vec<_> = keys.into_iter().zip([None, asked, None, None]).collect();
    assert_eq!(recent(2, 10), expected, "those of run 2 are not earlier");
    assert_eq!(recent(2, 2), expected[..2]);
    assert_eq!(recent(3, 10).len(), 5, "what is open was not answered");
}

#[test]
fn open_creates_of_earlier_runs_are_walked_in_pieces() {
    let _limit = partnerstack_tests::limit();
    let ledger = temporary();
    let mut entries: Vec<Entry> = (0..25).map(|row| sent(&ledger, 1, row)).collect();
    let given_up =
        Event::Undecided { tries: 0, given_up_at: NOW, status: None, message: "no answer".to_owned() };
    entries[3].apply(given_up).unwrap();
    entries.extend((25..30).map(|row| done(&ledger, row)));
    entries.extend((30..35).map(|row| sent(&ledger, 2, row)));
    let mut update = done(&ledger, 35);
    let digests = digests(ledger.digester(), &[("amount", "2")]);
    update.apply(Event::Intended(super::support::intent(Change::Update, 1, 35, digests))).unwrap();
    entries.push(update);
    wait(ledger.write(entries)).unwrap();

    assert_eq!(wait(ledger.count_unsettled(2)).unwrap(), 25);
    assert_eq!(wait(ledger.count_unsettled(3)).unwrap(), 30);
    assert_eq!(wait(ledger.count_unsettled(1)).unwrap(), 0);
    let mut walked: Vec<Entry> = Vec::new();
    loop {
        let mut piece = wait(ledger.unsettled(2, walked.last(), 10)).unwrap();
        if piece.is_empty() {
            break;
        }
        assert!(piece.len() <= 10);
        // What is settled on the way does not disturb the walk.
        for entry in &mut piece {
            entry
                .apply(Event::Found {
                    system_key: None,
                    at: NOW,
                    confirmed: FieldDigests::default(),
                    unseen: FieldDigests::default(),
                    dated: false,
                })
                .unwrap();
        }
        walked.extend(wait(ledger.write(piece)).unwrap());
    }
    let keys: Vec<_> = walked.iter().map(|entry| entry.record_key.clone().unwrap()).collect();
    assert_eq!(keys, (0..25).map(|row| row.to_string()).collect::<Vec<_>>());
    assert_eq!(wait(ledger.count_unsettled(2)).unwrap(), 0);
}

#[test]
fn a_history_is_found_by_record_key_system_key_or_digest_in_every_object_of_the_account() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let other = |account: &str, object: &str| {
        let name = ScopeName { account: account.to_owned(), object: object.to_owned(), ..scope() };
        Open::new(at(&path), name)
    };
    for (account, object) in [("default", "deals"), ("default", "transactions"), ("second", "deals")] {
        let ledger = other(account, object);
        let run = wait(ledger.begin_run(&format!("{object} of {account}"), NOW)).unwrap();
        let mut entry = sent(&ledger, run, 1);
        entry.apply(created(&ledger, 1)).unwrap();
        let hidden = Entry::new(ledger.digester().record("email", &["ada@example.com"]), None);
        wait(ledger.write(vec![entry, hidden, sent(&ledger, run, 2)])).unwrap();
    }
    let ledger = open(&path);
    let by_key = wait(ledger.ledger.history(&account(), "1", Vec::new())).unwrap();
    let told: Vec<_> =
        by_key.iter().map(|found| (found.object.as_str(), found.sync.as_deref().unwrap())).collect();
    assert_eq!(told, [("deals", "deals of default"), ("transactions", "transactions of default")]);
    assert_eq!(wait(ledger.ledger.history(&account(), "txn_1", Vec::new())).unwrap(), by_key);
    assert_eq!(
        wait(ledger.ledger.history(&account(), "1", vec![id(&ledger, 1)])).unwrap(),
        by_key,
        "each once"
    );
    let email = ledger.digester().record("email", &["ada@example.com"]);
    assert_eq!(wait(ledger.ledger.history(&account(), "ada@example.com", vec![email])).unwrap().len(), 2);
    assert_eq!(wait(ledger.ledger.history(&account(), "ada@example.com", Vec::new())).unwrap(), []);
}

#[test]
fn what_a_sync_is_keyed_by_is_remembered_for_each_object_and_sync() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = open(&path);
    assert_eq!(wait(ledger.keyed_by("invoices")).unwrap(), None);
    wait(ledger.set_keyed_by("invoices", "columns id")).unwrap();
    wait(ledger.set_keyed_by("refunds", "content")).unwrap();
    wait(ledger.set_keyed_by("invoices", "columns invoice_id")).unwrap();
    assert_eq!(wait(ledger.keyed_by("invoices")).unwrap().as_deref(), Some("columns invoice_id"));
    drop(ledger);
    let deals = ScopeName { object: "deals".to_owned(), ..scope() };
    let ledger = Open::new(at(&path), deals);
    assert_eq!(wait(ledger.keyed_by("invoices")).unwrap(), None);
}

#[test]
fn what_a_sync_has_delivered_is_counted() {
    let _limit = partnerstack_tests::limit();
    let ledger = temporary();
    for (sync, rows) in [("invoices", 0..7), ("refunds", 7..9)] {
        let run = wait(ledger.begin_run(sync, NOW)).unwrap();
        let entries = rows.map(|row| {
            let mut entry = sent(&ledger, run, row);
            if row != 3 {
                entry.apply(created(&ledger, row)).unwrap();
            }
            entry
        });
        wait(ledger.write(entries.collect())).unwrap();
        wait(ledger.finish_run(run, NOW + 1)).unwrap();
    }
    let delivered = ["invoices", "refunds", "others"].map(|sync| wait(ledger.delivered(sync)).unwrap());
    assert_eq!(delivered, [6, 2, 0]);
}

#[test]
fn public_keys_belong_to_an_account() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = open(&path);
    let ledger = &ledger.ledger;
    let standing = |key: &str| wait(ledger.standing(&account(), key)).unwrap();
    assert_eq!(standing("pk_1"), KeyStanding::First);
    wait(ledger.add_public_key(&account(), "pk_1", NOW)).unwrap();
    wait(ledger.add_public_key(&account(), "pk_1", NOW)).unwrap();
    assert_eq!((standing("pk_1"), standing("pk_2")), (KeyStanding::Known, KeyStanding::Unknown));
    wait(ledger.add_public_key(&account(), "pk_2", NOW)).unwrap();
    assert_eq!((standing("pk_1"), standing("pk_2")), (KeyStanding::Known, KeyStanding::Known));
    let production = Account { name: "production".to_owned(), ..account() };
    let of_production = |key: &str| wait(ledger.standing(&production, key)).unwrap();
    assert_eq!(of_production("pk_1"), KeyStanding::OfAnother(account().name));
    assert_eq!(of_production("pk_3"), KeyStanding::First);
    wait(ledger.replace_public_keys(&account(), "pk_3", NOW)).unwrap();
    assert_eq!((standing("pk_1"), standing("pk_3")), (KeyStanding::Unknown, KeyStanding::Known));
    assert_eq!(of_production("pk_1"), KeyStanding::First);
}

#[test]
fn records_of_one_object_are_not_those_of_another() {
    let _limit = partnerstack_tests::limit();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = open(&path);
    wait(ledger.write(vec![done(&ledger, 1)])).unwrap();
    drop(ledger);
    for other in [
        ScopeName { object: "deals".to_owned(), ..scope() },
        ScopeName { account: "second".to_owned(), ..scope() },
        ScopeName { base_url: "https://elsewhere.example.com".to_owned(), ..scope() },
    ] {
        let ledger = Open::new(at(&path), other);
        assert_eq!(fetch_one(&ledger, 1), None);
        wait(ledger.write(vec![sent(&ledger, 1, 1)])).unwrap();
    }
    assert_eq!(fetch_one(&open(&path), 1).unwrap().attempt.unwrap().state, AttemptState::Done);
}

#[test]
fn a_temporary_ledger_does_all_of_it_and_leaves_nothing() {
    let _limit = partnerstack_tests::limit();
    let options = OpenOptions { place: LedgerPlace::Temporary, ..at(std::path::Path::new("")) };
    let ledger = Open::new(options.clone(), scope());
    let run = wait(ledger.begin_run("sync", NOW)).unwrap();
    wait(ledger.write((0..20_000).map(|row| sent(&ledger, run, row)).collect())).unwrap();
    assert!(fetch_one(&ledger, 19_999).is_some());
    ledger.close().unwrap();
    assert_eq!(fetch_one(&Open::new(options, scope()), 19_999), None);
}
