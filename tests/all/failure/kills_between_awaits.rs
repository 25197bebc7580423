//! Killed at every step of the way of a row, in a server whose lists lag, and started again until done.

use std::time::Duration;

use partnerstack_tests::server::Random;
use partnerstack_tests::simulated::{Fate, Simulation, Write};
use serde_json::json;

/// Lists lag behind writes for so many seconds.
const LAGS: [u64; 5] = [1, 20, 90, 300, 600];
/// Pauses between a kill and the next run, in seconds.
const PAUSES: [u64; 5] = [0, 5, 70, 400, 1000];

fn transactions() -> Simulation {
    let row = |number: u32| {
        json!({"key": format!("inv-{number}"), "amount": 4900 + number, "currency": "USD",
               "customer_external_key": "acct-1"})
    };
    Simulation::new("transactions insert", (0..3).map(row).collect())
}

fn deals() -> Simulation {
    let row = |number: u32| {
        json!({"external_key": format!("opp-{number}"), "group_key": "gold", "account_name": format!("Account {number}"),
               "amount": 100 + number, "close_date": "2026-12-24", "contact_first_name": "Ada",
               "contact_last_name": "Lovelace", "stage": "Open"})
    };
    Simulation::new("deals insert", (0..3).map(row).collect())
}

/// One of them exists, with other values; one comes twice.
fn customers() -> Simulation {
    let row = |number: u32, name: &str| {
        json!({"customer_key": format!("acct-{number}"), "email": format!("ada.{number}@example.com"),
               "partner_key": "harbor", "name": name})
    };
    let simulation = Simulation::new("customers upsert", (0..3).map(|number| row(number, "New")).collect());
    let mut before = row(1, "Old");
    (before["key"], before["created_at"]) = (json!("cus_1"), json!(1_700_000_000_000_i64));
    simulation.server.put("customers", before);
    simulation
}

fn partnerships() -> Simulation {
    let row = |number: u32| json!({"partnership_key": format!("part_{number}"), "group_key": "new"});
    let simulation = Simulation::new("partnerships update", (0..3).map(row).collect());
    for number in 0..3 {
        let key = format!("part_{number}");
        let before = json!({"key": key, "partnership_key": key, "email": format!("{number}@example.com"),
                            "group_key": "old", "created_at": 1_700_000_000_000_i64});
        simulation.server.put("partnerships", before);
    }
    simulation
}

/// What befalls each try of a record: most are answered.
fn fates(seed: u64) -> impl Fn(&Write) -> Fate {
    move |write| {
        let mut random = Random::of(seed, &format!("{} {}", write.path, write.body));
        // A try of the same later on fares better or worse.
        match (random.number().wrapping_add(write.number as u64)) % 8 {
            0 => Fate::AnswerLost,
            1 => Fate::NeverArrives,
            2 => Fate::Throttled(3),
            _ => Fate::Answered,
        }
    }
}

/// Kills a sync at each step of its run, a second time at a random one, and runs it until it is done. Each seed is another
/// server.
fn kill(begin: fn() -> Simulation, key: &str, seeds: std::ops::Range<u64>) {
    let mut kills = 0;
    for seed in seeds {
        for step in 1.. {
            let mut random = Random::new(seed * 1000 + step as u64);
            let mut pick =
                |of: &[u64]| Duration::from_secs(of[usize::try_from(random.number() % 5).unwrap()]);
            let (lag, pauses) = (pick(&LAGS), [pick(&PAUSES), pick(&PAUSES)]);
            let (outlive, second) = (random.below(2) == 0, random.below(40));
            let context = format!(
                "seed {seed}, killed at steps {step} and {second}, lag {lag:?}, requests outlive it: {outlive}, {pauses:?}"
            );
            let mut simulation = begin();
            simulation.limits.concurrency = if seed.is_multiple_of(2) { 1 } else { 256 };
            simulation.server.lag.set(lag);
            simulation.server.outlive.set(outlive);
            simulation.server.fates(fates(seed));
            if simulation.run_until(|_, polls| polls == step).is_some() {
                break;
            }
            simulation.clock.pass(pauses[0]);
            let second_run = simulation.run_until(|_, polls| polls as u64 == second);
            assert_eq!(second_run.map_or(0, |report| report.failed()), 0, "{context}");
            simulation.clock.pass(pauses[1]);
            let report = simulation.settle(&context);
            assert_eq!(report.failed(), 0, "{context}: {:?}", report.reasons);
            simulation.exact(key, &context);
            kills += 1;
        }
    }
    assert!(kills > 80, "it was killed {kills} times");
}

#[test]
fn an_insert_of_transactions() {
    let _limit = partnerstack_tests::limit();
    kill(transactions, "key", 0..6);
}

#[test]
fn an_insert_of_deals() {
    let _limit = partnerstack_tests::limit();
    kill(deals, "external_key", 0..6);
}

#[test]
fn an_upsert_of_customers() {
    let _limit = partnerstack_tests::limit();
    kill(customers, "customer_key", 0..2);
}

#[test]
fn an_update_of_partnerships() {
    let _limit = partnerstack_tests::limit();
    kill(partnerships, "partnership_key", 0..6);
}
