//! The quota: filled, and never exceeded in any sliding window.

use std::time::Duration;

use partnerstack_tests::server::{Options, Quota};

use partnerstack_tests::pace_judge::{over_quota, use_of_quota};
use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::Rows;

/// A run at a rate and a latency. What it used of the quota, in tenths of a percent.
#[track_caller]
pub(super) fn paced(per_minute: u64, latency: Duration, rows: &Rows) -> u128 {
    let quota = Quota { requests: usize::try_from(per_minute).unwrap(), window: Duration::from_mins(1) };
    let desk = ProcessDesk::new(Options { latency, quota: Some(quota), ..Options::default() });
    desk.set("--rate", &per_minute.to_string()).set("--timeout", "30");
    let ended = desk.sync_rows(rows).with_code(0);
    assert_eq!((ended.count("throttled"), desk.server.requests()), (0, rows.each.len()));
    desk.exact(rows);
    let calls = desk.server.calls();
    let over = over_quota(&calls, per_minute);
    assert!(over.is_empty(), "more than the quota (window, came, may come): {over:?}");
    use_of_quota(&calls, per_minute)
}

#[test]
fn the_quota_is_used_at_5_milliseconds() {
    let _limit = partnerstack_tests::limit();
    let used = paced(6000, Duration::from_millis(5), &Rows::transactions(0..900));
    assert!(used >= 970, "{used} of a thousand");
}

#[test]
fn the_quota_is_used_at_250_milliseconds() {
    let _limit = partnerstack_tests::limit();
    let used = paced(6000, Duration::from_millis(250), &Rows::transactions(0..900));
    assert!(used >= 970, "{used} of a thousand");
}
