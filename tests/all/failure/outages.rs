//! A server that goes away and comes back.

use std::time::Duration;

use partnerstack_tests::server::{Options, Outage};

use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::Rows;
use partnerstack_tests::until::PATIENCE;

fn away_after(requests: usize) -> Options {
    let outage = Outage { after: requests, lasting: Duration::from_millis(1500) };
    Options { latency: Duration::from_millis(20), outage: Some(outage), ..Options::default() }
}

#[test]
fn a_server_that_goes_away_in_the_middle() {
    let _limit = partnerstack_tests::limit();
    for rows in [
        Rows::transactions(0..150),
        Rows::customers("upsert", 0..100).with_changes((0..100).step_by(5)),
        Rows::partnerships("upsert", 0..100),
    ] {
        let desk = ProcessDesk::new(away_after(60));
        desk.sync_rows(&rows).with_code(0);
        desk.exact(&rows);
    }
}

#[test]
fn kills_and_a_server_that_goes_away() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(away_after(40));
    let rows = Rows::deals("insert", 0..150);
    desk.lay(&rows);
    let mut process = desk.start(&[]);
    // The last of these gets no answer, and neither do those beside it.
    assert!(process.asks(&desk.server, 40));
    process.kill();
    desk.sync_with_kills(51, 3).with_code(0);
    desk.exact(&rows);
}

#[test]
fn a_server_that_is_away_at_first() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(Options::default());
    desk.server.leave();
    let rows = Rows::transactions(0..50);
    let ended = desk.lay(&rows).start(&["--give-up", "1"]).end().with_code(3);
    assert!(ended.count("retries") > 0, "it does not wait for the server: {ended:?}");
    assert_eq!(ended.rows("pending"), ended.rows("read"), "{ended:?}");
    desk.server.come_back();
    desk.sync().with_code(0);
    desk.exact(&rows);
}

/// A run ends in bounded time, loses nothing, and leaves the rest to the next one.
#[test]
fn a_server_that_is_away_for_longer_than_a_run_waits() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(Options { latency: Duration::from_millis(20), ..Options::default() });
    let rows = Rows::transactions(0..150);
    let mut process = desk.lay(&rows).start(&["--give-up", "2"]);
    assert!(process.asks(&desk.server, 60));
    desk.server.leave();
    let ended = process.end_within(PATIENCE / 2).with_code(3);
    assert!(ended.rows("pending") + ended.rows("uncertain") > 0, "{ended:?}");
    desk.server.come_back();
    desk.sync().with_code(0);
    desk.exact(&rows);
}
