//! How much of the quota is used, at latencies from 5 ms to 2 s: all of them at once, for longer than a whole window.

use std::thread;
use std::time::{Duration, Instant};

use crate::stub::{QUOTA, Stub, WINDOW};
use crate::{child, rows, say};

const LATENCIES: [u64; 4] = [5, 50, 250, 2000];
/// A window and a sixth of one.
const ROWS: u64 = 4650;

pub(crate) fn run() {
    let source = rows::transactions("quota.csv", 0..ROWS);
    let runs = LATENCIES.map(|latency| {
        let source = source.clone();
        thread::spawn(move || {
            let stub = Stub::slow(Duration::from_millis(latency));
            let ledger = child::folder().join(format!("quota-{latency}.db"));
            child::remove_ledger(&ledger);
            let ran = child::sync(&source, &ledger, &stub.base_url(), &rows::TRANSACTIONS);
            child::remove_ledger(&ledger);
            (latency, ran.report, stub.seen())
        })
    });
    for run in runs {
        let (latency, report, seen) = run.join().expect("no panic");
        let lasted = seen.last().zip(seen.first()).map(|(last, first)| last.duration_since(*first));
        let rate = (seen.len().saturating_sub(1)) as f64 / lasted.unwrap_or_default().as_secs_f64();
        let used = 100.0 * rate * WINDOW.as_secs_f64() / QUOTA as f64;
        let found = format!(
            "{used:.2} %, {} times 429, at most {} of {QUOTA} in any window",
            report["throttled"],
            peak(&seen)
        );
        say(&format!("quota used at {latency} ms"), &found, ">= 99 %, no 429");
    }
}

/// The most requests in any window.
fn peak(seen: &[Instant]) -> usize {
    let from = |first: &Instant| seen.partition_point(|other| other.duration_since(*first) < WINDOW);
    seen.iter().enumerate().map(|(place, first)| from(first) - place).max().unwrap_or_default()
}
