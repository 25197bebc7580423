//! Whose ledger it is: two processes on one, and a public key that is new.

use std::time::Duration;

use partnerstack_tests::server::Options;

use partnerstack_tests::pace_judge::over_quota;
use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::Rows;

#[test]
fn two_processes_on_the_records_of_one_object() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(Options { latency: Duration::from_millis(100), ..Options::default() });
    let rows = Rows::transactions(0..50);
    desk.set("--rate", "600");
    let mut first = desk.lay(&rows).start(&[]);
    assert!(first.asks(&desk.server, 1));
    let holder = format!("in use by process {}", first.id());

    // Nobody waits who was told not to, and who only reads need not.
    let failures = tempfile::tempdir().unwrap();
    desk.set("--failures", &failures.path().join("failures.ndjson").display().to_string());
    desk.start(&["--wait", "0"]).end().with_code(3).says(&[&holder, "--wait"]);
    desk.resolve(&["any", "--object", "transactions", "--arrived"]).with_code(3).says(&[&holder]);
    desk.start(&["--dry-run"]).end().with_code(0);
    let runs: Vec<u64> = desk.server.calls().iter().map(|call| call.run).collect();
    assert!(runs.iter().all(|run| *run == 1), "the second process has sent something");

    // The next goes on where the one ends that it waits for.
    let waits = desk.start(&[]);
    first.end().with_code(0);
    waits.end().with_code(0).says(&["waiting at most 600 s (--wait)", &holder]);
    desk.exact(&rows);
    desk.asks_nothing_more();
}

#[test]
fn two_processes_on_two_objects_share_the_ledger_and_the_pace() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(Options { latency: Duration::from_millis(20), ..Options::default() });
    desk.set("--rate", "1200");
    let (transactions, customers) = (Rows::transactions(0..60), Rows::customers("insert", 0..60));
    let mut first = desk.lay(&transactions).start(&[]);
    assert!(first.asks(&desk.server, 1));
    let failures = tempfile::tempdir().unwrap();
    desk.set("--failures", &failures.path().join("failures.ndjson").display().to_string());
    desk.lay(&customers);
    desk.sync().with_code(0);
    first.end().with_code(0);
    desk.exact(&customers);
    let calls = desk.server.calls();
    assert_eq!(calls.len(), 120);
    let over = over_quota(&calls, 1200);
    assert!(over.is_empty(), "{over:?}");
}

#[test]
fn a_process_that_was_killed_holds_nothing() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(Options::default());
    let rows = Rows::transactions(0..50);
    let mut first = desk.lay(&rows).start(&[]);
    assert!(first.asks(&desk.server, 1));
    first.kill();
    desk.sync().with_code(0);
    desk.exact(&rows);
}

#[test]
fn a_public_key_that_is_new() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(Options::default());
    let rows = Rows::transactions(0..20);
    desk.sync_rows(&rows).with_code(0);
    let before = desk.server.requests();

    desk.set_public_key("pk_rotated");
    desk.sync().refused(&["is not that of the account `default`", "--account"]);
    assert_eq!(desk.server.requests(), before);

    // The same account, once it is said.
    let ended = desk.start(&["--rotated-key"]).end().with_code(0);
    assert_eq!((ended.rows("unchanged"), desk.server.requests()), (20, before + 1), "a lookup");
    desk.asks_nothing_more();
    desk.set_public_key("pk_failure");
    desk.asks_nothing_more();

    // A key pair that is known to no account is refused still, and another account has a history of its own.
    desk.set_public_key("pk_production");
    desk.sync().refused(&["--account"]);
    desk.set("--account", "production");
    let ended = desk.sync().with_code(0);
    assert_eq!((ended.rows("created"), desk.server.records("transactions").len()), (20, 40));
}
