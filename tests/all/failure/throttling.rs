//! Storms of 429, and the gate that each of them shuts.

use std::time::Duration;

use partnerstack_tests::server::{Options, Storm};

use partnerstack_tests::pace_judge::{over_quota, through_the_gate};
use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::Rows;

fn storm(retry_after: Option<u64>) -> Options {
    let storm = Storm { after: 40, lasting: Duration::from_millis(1500), retry_after };
    Options { latency: Duration::from_millis(80), storm: Some(storm), ..Options::default() }
}

#[test]
fn no_row_fails_and_everyone_waits() {
    let _limit = partnerstack_tests::limit();
    let slack = Duration::from_millis(300);
    for (retry_after, pause) in [(Some(1), Duration::from_secs(1)), (None, Duration::ZERO)] {
        let desk = ProcessDesk::new(storm(retry_after));
        desk.set("--rate", "3000");
        let rows = Rows::transactions(0..120);
        let ended = desk.sync_rows(&rows).with_code(0);
        assert!(ended.count("throttled") > 0, "{ended:?}");
        assert_eq!(ended.rows("created"), 120);
        assert!(
            ended.stderr.contains("Rate-limited requests"),
            "the hint of 429 is missing: {}",
            ended.stderr
        );
        desk.exact(&rows);

        let calls = desk.server.calls();
        let found = through_the_gate(&calls, pause, slack);
        assert!(found.is_empty(), "Retry-After {retry_after:?}: {found:#?}");
        // The pause has saved up nothing.
        let over = over_quota(&calls, 3000);
        assert!(over.is_empty(), "{over:?}");
    }
}

#[test]
fn an_upsert_in_a_storm() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(storm(Some(1)));
    let rows = Rows::customers("upsert", 0..80).with_changes((0..80).step_by(4));
    desk.sync_rows(&rows).with_code(0);
    desk.exact(&rows);
}

#[test]
fn kills_in_a_storm() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(storm(None));
    let rows = Rows::transactions(0..200);
    desk.lay(&rows);
    desk.sync_with_kills(41, 4).with_code(0);
    desk.exact(&rows);
}
