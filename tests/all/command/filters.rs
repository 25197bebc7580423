//! Which rows a sync takes (`where`), and which texts stand for no value (`null_values`).

use serde_json::json;

use partnerstack_connector::sandbox::Sandbox;
use partnerstack_tests::desk::{Desk, Ran, faults, held, held_as, server};

const HEAD: &str = "object: customers\nmode: insert\nsource: rows.csv\nprimary_key: id\n\
                    mapping: {email: mail, partner_key: {value: gstest}, customer_key: id}\n";

/// Rows of customers with the keys a, b, c ..., with these texts in the column `State`.
fn rows(states: &[&str]) -> String {
    let keys = 'a'..='z';
    let row = |(key, state): (char, &&str)| format!("{key},{key}@example.com,\"{state}\"\n");
    format!("id,mail,State\n{}", keys.zip(states).map(row).collect::<String>())
}

async fn sync(desk: &Desk, server: &Sandbox, rows: &str, more: &str) -> Ran {
    desk.write("rows.csv", rows);
    let file = desk.write("sync.yaml", format!("{HEAD}{more}\n"));
    desk.run(&["sync", &file, "--base-url", server.base_url(), "--json"]).await
}

/// Which of these texts a condition takes, by their keys.
async fn taken(condition: &str, states: &[&str]) -> String {
    let (desk, server) = (Desk::new(), server());
    let ran = sync(&desk, &server, &rows(states), &format!("where: {{State: {condition}}}")).await;
    assert_eq!(ran.code, 0, "{condition}: {}", ran.stderr);
    let keys = held_as(&server, "customers", "customer_key").0;
    let mut keys: Vec<&str> = keys.iter().map(|key| key.as_str().unwrap()).collect();
    keys.sort_unstable();
    let rows = &ran.report()["rows"];
    let count = |name: &str| rows[name].as_u64().unwrap();
    assert_eq!(count("filtered") + count("created"), states.len() as u64, "{rows}");
    assert_eq!(count("created"), keys.len() as u64, "{rows}");
    keys.concat()
}

#[tokio::test]
async fn conditions_choose_rows() {
    let _limit = partnerstack_tests::limit();
    let states = ["paid", "Paid", "void", "", "open"];
    for (condition, keys) in [
        ("paid", "a"),
        ("[paid, open]", "ae"),
        ("{not: void}", "abde"),
        ("{not: [void, open]}", "abd"),
        ("{empty: true}", "d"),
        ("{empty: false}", "abce"),
        ("{empty: false, not: [paid, Paid]}", "ce"),
    ] {
        assert_eq!(taken(condition, &states).await, keys, "{condition}");
    }
}

#[tokio::test]
async fn numbers_and_days_are_compared_as_such() {
    let _limit = partnerstack_tests::limit();
    let numbers = ["9", "10.00", "1,000.5", "-3", "", "0.0"];
    for (condition, keys) in [
        ("{over: 9}", "bc"),
        ("{over: 0}", "abc"),
        ("{under: 0}", "d"),
        ("{over: 9, under: 1000.50}", "b"),
        ("{over: '1000.4'}", "c"),
        ("10", "b"),
        ("[9, 0]", "af"),
        ("{not: 10}", "acdef"),
    ] {
        assert_eq!(taken(condition, &numbers).await, keys, "{condition}");
    }
    // More digits than a float has.
    let long = ["9007199254740993", "9007199254740992", "9007199254740994"];
    assert_eq!(taken("{over: 9007199254740992, under: 9007199254740994}", &long).await, "a");
    assert_eq!(taken("{over: 1, decimal: ','}", &["1,5", "0,5", "1.000,00"]).await, "ac");
    assert_eq!(taken("{over: 10}", &["$1,234.56", "12.00 EUR", "(12.00)", "9'999.00"]).await, "abd");
    let days = ["2026-01-31", "2025-12-31", "2026-02-01T00:30:00+02:00", ""];
    assert_eq!(taken("{over: 2025-12-31, under: 2026-02-01}", &days).await, "a");
    assert_eq!(taken("{over: 2025-12-31, format: '%d/%m/%Y'}", &["31/12/2025", "01/01/2026"]).await, "b");
    assert_eq!(taken("true", &["TRUE", "true", "false", "1"]).await, "ab");
}

/// To take it as filtered would lose a row in silence.
#[tokio::test]
async fn what_cannot_be_compared_is_a_fault_of_the_row() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let ran = sync(&desk, &server, &rows(&["12,5", "5", "-5", "n/a"]), "where: {State: {over: 0}}").await;
    ran.ended(1, "1 created, 2 invalid, 1 filtered");
    let failures = desk.failures("sync");
    assert_eq!(faults(&failures), ["1 State where", "4 State where"]);
    assert!(failures[0]["message"].as_str().unwrap().contains("decimal: ','"), "{}", failures[0]);
    // Another condition that fails decides.
    let more = "where: {State: {over: 0}, id: {not: [a, d]}}";
    sync(&desk, &server, &rows(&["12,5", "5", "-5", "n/a"]), more).await.ended(0, "1 unchanged, 3 filtered");
    let ran =
        sync(&desk, &server, &rows(&["12/31/26", "2026-13-01"]), "where: {State: {over: 2025-12-31}}").await;
    ran.ended(1, "2 invalid");
}

