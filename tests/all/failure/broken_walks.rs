//! Lists whose pages lead nowhere, and walks over them that break off.

use std::time::Duration;

use partnerstack_connector::report::outcome::Outcome;
use partnerstack_tests::simulated::{Fate, Listing, Simulation};
use serde_json::{Value, json};

fn customer(number: usize) -> Value {
    json!({"customer_key": format!("acct-{number}"), "email": format!("ada.{number}@example.com"),
           "partner_key": "harbor"})
}

/// Two customers; the first has this fate.
fn first(fate: Fate) -> Simulation {
    let simulation = Simulation::new("customers insert", (0..2).map(customer).collect());
    simulation.server.fates(move |write| if write.number == 0 { fate } else { Fate::Answered });
    simulation
}

/// No walk comes to its end: nothing counts as missing, however old it is, and the run ends. The next run, with a list
/// that is right, decides it.
#[test]
fn pages_that_never_end_decide_nothing() {
    let _limit = partnerstack_tests::limit();
    for listing in
        [Listing::Broken, Listing::StandsStill, Listing::Circles, Listing::Endless, Listing::LeadsNowhere]
    {
        for (fate, killed) in
            [(Fate::NeverArrives, false), (Fate::AnswerLost, true), (Fate::NeverArrives, true)]
        {
            let context = format!("{listing:?}, {fate:?}, killed: {killed}");
            let mut simulation = first(fate);
            // What was made is not shown as long as the pages are not right.
            simulation.server.lag.set(Duration::from_hours(100));
            simulation.server.lists(move |_| listing);
            if killed {
                simulation.limits.concurrency = 1;
                assert!(simulation.run_until(|server, _| server.written() > 0).is_none());
                simulation.clock.pass(Duration::from_hours(1));
            }
            let report = simulation.run();
            let uncertain = report.of(Outcome::Uncertain);
            assert_eq!(uncertain + report.of(Outcome::Created), 2, "{context}: {:?}", report.reasons);
            // A process that dies may have written down the second one too, which it has not sent.
            assert!(uncertain == 1 || killed && uncertain == 2, "{context}: {:?}", report.reasons);
            assert_eq!(simulation.server.written() as u64 + uncertain, 3, "{context}");
            // Pages that lead back are noticed at once, others by their number.
            let most = if listing == Listing::Endless { 10_000 } else { 40 };
            assert!(simulation.server.pages().len() < most, "{context}: {}", simulation.server.pages().len());

            simulation.server.lists(|_| Listing::Right);
            simulation.server.lag.set(Duration::from_secs(1));
            simulation.clock.pass(Duration::from_hours(1));
            let report = simulation.run();
            assert_eq!(report.failed() + report.of(Outcome::Uncertain), 0, "{context}: {:?}", report.reasons);
            simulation.exact("customer_key", &context);
        }
    }
}

/// Records so large that a page of them is more than is read: smaller pages are asked for.
#[test]
fn pages_that_are_too_large_are_asked_for_in_parts() {
    let _limit = partnerstack_tests::limit();
    let mut simulation = first(Fate::AnswerLost);
    simulation.rows.extend((2..9).map(customer));
    simulation.server.lists(|_| Listing::Heavy);
    let report = simulation.run();
    assert_eq!(report.of(Outcome::Created), 9, "{:?}", report.reasons);
    simulation.exact("customer_key", "");
}

/// The pages of the first walk are not right, those of the second are: the row is decided in this run, although nothing
/// else is done any more that could be waited for.
#[test]
fn one_broken_walk_is_not_the_last() {
    let _limit = partnerstack_tests::limit();
    for listing in [Listing::Broken, Listing::StandsStill, Listing::Circles, Listing::Endless] {
        for fate in [Fate::AnswerLost, Fate::NeverArrives] {
            for walks in [1, 4] {
                let context = format!("{listing:?} in {walks} walks, {fate:?}");
                let mut simulation = first(fate);
                simulation.limits.settle_after = Duration::ZERO;
                // A run waits for evidence for five minutes at most.
                simulation.server.latency.set(Duration::from_millis(20));
                // A page that is broken is asked for three times.
                let firsts = if listing == Listing::Broken { 3 * walks } else { walks };
                simulation.server.lists(move |first| if first <= firsts { listing } else { Listing::Right });
                let report = simulation.run();
                assert_eq!(report.of(Outcome::Created), 2, "{context}: {:?}", report.reasons);
                assert_eq!(
                    simulation.server.written(),
                    if fate == Fate::NeverArrives { 3 } else { 2 },
                    "{context}"
                );
                simulation.exact("customer_key", &context);
            }
        }
    }
}
