//! `guards:` of a sync file: what is more likely a mistake than meant stops a run before its first request.

use partnerstack_connector::sync::Interrupt;
use partnerstack_tests::desk::{Desk, Ran, server, table};
use serde_json::Value;

const TRANSACTIONS: &str = "object: transactions\nmode: insert\nprimary_key: id\n";
const CUSTOMERS: &str = "object: customers\nmode: upsert\n";

fn payments(count: usize, amount: i64) -> String {
    table("id,amount,currency,customer_external_key", count, |row| {
        format!("INV-{row},{amount},{},a-1", if row % 2 == 0 { "USD" } else { "EUR" })
    })
}

fn customers(count: usize, name: &str) -> String {
    table("customer_key,email,partner_key,name", count, |row| {
        format!("c-{row},ada{row}@example.com,gstest,{name}")
    })
}

/// The guard stopped the run before anything was sent, and says how to let it through.
#[track_caller]
fn stopped(ran: &Ran, guard: &str, figure: &str) {
    ran.ended(5, "");
    let error = ran.report()["error"].as_str().unwrap().to_owned();
    assert_eq!(ran.report()["requests"], 0);
    assert!(error.contains(&format!("guard {guard}: ")) && error.contains(figure), "{error}");
    assert!(error.contains(&format!("--allow {guard} lets this run through")), "{error}");
}

#[tokio::test]
async fn each_guard_stops_a_run_before_its_first_request() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    for (guard, setting, rows, figure) in [
        ("min_rows", "1", payments(0, 1), "0 rows came, fewer than 1"),
        ("max_rows", "4", payments(5, 1), "5 rows came, more than 4"),
        ("max_creates", "4", payments(5, 1), "5 rows would create a record, more than 4"),
        ("max_amount", "99", payments(5, 100), "row 1 has an amount of more than 99 cents"),
        ("max_amount", "99", payments(5, -100), "row 1 has an amount of more than 99 cents"),
        // Three of one currency, two of the other.
        ("max_total", "299", payments(5, 100), "the amounts come to 300 cents of USD, more than 299"),
        ("sign", "positive", payments(2, -1), "row 1 has an amount below zero"),
        ("sign", "negative", payments(2, 1), "row 1 has an amount above zero"),
    ] {
        let settings = format!("{TRANSACTIONS}guards: {{{guard}: {setting}}}\n");
        stopped(&desk.sync_file(&server, &settings, &rows, &[]).await, guard, figure);
        // A dry run says the same, and how many rows there are all the same.
        let ran = desk.sync_file(&server, &settings, &rows, &["--dry-run"]).await;
        assert_eq!(ran.code, 5, "{guard}: {}", ran.stderr);
        ran.says(&["a run would stop before its first request: guard ", figure]);
        assert!(ran.report()["error"].as_str().unwrap().contains(figure));
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn what_is_within_the_guards_runs_and_so_does_what_is_let_through() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let settings = format!(
        "{TRANSACTIONS}guards: {{min_rows: 5, max_rows: 5, max_creates: 5, max_updates: 0, max_changed: 0%, \
         max_amount: 100, max_total: 300, sign: positive}}\n"
    );
    desk.sync_file(&server, &settings, payments(5, 100), &[]).await.ended(0, "5 created");
    // What is unchanged costs nothing, so the total is that of the new ones.
    desk.sync_file(&server, &settings, payments(5, 100), &[]).await.ended(0, "5 unchanged");
    let ran = desk.sync_file(&server, &settings, payments(7, 100), &[]).await;
    stopped(&ran, "max_rows", "7 rows came, more than 5");
    let flags = ["--allow", "max_rows", "--allow", "max-creates"];
    desk.sync_file(&server, &settings, payments(7, 100), &flags).await.ended(0, "2 created, 5 unchanged");
    let ran = desk.sync_file(&server, &settings, payments(7, 100), &["--allow", "max_row"]).await;
    ran.refused(&["there is no guard `max_row`", "did you mean `max_rows`?"]);
}

