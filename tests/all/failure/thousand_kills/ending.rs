//! The end of a scenario: runs without kills until everything is delivered, and what has to be so then.

use std::collections::BTreeMap;
use std::time::Duration;

use partnerstack_tests::process::Ended;
use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::{Row, Rows};

use super::figures::Figures;
use super::scenario::{Source, start};

/// So many runs settle everything, however bad the day.
const RUNS: usize = 6;

/// Runs until everything is delivered. From the third run on it is another day: lists no longer lag, and the source has
/// new rows, whose records prove what lists show. Returns the last rows.
pub(super) fn settle(desk: &ProcessDesk, source: Source, figures: &mut Figures) -> Rows {
    let mut outputs = Vec::new();
    for run in 0..RUNS {
        if run == 2 {
            desk.server.change(|options| options.lag = Duration::ZERO);
        }
        let rows = source.rows(3 * run.saturating_sub(1));
        let ended = start(desk, &rows).end();
        figures.ran(&ended);
        if delivered(&ended) {
            return rows;
        }
        // Lists may lag for longer than a run waits.
        desk.set("--settle-wait", "4");
        outputs.push(ended.stderr);
    }
    panic!("not delivered after {RUNS} runs: {}", outputs.join("\n"));
}

/// Whether a run delivered everything. It may leave rows uncertain, and it may give up a create that kills have cut short
/// several times, which another run delivers then; it neither gives up nor finds fault with a row.
#[track_caller]
pub(super) fn delivered(ended: &Ended) -> bool {
    assert!(matches!(ended.code, Some(0 | 1 | 4)), "{ended:?}");
    assert_eq!(ended.rows("invalid") + ended.rows("skipped"), 0, "{ended:?}");
    ended.code == Some(0)
}

/// The server has what the rows say, once; and the ledger agrees: it takes the last row of each record for unchanged,
/// and asks nobody.
#[track_caller]
pub(super) fn settled(desk: &ProcessDesk, rows: &Rows) {
    desk.exact(rows);
    let mut latest = rows.clone();
    let last: BTreeMap<String, Row> = latest.each.drain(..).map(|row| (row.label.clone(), row)).collect();
    latest.each.extend(last.into_values());
    let before = desk.server.requests();
    let ended = start(desk, &latest).end().with_code(0);
    let asked = desk.server.requests() - before;
    assert_eq!((ended.rows("unchanged"), asked), (latest.each.len() as u64, 0), "{ended:?}");
}
