//! What is taken as known of a record: never more than was confirmed.

use std::time::Duration;

use partnerstack_connector::report::outcome::Outcome;
use partnerstack_tests::simulated::{Fate, Simulation};
use serde_json::{Value, json};

fn customer(name: &str) -> Vec<Value> {
    vec![json!({"customer_key": "acct-1", "email": "ada@example.com", "partner_key": "harbor", "name": name})]
}

/// The customer exists, and the first run has made it.
fn made() -> Simulation {
    let mut simulation = Simulation::new("customers upsert", customer("Old"));
    assert_eq!(simulation.run().of(Outcome::Created), 1);
    simulation
}

/// The API says that a record is not there which the ledger knows and the list shows: the update is tried again.
#[test]
fn a_404_for_a_record_that_is_listed_makes_no_second_one() {
    let _limit = partnerstack_tests::limit();
    let mut simulation = made();
    let before = simulation.server.written();
    simulation
        .server
        .fates(move |write| if write.number == before { Fate::Says(404) } else { Fate::Answered });
    simulation.rows = customer("New");
    let report = simulation.run();
    assert_eq!(report.of(Outcome::Updated), 1, "{:?}", report.reasons);
    simulation.exact("customer_key", "");
}

/// The first try was applied without an answer, the second was refused: the record may hold either value.
#[test]
fn an_update_that_may_have_been_applied_and_is_then_refused_is_not_forgotten() {
    let _limit = partnerstack_tests::limit();
    let mut simulation = made();
    let before = simulation.server.written();
    simulation.server.fates(move |write| match write.number - before {
        0 => Fate::AnswerLost,
        1 => Fate::Says(422),
        _ => Fate::Answered,
    });
    simulation.rows = customer("New");
    assert_eq!(simulation.run().of(Outcome::Rejected), 1);
    simulation.rows = customer("Old");
    let report = simulation.run();
    assert_eq!(report.of(Outcome::Updated), 1, "{:?}", report.reasons);
    simulation.exact("customer_key", "");
}

/// The answer to a create shows another value than the one that was sent: the next run tries to mend it.
#[test]
fn an_answer_that_shows_another_value_confirms_nothing() {
    let _limit = partnerstack_tests::limit();
    let mut simulation = Simulation::new("customers upsert", customer("New"));
    *simulation.server.insists.borrow_mut() = Some(("name".to_owned(), json!("Other")));
    assert_eq!(simulation.run().of(Outcome::Created), 1);
    let report = simulation.run();
    assert_eq!(report.of(Outcome::Updated), 1, "{:?}", report.reasons);
    simulation.exact("customer_key", "");
}

/// A list that lags for longer than anyone expects has made a create count as missing: that it is refused as a duplicate
/// then tells that it arrived.
#[test]
fn a_duplicate_of_a_create_that_may_have_been_applied_is_found() {
    let _limit = partnerstack_tests::limit();
    let mut simulation = Simulation::new("customers insert", customer("New"));
    simulation.server.lag.set(Duration::from_secs(3700));
    simulation.server.fates(|write| match write.number {
        0 => Fate::AnswerLost,
        _ => Fate::Says(409),
    });
    assert_eq!(simulation.run().of(Outcome::Uncertain), 1);
    simulation.clock.pass(Duration::from_hours(1));
    let report = simulation.run();
    assert_eq!(report.of(Outcome::Created), 1, "{:?}", report.reasons);
    assert_eq!(simulation.server.written(), 2);
    simulation.exact("customer_key", "");
}
