//! Storms and silence, against a clock that goes forward only when it is slept on.

use std::time::Duration;

use partnerstack_connector::outcome::Outcome;

use super::bench::{Bench, Given, answer, refused, throttled, timeout, unsent};

#[tokio::test]
async fn a_storm_of_429_loses_no_row() {
    // Every row is refused ten times before it is taken.
    let mut bench = Bench::new("customers insert", 100);
    let report = bench.run(|call| if call % 11 == 10 { answer(200) } else { throttled(Some(7)) }).await;
    assert_eq!((report.of(Outcome::Created), report.read()), (100, 100));
    assert_eq!((report.throttled, report.retries, report.requests), (1000, 1000, 1100));
    assert!(report.stopped.is_none() && report.reasons.is_empty());
    assert_eq!(
        bench.clock.slept(),
        vec![Duration::from_secs(7); 1000],
        "Retry-After is obeyed to the second"
    );
}

#[tokio::test]
async fn a_429_never_uses_up_the_attempts_of_a_row() {
    // What a PATCH may be tried is eight times; being told to wait is not a try, and neither is what never left.
    for given in [throttled(Some(1)), unsent()] {
        let mut bench = Bench::new("customers update", 1);
        let report = bench
            .run(|call| match call {
                20 => answer(500),
                21 => answer(200),
                _ => given.clone(),
            })
            .await;
        assert_eq!(report.of(Outcome::Updated), 1, "{:?}", report.reasons);
    }
}

#[tokio::test]
async fn nothing_but_429_ends_the_run_after_five_minutes() {
    let mut bench = Bench::new("customers insert", 5);
    let report = bench.run(|_| throttled(None)).await;
    let stopped = report.stopped.as_ref().unwrap();
    assert_eq!(bench.clock.elapsed(), Duration::from_mins(5));
    assert!(stopped.message.starts_with("no progress for 300 s (--give-up)"), "{}", stopped.message);
    assert_eq!(stopped.hint.unwrap().name, "rate_limit_exceeded");
    assert_eq!((report.of(Outcome::Pending), report.read()), (1, 1));
    assert_eq!(report.failed(), 0);
}

#[tokio::test]
async fn a_server_that_asks_for_more_patience_than_there_is_ends_the_run_too() {
    let mut bench = Bench::new("customers insert", 1);
    let report = bench.run(|_| throttled(Some(86_400))).await;
    assert!(report.stopped.is_some());
    assert!(bench.clock.elapsed() <= Duration::from_mins(5));
    assert_eq!(bench.transport_calls(), 1);
}

#[tokio::test]
async fn any_other_answer_starts_the_five_minutes_anew() {
    // 280 seconds of 429 before each row.
    let mut bench = Bench::new("customers insert", 4);
    let report = bench.run(|call| if call % 29 == 28 { answer(400) } else { throttled(Some(10)) }).await;
    assert!(report.stopped.is_none(), "{:?}", report.stopped);
    assert_eq!(report.of(Outcome::Rejected), 4);
    assert_eq!(bench.clock.elapsed(), Duration::from_secs(4 * 280));
}

#[tokio::test]
async fn no_answer_at_all_for_five_minutes_ends_the_run() {
    let mut bench = Bench::new("customers insert", 3);
    let report = bench.run(|_| unsent()).await;
    let stopped = report.stopped.as_ref().unwrap();
    assert_eq!(bench.clock.elapsed(), Duration::from_mins(5));
    assert!(stopped.message.contains("no connection"), "{}", stopped.message);
    assert_eq!((report.of(Outcome::Pending), report.read()), (1, 1));
}

#[tokio::test]
async fn a_patch_that_always_times_out_is_sent_eight_times_and_rejected() {
    let mut bench = Bench::new("customers update", 2);
    let report = bench.run(|call| if call < 8 { timeout() } else { answer(200) }).await;
    assert_eq!((report.of(Outcome::Rejected), report.of(Outcome::Updated)), (1, 1));
    assert_eq!(bench.transport_calls(), 9);
    let pauses = bench.clock.slept();
    assert_eq!(pauses.len(), 7);
    for (pause, ceiling) in pauses.iter().zip([500, 1000, 2000, 4000, 8000, 16_000, 30_000]) {
        assert!(*pause <= Duration::from_millis(ceiling), "{pauses:?}");
    }
}

#[tokio::test]
async fn a_patch_gets_as_many_chances_whatever_goes_wrong() {
    let bad: [Given; 4] = [answer(500), answer(503), timeout(), refused(200, "<html>")];
    for given in bad {
        let mut bench = Bench::new("partnerships update", 1);
        let report = bench.run(|call| if call < 7 { given.clone() } else { answer(200) }).await;
        assert_eq!(report.of(Outcome::Updated), 1, "{:?}", report.reasons);
        assert_eq!((report.retries, report.requests), (7, 8));
    }
}

#[tokio::test]
async fn a_create_that_may_have_been_applied_is_never_sent_again() {
    for given in [timeout(), answer(500), answer(503), refused(200, "<html>"), answer(299)] {
        for what in ["customers insert", "customers upsert", "transactions insert"] {
            let mut bench = Bench::without_keys(what, 2);
            let report = bench.run(|call| if call == 0 { given.clone() } else { answer(200) }).await;
            assert_eq!((report.of(Outcome::Uncertain), report.of(Outcome::Created)), (1, 1), "{what}");
            assert_eq!((bench.transport_calls(), report.retries), (2, 0), "{what}");
            assert!(bench.clock.slept().is_empty());
        }
    }
}

#[tokio::test]
async fn what_was_not_sent_is_sent_again_even_if_it_creates() {
    let mut bench = Bench::new("customers insert", 2);
    let report = bench.run(|call| if call < 12 { unsent() } else { answer(200) }).await;
    assert_eq!(report.of(Outcome::Created), 2);
    assert_eq!((report.retries, report.throttled), (12, 0));
}

#[tokio::test]
async fn a_create_that_was_throttled_or_not_sent_before_is_still_a_create() {
    // Only the last of these may have been applied.
    let mut bench = Bench::new("customers insert", 1);
    let report = bench
        .run(|call| match call {
            0 => throttled(None),
            1 => unsent(),
            2 => throttled(Some(3)),
            _ => timeout(),
        })
        .await;
    assert_eq!(report.of(Outcome::Uncertain), 1);
    assert_eq!(bench.transport_calls(), 4);
}

#[tokio::test]
async fn an_interrupt_ends_a_wait() {
    let mut bench = Bench::new("customers insert", 3);
    bench.interrupt_at_call(5);
    let report = bench.run(|_| throttled(Some(1))).await;
    assert_eq!(report.stopped.as_ref().unwrap().signal, Some(15));
    assert_eq!((report.of(Outcome::Pending), report.read()), (1, 1));
    assert_eq!(bench.transport_calls(), 6);
}

#[tokio::test]
async fn an_interrupt_between_rows_leaves_no_row_half_done() {
    let mut bench = Bench::new("customers insert", 10);
    bench.interrupt_at_call(3);
    let report = bench.run(|_| answer(200)).await;
    assert_eq!(report.stopped.as_ref().unwrap().signal, Some(15));
    assert_eq!((report.of(Outcome::Created), report.read()), (4, 4));
}
