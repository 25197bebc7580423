//! Rows a second of the whole path, against a bare loop that sends the same to the same server.

use crate::{bare, child, median, rows, say, stub::Stub};

const ROWS: u64 = 80_000;
const ROUNDS: usize = 9;
const FLIGHTS: usize = 256;

pub(crate) fn run() {
    let stub = Stub::fast();
    let source = rows::transactions("path.csv", 0..ROWS);
    let ledger = child::folder().join("path.db");
    let flights = FLIGHTS.to_string();
    let arguments =
        [rows::TRANSACTIONS.as_slice(), &["--rate", "60000000", "--concurrency", &flights]].concat();
    let (mut ratios, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let bare = bare::time(&stub.base_url(), ROWS, FLIGHTS).as_secs_f64();
        child::remove_ledger(&ledger);
        let ran = child::sync(&source, &ledger, &stub.base_url(), &arguments);
        assert_eq!(ran.report["rows"]["created"], ROWS, "{}", ran.report);
        ratios.push(bare / ran.took.as_secs_f64());
        ours.push(ROWS as f64 / ran.took.as_secs_f64());
        theirs.push(ROWS as f64 / bare);
    }
    child::remove_ledger(&ledger);
    let found = format!("{:.2} ({:.0} rows/s of {:.0})", median(ratios), median(ours), median(theirs));
    say("whole path / bare loop", &found, ">= 0.60 (aim 0.85)");
}
