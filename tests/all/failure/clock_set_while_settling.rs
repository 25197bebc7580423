//! This machine's clock is set, or the server's turns out to be another, while a create waits to be settled.

use std::time::Duration;

use partnerstack_connector::report::outcome::Outcome;
use partnerstack_tests::simulated::{Fate, Simulation};
use serde_json::{Value, json};

const HOUR: i64 = 3_600_000;

fn deal(number: usize) -> Value {
    json!({"external_key": format!("opp-{number}"), "group_key": "gold", "account_name": format!("Account {number}"),
           "amount": 100, "close_date": "2026-12-24", "contact_first_name": "Ada", "contact_last_name": "Lovelace",
           "stage": "Open"})
}

/// Three deals; the first has this fate.
fn first(fate: Fate) -> Simulation {
    let simulation = Simulation::new("deals insert", (0..3).map(deal).collect());
    simulation.server.fates(move |write| if write.number == 0 { fate } else { Fate::Answered });
    simulation
}

/// The run goes on: the clock is set with the create on its way, or while it waits to be looked up.
#[test]
fn in_the_middle_of_a_run() {
    let _limit = partnerstack_tests::limit();
    for fate in [Fate::AnswerLost, Fate::NeverArrives] {
        for hours in [-5, -1, 1, 5] {
            for after in [Duration::from_millis(50), Duration::from_secs(20)] {
                for dates in [true, false] {
                    let context = format!("{fate:?}, set by {hours} h after {after:?}, dates {dates}");
                    let mut simulation = first(fate);
                    simulation.server.lag.set(Duration::from_secs(30));
                    simulation.server.dates.set(dates);
                    let clock = std::rc::Rc::clone(&simulation.clock);
                    let mut set = false;
                    let report = simulation.run_until(|server, _| {
                        let first = server.first_left();
                        if !set && first.is_some_and(|left| clock.passed() >= left + after) {
                            set = true;
                            clock.set_by(hours * HOUR);
                        }
                        false
                    });
                    let report = report.unwrap();
                    assert!(set, "{context}: it has ended before");
                    assert_eq!(report.of(Outcome::Created), 3, "{context}: {:?}", report.reasons);
                    simulation.exact("external_key", &context);
                }
            }
        }
    }
}

/// The process dies with the create on its way, and the clock is set before the next run.
#[test]
fn between_two_runs() {
    let _limit = partnerstack_tests::limit();
    for fate in [Fate::AnswerLost, Fate::NeverArrives] {
        for hours in [-5, -1, 1, 5] {
            for (lag, pause) in [(1, 1), (600, 1), (600, 300), (600, 1200)] {
                let context = format!("{fate:?}, set by {hours} h, lag {lag} s, next run after {pause} s");
                let mut simulation = first(fate);
                simulation.limits.concurrency = 1;
                simulation.server.lag.set(Duration::from_secs(lag));
                assert!(simulation.run_until(|server, _| server.written() > 0).is_none());
                simulation.clock.pass(Duration::from_secs(pause));
                simulation.clock.set_by(hours * HOUR);
                simulation.settle(&context);
                simulation.exact("external_key", &context);
            }
        }
    }
}

/// The server's clock is set right between the two runs: what it made before lies where the old time says.
#[test]
fn a_server_clock_that_is_set_right_between_two_runs() {
    let _limit = partnerstack_tests::limit();
    for (hours, throttled) in [-5, -1, 1, 5].into_iter().flat_map(|hours| [(hours, true), (hours, false)]) {
        let context = format!("ahead by {hours} h, throttled: {throttled}");
        let mut simulation = Simulation::new("deals insert", (0..3).map(deal).collect());
        simulation.limits.concurrency = 1;
        simulation.limits.give_up = Duration::from_hours(1);
        simulation.server.ahead.set(hours * HOUR);
        // The first answer tells the time. All intents were written down before it; a create that is throttled is written
        // down again because it waited, too.
        simulation.server.fates(move |write| {
            if throttled && write.number == 1 { Fate::Throttled(400) } else { Fate::Answered }
        });
        let writes = if throttled { 2 } else { 1 };
        assert!(simulation.run_until(|server, _| server.written() > writes).is_none());
        assert_eq!(simulation.server.records("deals").len(), 2);
        simulation.server.ahead.set(0);
        simulation.clock.pass(Duration::from_mins(20));
        simulation.settle(&context);
        simulation.exact("external_key", &context);
    }
}

/// A record of the first run is in the list, and by this machine's clock it is hardly older than the create of the second
/// run that is not: that proves nothing.
#[test]
fn what_an_earlier_run_has_made_is_not_younger_for_a_clock_that_was_set_back() {
    let _limit = partnerstack_tests::limit();
    for minutes in [19, 60] {
        let context = format!("set back by {minutes} min");
        let mut simulation = Simulation::new("deals insert", vec![deal(0)]);
        simulation.server.lag.set(Duration::from_mins(10));
        assert_eq!(simulation.run().of(Outcome::Created), 1);
        simulation.clock.pass(Duration::from_mins(20));
        simulation.clock.set_by(-minutes * 60_000);
        simulation.rows.push(deal(1));
        simulation.server.fates(|write| if write.number == 1 { Fate::AnswerLost } else { Fate::Answered });
        let report = simulation.run();
        assert_eq!(report.of(Outcome::Uncertain), 1, "{context}: {:?}", report.reasons);
        simulation.settle(&context);
        simulation.exact("external_key", &context);
    }
}

/// The first create has no answer that would tell the server's time, so the first walk searches the wrong times, and learns
/// that from its own pages.
#[test]
fn a_server_clock_that_is_learned_on_the_way() {
    let _limit = partnerstack_tests::limit();
    for fate in [Fate::AnswerLost, Fate::NeverArrives] {
        for hours in [-30, -3, 3, 30] {
            for dies in [false, true] {
                let context = format!("{fate:?}, ahead by {hours} h, killed: {dies}");
                let mut simulation = Simulation::new("deals insert", vec![deal(0)]);
                simulation.server.fates(move |write| if write.number == 0 { fate } else { Fate::Answered });
                simulation.server.ahead.set(hours * HOUR);
                if dies {
                    assert!(simulation.run_until(|server, _| server.written() > 0).is_none());
                    // The age at which a complete walk alone proves that something is missing.
                    simulation.clock.pass(Duration::from_mins(30));
                }
                let report = simulation.run();
                if fate == Fate::AnswerLost {
                    assert_eq!(report.of(Outcome::Created), 1, "{context}: {:?}", report.reasons);
                    assert_eq!(simulation.server.written(), 1, "{context}");
                }
                simulation.settle(&context);
                simulation.exact("external_key", &context);
            }
        }
    }
}
