//! The pace: the quota is filled, never exceeded in any window, and after a 429 one request goes ahead alone.
#![cfg(test)]

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use partnerstack_connector::clock::Clock;
use partnerstack_connector::http::backoff::Backoff;
use partnerstack_connector::http::pace::{Answered, Bucket, Pace};
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_mins(1);

/// A clock of the runtime, which tests let stand until everything waits.
#[derive(Clone, Copy)]
struct Paused(Instant);

impl Clock for Paused {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn epoch_milliseconds(&self) -> i64 {
        0
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> {
        tokio::time::sleep(time)
    }
}

fn paused<T>(test: impl AsyncFnOnce(Paused) -> T) -> T {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async { test(Paused(Instant::now())).await })
}

fn xorshift(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// When the next request may leave.
fn turn(bucket: &mut Bucket, now: Duration) -> Duration {
    match bucket.take(now) {
        Ok(()) => now,
        Err(time) => turn(bucket, time),
    }
}

/// The most that any window of this length holds.
fn busiest(times: &[Duration], window: Duration) -> usize {
    let (mut first, mut most) = (0, 0);
    for (last, time) in times.iter().enumerate() {
        while times[first] + window <= *time {
            first += 1;
        }
        most = most.max(last - first + 1);
    }
    most
}

#[test]
fn no_window_holds_more_than_the_quota_however_requests_come() {
    let _limit = partnerstack_tests::limit();
    for seed in 1..200_u64 {
        let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let quota = 1 + u32::try_from(xorshift(&mut random) % 8000).unwrap();
        let mut bucket = Bucket::new(quota, MINUTE);
        let (mut now, mut turns) = (Duration::ZERO, Vec::new());
        for _ in 0..3 * quota.min(3000) {
            // Rushes, trickles and long silences.
            let idle = match xorshift(&mut random) % 100 {
                0 => xorshift(&mut random) % 90_000,
                1..10 => xorshift(&mut random) % 100,
                _ => 0,
            };
            now += Duration::from_millis(idle);
            now = turn(&mut bucket, now);
            turns.push(now);
        }
        let most = busiest(&turns, MINUTE);
        assert!(most <= quota as usize, "seed {seed}: {most} of {quota}");
    }
}

#[test]
fn the_quota_is_used_to_the_percent() {
    let _limit = partnerstack_tests::limit();
    for quota in [400, 1000, 4000, 60_000] {
        let mut bucket = Bucket::new(quota, MINUTE);
        let last = (0..quota).fold(Duration::ZERO, |now, _| turn(&mut bucket, now));
        assert!(last <= MINUTE.mul_f64(1.01), "{quota} take {last:?}");
    }
}

/// Sends until `count` were sent; every request is answered after `latency` by what `answer` says of its number.
async fn run(
    pace: &Rc<Pace<Paused>>,
    clock: Paused,
    count: usize,
    latency: Duration,
    answer: fn(usize) -> Answered,
) -> Vec<Duration> {
    let sent = Rc::new(RefCell::new(Vec::new()));
    let local = tokio::task::LocalSet::new();
    for _ in 0..count {
        let (pace, sent) = (Rc::clone(pace), Rc::clone(&sent));
        local.spawn_local(async move {
            let permit = pace.ready().await;
            let number = sent.borrow().len();
            sent.borrow_mut().push(clock.now());
            tokio::time::sleep(latency).await;
            permit.answered(answer(number));
        });
    }
    local.await;
    sent.take()
}

fn pace(clock: Paused, quota: u32) -> Rc<Pace<Paused>> {
    Rc::new(Pace::new(clock, quota, MINUTE, Backoff::seeded(7)))
}

#[test]
fn at_any_latency_it_takes_what_the_quota_says() {
    let _limit = partnerstack_tests::limit();
    for latency in [5, 50, 250, 2000] {
        paused(async |clock| {
            let sent =
                run(&pace(clock, 4000), clock, 4000, Duration::from_millis(latency), |_| Answered::Otherwise)
                    .await;
            let last = *sent.last().unwrap();
            assert!(busiest(&sent, MINUTE) <= 4000);
            assert!(last <= MINUTE.mul_f64(1.01), "at {latency} ms 4,000 requests take {last:?}");
        });
    }
}

#[test]
fn after_a_429_everyone_waits_and_one_goes_ahead() {
    let _limit = partnerstack_tests::limit();
    paused(async |clock| {
        let wait = Duration::from_secs(5);
        let sent = run(&pace(clock, 4000), clock, 300, Duration::from_millis(100), |number| match number {
            100 => Answered::Throttled(Some(Duration::from_secs(5))),
            _ => Answered::Otherwise,
        })
        .await;
        let answered = sent[100] + Duration::from_millis(100);
        let before = sent.iter().filter(|time| **time <= answered).count();
        let (probe, next) = (sent[before], sent[before + 1]);
        assert!(probe >= answered + wait, "nothing leaves for five seconds: {answered:?}, then {probe:?}");
        assert!(next >= probe + Duration::from_millis(100), "the others wait for its answer");
        // What was saved up is gone: from there on it is the even pace.
        let pause = sent[before + 2].saturating_sub(next);
        assert!(pause >= Duration::from_millis(14), "{pause:?}");
    });
}

#[test]
fn a_storm_without_retry_after_backs_off_and_ends() {
    let _limit = partnerstack_tests::limit();
    paused(async |clock| {
        let sent = run(&pace(clock, 4000), clock, 60, Duration::from_millis(20), |number| match number {
            20..32 => Answered::Throttled(None),
            _ => Answered::Otherwise,
        })
        .await;
        assert_eq!(sent.len(), 60);
        // One after the other, and never two at once, as long as it lasts.
        let alone =
            sent.windows(2).skip(25).take(6).all(|pair| pair[1] >= pair[0] + Duration::from_millis(20));
        assert!(alone, "{sent:?}");
    });
}

#[test]
fn a_probe_without_an_answer_lets_another_one_try() {
    let _limit = partnerstack_tests::limit();
    paused(async |clock| {
        let pace = pace(clock, 4000);
        pace.ready().await.answered(Answered::Throttled(Some(Duration::from_secs(1))));
        // Given up by its owner.
        drop(pace.ready().await);
        assert!(clock.now() >= Duration::from_secs(1));
        pace.ready().await.answered(Answered::Otherwise);
        pace.ready().await.answered(Answered::Otherwise);
        assert!(pace.closed_for().is_none());
    });
}
