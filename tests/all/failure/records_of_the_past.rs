//! Records of the past, and records that look like those of the past.

use partnerstack_tests::server::{Fault, Kind, Moment, On, Options};

use super::faults::mixed;
use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::Rows;

/// Lists go by the time that a transaction was given, not by that of the request.
#[test]
fn transactions_of_the_past() {
    let _limit = partnerstack_tests::limit();
    let lost = Fault { kind: Kind::Reset, moment: Moment::After, on: On::Writes, permille: 150 };
    let never = Fault { kind: Kind::Reset, moment: Moment::Before, ..lost };
    let desk = ProcessDesk::new(Options { seed: 8, faults: vec![lost, never], ..Options::default() });
    let rows = Rows::past_transactions(0..150);
    desk.sync_rows(&rows).with_code(0);
    desk.exact(&rows);
    desk.asks_nothing_more();
}

#[test]
fn transactions_of_the_past_with_kills() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(Options { seed: 9, faults: mixed(140), ..Options::default() });
    let rows = Rows::past_transactions(0..150);
    desk.lay(&rows);
    let ended = desk.sync_with_kills(61, 4);
    desk.delivered_by(ended);
    desk.exact(&rows);
}

/// Two months with the same customers, amounts, and currency: none of the second is taken for one of the first.
#[test]
fn a_month_that_looks_like_the_last() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(Options::default());
    let june = Rows::transactions(0..200);
    desk.sync_rows(&june).with_code(0);

    let mut july = Rows::transactions(1000..1200);
    for (row, last) in july.each.iter_mut().zip(&june.each) {
        for field in ["amount", "customer_external_key"] {
            row.sent[field] = last.sent[field].clone();
        }
        let rest = last.cells.split_once(',').unwrap().1;
        row.cells = format!("{},{rest}", row.label);
    }
    desk.server.change(|options| options.faults = mixed(140));
    desk.lay(&july);
    let ended = desk.sync_with_kills(62, 3);
    desk.delivered_by(ended);

    let mut year = june;
    year.each.extend(july.each);
    desk.exact(&year);
}
