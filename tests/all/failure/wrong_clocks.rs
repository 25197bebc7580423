//! Clocks that disagree, and clocks that are set.

use partnerstack_tests::server::{Fault, Kind, Moment, On, Options, Skew};

use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::Rows;

const HOURS: i64 = 3_600_000;

fn lost_answers(skew: Skew) -> Options {
    let lost = Fault { kind: Kind::Reset, moment: Moment::After, on: On::Writes, permille: 150 };
    let never = Fault { kind: Kind::Error(503), moment: Moment::Before, ..lost };
    Options { seed: 10, skew, faults: vec![lost, never], ..Options::default() }
}

/// The server's clock is right in the Date header; what it made is listed by that clock.
#[test]
fn a_clock_that_is_wrong() {
    let _limit = partnerstack_tests::limit();
    for hours in [-5, 5] {
        let skew = Skew { first: hours * HOURS, ..Skew::default() };
        for rows in [Rows::customers("upsert", 0..100), Rows::transactions(0..100)] {
            let desk = ProcessDesk::new(lost_answers(skew));
            desk.sync_rows(&rows).with_code(0);
            desk.exact(&rows);
        }
    }
}

/// No answer has told the server's time yet when the first requests are lost.
#[test]
fn a_wrong_clock_that_was_not_noticed_yet() {
    let _limit = partnerstack_tests::limit();
    for hours in [-5, 5] {
        let skew = Skew { first: hours * HOURS, ..Skew::default() };
        let silence = Fault { kind: Kind::Hang, moment: Moment::After, on: On::Writes, permille: 1000 };
        let desk = ProcessDesk::new(Options { skew, faults: vec![silence], ..Options::default() });
        let rows = Rows::deals("insert", 0..20);
        let mut process = desk.lay(&rows).start(&[]);
        assert!(process.asks(&desk.server, 5));
        process.kill();
        desk.server.change(|options| options.faults.clear());
        desk.sync().with_code(0);
        desk.exact(&rows);
    }
}

/// One of the clocks is set between two runs: what the first has left open lies where the old time says.
#[test]
fn a_clock_that_is_set_between_runs() {
    let _limit = partnerstack_tests::limit();
    for hours in [-5, 5] {
        let desk = ProcessDesk::new(Options::default());
        desk.set("--rate", "3000");
        let rows = Rows::deals("insert", 0..80);
        let mut process = desk.lay(&rows).start(&[]);
        // It has learnt the time by the time that it gets no answers any more.
        assert!(process.asks(&desk.server, 25));
        let silence = Fault { kind: Kind::Hang, moment: Moment::After, on: On::Writes, permille: 1000 };
        desk.server.change(|options| options.faults.push(silence));
        assert!(process.asks(&desk.server, 10));
        process.kill();
        desk.server.change(|options| {
            options.faults.clear();
            options.skew.first = hours * HOURS;
        });
        desk.sync().with_code(0);
        desk.exact(&rows);
    }
}

/// One of the clocks is set in the middle of a run, while no answer comes.
#[test]
fn a_clock_that_is_set_in_the_middle() {
    let _limit = partnerstack_tests::limit();
    for hours in [-5, 5] {
        let skew = Skew { first: 0, after: Some(70), then: hours * HOURS };
        for rows in [Rows::customers("upsert", 0..100), Rows::deals("insert", 0..150)] {
            let silence = Fault { kind: Kind::Hang, moment: Moment::After, on: On::Writes, permille: 150 };
            let desk =
                ProcessDesk::new(Options { seed: 11, skew, faults: vec![silence], ..Options::default() });
            desk.sync_rows(&rows).with_code(0);
            desk.exact(&rows);
        }
    }
}