#[tokio::test]
async fn rows_that_are_filtered_are_counted_and_nothing_else() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = rows(&["paid", "void", "open"]).replace("b@example.com", "nobody");
    let more = "where: {State: paid}";
    desk.write("rows.csv", &rows);
    let file = desk.write("sync.yaml", format!("{HEAD}{more}\n"));
    let dry = desk.run(&["sync", &file, "--dry-run", "--json"]).await;
    dry.ended(0, "1 pending, 2 filtered");
    assert_eq!(dry.report()["rows"]["read"], 3);
    let ran = sync(&desk, &server, &rows, more).await;
    ran.ended(0, "1 created, 2 filtered");
    ran.says(&["filtered             2  not taken by `where`, nothing sent"]);
    assert!(!ran.stderr.contains("feed no field"), "a column of `where` is of use: {}", ran.stderr);
    assert_eq!(server.requests(), 1);
    let history = desk.run(&["history", "c", "--object", "customers", "--base-url", server.base_url()]).await;
    assert!(!history.stdout.contains("created"), "{}", history.stdout);
    let file = desk.path("sync.yaml");
    let verified = desk.run(&["verify", &file, "--adopt", "--json", "--base-url", server.base_url()]).await;
    assert_eq!(verified.code, 0, "{}", verified.stderr);
    assert!(verified.stdout.contains("\"filtered\":2"), "{}", verified.stdout);
}

#[tokio::test]
async fn json_records_are_filtered_by_what_lies_inside() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "{\"id\": 1, \"mail\": \"a@example.com\", \"plan\": {\"paid\": true, \"seats\": 3}}\n\
                {\"id\": 2, \"mail\": \"b@example.com\", \"plan\": {\"paid\": false, \"seats\": 3}}\n\
                {\"id\": 3, \"mail\": \"c@example.com\", \"plan\": null}\n\
                {\"id\": 4, \"mail\": \"d@example.com\", \"plan\": {\"paid\": true, \"seats\": 2.5}}\n";
    let more = "format: ndjson\nwhere: {plan.paid: true, plan.seats: {over: 2.5}, plan.seat: {empty: true}}";
    let ran = sync(&desk, &server, rows, more).await;
    ran.ended(0, "1 created, 3 filtered");
    ran.says(&["warning: no row had `plan.seat`: is it spelt right?"]);
    assert!(!ran.stderr.contains("`plan` feeds no field"), "{}", ran.stderr);
}

#[tokio::test]
async fn a_faulty_condition_starts_nothing() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    for (condition, words) in [
        ("{Stat: paid}", &["sync.yaml:6:9", "the column `Stat`", "did you mean `State`?"][..]),
        ("{State: {ovr: 0}}", &["sync.yaml:6:17", "ovr"]),
        ("{State: {over: soon}}", &["sync.yaml:6:17", "write a number such as 0"]),
        ("{State: {over: 2026-01-01T00:00}}", &["sync.yaml:6:17", "a day such as 2026-12-31"]),
        ("{State: {over: 0, format: '%d/%m/%Y'}}", &["sync.yaml:6:17", "`format` without a day"]),
        ("{State: {over: 2026-01-01, format: '%d/%m'}}", &["no date format"]),
        ("{State: {under: 2026-01-01, decimal: ','}}", &["`decimal` without a number"]),
        ("{State: {over: 0, decimal: ';'}}", &["no decimal mark"]),
        ("{State: {}}", &["says nothing"]),
        ("{State: []}", &["an empty list"]),
        ("{State: [[paid]]}", &["sync.yaml:6:17"]),
        ("{State: null}", &["sync.yaml:6:16"]),
    ] {
        let ran = sync(&desk, &server, &rows(&["paid"]), &format!("where: {condition}")).await;
        assert_eq!(ran.code, 2, "{condition}: {}", ran.stderr);
        for words in words {
            assert!(ran.stderr.contains(words), "{condition}: {words}: {}", ran.stderr);
        }
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn null_values_are_no_values() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "id,mail,name\na,a@example.com,NULL\nb,b@example.com,\\N\nc,c@example.com,null\nNULL,d@example.com,D\n\
                e,0,E\nf,f@example.com,-\n";
    let head = HEAD.replace("customer_key: id", "customer_key: id, name: name");
    desk.write("rows.csv", rows);
    let file = desk.write("sync.yaml", format!("{head}null_values: [NULL, \"\\\\N\", '-', 0]\n"));
    let ran = desk.run(&["sync", &file, "--base-url", server.base_url(), "--json"]).await;
    ran.ended(1, "4 created, 2 invalid");
    assert_eq!(faults(&desk.failures("sync")), ["4 id required", "5 email required"]);
    assert_eq!(
        held(&server, "customers", &["customer_key", "name"]),
        [
            [json!("a"), json!(null)],
            [json!("b"), json!(null)],
            [json!("c"), json!("null")],
            [json!("f"), json!(null)],
        ]
    );
    // In JSON, and by name.
    let rows = "{\"email\": \"g@example.com\", \"customer_key\": \"g\", \"name\": \"NULL\", \"partner_key\": \"gstest\"}\n\
                {\"email\": \"h@example.com\", \"customer_key\": \"h\", \"name\": \"\", \"partner_key\": \"gstest\"}\n\
                {\"email\": \"NULL\", \"customer_key\": \"i\", \"partner_key\": \"gstest\"}\n";
    desk.write("rows.ndjson", rows);
    let file = desk.write(
        "json.yaml",
        "object: customers\nmode: insert\nsource: rows.ndjson\nnull_values: [NULL]\n\
         where: {email: {empty: false}}\n",
    );
    let ran = desk.run(&["sync", &file, "--base-url", server.base_url(), "--json"]).await;
    ran.ended(0, "2 created, 1 filtered");
    assert!(held_as(&server, "customers", "email").0.contains(&json!("h@example.com")));
}
