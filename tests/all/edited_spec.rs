//! A whole object by YAML alone: the repository's spec gets a fifth object, a new field, a renamed one, a mode that was
//! forbidden and none that was allowed; then the connector is built from it, without a change in any Rust, and used.
#![cfg(test)]

mod build;

use partnerstack_tests::binary::binary;
use partnerstack_tests::server::{Fault, Kind, Moment, On, Options};
use partnerstack_tests::spec_desk::SpecDesk;
use serde_json::{Value, json};

use self::build::{command, derived};

const LEADS: &str = "id,email,partner_key,status,amount\n\
                     1,ada@example.com,gstest,open,100\n\
                     2,eve@example.com,gstest,closed won,200\n";

#[test]
fn the_overview_shows_what_was_edited() {
    let _limit = partnerstack_tests::limit();
    let command = command();
    let desk = SpecDesk::new(Options::default());
    let overview = desk.run(command, &["describe"]).with_code(0).stdout;
    for (object, modes) in [
        ("customers", ["yes", "yes", "yes"]),
        ("deals", ["yes", "yes", "yes"]),
        ("leads", ["yes", "yes", "yes"]),
        ("partnerships", ["yes", "yes", "no"]),
        ("transactions", ["yes", "no", "no"]),
    ] {
        let line = overview.lines().find(|line| line.starts_with(object)).unwrap_or_default();
        assert_eq!(line.split_whitespace().skip(1).collect::<Vec<_>>(), modes, "{overview}");
    }
    let shows = |object: &str, text: &str| {
        let shown = desk.run(command, &["describe", object]).with_code(0).stdout;
        assert!(shown.contains(text), "{object} does not show {text:?}:\n{shown}");
    };
    shows("leads", "closed won");
    shows("customers", "  phone_number  ");
    shows("deals", "Updates existing deals by deal_key.");
    shows("partnerships", "not offered: Partners join through the form of the program.");
    shows("transactions", "  product  ");
}

#[test]
fn the_reference_and_the_schemas_show_it_too() {
    let _limit = partnerstack_tests::limit();
    let command = command();
    let derived = derived();
    let page = |name: &str| {
        let found = derived.iter().find(|(file, _)| file == &format!("reference/{name}.md"));
        found.map_or_else(|| panic!("no page of {name}"), |(_, text)| text.as_str())
    };
    assert!(page("leads").contains("| `external_key` |"), "{}", page("leads"));
    assert!(page("customers").contains("| `phone_number` |"), "{}", page("customers"));
    assert!(page("transactions").contains("| `product` |"), "{}", page("transactions"));
    assert!(page("partnerships").contains("Partners join through the form of the program."));
    let row = page("README").lines().find(|line| line.contains("deals.md")).unwrap_or_default();
    assert_eq!(row.matches("yes").count() + row.matches("Yes").count(), 3, "{row}");

    let desk = SpecDesk::new(Options::default());
    let schema = desk.run(command, &["schema"]).with_code(0).stdout;
    for name in ["\"leads\"", "\"external_key\"", "\"phone_number\"", "\"product\""] {
        assert!(schema.contains(name), "the schema of sync files does not know {name}");
    }
    assert!(!schema.contains("\"product_key\""), "the schema still has what was renamed");
}

#[test]
fn a_fifth_object_can_be_rehearsed() {
    let _limit = partnerstack_tests::limit();
    let command = command();
    let desk = SpecDesk::new(Options::default());
    let args = desk.sync_args("leads upsert", LEADS, &["--primary-key", "id", "--sandbox"]);
    let ended = desk.run(command, &args).with_code(0);
    assert_eq!(ended.rows("created"), 2, "{ended:?}");
    assert_eq!(desk.server.requests(), 0, "the sandbox is inside the command");
}

#[test]
fn a_fifth_object_is_synced() {
    let _limit = partnerstack_tests::limit();
    let command = command();
    let desk = SpecDesk::new(Options::default());
    let sync =
        |rows: &str, mode: &str| desk.sync(command, &format!("leads {mode}"), rows, &["--primary-key", "id"]);
    assert_eq!(sync(LEADS, "upsert").with_code(0).rows("created"), 2);
    assert_eq!(sync(LEADS, "upsert").with_code(0).rows("unchanged"), 2);
    let keys = desk.held("leads", "external_key");
    for key in &keys {
        let derived = key.as_str().is_some_and(|key| key.starts_with("ps1_"));
        assert!(derived, "a key is derived where a row has none: {key}");
    }

    let changed = LEADS.replace("open,100", "closed lost,100");
    assert_eq!(sync(&changed, "update").with_code(0).rows("updated"), 1);
    // Both were made at the same time, in either order.
    let mut statuses = desk.held("leads", "status");
    statuses.sort_by_key(Value::to_string);
    assert_eq!(statuses, [json!("closed lost"), json!("closed won")]);
    assert_eq!(desk.held("leads", "external_key"), keys);

    let wrong = LEADS.replace("closed won", "closed wun");
    let ended = sync(&wrong, "upsert").with_code(1);
    assert_eq!(ended.rows("invalid"), 1);
    let failure = &desk.failures()[0];
    assert!(failure["errors"][0]["message"].as_str().unwrap().contains("closed won"), "{failure}");
    assert_eq!(failure["hint"], "Write one of those that `partnerstack describe leads` lists.", "{failure}");
}

