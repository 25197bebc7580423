//! `partnerstack verify`: whether the rows of a sync and the records of the API are equal, field by field, and nothing is
//! written but what was asked for.

use std::fs;

use partnerstack_connector::sandbox::{Duplicates, Options, Sandbox};
use partnerstack_connector::sync::Interrupt;
use partnerstack_tests::desk::{Desk, Ran, server_with, table};
use partnerstack_tests::server::{self, Server};
use serde_json::{Value, json};

const TRANSACTIONS: &str = "object: transactions\nmode: insert\nprimary_key: id\nsource: rows.csv\n";
const CUSTOMERS: &str = "object: customers\nmode: upsert\nsource: rows.csv\n";
const HEADER: &str = "id,amount,currency,customer_external_key,created_at,metadata.plan";
/// A day in milliseconds.
const DAY: usize = 86_400_000;
/// The first of the year 2026.
const FIRST: usize = 1_767_225_600_000;

/// A server that takes every row a second time without a word.
fn server() -> Sandbox {
    server_with(Options { duplicates: Duplicates::Accept, ..Options::default() })
}

/// One a day.
fn payments(count: usize) -> String {
    table(HEADER, count, |row| format!("INV-{row},{},USD,a-1,{},pro", row + 100, FIRST + row * DAY))
}

async fn run(desk: &Desk, base_url: &str, command: &str, settings: &str, rows: &str, flags: &[&str]) -> Ran {
    desk.write("rows.csv", rows);
    let file = desk.write("nightly.yaml", settings);
    let fast = if command == "sync" { &["--rate", "600000"][..] } else { &[] };
    desk.run(&[&[command, &file, "--base-url", base_url, "--json"], fast, flags].concat()).await
}

/// The line of JSON, after a look at its sum.
#[track_caller]
fn line(ran: &Ran) -> Value {
    let line: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let rows = line["rows"].as_object().unwrap();
    let sum: u64 = rows.iter().skip(1).map(|(_, count)| count.as_u64().unwrap()).sum();
    assert_eq!(rows["read"], sum, "{line}");
    assert_eq!(line["equal"], ran.code == 0, "{line}");
    line
}

/// Exit code, and what became of the rows.
#[track_caller]
fn verified(ran: &Ran, code: u8, counts: &str) {
    let line = line(ran);
    let rows = line["rows"].as_object().unwrap();
    let counted = rows.iter().skip(1).filter(|(_, count)| **count != json!(0));
    let counted: Vec<String> = counted.map(|(name, count)| format!("{count} {name}")).collect();
    assert_eq!((ran.code, counted.join(", ").as_str()), (code, counts), "{}", ran.stderr);
}

/// The lines of the file of differences, without what the system made.
fn differences(desk: &Desk, name: &str) -> Vec<String> {
    let text = fs::read_to_string(desk.path(name)).unwrap();
    let line = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let names: Vec<&str> = line["fields"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let records = line["records"].as_array().unwrap().len();
        format!(
            "{} {} {} {records} [{}]",
            line["finding"].as_str().unwrap(),
            line["row"],
            line["key"],
            names.join(" ")
        )
    };
    text.lines().map(line).collect()
}

#[tokio::test]
async fn what_is_equal_and_what_is_not() {
    let _limit = partnerstack_tests::limit();
    // More than a page.
    let (desk, server, rows) = (Desk::new(), server(), payments(300));
    let (url, path) = (server.base_url().to_owned(), desk.path("differences.ndjson"));
    run(&desk, &url, "sync", TRANSACTIONS, &rows, &[]).await.ended(0, "300 created");
    let (before, files) = (server.requests(), desk.files());
    let ran = run(&desk, &url, "verify", TRANSACTIONS, &rows, &[]).await;
    verified(&ran, 0, "300 equal");
    let found = line(&ran);
    assert_eq!((&found["not_in_source"], &found["outside"]), (&json!(0), &json!(0)), "{found}");
    assert_eq!(found["not_compared"], json!({"metadata": 300}));
    assert_eq!((server.requests() - before, desk.files()), (2, files), "it only reads");

    // One has another amount and another time, one is gone, two are new, one is faulty.
    let changed = rows
        .replace("INV-7,107,", "INV-7,108,")
        .replace(
            &format!("INV-8,108,USD,a-1,{}", FIRST + 8 * DAY),
            &format!("INV-8,108,USD,a-1,{}", FIRST + 8 * DAY + 5000),
        )
        .replace(&format!("INV-9,109,USD,a-1,{},pro\n", FIRST + 9 * DAY), "");
    let more = format!("{changed}\nINV-x,1,USD,a-1,{FIRST},pro\nINV-y,1.5,USD,a-1,{FIRST},pro");
    let ran = run(&desk, &url, "verify", TRANSACTIONS, &more, &["--differences", &path]).await;
    verified(&ran, 1, "297 equal, 2 different, 1 missing, 1 invalid");
    let found = line(&ran);
    assert_eq!(
        (&found["not_in_source"], &found["differing"]),
        (&json!(1), &json!({"amount": 1, "created_at": 1}))
    );
    assert_eq!(found["differences"], path);
    let mut told = differences(&desk, "differences.ndjson");
    told.sort();
    assert_eq!(
        told,
        [
            "different 8 \"INV-7\" 1 [amount]",
            "different 9 \"INV-8\" 1 [created_at]",
            "invalid 301 null 0 [amount]",
            "missing 300 \"INV-x\" 0 []",
            "not_in_source null null 1 []",
        ]
    );
    assert_eq!(server.count("transactions"), 300);
    ran.says(&[
        "amount differs in 1 row",
        "1 of the list's records are in no row",
        "not compared, because the list does not show them: metadata",
    ]);
}

