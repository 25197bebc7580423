//! What an earlier run has left behind: records that prove what lists show, and creates that nothing else brings up.

use std::time::Duration;

use partnerstack_connector::report::outcome::Outcome;
use partnerstack_tests::simulated::{Fate, Listing, Simulation};
use serde_json::{Value, json};

fn customer(number: usize) -> Value {
    json!({"customer_key": format!("acct-{number}"), "email": format!("ada.{number}@example.com"),
           "partner_key": "harbor"})
}

/// The first create was answered, and the process died with the second on its way.
fn died(second: Fate) -> Simulation {
    let mut simulation = Simulation::new("customers insert", (0..2).map(customer).collect());
    simulation.limits.concurrency = 1;
    simulation.server.fates(move |write| if write.number == 1 { second } else { Fate::Answered });
    assert!(simulation.run_until(|server, _| server.written() > 1).is_none());
    simulation
}

/// The list shows a record of the first run that is as young as the one that it does not show, which is missing then: no
/// quarter of an hour has to pass.
#[test]
fn a_record_of_an_earlier_run_proves_what_the_list_shows() {
    let _limit = partnerstack_tests::limit();
    let mut simulation = died(Fate::NeverArrives);
    simulation.clock.pass(Duration::from_mins(3));
    let report = simulation.run();
    // The first was found where the process died before it had stored the answer.
    assert_eq!(report.of(Outcome::Created) + report.of(Outcome::Unchanged), 2, "{:?}", report.reasons);
    assert_eq!(simulation.server.written(), 3);
    simulation.exact("customer_key", "");
}

/// The row is no longer in the input: its create is looked up all the same, and counts until it is settled.
#[test]
fn a_create_whose_row_is_gone_is_looked_up() {
    let _limit = partnerstack_tests::limit();
    for second in [Fate::AnswerLost, Fate::NeverArrives] {
        let mut simulation = died(second);
        simulation.rows.pop();
        simulation.server.lists(|_| Listing::Broken);
        simulation.clock.pass(Duration::from_mins(30));
        assert_eq!(simulation.run().unsettled_before, 1, "{second:?}");
        simulation.server.lists(|_| Listing::Right);
        assert_eq!(simulation.run().unsettled_before, 0, "{second:?}");
        // If it arrived, it is known from now on; if not, it is forgotten.
        simulation.rows.push(customer(1));
        let report = simulation.run();
        let created = u64::from(second == Fate::NeverArrives);
        assert_eq!((report.of(Outcome::Created), report.failed()), (created, 0), "{:?}", report.reasons);
        simulation.exact("customer_key", &format!("{second:?}"));
    }
}

/// The clock is set back between two runs, so that the record of the first seems to be younger than it is. That a list shows
/// it proves nothing of younger ones.
#[test]
fn a_record_that_seems_younger_than_it_is_proves_nothing() {
    let _limit = partnerstack_tests::limit();
    let mut simulation = Simulation::new("customers insert", (0..2).map(customer).collect());
    simulation.limits.concurrency = 1;
    simulation.server.lag.set(Duration::from_mins(5));
    simulation.server.fates(|write| if write.number < 2 { Fate::AnswerLost } else { Fate::Answered });
    assert!(simulation.run_until(|server, _| server.written() > 0).is_none());
    simulation.clock.pass(Duration::from_mins(7));
    simulation.clock.set_by(-7 * 60_000);
    let report = simulation.run();
    assert_eq!(report.of(Outcome::Created) + report.of(Outcome::Uncertain), 2, "{:?}", report.reasons);
    simulation.settle("");
    simulation.exact("customer_key", "");
}
