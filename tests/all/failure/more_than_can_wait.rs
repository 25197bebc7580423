//! More creates without an answer than may wait to be settled.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use partnerstack_connector::report::outcome::Outcome;
use partnerstack_tests::simulated::{Fate, Simulation};
use serde_json::json;

const ROWS: usize = 13_500;
/// So many may wait; besides, some are on their way, and rows are read a thousand at a time.
const MOST: usize = 10_000 + 1300;

/// Only every ninth create is answered, and the list lags by ten minutes. At most ten thousand rows wait; the others are
/// read once those are settled.
#[test]
#[ignore = "full scale"]
fn reading_stops_until_rows_are_settled() {
    let _limit = partnerstack_tests::limit();
    let row = |number: usize| json!({"key": format!("inv-{number}"), "amount": 4900, "currency": "USD", "customer_external_key": "acct-1"});
    let mut simulation = Simulation::new("transactions insert", (0..ROWS).map(row).collect());
    simulation.limits.concurrency = 64;
    simulation.limits.rate = Some(1_000_000);
    simulation.server.lag.set(Duration::from_mins(10));
    simulation.server.fates(|write| if write.number % 9 == 8 { Fate::Answered } else { Fate::AnswerLost });
    let (clock, before) = (Rc::clone(&simulation.clock), Rc::new(Cell::new(0)));
    let report = simulation.run_until(|server, _| {
        if clock.passed() < Duration::from_hours(24) + Duration::from_mins(10) {
            before.set(server.written());
        }
        false
    });
    let report = report.unwrap();
    let lost = before.get() - before.get() / 9;
    assert!((10_000..=MOST).contains(&lost), "{lost} waited");
    assert!(report.stopped.is_none() && report.of(Outcome::Created) >= 9_000, "{:?}", report.reasons);
    // The last ones are too young to be listed when the first run ends.
    let report = simulation.settle("");
    assert_eq!((report.failed(), report.read()), (0, ROWS as u64), "{:?}", report.reasons);
    assert_eq!(simulation.server.written(), ROWS);
    assert_eq!(simulation.server.records("transactions").len(), ROWS);
}
