//! A create that waits for a long time between its intent and its leaving, and whose answer is lost then.

use std::time::Duration;

use partnerstack_connector::report::outcome::Outcome;
use partnerstack_tests::simulated::{Fate, Simulation};
use serde_json::json;

/// A deal and a customer: one object that can be updated, and one that cannot.
fn simulations() -> [Simulation; 2] {
    let deal = json!({"external_key": "opp-1", "group_key": "gold", "account_name": "Account", "amount": 100,
                      "close_date": "2026-12-24", "contact_first_name": "Ada", "contact_last_name": "Lovelace",
                      "stage": "Open"});
    let customer = json!({"customer_key": "acct-1", "email": "ada@example.com", "partner_key": "harbor"});
    let mut simulations =
        [Simulation::new("deals insert", vec![deal]), Simulation::new("customers insert", vec![customer])];
    for simulation in &mut simulations {
        simulation.limits.give_up = Duration::from_hours(2);
        simulation.server.lag.set(Duration::from_secs(30));
    }
    simulations
}

fn key_of(simulation: &Simulation) -> &'static str {
    if simulation.rows[0].get("external_key").is_some() { "external_key" } else { "customer_key" }
}

/// Throttled `times` for `minutes` each, and then applied without an answer.
fn throttled(simulation: &Simulation, minutes: u64, times: usize) {
    simulation.server.fates(move |write| match write.number {
        number if number < times => Fate::Throttled(minutes * 60),
        number if number == times => Fate::AnswerLost,
        _ => Fate::Answered,
    });
}

#[test]
fn the_record_is_found_where_the_run_goes_on() {
    let _limit = partnerstack_tests::limit();
    for (minutes, times) in [(6, 1), (16, 1), (41, 1), (9, 8)] {
        for mut simulation in simulations() {
            let context = format!("{times} times {minutes} minutes");
            throttled(&simulation, minutes, times);
            let report = simulation.run();
            assert_eq!(report.of(Outcome::Created), 1, "{context}: {:?}", report.reasons);
            assert_eq!(simulation.server.written(), times + 1, "{context}");
            simulation.exact(key_of(&simulation), &context);
        }
    }
}

/// The process dies with the answer on its way: all that the next one knows of the time is what was written down.
#[test]
fn the_record_is_found_by_the_next_run_where_the_process_dies() {
    let _limit = partnerstack_tests::limit();
    for (minutes, times) in [(6, 1), (16, 1), (41, 1), (9, 8)] {
        for pause in [0, 2, 20, 600] {
            for mut simulation in simulations() {
                let context = format!("{times} times {minutes} minutes, next run after {pause} minutes");
                throttled(&simulation, minutes, times);
                assert!(simulation.run_until(|server, _| server.written() > times).is_none());
                simulation.clock.pass(Duration::from_mins(pause));
                let report = simulation.settle(&context);
                assert_eq!(report.of(Outcome::Created) + report.of(Outcome::Unchanged), 1, "{context}");
                assert_eq!(simulation.server.written(), times + 1, "{context}");
                simulation.exact(key_of(&simulation), &context);
            }
        }
    }
}

/// It waited, and then it did not arrive: it is not lost either.
#[test]
fn what_did_not_arrive_is_sent_again() {
    let _limit = partnerstack_tests::limit();
    for (minutes, times) in [(6, 1), (41, 1)] {
        for mut simulation in simulations() {
            let context = format!("{times} times {minutes} minutes");
            simulation.server.fates(move |write| match write.number {
                number if number < times => Fate::Throttled(minutes * 60),
                number if number == times => Fate::NeverArrives,
                _ => Fate::Answered,
            });
            assert!(simulation.run_until(|server, _| server.written() > times).is_none());
            simulation.settle(&context);
            assert_eq!(simulation.server.written(), times + 2, "{context}");
            simulation.exact(key_of(&simulation), &context);
        }
    }
}
