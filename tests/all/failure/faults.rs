//! Requests that fail, before or after they have had their effect, and reads that fail, in every way.

use std::time::Duration;

use partnerstack_tests::server::{Call, Fault, Kind, Moment, On, Options};

use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::Rows;

/// Every kind of fault on so many of a thousand writes, half of them before and half of them after the effect, and on as
/// many reads. A 429 has no effect.
pub(super) fn mixed(permille: u64) -> Vec<Fault> {
    let kinds = [
        Kind::Reset,
        Kind::Hang,
        Kind::Error(500),
        Kind::Error(503),
        Kind::Truncated,
        Kind::Html,
        Kind::Empty,
    ];
    let share = permille / (2 * kinds.len() as u64);
    let of = |kind| {
        // An update is applied where its answer is a success without a body, so no such answer comes before the effect.
        let before = if kind == Kind::Empty { 0 } else { share };
        [
            Fault { kind, moment: Moment::Before, on: On::Writes, permille: before },
            Fault { kind, moment: Moment::After, on: On::Writes, permille: share },
            Fault { kind, moment: Moment::After, on: On::Reads, permille: 2 * share },
        ]
    };
    kinds.into_iter().flat_map(of).collect()
}

/// One request in ten fails in this way.
fn each_moment(kind: Kind) -> Options {
    let fault = |moment, on, permille| Fault { kind, moment, on, permille };
    let faults = vec![
        fault(Moment::Before, On::Writes, 60),
        fault(Moment::After, On::Writes, 60),
        fault(Moment::After, On::Reads, 100),
    ];
    Options { seed: 3, faults, ..Options::default() }
}

/// Every row arrives in one run, and the next one has nothing to do, unless rows take turns in changing a record.
#[track_caller]
fn arrives(options: Options, rows: &Rows) -> u64 {
    let desk = ProcessDesk::new(options);
    if rows.mode == "update" {
        rows.exist_at(&desk.server);
    }
    let ended = desk.sync_rows(rows).with_code(0);
    let failed = desk.server.calls().iter().filter(|call| call.fault.is_some()).count();
    assert!(failed * 20 > rows.each.len(), "hardly any faults: {failed}");
    desk.exact(rows);
    if !rows.repeat() {
        desk.asks_nothing_more();
    }
    ended.count("throttled")
}

#[test]
fn a_reset() {
    let _limit = partnerstack_tests::limit();
    arrives(each_moment(Kind::Reset), &Rows::transactions(0..150));
}

#[test]
fn no_answer_at_all() {
    let _limit = partnerstack_tests::limit();
    arrives(each_moment(Kind::Hang), &Rows::transactions(0..150));
}

#[test]
fn status_500() {
    let _limit = partnerstack_tests::limit();
    arrives(each_moment(Kind::Error(500)), &Rows::transactions(0..150));
}

#[test]
fn status_503() {
    let _limit = partnerstack_tests::limit();
    arrives(each_moment(Kind::Error(503)), &Rows::transactions(0..150));
}

#[test]
fn half_an_answer() {
    let _limit = partnerstack_tests::limit();
    arrives(each_moment(Kind::Truncated), &Rows::transactions(0..150));
}

#[test]
fn html() {
    let _limit = partnerstack_tests::limit();
    arrives(each_moment(Kind::Html), &Rows::transactions(0..150));
}

#[test]
fn an_empty_answer() {
    let _limit = partnerstack_tests::limit();
    arrives(each_moment(Kind::Empty), &Rows::transactions(0..150));
}

#[test]
fn status_429_with_retry_after() {
    let _limit = partnerstack_tests::limit();
    assert!(arrives(throttling(Some(1)), &Rows::transactions(0..150)) > 0);
}

#[test]
fn status_429_without_retry_after() {
    let _limit = partnerstack_tests::limit();
    assert!(arrives(throttling(None), &Rows::transactions(0..150)) > 0);
}

