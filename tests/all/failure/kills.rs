//! Killed with SIGKILL at random instants, and started again until done.

use std::time::Duration;

use partnerstack_tests::server::Options;

use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::Rows;

fn ten_milliseconds() -> Options {
    Options { latency: Duration::from_millis(10), ..Options::default() }
}

#[test]
fn an_insert_of_transactions_arrives_once() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(ten_milliseconds());
    let rows = Rows::transactions(0..300).with_bad(&[3, 100, 250]);
    desk.lay(&rows);
    let ended = desk.sync_with_kills(11, 8).with_code(1);
    assert_eq!((ended.rows("invalid"), ended.rows("created") + ended.rows("unchanged")), (3, 300));
    desk.exact(&rows);
}

#[test]
fn an_upsert_of_customers_arrives_once() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(ten_milliseconds());
    let rows = Rows::customers("upsert", 0..200).with_changes((0..200).step_by(4)).with_bad(&[5, 150]);
    desk.lay(&rows);
    let ended = desk.sync_with_kills(12, 8).with_code(1);
    assert_eq!((ended.rows("rejected"), ended.rows("read")), (2, 252));
    desk.exact(&rows);
}

#[test]
fn an_upsert_of_partnerships_arrives_once() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(ten_milliseconds());
    let rows = Rows::partnerships("upsert", 0..200).with_changes((0..200).step_by(5));
    desk.lay(&rows);
    desk.sync_with_kills(13, 8).with_code(0);
    desk.exact(&rows);
}

#[test]
fn an_upsert_of_deals_arrives_once() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(ten_milliseconds());
    let rows = Rows::deals("upsert", 0..250);
    desk.lay(&rows);
    desk.sync_with_kills(14, 8).with_code(0);
    desk.exact(&rows);
}

#[test]
fn an_update_of_partnerships_arrives_once() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(ten_milliseconds());
    let rows = Rows::partnerships("update", 0..150).with_changes((0..150).step_by(3));
    rows.exist_at(&desk.server);
    desk.lay(&rows);
    desk.sync_with_kills(15, 6).with_code(0);
    desk.exact(&rows);
}

/// What a dead process asked for may still happen after the next one has begun.
#[test]
fn requests_that_outlive_their_sender() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(Options { effect_after: Duration::from_millis(400), ..Options::default() });
    let rows = Rows::transactions(0..200);
    desk.lay(&rows);
    desk.sync_with_kills(16, 5).with_code(0);
    desk.exact(&rows);
}
