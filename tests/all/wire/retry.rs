//! Storms, silence and lost answers, against a clock that goes forward only when nothing else can happen.

use std::time::Duration;

use partnerstack_connector::report::outcome::Outcome;
use serde_json::json;

use partnerstack_tests::fake::{FakeSync, Given, Lists, answer, page, said, throttled, timeout, unsent};

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
    // After four in a row the own pauses may be longer, up to half a minute.
    let most = 100 * (4 * 7 + 8 + 16 + 4 * 30);
    assert!(bench.elapsed() < Duration::from_secs(most + 60), "{:?}", bench.elapsed());
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
    let report = bench.run(|call| if call % 8 == 7 { answer(400) } else { throttled(Some(40)) });
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
    assert!(stopped.message.starts_with("nothing came through for 300 s (--give-up)"), "{}", stopped.message);
    assert!(stopped.message.contains("no connection"), "{}", stopped.message);
    assert_eq!((report.of(Outcome::Pending), report.read()), (3, 3));
}

#[test]
fn patience_begins_anew_with_rows_that_come_after_a_quiet_time() {
    let _limit = partnerstack_tests::limit();
    // Ten minutes of nothing to do, then four minutes of 429: neither is five minutes without an answer.
    let mut sync = FakeSync::new("customers insert", 2);
    sync.quiet = Some((1, Duration::from_mins(10)));
    let report = sync.run(|call| if (1..7).contains(&call) { throttled(Some(40)) } else { answer(200) });
    assert!(report.stopped.is_none(), "{:?}", report.stopped);
    assert_eq!((report.of(Outcome::Created), report.throttled), (2, 6));
    assert!(sync.pauses()[0] >= Duration::from_mins(10), "{:?}", sync.pauses());
    assert!(sync.elapsed() >= Duration::from_mins(14), "{:?}", sync.elapsed());
}

#[test]
fn a_patch_that_alone_always_times_out_is_sent_eight_times_over_two_minutes_and_stays_pending() {
    let _limit = partnerstack_tests::limit();
    let mut bench = FakeSync::new("customers update", 1);
    let report = bench.run(|_| timeout());
    assert_eq!((report.of(Outcome::Pending), report.read()), (1, 1), "{:?}", report.stopped);
    assert!(report.stopped.is_none() && report.reasons.is_empty(), "{:?}", report.stopped);
    assert_eq!(bench.calls.len(), 8);
    for (pause, least) in bench.pauses().iter().zip([1, 2, 4, 8, 16, 32, 64]) {
        let least = Duration::from_secs(least);
        assert!((least..=least * 5 / 4).contains(pause), "{:?}", bench.pauses());
    }
}

#[test]
fn a_patch_that_always_times_out_is_rejected_where_another_row_came_through_meanwhile() {
    let _limit = partnerstack_tests::limit();
    // The second call is the other row's: the first row waits after its first try.
    let mut bench = FakeSync::new("customers update", 2);
    let report = bench.run(|call| if call == 1 { answer(200) } else { timeout() });
    assert_eq!((report.of(Outcome::Rejected), report.of(Outcome::Updated)), (1, 1), "{:?}", report.stopped);
    assert_eq!((bench.calls.len(), report.retries), (9, 7));
    assert!(bench.elapsed() >= Duration::from_secs(127), "{:?}", bench.elapsed());
}

#[test]
fn what_came_through_before_the_first_try_says_nothing_about_it() {
    let _limit = partnerstack_tests::limit();
    let mut bench = FakeSync::new("customers update", 2);
    bench.quiet = Some((1, Duration::from_mins(1)));
    let report = bench.run(|call| if call == 0 { answer(200) } else { timeout() });
    assert_eq!((report.of(Outcome::Pending), report.of(Outcome::Updated)), (1, 1), "{:?}", report.reasons);
    assert_eq!(bench.calls.len(), 9);
}

#[test]
fn the_tries_of_a_patch_are_counted_over_runs() {
    let _limit = partnerstack_tests::limit();
    let mut bench = FakeSync::new("customers update", 2);
    let report = bench.run(|_| timeout());
    assert_eq!((report.of(Outcome::Pending), report.read()), (2, 2), "{:?}", report.reasons);
    assert_eq!(bench.calls.len(), 16);
    // One more try is enough for the row that fails after another one came through.
    let report = bench.run(|call| if call == 0 { answer(200) } else { timeout() });
    assert_eq!((report.of(Outcome::Rejected), report.of(Outcome::Updated)), (1, 1), "{:?}", report.stopped);
    assert_eq!(bench.calls.len(), 2);
}

