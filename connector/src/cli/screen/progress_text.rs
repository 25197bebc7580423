//! How far a sync has come, in words.

use std::collections::VecDeque;
use std::time::Duration;

use super::figures::{number, time};
use crate::report::outcome::Outcome;
use crate::source::Total;
use crate::sync::{Progress, WaitReason};

/// How far back the speed is looked at.
const MINUTE: Duration = Duration::from_mins(1);
/// Before that no time left can be told.
const SHORTEST: Duration = Duration::from_secs(2);

/// What was counted at some time.
#[derive(Clone, Copy)]
struct Mark {
    at: Duration,
    rows: u64,
    requests: u64,
}

/// The speed of a sync over its last minute.
#[derive(Default)]
pub(in crate::cli) struct Speed {
    marks: VecDeque<Mark>,
}

impl Speed {
    /// Notes how far the sync has come.
    pub(in crate::cli) fn note(&mut self, progress: &Progress<'_>) {
        let report = progress.report;
        let done = report.read().saturating_sub(report.of(Outcome::Pending));
        if self.marks.is_empty() {
            self.marks.push_back(Mark { at: Duration::ZERO, rows: 0, requests: 0 });
        }
        self.marks.push_back(Mark { at: progress.elapsed, rows: done, requests: report.requests });
        while self.marks.get(1).is_some_and(|mark| mark.at + MINUTE <= progress.elapsed) {
            self.marks.pop_front();
        }
    }

    /// What was done between the first and the last mark, and in which time.
    fn span(&self) -> Option<(Duration, u64, u64)> {
        let (first, last) = (self.marks.front()?, self.marks.back()?);
        let time = last.at.checked_sub(first.at).filter(|time| *time >= SHORTEST)?;
        Some((time, last.rows - first.rows, last.requests - first.requests))
    }

    /// Requests a minute.
    pub(in crate::cli) fn requests(&self) -> Option<u64> {
        let (time, _, requests) = self.span()?;
        Some(requests * 60_000 / u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1))
    }

    /// How long the other rows take at this speed.
    fn left(&self, total: Total) -> Option<Duration> {
        let (time, rows, _) = self.span()?;
        let left = total.rows().saturating_sub(self.marks.back()?.rows);
        // A few rows say nothing of the others: all requests may have left, and no row be done.
        let enough = self.marks.back()?.rows.saturating_mul(20) >= total.rows();
        (rows > 0 && enough).then(|| time.mul_f64(ratio(left, rows)))
    }
}

#[expect(clippy::cast_precision_loss, reason = "it is an estimate")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// `12,345 of about 100,000 rows, 4 min left`
pub(in crate::cli) fn rows(progress: &Progress<'_>, speed: &Speed) -> String {
    let read = number(progress.report.read());
    let Some(total) = progress.total else { return format!("{read} rows") };
    let about = if matches!(total, Total::About(_)) { "about " } else { "" };
    let left = match speed.left(total) {
        Some(left) if progress.waiting.is_none() => format!(", {} left", time(left)),
        _ => String::new(),
    };
    format!("{read} of {about}{} rows{left}", number(total.rows()))
}

/// The outcomes that there are, each with its count.
pub(in crate::cli) fn outcomes(progress: &Progress<'_>) -> impl Iterator<Item = (Outcome, String)> {
    let counts = Outcome::ALL.into_iter().map(|outcome| (outcome, progress.report.of(outcome)));
    counts
        .filter(|(_, count)| *count > 0)
        .map(|(outcome, count)| (outcome, format!("{} {}", outcome.name(), number(count))))
}

/// `3,998 requests a minute of 4,000`
pub(in crate::cli) fn speed(progress: &Progress<'_>, speed: &Speed) -> String {
    match speed.requests() {
        Some(requests) => format!("{} requests a minute of {}", number(requests), number(progress.quota)),
        None => format!("{} requests", number(progress.report.requests)),
    }
}

/// What the sync waits for.
pub(in crate::cli) fn waiting(waiting: WaitReason) -> String {
    match waiting {
        WaitReason::Asked(left) => format!("the API asked to wait: {} left", time(left)),
        WaitReason::Outage => {
            "the API is in trouble: one request at a time tries whether it answers again".to_owned()
        }
        WaitReason::Settling(1) => "looking up 1 unconfirmed row".to_owned(),
        WaitReason::Settling(rows) => format!("looking up {} unconfirmed rows", number(rows as u64)),
        WaitReason::Answer(silent) => format!("no answer for {}", time(silent)),
        WaitReason::Source => "waiting for rows of the source".to_owned(),
        WaitReason::Leftovers => "looking up what became of rows of earlier runs".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::counts::Report;

    fn at(seconds: u64, created: u64, total: Option<Total>, speed: &mut Speed) -> (String, String) {
        let mut report = Report::default();
        report.count_rows(Outcome::Created, created);
        report.requests = created;
        let elapsed = Duration::from_secs(seconds);
        let progress = Progress { report: &report, elapsed, total, quota: 4000, waiting: None };
        speed.note(&progress);
        (rows(&progress, speed), super::speed(&progress, speed))
    }

    #[test]
    fn the_time_left_is_told_by_the_last_minute() {
        let (mut speed, total) = (Speed::default(), Some(Total::About(20_000)));
        let told = at(1, 66, total, &mut speed);
        assert_eq!(told, ("66 of about 20,000 rows".to_owned(), "66 requests".to_owned()));
        let told = at(30, 2000, total, &mut speed);
        assert_eq!(told.0, "2,000 of about 20,000 rows, 5 min left");
        assert_eq!(told.1, "4,000 requests a minute of 4,000");
        // Nothing came through for a minute: what was before does not count.
        at(31, 2000, total, &mut speed);
        let told = at(100, 2000, total, &mut speed);
        assert_eq!(
            told,
            ("2,000 of about 20,000 rows".to_owned(), "0 requests a minute of 4,000".to_owned())
        );
        assert_eq!(at(101, 2001, None, &mut Speed::default()).0, "2,001 rows");
    }

    #[test]
    fn what_is_waited_for_is_said() {
        for (reason, text) in [
            (WaitReason::Asked(Duration::from_millis(29_100)), "the API asked to wait: 30 s left"),
            (WaitReason::Settling(1), "looking up 1 unconfirmed row"),
            (WaitReason::Settling(3), "looking up 3 unconfirmed rows"),
            (WaitReason::Answer(Duration::from_secs(40)), "no answer for 40 s"),
        ] {
            assert_eq!(waiting(reason), text);
        }
    }
}
