//! Storms, silence and lost answers, against a clock that goes forward only when nothing else can happen.

use std::time::Duration;

use partnerstack_connector::report::outcome::Outcome;
use serde_json::json;

use partnerstack_tests::fake::{FakeSync, Given, answer, page, refused, throttled, timeout, unsent};

#[test]
fn a_storm_of_429_loses_no_row() {
    let _limit = partnerstack_tests::limit();
    // Ten refusals before each success.
    let mut bench = FakeSync::new("customers insert", 100);
    let report = bench.run(|call| if call % 11 == 10 { answer(200) } else { throttled(Some(7)) });
    assert_eq!((report.of(Outcome::Created), report.read()), (100, 100));
    assert_eq!((report.throttled, report.retries, report.requests), (1000, 1000, 1100));
    assert!(report.stopped.is_none() && report.reasons.is_empty());
    // Everyone waits, and as long as the server asked for.
    let after_429 = bench.pauses().into_iter().enumerate().filter(|(call, _)| call % 11 != 10);
    let early: Vec<_> = after_429.filter(|(_, pause)| *pause < Duration::from_secs(7)).collect();
    assert!(early.is_empty(), "{early:?}");
    assert!(bench.elapsed() < Duration::from_secs(1000 * 7 + 60), "{:?}", bench.elapsed());
}

#[test]
fn a_429_never_uses_up_the_attempts_of_a_row() {
    let _limit = partnerstack_tests::limit();
    // What a PATCH may be tried is eight times; being told to wait is not a try, and neither is what never left.
    for given in [throttled(Some(1)), unsent()] {
        let mut bench = FakeSync::new("customers update", 1);
        let report = bench.run(|call| match call {
            15 => answer(500),
            16 => answer(200),
            _ => given.clone(),
        });
        assert_eq!(report.of(Outcome::Updated), 1, "{:?} {:?}", report.reasons, report.stopped);
    }
}

#[test]
fn nothing_but_429_ends_the_run_after_five_minutes() {
    let _limit = partnerstack_tests::limit();
    let mut bench = FakeSync::new("customers insert", 5);
    let report = bench.run(|_| throttled(None));
    let stopped = report.stopped.as_ref().unwrap();
    assert_eq!(bench.elapsed(), Duration::from_mins(5));
    assert!(stopped.message.contains("for 300 s (--give-up)"), "{}", stopped.message);
    assert_eq!(stopped.hint.unwrap().name, "rate_limit_exceeded");
    assert_eq!((report.of(Outcome::Pending), report.read()), (5, 5));
}

#[test]
fn a_server_that_asks_for_more_patience_than_there_is_ends_the_run_too() {
    let _limit = partnerstack_tests::limit();
    let mut bench = FakeSync::new("customers insert", 1);
    let report = bench.run(|_| throttled(Some(86_400)));
    assert!(report.stopped.is_some());
    assert!(bench.elapsed() <= Duration::from_mins(5));
    assert_eq!(bench.calls.len(), 1);
}

#[test]
fn any_other_answer_starts_the_five_minutes_anew() {
    let _limit = partnerstack_tests::limit();
    // 280 seconds of 429 before each other answer.
    let mut bench = FakeSync::new("customers insert", 4);
    let report = bench.run(|call| if call % 29 == 28 { answer(400) } else { throttled(Some(10)) });
    assert!(report.stopped.is_none(), "{:?}", report.stopped);
    assert_eq!(report.of(Outcome::Rejected), 4);
    let elapsed = bench.elapsed().as_secs();
    assert!((4 * 280..4 * 280 + 10).contains(&elapsed), "{elapsed}");
}

#[test]
fn no_answer_at_all_for_five_minutes_ends_the_run() {
    let _limit = partnerstack_tests::limit();
    let mut bench = FakeSync::new("customers insert", 3);
    let report = bench.run(|_| unsent());
    let stopped = report.stopped.as_ref().unwrap();
    assert_eq!(bench.elapsed(), Duration::from_mins(5));
    assert!(stopped.message.starts_with("no answer came for 300 s (--give-up)"), "{}", stopped.message);
    assert!(stopped.message.contains("no connection"), "{}", stopped.message);
    assert_eq!((report.of(Outcome::Pending), report.read()), (3, 3));
}

#[test]
fn patience_begins_anew_with_rows_that_come_after_a_quiet_time() {
    let _limit = partnerstack_tests::limit();
    // Ten minutes of nothing to do, then four minutes of 429: neither is five minutes without an answer.
    let mut sync = FakeSync::new("customers insert", 2);
    sync.quiet = Some((1, Duration::from_mins(10)));
    let report = sync.run(|call| if (1..25).contains(&call) { throttled(Some(10)) } else { answer(200) });
    assert!(report.stopped.is_none(), "{:?}", report.stopped);
    assert_eq!((report.of(Outcome::Created), report.throttled), (2, 24));
    assert!(sync.pauses()[0] >= Duration::from_mins(10), "{:?}", sync.pauses());
    assert!(sync.elapsed() >= Duration::from_mins(14), "{:?}", sync.elapsed());
}

#[test]
fn a_patch_that_always_times_out_is_sent_eight_times_and_rejected() {
    let _limit = partnerstack_tests::limit();
    let mut bench = FakeSync::new("customers update", 1);
    let report = bench.run(|_| timeout());
    assert_eq!((report.of(Outcome::Rejected), report.read()), (1, 1), "{:?}", report.stopped);
    assert_eq!(bench.calls.len(), 8);
    for (pause, ceiling) in bench.pauses().iter().zip([500, 1000, 2000, 4000, 8000, 16_000, 30_000]) {
        assert!(*pause <= Duration::from_millis(ceiling), "{:?}", bench.pauses());
    }
}

