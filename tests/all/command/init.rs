//! `partnerstack init`: a sync file for a source, whatever it is, and never over a file that exists.

use std::io;

use partnerstack_connector::sync::Interrupt;
use partnerstack_tests::desk::{Desk, Ran};

/// The sync file that is made of a source, after a dry run of it that ended as expected.
async fn made(name: &str, source: impl AsRef<[u8]>, flags: &[&str], code: u8) -> (Ran, String) {
    let desk = Desk::without_keys();
    let path = desk.write(name, source);
    let ran = desk.run(&[&["init", &path], flags].concat()).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let file = format!("{}.yaml", name.split('.').next().unwrap());
    let text = desk.read(&file);
    let dry = desk.run(&["sync", &desk.path(&file), "--dry-run", "--json"]).await;
    assert_eq!(dry.code, code, "{}\n{text}", dry.stderr);
    if code == 0 {
        assert_eq!(dry.report()["rows"]["invalid"], 0, "{}\n{text}", dry.stderr);
    }
    (ran, text)
}

/// The text has each of these lines, whatever stands before them.
#[track_caller]
fn has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|known| known.trim_start() == *line), "no `{line}` in:\n{text}");
    }
}

#[tokio::test]
async fn columns_of_unknown_sources_are_matched_by_their_labels() {
    let _limit = partnerstack_tests::limit();
    let rows = "E-mail address;Partner-Key;Account ID;Full Name;Notes\na@x.io;gstest; 7 ;Ada L;x\nb@x.io;gstest;8;Ben K;y\n";
    let (ran, text) = made("people.csv", rows, &[], 0).await;
    ran.says(&["unknown export", "customers (2 rows read)", "next:\n  partnerstack sync "]);
    has(
        &text,
        &[
            "object: customers",
            "mode: upsert",
            "source: people.csv",
            "email: E-mail address",
            "partner_key: Partner-Key",
            "customer_key: {column: Account ID, as: trim}",
            "primary_key: [{column: Account ID, as: trim}]",
            "# Columns that feed nothing: `Notes`.",
        ],
    );
    let (_, text) = made("people.csv", rows, &["--object", "partnerships"], 0).await;
    has(
        &text,
        &["object: partnerships", r#"first_name: {column: Full Name, split: {by: " ", take: first}}"#],
    );
}

#[tokio::test]
async fn what_is_lacking_is_said_with_its_candidates() {
    let _limit = partnerstack_tests::limit();
    let rows = "order_ref;Totals;curr;buyer mail;when\n1;10,50;EUR;a@x.io;31.12.2026\n2;1.010,50;EUR;a@x.io;11.12.2026\n";
    let (ran, text) = made("orders.csv", rows, &["--object", "transactions"], 2).await;
    ran.says(&["to map: `currency`", "customer_key or customer_external_key or customer_email"]);
    has(
        &text,
        &[
            "primary_key: order_ref",
            "amount: {column: Totals, as: cents, decimal: ','}",
            "# Columns that may be meant: `curr`.",
            "# currency: COLUMN",
        ],
    );
}

#[tokio::test]
async fn casts_are_those_that_read_the_cells() {
    let _limit = partnerstack_tests::limit();
    let columns = "id,amount,currency,customer_email,created_at\n";
    let expect = async |rows: &str, line: &str| {
        let (_, text) = made("rows.csv", format!("{columns}{rows}"), &[], 0).await;
        has(&text, &[line]);
    };
    expect("1,1000,USD,a@x.io,1767225600\n", "created_at: {column: created_at, as: time, unit: s}").await;
    expect("1,1000,USD,a@x.io,1767225600000\n", "created_at: created_at").await;
    expect("1,1000,USD,a@x.io,2026-01-01T00:00:00+02:00\n", "created_at: created_at").await;
    expect(
        "1,1000,USD,a@x.io,2026-01-01 10:00\n2,5,EUR,b@x.io,2026-01-01 10:00:01\n",
        "created_at: {column: created_at, as: time, zone: UTC}",
    )
    .await;
    expect(
        "1,1000,USD,a@x.io,31/12/2026 10:00\n",
        "created_at: {column: created_at, as: time, format: '%d/%m/%Y %H:%M', zone: UTC}",
    )
    .await;
    expect(
        "1,1000,USD,a@x.io,1/31/2026 9:05 PM\n",
        "created_at: {column: created_at, as: time, format: '%m/%d/%Y %I:%M %p', zone: UTC}",
    )
    .await;
    expect(
        "1,\"1,000.00\",usd,a@x.io,2026-01-01Z\n".replace("2026-01-01Z", "2026-01-01T00:00:00Z").as_str(),
        "amount: {column: amount, as: cents}",
    )
    .await;
    expect(
        "1,\"1.000,00\",USD,a@x.io,2026-01-01T00:00:00Z\n",
        "amount: {column: amount, as: cents, decimal: ','}",
    )
    .await;
    expect("1,1000,usd,a@x.io,2026-01-01T00:00:00Z\n", "currency: {column: currency, as: upper}").await;
    expect("1,1000,USD,a@x.io,NULL\n2,5,USD,b@x.io,2026-01-01T00:00:00Z\n", "null_values: ['NULL']").await;
}

#[tokio::test]
async fn what_cannot_be_told_is_marked() {
    let _limit = partnerstack_tests::limit();
    let rows = "id,amount,currency,customer_key,created_at\n1,1000,USD,cus_1,01/02/2026\n2,1000,USD,cus_2,03/04/2026\n";
    let (ran, text) = made("rows.csv", rows, &[], 0).await;
    ran.says(&["warning: Keys that begin with cus_ may be Stripe's"]);
    for words in
        ["1000 is $10.00", "Day and month can be told from no cell", "'%d/%m/%Y'", "The times name no zone"]
    {
        let text = text.replace("\n  # ", " ");
        assert!(text.contains(words), "`{words}` is missing in:\n{text}");
    }
    // A row that has no value for a required field is left out, and counted.
    let rows = "id,amount,currency,customer_email\n1,1000,USD,a@x.io\n2,,USD,a@x.io\n3,1000,USD,\n";
    let (_, text) = made("rows.csv", rows, &[], 0).await;
    has(&text, &["amount: {empty: false}", "customer_email: {empty: false}"]);
    let rows = "amount,currency,customer_email\n1000,USD,a@x.io\n1000,USD,a@x.io\n";
    let (_, text) = made("rows.csv", rows, &[], 0).await;
    has(&text, &["primary_key: content"]);
}

#[tokio::test]
async fn json_and_other_encodings_are_read_too() {
    let _limit = partnerstack_tests::limit();
    let lines =
        "{\"id\":1,\"contact\":{\"email\":\"a@x.io\"},\"partner_key\":\"p\",\"meta\":{\"plan\":\"pro\"}}\n";
    let (_, text) = made("rows.ndjson", lines, &["--object", "customers"], 0).await;
    has(&text, &["email: contact.email", "meta.plan: meta.plan", "customer_key: id"]);
    let wrapped = "{\"data\":{\"items\":[\n{\"id\":1,\"email\":\"a@x.io\",\"partner_key\":\"p\"},\n{\"id\":2,\"email\":\"b@x.io\",\"partner_key\":\"p\"}]}}\n";
    let (_, text) = made("rows.json", wrapped, &[], 0).await;
    has(&text, &["records: data.items", "primary_key: id"]);
    let windows = b"Name,Email,Partner Key\nJos\xe9,a@x.io,p\nZo\xeb,b@x.io,p\n";
    let (_, text) = made("rows.csv", windows, &[], 0).await;
    has(&text, &["encoding: windows-1252"]);
}

#[tokio::test]
async fn names_of_columns_stay_text_in_the_file() {
    let _limit = partnerstack_tests::limit();
    let header = "email,\"partner: key # 1\",\"null\",\"- name\",\"{name}\",\"a \"\"b\"\" \\ c\",true\n";
    let rows = format!("{header}a@x.io,p,1,2,3,4,5\nb@x.io,p,1,2,3,4,6\n")
        .replace("partner: key # 1", "Partner: Key");
    let (_, text) = made("rows.csv", &rows, &["--object", "customers"], 0).await;
    has(&text, &["partner_key: \"Partner: Key\""]);
    let (_, text) = made("odd name: 1.csv", &rows, &["--object", "customers"], 0).await;
    has(&text, &["source: \"odd name: 1.csv\""]);
}

#[tokio::test]
async fn no_file_is_replaced() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let rows = "email,partner_key\na@x.io,p\n";
    let source = desk.write("rows.csv", rows);
    let there = desk.write("rows.yaml", "mine\n");
    desk.run(&["init", &source]).await.refused(&["rows.yaml` exists, and is not replaced", "--output"]);
    desk.run(&["init", &source, "--output", &there]).await.refused(&["exists"]);
    desk.run(&["init", &source, "--output", &source]).await.refused(&["exists"]);
    assert_eq!((desk.read("rows.yaml"), desk.read("rows.csv")), ("mine\n".to_owned(), rows.to_owned()));

    let shown = desk.run(&["init", &source, "--output", "-"]).await;
    assert_eq!(shown.code, 0);
    has(&shown.stdout, &["source: rows.csv", "email: email"]);
    // From another folder the source is named in full.
    desk.write("other/keep", "");
    let other = desk.path("other/sync.yaml");
    assert_eq!(desk.run(&["init", &source, "--output", &other]).await.code, 0);
    assert_eq!(desk.run(&["sync", &other, "--dry-run"]).await.code, 0);
}