#[tokio::test]
async fn what_is_there_twice_or_at_another_time() {
    let _limit = partnerstack_tests::limit();
    let (desk, server, rows) = (Desk::new(), server(), payments(5));
    let url = server.base_url().to_owned();
    run(&desk, &url, "sync", TRANSACTIONS, &rows, &[]).await.ended(0, "5 created");
    // A second ledger knows nothing, and the server takes it.
    let twice = rows.lines().take(2).collect::<Vec<_>>().join("\n");
    let other = desk.path("other.db");
    run(&desk, &url, "sync", TRANSACTIONS, &twice, &["--ledger", &other]).await.ended(0, "1 created");
    let ran =
        run(&desk, &url, "verify", TRANSACTIONS, &rows, &["--differences", &desk.path("d.ndjson")]).await;
    verified(&ran, 1, "4 equal, 1 twice");
    assert_eq!(differences(&desk, "d.ndjson"), ["twice 1 \"INV-0\" 2 []"]);

    // The second and third day alone: what is before and after is none of this source's.
    let part = format!("{HEADER}\n{}", rows.lines().skip(3).take(2).collect::<Vec<_>>().join("\n"));
    let ran = run(&desk, &url, "verify", TRANSACTIONS, &part, &[]).await;
    verified(&ran, 0, "2 equal");
    assert_eq!(line(&ran)["not_in_source"], 0);
    // Of some of the rows it is not known what the others have.
    let limited = format!("{TRANSACTIONS}limit: 2\n");
    let ran = run(&desk, &url, "verify", &limited, &payments(5), &[]).await;
    assert_eq!(line(&ran)["not_in_source"], Value::Null);
    // Filtered rows do not count.
    let filtered = format!("{TRANSACTIONS}where: {{id: INV-3}}\n");
    verified(&run(&desk, &url, "verify", &filtered, &rows, &[]).await, 0, "1 equal, 4 filtered");
}

#[tokio::test]
async fn of_rows_of_one_record_the_last_counts_where_it_can_be_changed() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let url = server.base_url().to_owned();
    let rows = "customer_key,email,partner_key,name\n\
                c-1,ada@example.com,gstest,Old\n\
                c-2,eve@example.com,gstest,Eve\n\
                c-1,ADA@example.com,gstest,New\n";
    run(&desk, &url, "sync", CUSTOMERS, rows, &[]).await.ended(0, "2 created, 1 updated");
    let ran = run(&desk, &url, "verify", CUSTOMERS, rows, &["--differences", &desk.path("d.ndjson")]).await;
    verified(&ran, 0, "2 equal, 1 repeated");
    assert_eq!(differences(&desk, "d.ndjson"), Vec::<String>::new());

    // Keys that may be personal are digests, and so nothing of a row is in the file.
    let other = rows.replace("New", "Newer").replace("c-2,eve@", "c-3,max@");
    let ran = run(&desk, &url, "verify", CUSTOMERS, &other, &["--differences", &desk.path("d.ndjson")]).await;
    verified(&ran, 1, "1 different, 1 missing, 1 repeated");
    let text = desk.read("d.ndjson");
    for value in ["c-1", "c-3", "max@", "ADA@", "Newer"] {
        assert!(!text.contains(value) && !ran.stderr.contains(value), "{value}: {text}{}", ran.stderr);
    }
    assert!(text.contains("\"fields\":[\"name\"]"), "{text}");

    // Of what only creates, the first.
    let inserts = CUSTOMERS.replace("upsert", "insert");
    verified(&run(&desk, &url, "verify", &inserts, rows, &[]).await, 1, "1 equal, 1 different, 1 repeated");
}

#[tokio::test]
async fn a_record_without_a_value_differs_from_a_row_with_one() {
    let _limit = partnerstack_tests::limit();
    let server = Server::start(server::Options::default()).unwrap();
    let records = [
        json!({"customer_key": "c-1", "email": "one@example.com", "name": null}),
        json!({"customer_key": null, "email": "two@example.com", "name": "Two"}),
        json!({"customer_key": "c-3", "email": "three@example.com", "name": "Three"}),
    ];
    for (number, record) in records.iter().enumerate() {
        server.put("customers", Some(&format!("cus_{number}")), record, 86_400_000);
    }
    let desk = Desk::new();
    let rows = "customer_key,email,partner_key,name\n\
                c-1,one@example.com,gstest,One\n\
                c-2,two@example.com,gstest,Two\n\
                c-3,three@example.com,gstest,\n";
    let ran = run(&desk, &server.base_url(), "verify", CUSTOMERS, rows, &[]).await;
    verified(&ran, 1, "1 equal, 2 different");
    assert_eq!(line(&ran)["differing"], json!({"customer_key": 1, "name": 1}));
    assert!(server.calls().iter().all(|call| call.method == "GET"));
}

