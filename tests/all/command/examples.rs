//! The examples of the spec, as a newcomer runs them first: what they report, and that nobody's data leaves the
//! failures file.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use partnerstack_tests::desk::{Desk, Ran, failures_in};

fn examples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../spec/examples")
}

async fn rehearse(desk: &Desk, object: &str) -> Ran {
    let file = examples().join(format!("{object}.yaml")).display().to_string();
    desk.run(&["sync", &file, "--sandbox", "--json"]).await
}

/// The rows that failed.
fn failed(ran: &Ran) -> Vec<u64> {
    let failures = failures_in(ran.report()["failures"].as_str().unwrap());
    failures.iter().map(|failure| failure["row"].as_u64().unwrap()).collect()
}

/// The texts of a source that look like addresses or names.
fn personal(file: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(examples().join(file)).unwrap();
    let parts = text.split([',', ';', ':', '"', '\n', '\r']).map(str::trim);
    let personal = parts.filter(|part| part.contains('@') || (part.contains(' ') && part.len() > 8));
    personal.map(str::to_owned).collect()
}

#[tokio::test]
async fn the_customers_report_what_the_example_says() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let ran = rehearse(&desk, "customers").await;
    assert_eq!(failed(&ran), [19, 45, 84, 121, 134, 177, 202, 223, 256]);
    ran.ended(1, "269 created, 9 invalid");
    private(&ran, "customers.csv");
    ran.snapshot("summary-customers", &ran.stderr);
}

#[tokio::test]
async fn the_partnerships_report_what_the_example_says() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let ran = rehearse(&desk, "partnerships").await;
    private(&ran, "partnerships.ndjson");
    assert_eq!(ran.code, 1);
    let failures = failures_in(ran.report()["failures"].as_str().unwrap());
    let invalid = failures.iter().filter(|failure| failure["outcome"] == "invalid");
    assert_eq!(
        invalid.map(|failure| failure["row"].as_u64().unwrap()).collect::<Vec<_>>(),
        [24, 58, 92, 129, 141, 171, 204, 232]
    );
}

#[tokio::test]
async fn the_deals_report_what_the_example_says() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let ran = rehearse(&desk, "deals").await;
    assert_eq!(failed(&ran), [13, 40, 72, 99, 134, 161, 198, 225]);
    ran.ended(1, "244 created, 8 invalid");
    private(&ran, "deals.csv");
}

#[tokio::test]
async fn the_transactions_report_what_the_example_says() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let ran = rehearse(&desk, "transactions").await;
    assert_eq!(failed(&ran), [16, 49, 78, 111, 143, 189, 214, 240, 267, 282]);
    ran.ended(1, "286 created, 10 invalid");
    let failures = failures_in(ran.report()["failures"].as_str().unwrap());
    let twice = failures.iter().find(|failure| failure["row"] == 267).unwrap();
    assert_eq!(twice["errors"][0]["rule"], "duplicate");
    assert!(twice["message"].as_str().is_some_and(|message| message.contains("row 261")), "{twice}");
    private(&ran, "transactions.csv");
}

#[tokio::test]
async fn the_invoices_of_a_billing_export_are_filtered_and_translated() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let ran = rehearse(&desk, "invoices").await;
    assert_eq!(failed(&ran), [58]);
    ran.ended(1, "189 created, 1 invalid, 50 filtered");
    ran.says(&["product_key has the value `Legacy`, for which `values` has no translation"]);
}

#[tokio::test]
async fn the_deals_inside_of_a_document_are_read() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let ran = rehearse(&desk, "pipeline").await;
    ran.ended(1, "147 created, 3 invalid, 70 filtered");
    ran.says(&["3 rows invalid", "stage has the value `Contract Sent`"]);
}

#[tokio::test]
async fn what_failed_can_be_corrected_in_the_failures_file_and_synced() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), partnerstack_tests::desk::server());
    let file = examples().join("transactions.yaml").display().to_string();
    let path = desk.path("failures.ndjson");
    let args = ["sync", &file, "--base-url", server.base_url(), "--failures", &path, "--json"];
    desk.run(&args).await.ended(1, "286 created, 10 invalid");
    let mut lines = failures_in(&path);
    for line in &mut lines {
        if let Some(record) = line["record"].as_object_mut() {
            for (name, value) in [("total", "10.00"), ("currency", "USD"), ("account_id", "acct-1")] {
                record.insert(name.to_owned(), value.into());
            }
            record.insert("billing_email".to_owned(), serde_json::Value::Null);
            record.insert("invoiced_at".to_owned(), serde_json::Value::Null);
        }
    }
    let corrected: Vec<String> = lines.iter().map(ToString::to_string).collect();
    fs::write(&path, corrected.join("\n")).unwrap();
    let ran = desk.run(&[&args[..], &["--source", &path]].concat()).await;
    ran.ended(1, "8 created, 1 skipped, 1 invalid");
    assert_eq!(server.count("transactions"), 294);
    let outcomes: Vec<_> = failures_in(&path).iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(
        outcomes,
        ["invalid", "skipped"],
        "the row that could not be read, and what arrived with other values"
    );
}

/// Nothing of a row is in the output of a run.
fn private(ran: &Ran, file: &str) {
    let personal = personal(file);
    assert!(personal.len() >= 3, "{file}: {personal:?}");
    for text in personal {
        for output in [&ran.stdout, &ran.stderr] {
            assert!(!output.contains(&text), "{text} in:\n{output}");
        }
    }
}

#[tokio::test]
async fn what_the_api_says_about_a_row_is_told_without_its_values() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), partnerstack_tests::desk::server());
    let first = "{\"email\": \"ada.lovelace@example.com\", \"partner_key\": \"gstest\", \"name\": \"Ada Lovelace\"}\n";
    desk.sync(&server, "customers insert", first, &[]).await.ended(0, "1 created");
    // Another ledger knows nothing of it.
    let ran = Desk::new().sync(&server, "customers insert", first, &[]).await;
    ran.ended(1, "1 rejected");
    for output in [&ran.stdout, &ran.stderr] {
        assert!(!output.contains("ada.lovelace") && !output.contains("Lovelace"), "{output}");
    }
}

#[tokio::test]
async fn a_dry_run_of_each_example_needs_nothing() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys().without("HOME").without("XDG_STATE_HOME");
    for object in ["customers", "deals", "invoices", "partnerships", "pipeline", "transactions"] {
        let file = examples().join(format!("{object}.yaml")).display().to_string();
        let ran = desk.run(&["sync", &file, "--dry-run"]).await;
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(ran.stdout.starts_with('P'), "an example of a request: {}", ran.stdout);
    }
}
