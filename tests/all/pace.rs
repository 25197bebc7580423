//! The pace: the quota is filled, never exceeded in any window, and after a 429 one request goes ahead alone.
#![cfg(test)]

use std::cell::RefCell;
use std::future::Future;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use partnerstack_connector::clock::Clock;
use partnerstack_connector::http::backoff::Backoff;
use partnerstack_connector::http::pace::{Answered, Bucket, Pace, SharedPace, SharedPaceOptions, Slot};
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
        1_772_323_200_000 + i64::try_from(self.now().as_millis()).unwrap()
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

/// Takes the next turn and says when that is.
fn turn(bucket: Bucket, slot: &mut Slot, now: Duration) -> Duration {
    let turn = bucket.turn(*slot, now);
    bucket.take(slot, turn);
    turn
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
        let (bucket, mut slot) = (Bucket::new(quota, MINUTE), Slot::default());
        let (mut now, mut turns) = (Duration::ZERO, Vec::new());
        for _ in 0..3 * quota.min(3000) {
            // Rushes, trickles and long silences.
            let idle = match xorshift(&mut random) % 100 {
                0 => xorshift(&mut random) % 90_000,
                1..10 => xorshift(&mut random) % 100,
                _ => 0,
            };
            now += Duration::from_millis(idle);
            now = turn(bucket, &mut slot, now);
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
        let (bucket, mut slot) = (Bucket::new(quota, MINUTE), Slot::default());
        let last = (0..quota).fold(Duration::ZERO, |now, _| turn(bucket, &mut slot, now));
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
            // It is not known at first that more than a second is usual: what has left by then is counted again, once.
            let again = if latency > 1000 { Duration::from_millis(latency) } else { Duration::ZERO };
            let most = MINUTE.mul_f64(1.01) + again;
            assert!(last <= most, "at {latency} ms 4,000 requests take {last:?}");
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

/// A server whose answers and arrivals an adversary delays, by a seed.
struct Adversary {
    random: u64,
    /// Until when everything on its way is held up.
    held_until: Duration,
    throttled_until: Duration,
}

impl Adversary {
    fn of(seed: u64) -> Self {
        let random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        Self { random, held_until: Duration::ZERO, throttled_until: Duration::ZERO }
    }

    fn below(&mut self, limit: u64) -> u64 {
        xorshift(&mut self.random) % limit
    }

    /// How long a request that leaves now is on its way, and how long its answer takes.
    fn delays(&mut self, now: Duration) -> (Duration, Duration) {
        if now >= self.held_until && self.below(1500) == 0 {
            self.held_until = now + Duration::from_millis(3000 + self.below(57_000));
        }
        // Requests overtake each other on the way by a few places.
        let way = Duration::from_millis(self.below(100)).max(self.held_until.saturating_sub(now));
        (way, Duration::from_millis(5 + self.below(200)))
    }

    fn answer(&mut self, now: Duration) -> Answered {
        if now < self.throttled_until {
            return Answered::Throttled(None);
        }
        match self.below(2000) {
            0 => {
                // What it asks for and what it means are two things.
                self.throttled_until = now + Duration::from_millis(self.below(20_000));
                let asked = [None, Some(0), Some(500), Some(3000), Some(30_000)];
                Answered::Throttled(asked[usize::try_from(self.below(5)).unwrap()].map(Duration::from_millis))
            }
            1..20 => Answered::Nothing,
            _ => Answered::Otherwise,
        }
    }
}

/// When requests arrive at an adversary, of which so many may be on their way.
fn arrivals(seed: u64, quota: u32, in_flight: usize, count: usize) -> Vec<Duration> {
    paused(async |clock| {
        let pace = pace(clock, quota);
        let adversary = Rc::new(RefCell::new(Adversary::of(seed)));
        let (arrived, left) = (Rc::new(RefCell::new(Vec::new())), Rc::new(RefCell::new(count)));
        let local = tokio::task::LocalSet::new();
        for _ in 0..in_flight {
            let (pace, adversary) = (Rc::clone(&pace), Rc::clone(&adversary));
            let (arrived, left) = (Rc::clone(&arrived), Rc::clone(&left));
            local.spawn_local(async move {
                while *left.borrow() > 0 {
                    *left.borrow_mut() -= 1;
                    let permit = pace.ready().await;
                    let (way, back) = adversary.borrow_mut().delays(clock.now());
                    tokio::time::sleep(way).await;
                    arrived.borrow_mut().push(clock.now());
                    tokio::time::sleep(back).await;
                    let answer = adversary.borrow_mut().answer(clock.now());
                    permit.answered(answer);
                }
            });
        }
        local.await;
        let mut arrived = arrived.take();
        arrived.sort_unstable();
        arrived
    })
}

#[test]
fn no_window_of_an_adversary_holds_more_than_the_quota() {
    let _limit = partnerstack_tests::limit();
    for (seed, quota, in_flight, count) in [
        (1, 4000, 16, 6000),
        (2, 4000, 256, 6000),
        (3, 4000, 4000, 6000),
        (4, 60, 256, 300),
        (5, 60, 16, 300),
    ] {
        let most = busiest(&arrivals(seed, quota, in_flight, count), MINUTE);
        assert!(most <= quota as usize, "seed {seed}, {in_flight} in flight: {most} of {quota}");
    }
}

#[test]
fn the_reserve_is_needed_for_requests_that_overtake_others_and_is_enough() {
    let _limit = partnerstack_tests::limit();
    let (bucket, mut slot) = (Bucket::new(4000, MINUTE), Slot::default());
    let late = Duration::from_millis(150);
    let mut now = Duration::ZERO;
    let mut arrived: Vec<_> = (0..4100)
        .map(|number| {
            now = turn(bucket, &mut slot, now);
            // What leaves first arrives late.
            if number < 10 { now + late } else { now }
        })
        .collect();
    arrived.sort_unstable();
    let most = busiest(&arrived, MINUTE);
    assert!((3991..=4000).contains(&most), "{most}");
}

#[test]
fn a_gate_that_is_closed_stays_closed_for_who_asks_for_more_time() {
    let _limit = partnerstack_tests::limit();
    paused(async |clock| {
        let pace = pace(clock, 4000);
        let [first, second, third] = [pace.ready().await, pace.ready().await, pace.ready().await];
        first.answered(Answered::Throttled(Some(Duration::from_secs(1))));
        second.answered(Answered::Throttled(Some(Duration::from_secs(30))));
        third.answered(Answered::Throttled(Some(Duration::from_secs(2))));
        let probe = pace.ready().await;
        assert!(clock.now() >= Duration::from_secs(30), "{:?}", clock.now());
        probe.answered(Answered::Otherwise);
        assert!(pace.closed_for().is_none());
    });
}

/// A pace that shares a file with others.
fn sharing(clock: Paused, quota: u32, file: &Path, seed: u64) -> Pace<Paused> {
    let shared = SharedPace::open(SharedPaceOptions {
        files: vec![file.to_owned()],
        host: "api.example.com:443".to_owned(),
        quotas: vec![quota],
        window: MINUTE,
        seed,
    });
    Pace::new(clock, quota, MINUTE, Backoff::seeded(7)).sharing(Some(shared))
}

#[test]
fn short_runs_one_after_the_other_have_one_quota() {
    let _limit = partnerstack_tests::limit();
    for (quota, each) in [(60, 5), (60, 1), (4000, 300)] {
        paused(async |clock| {
            let folder = tempfile::tempdir().unwrap();
            let mut sent = Vec::new();
            for _ in 0..20 {
                // A new process, which knows of the others by the file alone.
                let pace = sharing(clock, quota, &folder.path().join("pace"), 1);
                for _ in 0..each {
                    pace.ready().await.answered(Answered::Otherwise);
                    sent.push(clock.now());
                }
            }
            let most = busiest(&sent, MINUTE);
            assert!(most <= quota as usize, "{most} of {quota}");
            let even = (MINUTE / quota).saturating_mul(20 * each);
            assert!(clock.now() <= even.mul_f64(1.05), "{quota}: {:?}", clock.now());
        });
    }
}

#[test]
fn processes_side_by_side_have_one_quota_and_lose_none_of_it_when_one_dies() {
    let _limit = partnerstack_tests::limit();
    paused(async |clock| {
        let folder = tempfile::tempdir().unwrap();
        let (file, sent) = (folder.path().join("pace"), Rc::new(RefCell::new(Vec::new())));
        let local = tokio::task::LocalSet::new();
        for process in 0..4 {
            let (pace, sent) = (sharing(clock, 4000, &file, process), Rc::clone(&sent));
            local.spawn_local(async move {
                // The first dies after half a minute, in the middle of whatever it does.
                let dies = if process == 0 { MINUTE / 2 } else { 3 * MINUTE };
                while clock.now() < dies {
                    let permit = pace.ready().await;
                    sent.borrow_mut().push((clock.now(), process));
                    if clock.now() < dies {
                        permit.answered(Answered::Otherwise);
                    }
                }
            });
        }
        local.await;
        let sent = sent.take();
        let times: Vec<_> = sent.iter().map(|(time, _)| *time).collect();
        assert!(busiest(&times, MINUTE) <= 4000);
        assert!(times.len() >= 3 * 3880, "{} in three minutes", times.len());
        for process in 0..4 {
            let own = sent.iter().filter(|(_, of)| *of == process).count();
            assert!(own > 300, "process {process} sent {own}");
        }
    });
}

#[test]
fn what_one_process_is_told_to_wait_the_others_wait_too() {
    let _limit = partnerstack_tests::limit();
    paused(async |clock| {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = [1, 2].map(|seed| sharing(clock, 4000, &folder.path().join("pace"), seed));
        one.ready().await.answered(Answered::Throttled(Some(Duration::from_secs(20))));
        other.ready().await.answered(Answered::Otherwise);
        assert!(clock.now() >= Duration::from_secs(20), "{:?}", clock.now());
        // Longer than a window nobody holds the others back: a server may ask for a year.
        one.ready().await.answered(Answered::Throttled(Some(Duration::from_hours(24))));
        other.ready().await.answered(Answered::Otherwise);
        assert!(clock.now() <= Duration::from_secs(20) + MINUTE * 2, "{:?}", clock.now());
    });
}

#[test]
fn a_file_that_is_not_of_the_pace_is_left_alone() {
    let _limit = partnerstack_tests::limit();
    paused(async |clock| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pace");
        std::fs::write(&file, "a diary").unwrap();
        let pace = sharing(clock, 4000, &file, 1);
        pace.ready().await.answered(Answered::Otherwise);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "a diary");
        let missing = sharing(clock, 4000, &folder.path().join("missing/pace"), 1);
        missing.ready().await.answered(Answered::Otherwise);
    });
}
