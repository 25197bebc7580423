//! Judges when requests came: the quota in every sliding window, and the gate after a 429.

use std::time::Duration;

use crate::server::{Call, peak};

/// What arrives may be nearer together than what was sent, on a machine that is busy with other things.
const JITTER: Duration = Duration::from_millis(60);

/// The windows in which more requests came than the quota allows, each with the most that came and the most that may.
/// In a whole minute that is the quota; in less, it is what leaves at the pace, and a burst of at most 0.5 %.
pub fn over_quota(calls: &[Call], per_minute: u64) -> Vec<(Duration, usize, usize)> {
    let windows = [250, 1000, 2000, 5000, 10_000, 60_000].map(Duration::from_millis);
    let burst = per_minute.div_ceil(200);
    let allowed = |window: Duration| {
        let paced = (per_minute - burst) * u64::try_from((window + JITTER).as_millis()).unwrap() / 60_000;
        usize::try_from((paced + burst + 1).min(per_minute)).unwrap()
    };
    let judged = windows.map(|window| (window, peak(calls, window), allowed(window)));
    judged.into_iter().filter(|(_, came, allowed)| came > allowed).collect()
}

/// How much of the quota was used from the first request to the last, in tenths of a percent.
pub fn use_of_quota(calls: &[Call], per_minute: u64) -> u128 {
    let [first, .., last] = calls else { panic!("too few requests") };
    let paced = u128::try_from(calls.len() - 1).unwrap() * 60_000_000;
    paced * 1000 / (u128::from(per_minute) * last.at.saturating_sub(first.at).as_micros())
}

/// What came through the gate although it was shut. A 429 shuts it: what has left by then may still come (for as long as
/// `slack`), then nothing comes for the pause; then requests come one at a time, until one is answered otherwise.
pub fn through_the_gate(calls: &[Call], pause: Duration, slack: Duration) -> Vec<String> {
    let mut found = Vec::new();
    let shut = calls.iter().filter(|call| call.status == Some(429)).filter_map(|call| call.ended).min();
    let shut = shut.expect("a 429");
    let mut behind = calls.iter().filter(|call| call.at > shut + slack).peekable();
    if let Some(first) = behind.peek()
        && first.at < shut + pause
    {
        found.push(format!(
            "{:?} after the gate was shut for {pause:?}: {first:?}",
            first.at.saturating_sub(shut)
        ));
    }
    while let Some(probe) = behind.next() {
        let ended = probe.ended.unwrap_or(probe.at);
        if let Some(next) = behind.peek().filter(|next| next.at < ended) {
            found.push(format!("beside the one that tries the gate: {probe:?} and {next:?}"));
        }
        if probe.status.is_some_and(|status| status != 429) {
            break;
        }
    }
    found
}