#[test]
fn a_fifth_object_is_found_again_after_a_lost_answer() {
    let _limit = partnerstack_tests::limit();
    let command = command();
    for rows in [
        LEADS,
        &LEADS.replace("id,", "external_key,").replace("\n1,", "\ncrm-1,").replace("\n2,", "\ncrm-2,"),
    ] {
        let desk = SpecDesk::new(Options { faults: vec![lost_answer()], in_a_row: 1, ..Options::default() });
        let primary_key = if rows == LEADS { "id" } else { "external_key" };
        let ended = desk.sync(command, "leads insert", rows, &["--primary-key", primary_key]).with_code(0);
        assert_eq!((ended.rows("created"), ended.count("lookups") > 0), (2, true), "{ended:?}");
        assert_eq!(desk.server.records("leads").len(), 2, "found, and not sent again");
    }
}

/// Every create has its effect, and its answer gets lost.
fn lost_answer() -> Fault {
    Fault { kind: Kind::Reset, moment: Moment::After, on: On::Writes, permille: 1000 }
}

#[test]
fn a_new_mode_works() {
    let _limit = partnerstack_tests::limit();
    let desk = SpecDesk::new(Options::default());
    insert_and_update_a_deal(&desk);
    assert_eq!(desk.held("deals", "stage"), [json!("Won")]);
    let calls = desk.server.calls();
    let key = &desk.server.records("deals")[0].key;
    let last = calls.last().unwrap();
    assert_eq!((last.method.as_str(), &last.path), ("PATCH", &vec!["deals".to_owned(), key.clone()]));
    assert_eq!(last.body["stage"], "Won");
}

#[test]
fn a_derived_key_is_in_the_body_of_a_create_and_of_no_update() {
    let _limit = partnerstack_tests::limit();
    let desk = SpecDesk::new(Options::default());
    insert_and_update_a_deal(&desk);
    let calls = desk.server.calls();
    let [create, update] = calls.as_slice() else { panic!("{calls:?}") };
    assert!(
        create.body["external_key"].as_str().is_some_and(|key| key.starts_with("ps1_")),
        "{}",
        create.body
    );
    assert_eq!(update.body.get("external_key"), None, "an update gives no record another key");
}

fn insert_and_update_a_deal(desk: &SpecDesk) {
    let rows = "id,group_key,account_name,amount,close_date,contact_first_name,contact_last_name,stage\n\
                1,grp,Acme,125000,2026-03-31,Ada,L.,Qualified\n";
    let sync = |rows: &str, mode: &str| {
        desk.sync(command(), &format!("deals {mode}"), rows, &["--primary-key", "id"])
    };
    assert_eq!(sync(rows, "insert").with_code(0).rows("created"), 1);
    assert_eq!(sync(&rows.replace("Qualified", "Won"), "update").with_code(0).rows("updated"), 1);
}

#[test]
fn a_removed_mode_is_refused() {
    let _limit = partnerstack_tests::limit();
    let command = command();
    let desk = SpecDesk::new(Options::default());
    let rows = "email,partner_key\nada@example.com,p-1\n";
    desk.sync(command, "partnerships upsert", rows, &[])
        .refused(&["upsert is not offered for partnerships: Partners join through the form of the program."]);
    assert_eq!(desk.server.requests(), 0);
}

#[test]
fn a_renamed_field_is_sent_under_its_new_name() {
    let _limit = partnerstack_tests::limit();
    let command = command();
    let desk = SpecDesk::new(Options::default());
    let rows = "key,amount,currency,customer_email,product\ntxn-1,100,USD,ada@example.com,gold\n";
    desk.sync(command, "transactions insert", rows, &[]).with_code(0);
    assert_eq!(desk.held("transactions", "product"), [json!("gold")]);
    let old = ["--map", "product_key=product"];
    desk.sync(command, "transactions insert", rows, &old).refused(&["`product_key`", "`product`"]);
}

#[test]
fn a_new_optional_field_changes_no_row_that_lacks_it() {
    let _limit = partnerstack_tests::limit();
    let command = command();
    let desk = SpecDesk::new(Options::default());
    let rows = "customer_key,email,partner_key,name\na-1,ada@example.com,gstest,Ada\na-2,eve@example.com,gstest,Eve\n";
    assert_eq!(desk.sync(binary(), "customers upsert", rows, &[]).with_code(0).rows("created"), 2);
    let before = desk.server.requests();
    let ended = desk.sync(command, "customers upsert", rows, &[]).with_code(0);
    assert_eq!((ended.rows("unchanged"), desk.server.requests()), (2, before), "{ended:?}");

    let rows = "customer_key,email,partner_key,name,phone_number\n\
                a-1,ada@example.com,gstest,Ada,\n\
                a-2,eve@example.com,gstest,Eve,+49 30 1\n";
    let ended = desk.sync(command, "customers upsert", rows, &[]).with_code(0);
    assert_eq!((ended.rows("unchanged"), ended.rows("updated")), (1, 1), "{ended:?}");
    assert_eq!(desk.held("customers", "phone_number"), [Value::Null, json!("+49 30 1")]);
}
