//! A ledger that is lost costs lookups: `verify --adopt` finds in the lists what is there, and the next sync sends nothing
//! twice.

use std::fs;

use partnerstack_connector::sandbox::{Duplicates, Options, Sandbox};
use partnerstack_tests::desk::{Desk, Ran, held_as, record, server_with, table};
use partnerstack_tests::server::{self, Server};
use serde_json::{Value, json};

const TRANSACTIONS: &str = "object: transactions\nmode: insert\nprimary_key: id\nsource: rows.csv\n";
const CUSTOMERS: &str = "object: customers\nmode: upsert\nsource: rows.csv\n";

/// A server that would take every row a second time without a word.
fn server() -> Sandbox {
    server_with(Options { duplicates: Duplicates::Accept, ..Options::default() })
}

fn transactions(count: usize) -> String {
    table("id,amount,currency,customer_external_key,metadata.plan", count, |row| {
        format!("{row},{row},USD,a-1,pro")
    })
}

/// Runs a command about a sync file with these rows.
async fn run(desk: &Desk, base_url: &str, command: &str, settings: &str, rows: &str, flags: &[&str]) -> Ran {
    desk.write("rows.csv", rows);
    let file = desk.write("nightly.yaml", settings);
    let fast = if command == "sync" { &["--rate", "600000"][..] } else { &[] };
    desk.run(&[&[command, &file, "--base-url", base_url, "--json"], fast, flags].concat()).await
}

async fn adopt(desk: &Desk, base_url: &str, settings: &str, rows: &str) -> Ran {
    run(desk, base_url, "verify", settings, rows, &["--adopt"]).await
}

/// What became of the rows, such as `2 equal, 1 missing`, and how many were entered into the ledger.
#[track_caller]
fn verified(ran: &Ran, code: u8, counts: &str, adopted: u64) {
    let line: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let rows = line["rows"].as_object().unwrap();
    let counted = rows.iter().skip(1).filter(|(_, count)| **count != json!(0));
    let counted: Vec<String> = counted.map(|(name, count)| format!("{count} {name}")).collect();
    assert_eq!((ran.code, counted.join(", ").as_str()), (code, counts), "{}", ran.stderr);
    let sum: u64 = rows.iter().skip(1).map(|(_, count)| count.as_u64().unwrap()).sum();
    assert_eq!(rows["read"], sum, "{line}");
    assert_eq!(line["adopted"], adopted, "{line}");
}

fn lose_ledger(desk: &Desk) {
    fs::remove_dir_all(desk.state()).unwrap();
}

#[tokio::test]
async fn what_cannot_be_changed_is_sent_once() {
    let _limit = partnerstack_tests::limit();
    // More than a page.
    let (desk, server, rows) = (Desk::new(), server(), transactions(300));
    let url = server.base_url();
    run(&desk, url, "sync", TRANSACTIONS, &rows, &[]).await.ended(0, "300 created");
    lose_ledger(&desk);

    let before = server.requests();
    let more = rows.clone() + "\n300,300,USD,a-1,pro\nx,1.5,USD,a-1,pro";
    let ran = adopt(&desk, url, TRANSACTIONS, &more).await;
    verified(&ran, 1, "300 equal, 1 missing, 1 invalid", 300);
    assert_eq!(
        (server.requests() - before, server.count("transactions")),
        (2, 300),
        "it reads the list once"
    );
    ran.says(&[
        "ledger.db (new: nothing is known of earlier runs)",
        "300 rows entered into the ledger",
        "whole number of cents",
    ]);
    verified(&adopt(&desk, url, TRANSACTIONS, &rows).await, 0, "300 equal", 0);

    let ran = run(&desk, url, "sync", TRANSACTIONS, &rows, &[]).await;
    ran.ended(0, "300 unchanged");
    assert_eq!(ran.report()["requests"], 0);
    // A correction is not lost, and not sent as a second payment either.
    let corrected = rows.replace("7,7,USD", "7,8,USD");
    run(&desk, url, "sync", TRANSACTIONS, &corrected, &[]).await.ended(1, "299 unchanged, 1 skipped");
    assert_eq!(server.count("transactions"), 300);
}

#[tokio::test]
async fn what_can_be_changed_is_compared_with_the_list() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let url = server.base_url();
    let rows = table("customer_key,email,partner_key,name", 5, |row| {
        format!("c-{row},Ada{row}@example.com,gstest,Ada {row}")
    });
    run(&desk, url, "sync", CUSTOMERS, &rows, &[]).await.ended(0, "5 created");
    lose_ledger(&desk);
    let changed = rows.replace("Ada 3", "Eve");
    verified(&adopt(&desk, url, CUSTOMERS, &changed).await, 1, "4 equal, 1 different", 5);
    let before = server.requests();
    run(&desk, url, "sync", CUSTOMERS, &changed, &[]).await.ended(0, "1 updated, 4 unchanged");
    assert_eq!(server.requests() - before, 1);
    assert_eq!(record(&server, "customers", "customer_key", "c-3")["name"], "Eve");

    let ran = desk.run(&["history", "c-3", "--base-url", url]).await;
    let key = record(&server, "customers", "customer_key", "c-3")["key"].clone();
    assert!(ran.stdout.contains(key.as_str().unwrap()), "{}", ran.stdout);
}

#[tokio::test]
async fn rows_that_bring_the_systems_own_key() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let url = server.base_url();
    let settings = "object: partnerships\nmode: insert\nsource: rows.csv\n";
    run(&desk, url, "sync", settings, "email,first_name\nada@example.com,Ada\n", &[])
        .await
        .ended(0, "1 created");
    lose_ledger(&desk);
    let key = held_as(&server, "partnerships", "key").0[0].as_str().unwrap().to_owned();
    let rows = format!("partnership_key,first_name\n{key},Ada\npart_nobody,Eve\n");
    let settings = "object: partnerships\nmode: update\nsource: rows.csv\n";
    verified(&adopt(&desk, url, settings, &rows).await, 1, "1 equal, 1 missing", 1);
    run(&desk, url, "sync", settings, &rows, &["--limit", "1"]).await.ended(0, "1 unchanged");
}

