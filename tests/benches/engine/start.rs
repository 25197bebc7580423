//! From the start of the process until its first request is at the server.

use std::time::Instant;

use crate::stub::Stub;
use crate::{child, median, rows, say};

const ROUNDS: u64 = 21;

pub(crate) fn run() {
    let stub = Stub::fast();
    let ledger = child::folder().join("start.db");
    let (mut new, mut known) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        child::remove_ledger(&ledger);
        for (place, times) in [&mut new, &mut known].into_iter().enumerate() {
            let number = round * 2 + u64::from(place > 0);
            let source = rows::transactions("start.csv", number..=number);
            stub.forget();
            let started = Instant::now();
            child::sync(&source, &ledger, &stub.base_url(), &rows::TRANSACTIONS);
            let first = *stub.seen().first().expect("a request");
            times.push(first.duration_since(started).as_secs_f64() * 1000.0);
        }
    }
    child::remove_ledger(&ledger);
    for (name, times) in [("new ledger", new), ("known ledger", known)] {
        say(&format!("first request, {name}"), &format!("{:.1} ms", median(times)), "<= 50 ms");
    }
}