#[tokio::test]
async fn guards_of_changes_know_what_is_known() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync_file(&server, CUSTOMERS, customers(10, "Ada"), &[]).await.ended(0, "10 created");
    let before = server.requests();
    // Three of ten change; five are new.
    let rows =
        customers(15, "Ada").replace("c-1,ada1@example.com,gstest,Ada", "c-1,ada1@example.com,gstest,Eve");
    let rows = rows.replace("c-2,ada2@example.com,gstest,Ada", "c-2,ada2@example.com,gstest,Eve");
    let rows = rows.replace("c-3,ada3@example.com,gstest,Ada", "c-3,ada3@example.com,gstest,Eve");
    for (guard, setting, figure) in [
        ("max_updates", "2", "3 rows would change a record, more than 2"),
        ("max_creates", "4", "5 rows would create a record, more than 4"),
        ("max_changed", "29.9%", "3 of 10 rows with a known record would change it, more than 29.90%"),
    ] {
        let settings = format!("{CUSTOMERS}guards: {{{guard}: {setting}}}\n");
        stopped(&desk.sync_file(&server, &settings, &rows, &[]).await, guard, figure);
    }
    assert_eq!(server.requests(), before);
    let settings = format!("{CUSTOMERS}guards: {{max_updates: 3, max_creates: 5, max_changed: 30%}}\n");
    desk.sync_file(&server, &settings, &rows, &[]).await.ended(0, "5 created, 3 updated, 7 unchanged");
    // Without its ledger, every row may create a record.
    let lost = desk.path("lost.db");
    let ran = desk.sync_file(&server, &settings, &rows, &["--ledger", &lost, "--new-ledger"]).await;
    stopped(&ran, "max_creates", "15 rows would create a record, more than 5");
}

#[tokio::test]
async fn rows_that_are_not_sent_are_not_guarded() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = payments(4, 100) + "\nINV-x,-7000,USD,a-1\n";
    let settings =
        format!("{TRANSACTIONS}where: {{amount: {{over: 0}}}}\nguards: {{sign: positive, max_rows: 4}}\n");
    desk.sync_file(&server, &settings, &rows, &[]).await.ended(0, "4 created, 1 filtered");
}

#[tokio::test]
async fn standard_input_is_guarded_while_it_is_read() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let guards = "guards: {max_rows: 3, max_changed: 50%, min_rows: 2}\n";
    let file = desk.write("nightly.yaml", format!("{TRANSACTIONS}source: '-'\n{guards}"));
    let url = server.base_url();
    let sync = async |rows: String| {
        let flags = ["sync", &file, "--base-url", url, "--json", "--format", "csv"];
        desk.run_with(&flags, std::io::Cursor::new(rows), &Interrupt::default()).await
    };
    let ran = sync(payments(5, 1)).await;
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    ran.says(&["warning: the source can be read once only", "guard max_rows: 5 rows came"]);
    assert_eq!(server.count("transactions"), 0, "they came together, so none was sent");
    let ran = sync(payments(1, 1)).await;
    ran.ended(5, "1 created");
    ran.says(&["guard min_rows: 1 row came, fewer than 2"]);
    sync(payments(3, 1)).await.ended(0, "2 created, 1 unchanged");
}

#[tokio::test]
async fn what_guards_cannot_be() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    for (settings, words) in [
        (
            format!("{CUSTOMERS}guards: {{max_total: 1}}\n"),
            "`max_total` is about amounts, and customers have none",
        ),
        (format!("{TRANSACTIONS}guards: {{max_totl: 1}}\n"), "did you mean `max_total`?"),
        (format!("{TRANSACTIONS}guards: {{max_changed: 101%}}\n"), "write a share from 0% to 100%"),
        (format!("{TRANSACTIONS}guards: {{max_changed: '20'}}\n"), "write a share from 0% to 100%"),
        (format!("{TRANSACTIONS}guards: {{max_rows: 9000000000000}}\n"), "write a number from 0 to"),
        (format!("{TRANSACTIONS}guards: {{max_rows: -1}}\n"), "max_rows"),
        (format!("{TRANSACTIONS}guards: {{sign: both}}\n"), "positive"),
    ] {
        let ran = desk.sync_file(&server, &settings, payments(1, 1), &[]).await;
        ran.refused(&[words]);
        assert!(ran.stderr.contains("nightly.yaml:"), "{}", ran.stderr);
        let line: Value = serde_json::from_str(ran.stdout.trim()).unwrap();
        assert!(line["error"].is_string(), "{line}");
    }
    assert_eq!(server.requests(), 0);
}
