//! Rows a second of a dry run, against a loop that reads the same file, owns its values and writes them as JSON; and what
//! a template or a filter costs beside a plain mapping.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::rows::{Customer, Transaction};
use crate::{child, median, rows, say};

const ROWS: u64 = 1_000_000;
const ROUNDS: usize = 5;
/// A mapping, and what is added to it.
const PLAIN: &str = "object: customers\nmode: insert\nmapping:\n  email: email\n  partner_key: partner_key\n  \
                     customer_key: customer_key\n  provider_key: provider_key\n";
const NAME: &str = "  name: name\n";
const TEMPLATE: &str = "  name: {template: '{{ name }} ({{ customer_key }})'}\n";
const FILTER: &str =
    "where: {name: {not: [void, draft]}, email: {empty: false}, provider_key: {not: none}}\n";
/// No dry run calls it.
const NOWHERE: &str = "http://127.0.0.1:9/api/v2";

pub(crate) fn run() {
    let transactions = rows::transactions("million.csv", 0..ROWS);
    compare::<Transaction>("transactions", &transactions, &rows::TRANSACTIONS);
    let customers = rows::customers("million-customers.csv", ROWS);
    compare::<Customer>("customers", &customers, &rows::CUSTOMERS);
    let plain = sync_file("plain.yaml", &[NAME]);
    beside("template", &customers, &plain, &sync_file("template.yaml", &[TEMPLATE]));
    beside("filter", &customers, &plain, &sync_file("filter.yaml", &[NAME, FILTER]));
}

fn sync_file(name: &str, more: &[&str]) -> PathBuf {
    let path = child::folder().join(name);
    fs::write(&path, PLAIN.to_owned() + &more.concat()).expect("a file");
    path
}

fn beside(name: &str, source: &Path, plain: &Path, other: &Path) {
    let ledger = child::folder().join("none.db");
    let took = |file: &Path| {
        let file = file.display().to_string();
        let ran = child::sync(source, &ledger, NOWHERE, &[file.as_str(), "--dry-run"]);
        assert_eq!(ran.report["rows"]["pending"], ROWS, "{}", ran.report);
        ran.took.as_secs_f64()
    };
    let ratios: Vec<f64> = (0..ROUNDS).map(|_| took(other) / took(plain)).collect();
    let found = format!("{:.2} times", median(ratios));
    say(&format!("a million rows with a {name} / plain"), &found, "<= 1.5 times");
}

fn compare<T: Serialize + DeserializeOwned>(name: &str, source: &Path, arguments: &[&str]) {
    let ledger = child::folder().join("none.db");
    let arguments = [arguments, &["--dry-run"]].concat();
    let (mut ratios, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let mut reader = csv::Reader::from_path(source).expect("a file");
        let mut count = 0;
        for row in reader.deserialize::<T>() {
            black_box(serde_json::to_vec(&row.expect("a row")).expect("JSON"));
            count += 1;
        }
        assert_eq!(count, ROWS);
        let bare = started.elapsed().as_secs_f64();
        let ran = child::sync(source, &ledger, NOWHERE, &arguments);
        assert_eq!(ran.report["rows"]["pending"], ROWS, "{}", ran.report);
        let took = ran.took.as_secs_f64();
        ratios.push(took / bare);
        ours.push(ROWS as f64 / took);
        theirs.push(ROWS as f64 / bare);
    }
    let found = format!("{:.2} times ({:.0} rows/s of {:.0})", median(ratios), median(ours), median(theirs));
    say(&format!("a million {name} dry / bare loop"), &found, "<= 2 times");
}
