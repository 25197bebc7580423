//! The same at full scale; some minutes.

use std::time::Duration;

use partnerstack_tests::server::Options;

use super::faults::mixed;
use super::quota::paced;
use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::Rows;

#[test]
#[ignore = "full scale"]
fn transactions_with_25_kills() {
    let _limit = partnerstack_tests::limit_of(Duration::from_hours(1));
    for seed in 0..4 {
        let desk = ProcessDesk::new(Options { latency: Duration::from_millis(10), ..Options::default() });
        let rows = Rows::transactions(0..1500);
        desk.lay(&rows);
        desk.sync_with_kills(100 + seed, 25).with_code(0);
        desk.exact(&rows);
        desk.asks_nothing_more();
    }
}

#[test]
#[ignore = "full scale"]
fn one_request_in_ten_fails() {
    let _limit = partnerstack_tests::limit_of(Duration::from_hours(1));
    for (seed, rows) in (200..).zip([
        Rows::customers("insert", 0..1500),
        Rows::customers("update", 0..1500).with_changes((0..1500).step_by(5)),
        Rows::customers("upsert", 0..1500).with_changes((0..1500).step_by(5)),
        Rows::partnerships("insert", 0..1500),
        Rows::partnerships("update", 0..1500).with_changes((0..1500).step_by(5)),
        Rows::partnerships("upsert", 0..1500).with_changes((0..1500).step_by(5)),
        Rows::deals("insert", 0..1500),
        Rows::deals("upsert", 0..1500),
        Rows::transactions(0..1500),
        Rows::past_transactions(0..1500),
    ]) {
        let desk = ProcessDesk::new(Options { seed, faults: mixed(140), ..Options::default() });
        if rows.mode == "update" {
            rows.exist_at(&desk.server);
        }
        desk.sync_rows(&rows).with_code(0);
        desk.exact(&rows);
    }
}

#[test]
#[ignore = "full scale"]
fn kills_and_faults() {
    let _limit = partnerstack_tests::limit_of(Duration::from_hours(1));
    for seed in 300..310 {
        let latency = Duration::from_millis(10);
        let desk = ProcessDesk::new(Options { seed, latency, faults: mixed(140), ..Options::default() });
        let rows = Rows::customers("upsert", 0..800).with_changes((0..800).step_by(3));
        desk.lay(&rows);
        let ended = desk.sync_with_kills(seed, 15);
        desk.delivered_by(ended);
        desk.exact(&rows);
    }
}

/// 5,000 rows at 250 ms take what the quota says: 75 s.
#[test]
#[ignore = "full scale"]
fn the_quota_of_the_spec_at_250_milliseconds() {
    let _limit = partnerstack_tests::limit_of(Duration::from_hours(1));
    let used = paced(4000, Duration::from_millis(250), &Rows::transactions(0..5000));
    assert!(used >= 990, "{used} of a thousand");
}

#[test]
#[ignore = "full scale"]
fn the_quota_of_the_spec_at_other_latencies() {
    let _limit = partnerstack_tests::limit_of(Duration::from_hours(1));
    for milliseconds in [5, 50, 2000] {
        let used = paced(4000, Duration::from_millis(milliseconds), &Rows::transactions(0..5000));
        assert!(used >= 990, "{used} of a thousand at {milliseconds} ms");
    }
}