#[test]
fn a_patch_that_fails_before_every_other_row_is_rejected_once_one_of_them_comes_through() {
    let _limit = partnerstack_tests::limit();
    let mut bench = FakeSync::new("customers update", 2);
    bench.run(|_| timeout());
    // When it fails in the second run nothing has come through yet, so it is not given up at once.
    let report = bench.run(|call| if call == 1 { answer(200) } else { timeout() });
    assert_eq!((report.of(Outcome::Rejected), report.of(Outcome::Updated)), (1, 1), "{:?}", report.stopped);
    assert_eq!(bench.calls.len(), 3);
    // Alone it gets all its tries in every run.
    let mut bench = FakeSync::new("customers update", 1);
    for _ in 0..2 {
        let report = bench.run(|_| timeout());
        assert_eq!((report.of(Outcome::Pending), bench.calls.len()), (1, 8), "{:?}", report.reasons);
    }
}

#[test]
fn the_tries_before_an_interrupt_count() {
    let _limit = partnerstack_tests::limit();
    // Both rows have been tried seven times: which of them comes first in the next run makes no difference.
    let mut bench = FakeSync::new("customers update", 2);
    bench.interrupt_at = Some(13);
    bench.run(|_| timeout());
    assert_eq!(bench.calls.len(), 14);
    bench.interrupt_at = None;
    // One more is enough once the other row has come through.
    let report = bench.run(|call| if call == 1 { answer(200) } else { timeout() });
    assert_eq!((report.of(Outcome::Rejected), report.of(Outcome::Updated)), (1, 1), "{:?}", report.stopped);
    assert_eq!(bench.calls.len(), 3);
}

#[test]
fn a_patch_gets_as_many_chances_whatever_goes_wrong() {
    let _limit = partnerstack_tests::limit();
    let bad: [Given; 4] = [answer(500), answer(503), timeout(), said(200, "<html>")];
    for given in bad {
        let mut bench = FakeSync::new("partnerships update", 1);
        let report = bench.run(|call| if call < 7 { given.clone() } else { answer(200) });
        assert_eq!(report.of(Outcome::Updated), 1, "{:?} {:?}", report.reasons, report.stopped);
        assert_eq!((report.retries, report.requests), (7, 8));
    }
}

#[test]
fn an_outage_without_end_ends_the_run_after_five_minutes_with_few_requests_and_rejects_no_row() {
    let _limit = partnerstack_tests::limit();
    for what in ["customers update", "customers insert"] {
        let mut bench = FakeSync::new(what, 200);
        bench.lists = Lists::Made(Duration::ZERO);
        let report = bench.run(|_| answer(503));
        let stopped = report.stopped.as_ref().unwrap();
        assert!(stopped.message.contains("for 300 s (--give-up)"), "{}", stopped.message);
        assert!(!stopped.person);
        let took = bench.elapsed().as_secs();
        assert!((300..310).contains(&took), "{what}: {took}");
        let open = report.of(Outcome::Pending) + report.of(Outcome::Uncertain);
        assert_eq!((open, report.read()), (200, 200), "{what}: {:?}", report.reasons);
        assert!(bench.calls.len() < 60, "{what}: {}", bench.calls.len());
    }
}

#[test]
fn an_outage_that_ends_costs_no_row() {
    let _limit = partnerstack_tests::limit();
    for (what, arrived) in [("customers update", Outcome::Updated), ("customers insert", Outcome::Created)] {
        let mut bench = FakeSync::new(what, 200);
        bench.lists = Lists::Made(Duration::ZERO);
        let report = bench.run(|call| if (50..64).contains(&call) { answer(503) } else { answer(200) });
        assert!(report.stopped.is_none(), "{what}: {:?}", report.stopped);
        assert_eq!(report.of(arrived), 200, "{what}: {:?}", report.reasons);
        assert_eq!(bench.calls.len(), 214, "{what}");
    }
}

/// What leaves a create open.
fn lost() -> [Given; 7] {
    let without_key = r#"{"data":{},"message":"done","status":200}"#;
    let another_status = r#"{"data":{"key":"rec_1"},"message":"done","status":500}"#;
    [
        timeout(),
        answer(500),
        answer(503),
        answer(408),
        said(200, "<html>"),
        said(200, without_key),
        said(200, another_status),
    ]
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
        bench.lists = Lists::Always(page(&json!([
            {"key": "cus_0", "customer_key": "acct-7", "email": "x@example.com", "created_at": created_at},
            {"key": "cus_1", "customer_key": "acct-0", "email": "ada.0@example.com", "created_at": created_at},
        ])));
        let report = bench.run(|_| given.clone());
        assert_eq!(report.of(Outcome::Created), 1, "{:?}", report.reasons);
        assert_eq!((bench.calls.len(), report.lookups), (1, 1));
        assert!(bench.elapsed() < Duration::from_secs(1), "{:?}", bench.elapsed());
        // The list does not show all that was sent, and an insert has no way to send it again.
        let report = bench.run(|_| given.clone());
        assert_eq!((report.of(Outcome::Unchanged), bench.calls.len()), (1, 0), "{:?}", report.reasons);
    }
}