#[test]
fn a_patch_gets_as_many_chances_whatever_goes_wrong() {
    let _limit = partnerstack_tests::limit();
    let bad: [Given; 4] = [answer(500), answer(503), timeout(), refused(200, "<html>")];
    for given in bad {
        let mut bench = FakeSync::new("partnerships update", 1);
        let report = bench.run(|call| if call < 7 { given.clone() } else { answer(200) });
        assert_eq!(report.of(Outcome::Updated), 1, "{:?} {:?}", report.reasons, report.stopped);
        assert_eq!((report.retries, report.requests), (7, 8));
    }
}

/// What leaves a create open.
fn lost() -> [Given; 5] {
    [timeout(), answer(500), answer(503), refused(200, "<html>"), answer(299)]
}

#[test]
fn a_create_that_may_have_been_applied_is_not_sent_again_for_lists_that_decide_nothing() {
    let _limit = partnerstack_tests::limit();
    for given in lost() {
        for what in ["customers insert", "customers upsert", "transactions insert"] {
            let mut bench = FakeSync::without_keys(what, 2);
            let report = bench.run(|call| if call == 0 { given.clone() } else { answer(200) });
            let outcomes = (report.of(Outcome::Uncertain), report.of(Outcome::Created));
            assert_eq!(outcomes, (1, 1), "{what}: {:?}", report.reasons);
            assert_eq!((bench.calls.len(), report.retries), (2, 0), "{what}");
        }
    }
}

#[test]
fn a_create_that_a_list_shows_was_created() {
    let _limit = partnerstack_tests::limit();
    for given in lost() {
        let mut bench = FakeSync::new("customers insert", 1);
        let created_at = 1_772_323_200_500_i64;
        bench.list = page(&json!([
            {"key": "cus_0", "customer_key": "acct-7", "email": "x@example.com", "created_at": created_at},
            {"key": "cus_1", "customer_key": "acct-0", "email": "ada.0@example.com", "created_at": created_at},
        ]));
        let report = bench.run(|_| given.clone());
        assert_eq!(report.of(Outcome::Created), 1, "{:?}", report.reasons);
        assert_eq!((bench.calls.len(), report.lookups), (1, 1));
    }
}

#[test]
fn a_create_that_lists_lack_is_sent_again_after_a_minute_and_not_before() {
    let _limit = partnerstack_tests::limit();
    let mut bench = FakeSync::new("customers insert", 1);
    bench.list = page(&json!([]));
    let report = bench.run(|call| if call == 0 { timeout() } else { answer(200) });
    assert_eq!(report.of(Outcome::Created), 1, "{:?}", report.reasons);
    assert_eq!(bench.calls.len(), 2);
    assert_eq!(bench.calls[0].body, bench.calls[1].body);
    assert!(bench.pauses()[0] >= Duration::from_mins(1), "{:?}", bench.pauses());
}

#[test]
fn a_create_that_never_arrives_is_sent_four_times_and_rejected() {
    let _limit = partnerstack_tests::limit();
    let mut bench = FakeSync::new("customers insert", 1);
    bench.list = page(&json!([]));
    let report = bench.run(|_| answer(500));
    assert_eq!(report.of(Outcome::Rejected), 1, "{:?} {:?}", report.reasons, report.stopped);
    assert_eq!(bench.calls.len(), 4);
    assert!(bench.pauses().iter().all(|pause| *pause >= Duration::from_mins(1)), "{:?}", bench.pauses());
}

#[test]
fn what_was_not_sent_is_sent_again_even_if_it_creates() {
    let _limit = partnerstack_tests::limit();
    let mut bench = FakeSync::new("customers insert", 2);
    let report = bench.run(|call| if call < 12 { unsent() } else { answer(200) });
    assert_eq!(report.of(Outcome::Created), 2);
    assert_eq!((report.retries, report.throttled, report.lookups), (12, 0, 0));
}

#[test]
fn a_create_that_was_throttled_or_not_sent_before_is_still_a_create() {
    let _limit = partnerstack_tests::limit();
    // Only the last of these may have been applied.
    let mut bench = FakeSync::new("customers insert", 1);
    let report = bench.run(|call| match call {
        0 => throttled(None),
        1 => unsent(),
        2 => throttled(Some(3)),
        _ => timeout(),
    });
    assert_eq!(report.of(Outcome::Uncertain), 1);
    assert_eq!(bench.calls.len(), 4);
}

#[test]
fn a_run_after_an_interrupt_sends_what_is_left_and_nothing_twice() {
    let _limit = partnerstack_tests::limit();
    let mut bench = FakeSync::new("customers insert", 200);
    bench.interrupt_at = Some(57);
    let report = bench.run(|_| answer(200));
    assert_eq!(report.stopped.as_ref().unwrap().signal, Some(15));
    let created = report.of(Outcome::Created);
    assert_eq!(created, bench.calls.len() as u64, "what was sent is counted");
    assert!((58..100).contains(&created), "{created}");

    bench.interrupt_at = None;
    let report = bench.run(|_| answer(200));
    assert_eq!((report.of(Outcome::Unchanged), report.of(Outcome::Created)), (created, 200 - created));
}

#[test]
fn an_interrupt_ends_a_wait() {
    let _limit = partnerstack_tests::limit();
    let mut bench = FakeSync::new("customers insert", 3);
    bench.interrupt_at = Some(5);
    let report = bench.run(|_| throttled(Some(1)));
    assert_eq!(report.stopped.as_ref().unwrap().signal, Some(15));
    assert_eq!((report.of(Outcome::Pending), report.read()), (3, 3));
    assert_eq!(bench.calls.len(), 6);
}
