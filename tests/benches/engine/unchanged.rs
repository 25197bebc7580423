//! Rows a second that are as they were, with a million records in the ledger.

use std::fs;
use std::path::PathBuf;

use crate::stub::Stub;
use crate::{child, median, rows, say};

/// How many records are in the ledger.
pub(crate) const RECORDS: u64 = 1_000_000;
const ROWS: u64 = 200_000;
const ROUNDS: usize = 5;

pub(crate) fn run() {
    let (ledger, base_url) = million();
    let source = rows::transactions("unchanged.csv", (0..ROWS).map(|number| number * (RECORDS / ROWS)));
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        let ran = child::sync(&source, &ledger, &base_url, &rows::TRANSACTIONS);
        assert_eq!(ran.report["rows"]["unchanged"], ROWS, "{}", ran.report);
        rates.push(ROWS as f64 / ran.took.as_secs_f64());
    }
    say(
        "unchanged, a million in the ledger",
        &format!("{:.0} rows/s", median(rates)),
        ">= 100000 rows/s (aim 200000)",
    );
}

/// A ledger with a million records, and where they were sent. It is kept for the next time; remove it when it no longer
/// fits.
pub(crate) fn million() -> (PathBuf, String) {
    let (ledger, made) = (child::folder().join("million.db"), child::folder().join("million.url"));
    if let Ok(base_url) = fs::read_to_string(&made) {
        return (ledger, base_url);
    }
    child::remove_ledger(&ledger);
    let stub = Stub::fast();
    let base_url = stub.base_url();
    let source = rows::transactions("million.csv", 0..RECORDS);
    let arguments = [rows::TRANSACTIONS.as_slice(), &["--rate", "60000000"]].concat();
    let ran = child::sync(&source, &ledger, &base_url, &arguments);
    assert_eq!(ran.report["rows"]["created"], RECORDS, "{}", ran.report);
    fs::write(made, &base_url).expect("a file");
    (ledger, base_url)
}
