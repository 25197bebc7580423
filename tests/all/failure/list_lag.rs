//! Reads that lag behind writes.

use std::time::Duration;

use partnerstack_tests::server::{Duplicates, Fault, Kind, Moment, On, Options};

use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::Rows;

fn lagging(milliseconds: u64) -> Options {
    let lost = Fault { kind: Kind::Reset, moment: Moment::After, on: On::Writes, permille: 100 };
    let never = Fault { kind: Kind::Error(503), moment: Moment::Before, ..lost };
    Options {
        seed: 4,
        lag: Duration::from_millis(milliseconds),
        faults: vec![lost, never],
        ..Options::default()
    }
}

#[test]
fn a_record_that_is_not_listed_yet_is_not_made_again() {
    let _limit = partnerstack_tests::limit();
    for rows in [Rows::transactions(0..120), Rows::customers("upsert", 0..120), Rows::deals("insert", 0..120)]
    {
        let desk = ProcessDesk::new(lagging(700));
        desk.sync_rows(&rows).with_code(0);
        desk.exact(&rows);
    }
}

#[test]
fn a_process_that_died_leaves_records_that_are_not_listed_yet() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(lagging(800));
    let rows = Rows::partnerships("upsert", 0..150).with_changes((0..150).step_by(10));
    desk.lay(&rows);
    desk.sync_with_kills(31, 4).with_code(0);
    desk.exact(&rows);
}

/// A 404 on a record that was made just now means that it does not show yet.
#[test]
fn a_record_that_cannot_be_updated_yet_is_not_made_again() {
    let _limit = partnerstack_tests::limit();
    // Lists lag for less and for more than --settle-after.
    for milliseconds in [500, 1500] {
        let lag = Duration::from_millis(milliseconds);
        let desk = ProcessDesk::new(Options { lag, lag_on_updates: true, ..Options::default() });
        let rows = Rows::customers("upsert", 0..60).with_changes(0..30);
        desk.sync_rows(&rows).with_code(0);
        desk.exact(&rows);
    }
}

/// Lists that lag further behind than a run waits prove nothing: it makes no record again, and a run after it finds what
/// arrived and sends what did not.
#[test]
fn lists_that_lag_for_longer_than_a_run_leave_it_to_the_next() {
    let _limit = partnerstack_tests::limit();
    for duplicates in [Duplicates::Accept, Duplicates::Refuse(400), Duplicates::Refuse(409)] {
        let desk = ProcessDesk::new(Options { duplicates, ..lagging(1600) });
        let rows = Rows::transactions(0..60);
        let ended = desk.sync_rows(&rows).with_code(4);
        assert_eq!(ended.rows("created") + ended.rows("uncertain"), 60, "{ended:?}");
        desk.set("--settle-wait", "10").sync().with_code(0);
        desk.exact(&rows);
    }
}