/// A server that has customers which nobody here has made.
fn server_of(customers: &[Value]) -> Server {
    let server = Server::start(server::Options::default()).unwrap();
    for (number, customer) in customers.iter().enumerate() {
        server.put("customers", Some(&format!("cus_{number}")), customer, 86_400_000);
    }
    server
}

#[tokio::test]
async fn what_cannot_be_told_apart_is_not_adopted() {
    let _limit = partnerstack_tests::limit();
    let server = server_of(&[
        json!({"email": "two@example.com"}),
        json!({"email": "TWO@example.com"}),
        json!({"customer_key": "c-3", "email": "other@example.com"}),
        json!({"customer_key": "c-4", "email": "two@example.com"}),
    ]);
    let desk = Desk::new();
    let rows = "customer_key,email,partner_key\n\
                ,two@example.com,gstest\n\
                c-3,three@example.com,gstest\n\
                c-4,two@example.com,gstest\n\
                c-5,five@example.com,gstest\n\
                c-6,other@example.com,gstest\n";
    let ran = adopt(&desk, &server.base_url(), CUSTOMERS, rows).await;
    verified(&ran, 4, "1 equal, 1 different, 1 missing, 1 twice, 1 contradicted", 2);
    assert!(server.calls().iter().all(|call| call.method == "GET"));
}

#[tokio::test]
async fn a_record_belongs_to_one_row() {
    let _limit = partnerstack_tests::limit();
    let server = server_of(&[json!({"customer_key": "c-1", "email": "one@example.com", "name": "Ada"})]);
    let desk = Desk::new();
    let settings = "object: customers\nmode: insert\nprimary_key: id\nsource: rows.csv\n";
    let rows = "id,customer_key,email,partner_key\n1,c-1,one@example.com,p\n2,c-1,one@example.com,p\n\
                1,c-1,one@example.com,p\n";
    let ran = adopt(&desk, &server.base_url(), settings, rows).await;
    verified(&ran, 4, "1 equal, 1 repeated, 1 held", 1);
    // Nor does it in another run.
    let rows = "id,customer_key,email,partner_key\n3,c-1,one@example.com,p\n";
    verified(&adopt(&desk, &server.base_url(), settings, rows).await, 4, "1 held", 0);
}

/// An adopted record is no record that this tool has just made: it proves nothing about how young the list is.
#[tokio::test]
async fn it_is_as_old_as_the_list_says() {
    let _limit = partnerstack_tests::limit();
    let server = server_of(&[json!({"customer_key": "c-1", "email": "one@example.com"})]);
    let desk = Desk::new();
    let rows = "customer_key,email,partner_key\nc-1,one@example.com,p\n";
    verified(&adopt(&desk, &server.base_url(), CUSTOMERS, rows).await, 0, "1 equal", 1);
    let ran = desk.run(&["history", "c-1", "--json", "--base-url", &server.base_url()]).await;
    let known: Value = serde_json::from_str(&ran.stdout).unwrap();
    let created = server.records("customers")[0].created_at;
    assert_eq!((&known["exists_since"], &known["system_key"]), (&json!(created), &json!("cus_0")));
    assert_eq!(known["attempt"], Value::Null);
}

#[tokio::test]
async fn a_list_that_cannot_be_read_to_its_end_adopts_nothing() {
    let _limit = partnerstack_tests::limit();
    let customers: Vec<Value> = (0..251).map(|row| json!({"customer_key": format!("c-{row}")})).collect();
    let server = server_of(&customers);
    let fault = server::Fault {
        kind: server::Kind::Bare,
        moment: server::Moment::After,
        on: server::On::Reads,
        permille: 1000,
    };
    server.change(|options| (options.faults, options.in_a_row) = (vec![fault], 100));
    let desk = Desk::new();
    let rows = "customer_key,email,partner_key\nc-1,one@example.com,p\n";
    let ran = adopt(&desk, &server.base_url(), CUSTOMERS, rows).await;
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    ran.says(&["stopped: the list cannot be read to its end"]);
    let line: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(line["rows"]["read"], 0, "{line}");
}

#[tokio::test]
async fn keys_that_are_refused_need_a_person() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server_of(&[]));
    server.change(|options| options.public_keys = vec!["pk_of_another".to_owned()]);
    let rows = "customer_key,email,partner_key\nc-1,one@example.com,p\n";
    let ran = adopt(&desk, &server.base_url(), CUSTOMERS, rows).await;
    assert_eq!((ran.code, server.requests()), (5, 1), "{}", ran.stderr);
    ran.says(&["stopped: ", "Unauthorized"]);
}

#[tokio::test]
async fn what_cannot_start() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = transactions(1);
    let url = server.base_url();
    for key in ["dry_run", "sandbox"] {
        let settings = format!("{TRANSACTIONS}{key}: true\n");
        adopt(&desk, url, &settings, &rows).await.refused(&[&format!("the sync file says `{key}`")]);
    }
    let ran = adopt(&desk, url, "object: transaction\n", &rows).await;
    ran.refused(&["did you mean `transactions`"]);
    let line: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(line["error"].as_str().is_some_and(|error| error.contains("transaction")), "{line}");
    let desk = Desk::without_keys();
    adopt(&desk, url, TRANSACTIONS, &rows).await.refused(&["PARTNERSTACK_PUBLIC_KEY is not set"]);
    assert_eq!(server.requests(), 0);
}
