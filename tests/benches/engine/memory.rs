//! The most memory that a run has in use.

use crate::unchanged::{RECORDS, million};
use crate::{child, rows, say};

pub(crate) fn run() {
    let (ledger, base_url) = million();
    for (name, count) in [("ten thousand", 10_000), ("a million", RECORDS)] {
        let source = rows::transactions("memory.csv", 0..count);
        let none = child::folder().join("none.db");
        let dry = [rows::TRANSACTIONS.as_slice(), &["--dry-run"]].concat();
        let dry = child::sync(&source, &none, &base_url, &dry).memory;
        let ran = child::sync(&source, &ledger, &base_url, &rows::TRANSACTIONS);
        assert_eq!(ran.report["rows"]["unchanged"], count, "{}", ran.report);
        for (what, memory) in [("dry", dry), ("unchanged", ran.memory)] {
            let found = format!("{:.1} MiB", memory as f64 / 1024.0);
            say(&format!("memory, {name} rows {what}"), &found, "<= 48 MiB (aim 30)");
        }
    }
}