#[tokio::test]
async fn what_holds_no_rows_is_refused() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    desk.run(&["init", &desk.path("none.csv")]).await.refused(&["does not exist"]);
    let empty = desk.write("empty.csv", "");
    desk.run(&["init", &empty]).await.refused(&["is empty"]);
    let foreign = desk.write("foreign.csv", "a,b\n1,2\n");
    desk.run(&["init", &foreign]).await.refused(&[
        "no column is called like a field",
        "`a`, `b`",
        "--object customers",
    ]);
    desk.run(&["init", &foreign, "--object", "customer"])
        .await
        .refused(&["no object `customer`", "customers"]);
    let ran = desk.run_with(&["init", "-"], io::empty(), &Interrupt::default()).await;
    ran.refused(&["standard input"]);
    assert!(!desk.has("foreign.yaml") && !desk.has("empty.yaml"));
}

#[tokio::test]
async fn a_source_in_the_place_of_a_sync_file_is_answered_with_the_command() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    for (name, text) in [
        ("rows.csv", "email,partner_key\na@x.io,p\n"),
        ("rows.TSV", "email\tpartner_key\na@x.io\tp\n"),
        ("rows.ndjson", "{\"email\":\"a@x.io\",\"partner_key\":\"p\"}\n"),
        ("rows.json", "[{\"email\":\"a@x.io\",\"partner_key\":\"p\"}]\n"),
        ("rows", "{\"email\":\"a@x.io\",\"partner_key\":\"p\"}\n"),
    ] {
        let path = desk.write(name, text);
        let words = format!("partnerstack init {path}");
        desk.run(&["sync", &path]).await.refused(&["it is a source, not a sync file", &words]);
        desk.run(&["verify", &path, "--adopt"]).await.refused(&[&words]);
    }
    let blank = desk.write("my rows.csv", "a,b\n");
    desk.run(&["sync", &blank]).await.refused(&[&format!("partnerstack init '{blank}'")]);
    // What is missing is missing, and what is JSON may be a sync file.
    desk.run(&["sync", &desk.path("none.csv")]).await.refused(&["No such file"]);
    let json = desk
        .write("sync.json", "{\"object\": \"customers\", \"mode\": \"upsert\", \"source\": \"rows.csv\"}");
    assert_eq!(desk.run(&["sync", &json, "--dry-run"]).await.code, 0);
}
