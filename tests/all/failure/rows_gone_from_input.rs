//! Rows that left the input while it was not known what became of them.

use partnerstack_tests::server::{Fault, Kind, Moment, On, Options};

use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::Rows;

const ROW: &str = "inv-00009";

/// A desk where nine rows have arrived, and the process was killed while it waited for the answer about a tenth, which
/// is in the input no more. Gives all ten.
fn left_behind(moment: Moment) -> (ProcessDesk, Rows) {
    let desk = ProcessDesk::new(Options::default());
    let all = Rows::transactions(0..10);
    desk.sync_rows(&Rows::transactions(0..9)).with_code(0);
    let silence = Fault { kind: Kind::Hang, moment, on: On::Writes, permille: 1000 };
    desk.server.change(|options| options.faults.push(silence));
    let mut process = desk.lay(&all).start(&[]);
    assert!(process.asks(&desk.server, 1));
    process.kill();
    desk.server.change(|options| options.faults.clear());
    desk.lay(&Rows::transactions(0..9));
    (desk, all)
}

/// It is looked up, and found.
#[test]
fn a_row_that_arrived() {
    let _limit = partnerstack_tests::limit();
    let (desk, all) = left_behind(Moment::After);
    let ended = desk.sync().with_code(0);
    assert!(ended.count("lookups") > 0, "{ended:?}");
    assert_eq!(desk.asks_nothing_more().count("unsettled_before"), 0);
    desk.lay(&all).asks_nothing_more();
    desk.exact(&all);
}

/// It is looked up and not found. Nothing can be sent again, so it is forgotten, until an input has it again.
#[test]
fn a_row_that_did_not_arrive() {
    let _limit = partnerstack_tests::limit();
    let (desk, all) = left_behind(Moment::Before);
    let ended = desk.sync().with_code(0);
    assert!(ended.count("lookups") > 0, "{ended:?}");
    assert_eq!((ended.count("unsettled_before"), ended.rows("unchanged")), (0, 9), "{ended:?}");
    desk.exact(&Rows::transactions(0..9));
    assert_eq!(desk.asks_nothing_more().count("unsettled_before"), 0);
    let ended = desk.sync_rows(&all).with_code(0);
    assert_eq!((ended.rows("created"), ended.rows("unchanged")), (1, 9));
    desk.exact(&all);
}

/// It cannot even be looked up. A person finds it, and says so.
#[test]
fn a_row_that_cannot_be_looked_up() {
    let _limit = partnerstack_tests::limit();
    let (desk, all) = left_behind(Moment::After);
    let unreadable = Fault { kind: Kind::Error(500), moment: Moment::Before, on: On::Reads, permille: 1000 };
    desk.server.change(|options| {
        options.faults.push(unreadable);
        options.in_a_row = u32::MAX;
    });
    let ended = desk.sync().with_code(4);
    assert_eq!(ended.count("unsettled_before"), 1, "{ended:?}");

    let records = desk.server.records("transactions");
    let key = &records.iter().find(|record| record.label == ROW).unwrap().key;
    desk.resolve(&[ROW, "--object", "transactions", "--arrived", "--key", key]).with_code(0);
    assert_eq!(desk.asks_nothing_more().count("unsettled_before"), 0);
    desk.lay(&all).asks_nothing_more();
    desk.exact(&all);
}
