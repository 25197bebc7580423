//! What is an outage and what is not, by the times at which creates leave.

use std::time::Duration;

use partnerstack_tests::simulated::{Fate, Simulation};
use serde_json::json;

/// Sixty customers, one after the other.
fn one_by_one() -> Simulation {
    let row = |number: usize| {
        json!({"customer_key": format!("acct-{number}"), "email": format!("ada.{number}@example.com"),
               "partner_key": "harbor"})
    };
    let mut simulation = Simulation::new("customers insert", (0..60).map(row).collect());
    simulation.limits.concurrency = 1;
    simulation.server.latency.set(Duration::from_millis(20));
    simulation
}

/// The time from the first create to the one with this number.
fn until(simulation: &Simulation, number: usize) -> Duration {
    let writes = simulation.server.writes();
    writes[number].at.saturating_sub(writes[0].at)
}

#[test]
fn trouble_with_answers_between_is_no_outage() {
    let _limit = partnerstack_tests::limit();
    // A refusal is an answer, too.
    for between in [Fate::Answered, Fate::Says(422)] {
        let mut simulation = one_by_one();
        simulation.server.fates(move |write| if write.number % 2 == 0 { Fate::Says(500) } else { between });
        // More fail in the end than this is about.
        simulation.run_until(|server, _| server.written() >= 60);
        assert!(until(&simulation, 59) < Duration::from_secs(4), "{between:?}: {:?}", until(&simulation, 59));
    }
}

#[test]
fn an_outage_lasts_as_long_as_the_server_asks_for() {
    let _limit = partnerstack_tests::limit();
    let mut simulation = one_by_one();
    simulation.server.fates(|write| if write.number < 28 { Fate::Away(75) } else { Fate::Answered });
    simulation.run_until(|server, _| server.written() >= 60);
    // Ten come into trouble, and some have had their turn already.
    let pauses =
        (0..59).map(|number| until(&simulation, number + 1).saturating_sub(until(&simulation, number)));
    let pauses: Vec<Duration> = pauses.collect();
    // After that each of those that try the way waits as long as it is told to.
    let waited: Vec<usize> = (0..59).filter(|place| pauses[*place].as_secs() >= 74).collect();
    assert!(waited.len() >= 2 && (9..28).contains(&waited[0]), "{waited:?}: {pauses:?}");
    assert!(pauses.iter().all(|pause| pause.as_secs() < 1 || pause.as_secs() >= 74), "{pauses:?}");
}
