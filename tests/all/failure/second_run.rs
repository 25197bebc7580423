//! The same input again, and an input of which little has changed.

use partnerstack_tests::server::Options;
use serde_json::json;

use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::{Row, Rows};

#[test]
fn the_same_file_makes_no_call() {
    let _limit = partnerstack_tests::limit();
    for rows in [
        Rows::transactions(0..100),
        Rows::customers("upsert", 0..100),
        Rows::customers("insert", 0..100),
        Rows::partnerships("upsert", 0..100),
        Rows::partnerships("insert", 0..100),
        Rows::deals("upsert", 0..100),
    ] {
        let desk = ProcessDesk::new(Options::default());
        desk.sync_rows(&rows).with_code(0);
        for _ in 0..2 {
            assert_eq!(desk.asks_nothing_more().rows("unchanged"), 100);
        }
        desk.exact(&rows);
    }
}

#[test]
fn the_same_update_makes_no_call() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(Options::default());
    let rows = Rows::partnerships("update", 0..50);
    rows.exist_at(&desk.server);
    desk.sync_rows(&rows).with_code(0);
    assert_eq!(desk.server.requests(), 50);
    assert_eq!(desk.asks_nothing_more().rows("unchanged"), 50);
}

#[test]
fn one_changed_row_makes_one_call() {
    let _limit = partnerstack_tests::limit();
    for (rows, field) in
        [(Rows::customers("upsert", 0..100), "name"), (Rows::partnerships("upsert", 0..100), "group_key")]
    {
        let desk = ProcessDesk::new(Options::default());
        desk.sync_rows(&rows).with_code(0);
        let before = desk.server.requests();

        let mut changed = rows.clone();
        let row = &mut changed.each[42];
        row.cells = row.cells.replace(row.sent[field].as_str().unwrap(), "changed");
        row.sent[field] = json!("changed");
        let ended = desk.sync_rows(&changed).with_code(0);
        assert_eq!((ended.rows("updated"), ended.rows("unchanged")), (1, 99));
        let calls = desk.server.calls();
        assert_eq!(calls.len() - before, 1);
        assert_eq!(calls[before].method, "PATCH");
        desk.exact(&changed);
    }
}

/// PartnerStack gives a record that was made by an upsert a key of its own, by which it is updated from then on.
#[test]
fn an_upsert_by_a_key_that_does_not_exist() {
    let _limit = partnerstack_tests::limit();
    let desk = ProcessDesk::new(Options::default());
    let mut rows = Rows::partnerships("upsert", 0..1);
    rows.settings =
        "mapping:\n  partnership_key: partner_key\n  email: email\n  group_key: group_key\n".to_owned();
    let revision = |group: &str| Row {
        cells: format!("part_00000000000000,ada@example.com,{group}"),
        label: "ada@example.com".to_owned(),
        sent: json!({"email": "ada@example.com", "group_key": group}),
    };
    let mut asked = Vec::new();
    for (group, outcome) in [("silver", "created"), ("gold", "updated"), ("platinum", "updated")] {
        rows.each = vec![revision(group)];
        let ended = desk.sync_rows(&rows).with_code(0);
        assert_eq!(ended.rows(outcome), 1, "{ended:?}");
        desk.exact(&rows);
        asked.push(desk.server.requests());
        desk.asks_nothing_more();
    }
    assert_eq!(
        asked,
        [3, 4, 5],
        "a PATCH that finds nothing, a page of the list, and a POST, then one PATCH each"
    );
    let calls = desk.server.calls();
    assert!(calls.iter().all(|call| call.body.get("partnership_key").is_none()), "{calls:#?}");
}