#[test]
fn a_create_that_lists_lack_is_sent_again_after_a_minute_and_not_before() {
    let _limit = partnerstack_tests::limit();
    // The list shows the other row's record at once, so it would show this one's.
    let mut bench = FakeSync::new("customers insert", 2);
    bench.lists = Lists::Made(Duration::ZERO);
    let report = bench.run(|call| if call == 0 { timeout() } else { answer(200) });
    assert_eq!(report.of(Outcome::Created), 2, "{:?}", report.reasons);
    assert_eq!(bench.calls.len(), 3);
    assert_eq!(bench.calls[0].body, bench.calls[2].body);
    assert!(bench.pauses()[1] >= Duration::from_secs(59), "{:?}", bench.pauses());
    assert!(bench.calls[2].at >= Duration::from_mins(1), "{:?}", bench.calls[2].at);
}

#[test]
fn a_create_that_lists_lack_is_not_sent_again_where_they_show_no_other_record_as_young() {
    let _limit = partnerstack_tests::limit();
    // The run ends after the minute after which an absence can count, and does not wait longer.
    for (rows, lists) in [(1, Lists::Always(page(&json!([])))), (2, Lists::Made(Duration::from_mins(2)))] {
        let mut bench = FakeSync::new("customers insert", rows);
        bench.lists = lists;
        let report = bench.run(|call| if call == 0 { timeout() } else { answer(200) });
        assert_eq!(report.of(Outcome::Uncertain), 1, "{:?}", report.reasons);
        assert_eq!(bench.calls.len(), rows);
        let took = bench.elapsed();
        assert!((Duration::from_mins(1)..Duration::from_secs(62)).contains(&took), "{took:?}");
    }
}

#[test]
fn a_list_that_lags_two_minutes_does_not_make_a_create_missing_before_it_shows_as_young_a_record() {
    let _limit = partnerstack_tests::limit();
    // More rows come after ten minutes, so the run can wait for what the list shows by then.
    let mut bench = FakeSync::new("customers insert", 3);
    bench.lists = Lists::Made(Duration::from_mins(2));
    bench.quiet = Some((2, Duration::from_mins(10)));
    let report = bench.run(|call| if call == 0 { timeout() } else { answer(200) });
    assert_eq!(report.of(Outcome::Created), 3, "{:?}", report.reasons);
    assert_eq!(bench.calls[0].body, bench.calls[2].body);
    let again = bench.calls[2].at;
    assert!((Duration::from_mins(2)..Duration::from_mins(3)).contains(&again), "{again:?}");
}

#[test]
fn a_create_that_lists_lack_is_sent_again_after_a_quarter_of_an_hour_without_any_other_record() {
    let _limit = partnerstack_tests::limit();
    let mut bench = FakeSync::new("customers insert", 2);
    bench.lists = Lists::Always(page(&json!([])));
    bench.quiet = Some((1, Duration::from_mins(20)));
    let report = bench.run(|call| if call == 0 { timeout() } else { answer(200) });
    assert_eq!(report.of(Outcome::Created), 2, "{:?}", report.reasons);
    assert_eq!(bench.calls[0].body, bench.calls[1].body);
    let again = bench.calls[1].at;
    assert!((Duration::from_mins(15)..Duration::from_mins(16)).contains(&again), "{again:?}");
}

#[test]
fn a_create_that_never_arrives_while_another_does_is_sent_four_times_and_rejected() {
    let _limit = partnerstack_tests::limit();
    let mut bench = FakeSync::new("customers insert", 2);
    bench.lists = Lists::Made(Duration::ZERO);
    let report = bench.run(|call| if call == 1 { answer(200) } else { answer(500) });
    let outcomes = (report.of(Outcome::Rejected), report.of(Outcome::Created));
    assert_eq!(outcomes, (1, 1), "{:?} {:?}", report.reasons, report.stopped);
    assert_eq!(bench.calls.len(), 5);
    assert!(
        bench.pauses()[1..].iter().all(|pause| *pause >= Duration::from_secs(59)),
        "{:?}",
        bench.pauses()
    );
}

#[test]
fn a_create_that_never_arrives_where_none_does_is_sent_four_times_and_stays_uncertain() {
    let _limit = partnerstack_tests::limit();
    // After a quarter of an hour an empty list is enough; four times that passes before the other row comes.
    let mut bench = FakeSync::new("customers insert", 2);
    bench.lists = Lists::Always(page(&json!([])));
    bench.quiet = Some((1, Duration::from_mins(90)));
    let report = bench.run(|call| if call < 4 { answer(500) } else { answer(200) });
    let outcomes = (report.of(Outcome::Uncertain), report.of(Outcome::Created));
    assert_eq!(outcomes, (1, 1), "{:?} {:?}", report.reasons, report.stopped);
    assert_eq!(bench.calls.len(), 5);
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
