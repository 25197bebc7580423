//! The creation times that the rows of a source ask for.

use std::sync::Arc;

use crate::ledger::{Scope, Window};
use crate::source::Source;
use crate::sync::feed::pipeline::{Pipeline, Planned};
use crate::sync::settling::evidence::MARGIN;
use crate::sync::setup::job::Job;

/// A day in milliseconds: no clock is further from the server's.
const DAY: i64 = 86_400_000;
/// Fewer rows are not worth a walk of their own.
const ROWS_A_PART: u64 = 10_000;
/// More walks side by side than this are not needed to fill the quota.
const MOST_PARTS: i64 = 32;

/// The creation times among which the records are that were made of the rows of a source; with `derived`, of those whose key
/// is derived. None: all times, because a row does not say when its record is to be created.
///
/// A server that does not keep the time that a row asks for puts the time of the request in its place, which is later.
pub async fn span(job: Arc<Job>, source: Source, ledger: &Scope, derived: bool, now: i64) -> Vec<Window> {
    let mut pipeline = Pipeline::start(job, source, ledger, false);
    let (mut asked, mut rows): (Option<Window>, u64) = (None, 0);
    while let Some(batch) = pipeline.next().await {
        for planned in batch {
            match planned {
                Planned::Ready(row) if row.derived || !derived => match row.created {
                    Some(at) => {
                        let own = Window { from: at, to: at };
                        asked = Some(asked.map_or(own, |asked| asked.around(own)));
                        rows += 1;
                    }
                    None => return Vec::new(),
                },
                Planned::Broken(_) => return Vec::new(),
                _ => {}
            }
        }
    }
    windows(asked.unwrap_or(Window { from: now, to: now }), rows, now)
}

/// The time that was asked for in parts that touch and do not overlap, so many that they can be read side by side, and what
/// comes after it in one.
fn windows(asked: Window, rows: u64, now: i64) -> Vec<Window> {
    let from = asked.from.min(now).saturating_sub(MARGIN);
    let end = asked.to.max(now).saturating_add(DAY);
    let parts = i64::try_from(rows / ROWS_A_PART).unwrap_or(i64::MAX).clamp(0, MOST_PARTS);
    let last = asked.to.saturating_add(1);
    let step = last.saturating_sub(from).checked_div(parts).unwrap_or_default();
    let mut starts: Vec<i64> = vec![from];
    if step > 0 {
        starts.extend((1..parts).map(|part| from.saturating_add(step.saturating_mul(part))));
        starts.push(last);
    }
    let ends = starts.iter().skip(1).map(|next| next.saturating_sub(1)).chain([end]);
    starts.iter().zip(ends).map(|(from, to)| Window { from: *from, to }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_touch_and_leave_nothing_out() {
        for (from, to, rows, now) in
            [(0, 1_000_000, 1_000_000, 5), (0, 10, 25_000, 20_000_000), (7, 7, 1_000_000, 7), (5, 9, 3, 6)]
        {
            let parts = windows(Window { from, to }, rows, now);
            assert_eq!(parts.first().map(|part| part.from), Some(from.min(now) - MARGIN));
            assert_eq!(parts.last().map(|part| part.to), Some(to.max(now) + DAY));
            for pair in parts.windows(2) {
                assert_eq!(pair[0].to + 1, pair[1].from, "{parts:?}");
            }
            assert!(parts.iter().all(|part| part.from <= part.to), "{parts:?}");
            assert_eq!(parts.len() == 1, rows < ROWS_A_PART, "{parts:?}");
        }
    }
}