/// A few 429s, each of which makes everyone wait; with some resets, so that there are reads to throttle as well.
fn throttling(retry_after: Option<u64>) -> Options {
    let fault = |kind, moment, on, permille| Fault { kind, moment, on, permille };
    let kind = Kind::Throttle(retry_after);
    let faults = vec![
        fault(kind, Moment::Before, On::Writes, 30),
        fault(Kind::Reset, Moment::After, On::Writes, 40),
        fault(kind, Moment::After, On::Reads, 100),
    ];
    Options { seed: 3, faults, ..Options::default() }
}

/// Lists that cannot be read, and lists whose items cannot be told apart, do not say that a record is missing, however
/// long that goes on.
#[test]
fn lists_that_decide_nothing() {
    let _limit = partnerstack_tests::limit();
    let lost = Fault { kind: Kind::Reset, moment: Moment::After, on: On::Writes, permille: 150 };
    for kind in [Kind::Bare, Kind::Error(500)] {
        let unreadable = Fault { kind, moment: Moment::After, on: On::Reads, permille: 1000 };
        let faults = vec![lost, unreadable];
        let desk = ProcessDesk::new(Options { seed: 3, faults, in_a_row: u32::MAX, ..Options::default() });
        let rows = Rows::transactions(0..80);
        let mut process = desk.lay(&rows).start(&[]);
        process.runs_until("a lookup that could count", || looked_up_late(&desk.server.calls()));
        desk.server.change(|options| options.faults.clear());
        let ended = process.end();
        if ended.code == Some(4) {
            desk.sync().with_code(0);
        } else {
            ended.with_code(0);
        }
        desk.exact(&rows);
    }
}

/// A create lost its answer, and longer after that than `--settle-after` a list was read.
fn looked_up_late(calls: &[Call]) -> bool {
    let lost = calls.iter().filter(|call| call.writes() && call.fault.is_some()).find_map(|call| call.ended);
    let late = |call: &Call| lost.is_some_and(|lost| call.at > lost + Duration::from_secs(1));
    calls.iter().any(|call| !call.writes() && late(call))
}

fn one_in_ten() -> Options {
    Options { seed: 5, faults: mixed(140), ..Options::default() }
}

#[test]
fn an_insert_of_customers() {
    let _limit = partnerstack_tests::limit();
    arrives(one_in_ten(), &Rows::customers("insert", 0..120));
}

#[test]
fn an_update_of_customers() {
    let _limit = partnerstack_tests::limit();
    arrives(one_in_ten(), &Rows::customers("update", 0..120).with_changes((0..120).step_by(6)));
}

#[test]
fn an_upsert_of_customers() {
    let _limit = partnerstack_tests::limit();
    arrives(one_in_ten(), &Rows::customers("upsert", 0..120).with_changes((0..120).step_by(6)));
}

#[test]
fn an_insert_of_partnerships() {
    let _limit = partnerstack_tests::limit();
    arrives(one_in_ten(), &Rows::partnerships("insert", 0..120));
}

#[test]
fn an_update_of_partnerships() {
    let _limit = partnerstack_tests::limit();
    arrives(one_in_ten(), &Rows::partnerships("update", 0..120).with_changes((0..120).step_by(6)));
}

#[test]
fn an_upsert_of_partnerships() {
    let _limit = partnerstack_tests::limit();
    arrives(one_in_ten(), &Rows::partnerships("upsert", 0..120).with_changes((0..120).step_by(6)));
}

#[test]
fn an_insert_of_deals() {
    let _limit = partnerstack_tests::limit();
    arrives(one_in_ten(), &Rows::deals("insert", 0..120));
}

#[test]
fn an_upsert_of_deals() {
    let _limit = partnerstack_tests::limit();
    arrives(one_in_ten(), &Rows::deals("upsert", 0..120));
}

#[test]
fn an_insert_of_transactions() {
    let _limit = partnerstack_tests::limit();
    arrives(one_in_ten(), &Rows::transactions(0..120));
}
