//! A sync from rows to what it left behind.

use std::fs;

use crate::in_process::{Output, memory, ndjson, run};
use crate::keys::keys;
use serde_json::{Value, json};
use tempfile::TempDir;

/// What a sync left behind.
pub struct Synced {
    /// What the command printed, and its exit code.
    pub output: Output,
    /// The text of the failures file.
    pub failures_text: String,
    /// The bytes of the ledger, and of the files that belong to it.
    pub ledger: Vec<u8>,
}

/// Syncs rows from standard input; `what` is `OBJECT MODE`.
pub async fn sync(base_url: &str, what: &str, rows: &[Value]) -> Synced {
    sync_with(base_url, what, rows, &[]).await
}

/// The same with one request in flight, so that what comes after an answer comes after it.
pub async fn sync_in_turn(base_url: &str, what: &str, rows: &[Value]) -> Synced {
    sync_with(base_url, what, rows, &["--concurrency", "1"]).await
}

/// The same with more arguments.
pub async fn sync_with(base_url: &str, what: &str, rows: &[Value], more: &[&str]) -> Synced {
    sync_text(base_url, what, ndjson(rows), &[&["--format", "ndjson"], more].concat()).await
}

/// The same with rows in CSV.
pub async fn sync_csv(base_url: &str, what: &str, rows: &str) -> Synced {
    sync_text(base_url, what, rows.to_owned(), &["--format", "csv"]).await
}

async fn sync_text(base_url: &str, what: &str, rows: String, arguments: &[&str]) -> Synced {
    let folder = TempDir::new_in(memory()).unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (failures, ledger) = (path("failures.ndjson"), path("ledger.db"));
    let (object, mode) = what.split_once(' ').unwrap();
    let base = ["sync", "--object", object, "--mode", mode, "--source", "-", "--json"];
    // What a list does not show at once, it does not show.
    let places =
        ["--base-url", base_url, "--failures", &failures, "--ledger", &ledger, "--settle-after", "0"];
    let output = run(&[&base, &places[..], arguments].concat(), rows, &keys()).await;
    let failures_text = fs::read_to_string(&failures).unwrap_or_default();
    let files = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let of_ledger = files.filter(|path| path.to_str().unwrap().contains("ledger.db"));
    let ledger = of_ledger.flat_map(|path| fs::read(path).unwrap()).collect();
    Synced { output, failures_text, ledger }
}

impl Synced {
    /// The outcomes that rows had, such as `1 created, 2 invalid`.
    pub fn counts(&self) -> String {
        let report = self.output.json();
        let rows = report["rows"].as_object().unwrap().iter().filter(|(name, _)| *name != "read");
        let counted = rows.filter(|(_, count)| **count != json!(0));
        counted.map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
    }

    /// Exit code and outcomes.
    #[track_caller]
    pub fn ended(&self, code: u8, counts: &str) {
        let found = (self.output.code, self.counts());
        assert_eq!(found, (code, counts.to_owned()), "{}", self.output.stderr);
    }

    /// The run stopped for a person to act: these rows were decided, and at least one was not.
    #[track_caller]
    pub fn stopped(&self, decided: &str) {
        let (counts, pending) = (self.counts(), &self.output.json()["rows"]["pending"]);
        let expected =
            [decided, &format!("{pending} pending")].join(if decided.is_empty() { "" } else { ", " });
        assert_eq!((self.output.code, counts), (5, expected), "{}", self.output.stderr);
        assert_ne!(pending, 0);
    }

    /// The lines of the failures file, by row: rows run beside each other.
    pub fn failures(&self) -> Vec<Value> {
        let mut lines: Vec<Value> =
            self.failures_text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        lines.sort_by_key(|line| line["row"].as_u64());
        lines
    }

    /// The only line of the failures file.
    #[track_caller]
    pub fn failure(&self) -> Value {
        let mut failures = self.failures();
        assert_eq!(failures.len(), 1, "{}", self.failures_text);
        failures.remove(0)
    }

    /// Standard error has all of these words in it.
    #[track_caller]
    pub fn says(&self, words: &[&str]) {
        for words in words {
            assert!(self.output.stderr.contains(words), "`{words}` is missing in:\n{}", self.output.stderr);
        }
    }

    /// A number of the report.
    pub fn count(&self, name: &str) -> u64 {
        self.output.json()[name].as_u64().unwrap()
    }
}

/// A row that a create of customers takes, with a key of its own.
pub fn customer(number: u32) -> Value {
    let email = format!("ada.{number}@example.com");
    json!({"email": email, "partner_key": "harbor", "customer_key": format!("acct-{number}")})
}

/// Rows that a create of customers takes.
pub fn customers(count: u32) -> Vec<Value> {
    (1..=count).map(customer).collect()
}

/// A row that a create of transactions takes.
pub fn transaction(number: u32) -> Value {
    json!({"key": format!("inv-{number}"), "amount": 4900, "currency": "USD", "customer_external_key": "acct-1"})
}
