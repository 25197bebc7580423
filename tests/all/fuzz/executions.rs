//! Many executions of one judge, numbered, with figures.
#![expect(
    clippy::print_stdout,
    reason = "figures and the number of what failed are for the person who runs it"
)]

use std::collections::BTreeMap;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;

/// What all executions come from.
const SEED: u64 = 10;
/// So many run beside each other in a long run.
const LANES: usize = 2;
/// The longest that one may take, on a machine that does other things too.
const LONGEST: Duration = Duration::from_secs(20);
/// The most memory, in KiB, that the process of a long run may ever have had.
const MOST_MEMORY: u64 = 1 << 20;

/// What came of some executions.
#[derive(Default)]
pub(super) struct Figures {
    /// How often each kind of outcome was seen.
    kinds: BTreeMap<&'static str, u64>,
    slowest: Duration,
}

impl Figures {
    /// Every one of these kinds was seen: a generator that makes nothing but garbage tests nothing.
    #[track_caller]
    pub(super) fn saw(&self, kinds: &[&str]) {
        for kind in kinds {
            assert!(self.kinds.contains_key(kind), "none is `{kind}`: {:?}", self.kinds);
        }
    }
}

/// A few executions, for every run of the tests.
pub(super) fn short(executions: u64, judge: impl Fn(&mut Rng) -> &'static str) -> Figures {
    lane(0..executions, &judge)
}

/// As many as the environment says, with their figures on standard output.
pub(super) fn long(target: &str, judge: impl Fn(&mut Rng) -> &'static str + Sync) {
    let number = |name: &str, default| match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is no number")),
        Err(_) => default,
    };
    let (first, executions) = (number("FUZZ_FIRST", 0), number("FUZZ_EXECUTIONS", 1_000_000));
    let began = Instant::now();
    let figures = thread::scope(|scope| {
        let judge = &judge;
        let lanes: Vec<_> = (first..first + executions)
            .take(LANES)
            .map(|start| scope.spawn(move || lane((start..first + executions).step_by(LANES), judge)))
            .collect();
        let mut all = Figures::default();
        for lane in lanes {
            let Figures { kinds, slowest } = lane.join().expect("a lane has failed, see above");
            for (kind, count) in kinds {
                *all.kinds.entry(kind).or_default() += count;
            }
            all.slowest = all.slowest.max(slowest);
        }
        all
    });
    let seconds = began.elapsed().as_secs_f64();
    println!("{target}: {executions} executions in {seconds:.0} s");
    for (kind, count) in &figures.kinds {
        println!("  {count:>9}  {kind}");
    }
    println!("  the slowest took {:?}", figures.slowest);
    // Linux alone says it.
    if let Some(memory) = peak_memory() {
        println!("  the process had {} MiB at most", memory >> 10);
        assert!(memory < MOST_MEMORY, "it grows");
    }
}

fn lane(numbers: impl Iterator<Item = u64>, judge: &impl Fn(&mut Rng) -> &'static str) -> Figures {
    let mut figures = Figures::default();
    for number in numbers {
        let failure = Failure(number);
        let mut rng = Rng::with_seed(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ SEED);
        let began = Instant::now();
        *figures.kinds.entry(judge(&mut rng)).or_default() += 1;
        let took = began.elapsed();
        assert!(took < LONGEST, "it took {took:?}");
        figures.slowest = figures.slowest.max(took);
        drop(failure);
    }
    figures
}

/// Says which execution it was that panicked.
struct Failure(u64);

impl Drop for Failure {
    fn drop(&mut self) {
        if thread::panicking() {
            println!("this was execution {}: FUZZ_FIRST={} FUZZ_EXECUTIONS=1", self.0, self.0);
        }
    }
}

fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
