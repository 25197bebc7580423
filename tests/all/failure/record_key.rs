//! What makes two rows one record: the same key twice in a run, and a primary key that was changed between runs.

use std::time::Duration;

use partnerstack_tests::server::{Call, Options};
use serde_json::{Value, json};

use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::{Row, Rows};

/// The second row of a record is refused in an insert, and names the first.
#[test]
fn the_same_key_twice_in_an_insert() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(Options::default());
    let mut rows = Rows::transactions(1..=5);
    let cells = "inv-00002,acct-2,777,USD".to_owned();
    rows.each.insert(3, Row { cells, label: "inv-00002".to_owned(), sent: Value::Null });
    let ended = desk.sync_rows(&rows).with_code(1);
    assert_eq!((ended.rows("created"), ended.rows("invalid")), (5, 1));
    desk.exact(&rows);
    let failures = desk.failures();
    assert_eq!((failures.len(), &failures[0]["row"]), (1, &json!(4)));
    assert!(failures[0].to_string().contains("row 2"), "it does not name row 2: {}", failures[0]);
}

/// In an upsert every row is sent, in order.
#[test]
fn the_same_key_often_in_an_upsert() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(Options { latency: Duration::from_millis(20), ..Options::default() });
    let often = (0..5).flat_map(|_| [3, 7]);
    let rows = Rows::customers("upsert", 0..10).with_changes(often);
    let ended = desk.sync_rows(&rows).with_code(0);
    assert_eq!((ended.rows("created"), ended.rows("updated")), (10, 10));
    let counted = |line: &str| line.starts_with("warning: ") && line.contains("10");
    assert_eq!(ended.stderr.lines().filter(|line| counted(line)).count(), 1, "{}", ended.stderr);
    desk.exact(&rows);
    let calls = desk.server.calls();
    let names = |label: &str| -> Vec<_> {
        let applied = |call: &&Call| call.about == label && call.applied.is_some();
        calls.iter().filter(applied).map(|call| call.body["name"].clone()).collect()
    };
    let wanted = |label: &str| -> Vec<_> {
        rows.each.iter().filter(|row| row.label == label).map(|row| row.sent["name"].clone()).collect()
    };
    for label in ["acct-00003", "acct-00007"] {
        assert_eq!(names(label), wanted(label));
    }
}

#[test]
fn a_primary_key_that_was_changed() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(Options::default());
    let mut rows = Rows::transactions(0..37);
    desk.sync_rows(&rows).with_code(0);
    let before = desk.server.requests();

    let original = rows.settings.clone();
    for other in ["primary_key: total\n", "primary_key: content\n", "primary_key: [invoice_id, total]\n"] {
        rows.settings = original.replace("primary_key: invoice_id\n", other);
        desk.sync_rows(&rows).refused(&["37"]);
        assert_eq!(desk.server.requests(), before);
    }
    rows.settings = original;
    desk.lay(&rows).asks_nothing_more();
    desk.exact(&rows);
}
