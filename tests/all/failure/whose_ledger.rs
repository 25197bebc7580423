//! Whose ledger it is: two processes on one, and a public key that is new.

use std::time::Duration;

use partnerstack_tests::server::Options;

use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::Rows;

#[test]
fn two_processes_on_one_ledger() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(Options { latency: Duration::from_millis(100), ..Options::default() });
    let rows = Rows::transactions(0..300);
    let mut first = desk.lay(&rows).start(&[]);
    assert!(first.asks(&desk.server, 1));
    let holder = first.id().to_string();
    desk.start(&[]).end().refused(&[&holder]);
    first.end().with_code(0);
    desk.exact(&rows);
    let runs: Vec<u64> = desk.server.calls().iter().map(|call| call.run).collect();
    assert!(runs.iter().all(|run| *run == 1), "the second process has sent something");
    desk.asks_nothing_more();
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
    desk.sync().refused(&["--rotated-key", "--account"]);
    assert_eq!(desk.server.requests(), before);

    // The same account, once it is said.
    let ended = desk.start(&["--rotated-key"]).end().with_code(0);
    assert_eq!((ended.rows("unchanged"), desk.server.requests()), (20, before));
    desk.asks_nothing_more();
    desk.set_public_key("pk_failure");
    desk.asks_nothing_more();

    // A key pair that is known to no account is refused still, and another account has a history of its own.
    desk.set_public_key("pk_production");
    desk.sync().refused(&["--rotated-key"]);
    desk.set("--account", "production");
    let ended = desk.sync().with_code(0);
    assert_eq!((ended.rows("created"), desk.server.records("transactions").len()), (20, 40));
}
