//! Every export of `connector/exports`: its fields are those of the spec, it is recognised, and its sync file dry-runs clean.

use partnerstack_connector::generated::API;
use partnerstack_connector::init::{Export, exports};
use partnerstack_tests::desk::{Desk, table};

/// The cell of a row in a column that is called like this, as such exports write it.
fn cell(column: &str, row: usize) -> String {
    let name = column.to_lowercase();
    let has = |word: &str| name.contains(word);
    match () {
        () if has("amount") || has("total") => format!("{}.50", 10 + row),
        () if has("currency") => ["USD", "eur", "GBP"][row % 3].to_owned(),
        () if has("utc") => format!("2026-01-{:02} 10:1{}", 1 + row, row % 10),
        () if has("invoice date") || has("paid on") => format!("{:02}-Jan-2026 10:11", 1 + row),
        () if has("date") => format!("01/{:02}/2026", 1 + row),
        () if has("captured") => "true".to_owned(),
        () if has("status") => ["paid", "Paid"][row % 2].to_owned(),
        () if has("stage") => ["Closed Won", "Qualified"][row % 2].to_owned(),
        () if has("domain") || has("website") => format!("company-{row}.example"),
        () if has("owner") || has("contact") => "Ada Lovelace".to_owned(),
        () if has("id") || has("number") => format!("{}{row}", name.replace(' ', "")),
        () => format!("{column} {row}"),
    }
}

/// What an export of that kind has beside the columns by which it is recognised.
const MORE: [(&str, &[&str]); 6] = [
    ("Stripe invoices", &["Date (UTC)", "Total", "Status"]),
    ("Stripe payments", &["Customer ID", "Captured"]),
    ("Chargebee invoices", &["Invoice Date", "Amount", "Currency Code", "Status"]),
    ("HubSpot deals", &["Amount", "Close Date", "Deal owner", "Associated Company"]),
    ("HubSpot companies", &["Company Domain Name"]),
    ("Salesforce opportunities", &["Amount", "Close Date", "Opportunity Owner", "Account Name"]),
];

fn recognised() -> Vec<Export> {
    exports(&API).unwrap().into_iter().filter(Export::is_recognised).collect()
}

#[test]
fn every_object_has_columns_for_sources_that_nobody_knows() {
    let _limit = partnerstack_tests::limit();
    let exports = exports(&API).unwrap();
    assert_eq!(exports.iter().filter(|export| !export.is_recognised()).count(), API.objects.len());
    let titles: Vec<&str> =
        recognised().iter().map(|export| export.title().to_owned().leak() as &str).collect();
    for (title, _) in MORE {
        assert!(titles.contains(&title), "{title} is not in {titles:?}");
    }
    assert_eq!(titles.len(), MORE.len());
}

#[tokio::test]
async fn the_sync_file_of_every_export_dry_runs_clean() {
    let _limit = partnerstack_tests::limit();
    for export in recognised() {
        let (_, more) = MORE.iter().find(|(title, _)| *title == export.title()).unwrap();
        for header in export.headers() {
            let mut columns: Vec<&str> = header.iter().map(String::as_str).collect();
            let missing = more.iter().filter(|name| !header.iter().any(|known| known == *name));
            columns.extend(missing);
            let row = |row| columns.iter().map(|name| cell(name, row)).collect::<Vec<_>>().join(",");
            let text = table(&columns.join(","), 20, row) + "\n";
            let desk = Desk::without_keys();
            let source = desk.write("export.csv", text);
            let made = desk.run(&["init", &source]).await;
            assert_eq!(made.code, 0, "{}", made.stderr);
            made.says(&[export.title()]);
            let file = desk.path("export.yaml");
            let ran = desk.run(&["sync", &file, "--dry-run", "--json"]).await;
            assert_eq!(ran.code, 0, "{}\n{}", ran.stderr, desk.read("export.yaml"));
            assert_eq!(ran.report()["rows"]["pending"], 20, "{}\n{}", ran.stderr, desk.read("export.yaml"));
        }
    }
}

#[test]
fn a_field_that_the_spec_lacks_is_shown_with_its_place() {
    let _limit = partnerstack_tests::limit();
    let text = "title: Notes\nobject: deals\nmode: upsert\nprimary_key: [id]\nmapping:\n  - field: amount\n  - field: stge\n";
    let error = Export::read("notes.yaml", text, &API).unwrap_err().to_string();
    assert_eq!(error, "notes.yaml:7:12: deals have no field `stge`\n  help: did you mean `stage`?");
    let error = Export::read("notes.yaml", &text.replace("deals", "deal"), &API).unwrap_err().to_string();
    assert!(error.starts_with("notes.yaml:2:9: there is no object `deal`"), "{error}");
    let error = Export::read("notes.yaml", &text.replace("upsert", "update"), &API).unwrap_err().to_string();
    assert!(error.starts_with("notes.yaml:3:7: "), "{error}");
    let error = Export::read("notes.yaml", &text.replace("mapping", "maping"), &API).unwrap_err().to_string();
    assert!(error.contains("notes.yaml:5:1") && error.contains("maping"), "{error}");
}