#[tokio::test]
async fn what_has_nothing_to_be_found_by_cannot_be_told() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let url = server.base_url().to_owned();
    let settings = format!("{TRANSACTIONS}derive_key: false\n");
    let rows = payments(2);
    verified(&run(&desk, &url, "verify", &settings, &rows, &[]).await, 4, "2 unidentified");
    // The ledger knows under which key they arrived.
    run(&desk, &url, "sync", &settings, &rows, &[]).await.ended(0, "2 created");
    verified(&run(&desk, &url, "verify", &settings, &rows, &[]).await, 0, "2 equal");
}

#[tokio::test]
async fn what_does_not_come_to_its_end_is_never_equal() {
    let _limit = partnerstack_tests::limit();
    let server = Server::start(server::Options::default()).unwrap();
    for row in 0..251 {
        let record = json!({"customer_key": format!("c-{row}")});
        server.put("customers", Some(&format!("cus_{row}")), &record, 86_400_000);
    }
    let desk = Desk::new();
    let rows = "customer_key,email,partner_key\n";
    desk.write("d.ndjson", "");
    // A server that is not the API, a walk that breaks off, a signal.
    let fault = server::Fault {
        kind: server::Kind::Bare,
        moment: server::Moment::After,
        on: server::On::Reads,
        permille: 1000,
    };
    server.change(|options| (options.faults, options.in_a_row) = (vec![fault], 100));
    let flags = ["--differences", &desk.path("d.ndjson")];
    let ran = run(&desk, &server.base_url(), "verify", CUSTOMERS, rows, &flags).await;
    assert!([3, 5].contains(&ran.code), "{} {}", ran.code, ran.stderr);
    assert_eq!((&line(&ran)["differences"], desk.read("d.ndjson").as_str()), (&Value::Null, ""));

    server.change(|options| options.faults = Vec::new());
    let file = desk.path("nightly.yaml");
    let interrupt = Interrupt::default();
    interrupt.raise(2);
    let url = server.base_url();
    let ran =
        desk.run_with(&["verify", &file, "--base-url", &url, "--json"], std::io::empty(), &interrupt).await;
    assert_eq!(ran.code, 130, "{}", ran.stderr);
    assert_eq!(line(&ran)["equal"], false);
}

#[tokio::test]
async fn the_file_of_differences_takes_the_place_of_nothing_else() {
    let _limit = partnerstack_tests::limit();
    let (desk, server, rows) = (Desk::new(), server(), payments(1));
    let url = server.base_url().to_owned();
    let theirs = desk.write("theirs.ndjson", "{\"row\":1}\n");
    for path in [theirs, desk.path("rows.csv"), desk.path("nightly.yaml"), desk.path("no/such/folder.ndjson")]
    {
        let ran = run(&desk, &url, "verify", TRANSACTIONS, &rows, &["--differences", &path]).await;
        ran.refused(&["differences"]);
    }
    assert_eq!(server.requests(), 0);
    let path = desk.path("d.ndjson");
    for _ in 0..2 {
        run(&desk, &url, "verify", TRANSACTIONS, &rows, &["--differences", &path]).await;
        assert_eq!(differences(&desk, "d.ndjson"), ["missing 1 \"INV-0\" 0 []"]);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_long_list_is_read_in_parts_that_leave_nothing_out() {
    let _limit = partnerstack_tests::limit();
    let server = Server::start(server::Options::default()).unwrap();
    let payment = |row: usize| {
        let at = FIRST + row * 60_000;
        (format!("pay-{row:05}"), row + 1, at)
    };
    for (key, amount, at) in (0..20_000).filter(|row| *row != 12_345).chain([30_000]).map(payment) {
        let record = json!({"key": key, "amount": amount, "currency": "USD", "created_at": at});
        server.put("transactions", Some(&key), &record, 0);
    }
    let desk = Desk::new();
    let rows = table("key,amount,currency,customer_external_key,created_at", 20_001, |row| {
        let (key, amount, at) = payment(if row == 20_000 { 40_000 } else { row });
        format!("{key},{amount},USD,a-1,{at}")
    });
    let settings = "object: transactions\nmode: insert\nsource: rows.csv\n";
    let ran = run(&desk, &server.base_url(), "verify", settings, &rows, &[]).await;
    verified(&ran, 1, "19999 equal, 2 missing");
    let found = line(&ran);
    // The one that no row has lies between the rows.
    assert_eq!((&found["not_in_source"], &found["listed"]), (&json!(1), &json!(20_000)), "{found}");
    let starts = server.calls().iter().filter(|call| !call.query.contains("starting_after")).count();
    assert_eq!(starts, 3, "two parts, and what is newer than the rows");
}
