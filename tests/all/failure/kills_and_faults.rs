//! Killed while the server fails.

use std::time::Duration;

use partnerstack_tests::server::Options;

use super::faults::mixed;
use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::Rows;

/// Kills while one request in ten fails.
fn arrives(rows: &Rows, seed: u64) {
    let latency = Duration::from_millis(10);
    let desk = ProcessDesk::new(Options { seed, latency, faults: mixed(140), ..Options::default() });
    desk.lay(rows);
    let ended = desk.sync_with_kills(seed, 6);
    desk.delivered_by(ended);
    desk.exact(rows);
}

#[test]
fn an_insert_of_transactions_arrives_once() {
    let _limit = partnerstack_tests::limit();
    arrives(&Rows::transactions(0..250), 21);
}

#[test]
fn an_upsert_of_customers_arrives_once() {
    let _limit = partnerstack_tests::limit();
    arrives(&Rows::customers("upsert", 0..180).with_changes((0..180).step_by(4)), 22);
}

#[test]
fn an_upsert_of_partnerships_arrives_once() {
    let _limit = partnerstack_tests::limit();
    arrives(&Rows::partnerships("upsert", 0..180).with_changes((0..180).step_by(4)), 23);
}

#[test]
fn an_insert_of_deals_arrives_once() {
    let _limit = partnerstack_tests::limit();
    arrives(&Rows::deals("insert", 0..200), 24);
}
