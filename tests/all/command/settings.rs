//! The sync file and the flags: which counts, and what is said where one of them is wrong.

use serde_json::{Value, json};

use partnerstack_tests::desk::{Desk, held, server};

const ROWS: &str = "mail,partner,Account,company\nada@example.com,gstest,a-1,Ada Ltd\n";
const FILE: &str = "object: customers\nmode: insert\nsource: rows.csv\nmapping:\n  email: mail\n  partner_key: partner\n  customer_key: Account\n";

/// Runs a sync file that lies in the desk's folder `syncs`, with [`ROWS`] beside it, into a server.
async fn run(desk: &Desk, file: &str, more: &[&str]) -> partnerstack_tests::desk::Ran {
    desk.write("syncs/rows.csv", ROWS);
    let file = desk.write("syncs/customers.yaml", file);
    desk.run(&[&["sync", &file, "--json"], more].concat()).await
}

#[tokio::test]
async fn a_sync_file_says_it_all_and_its_source_is_beside_it() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let ran = run(&desk, &format!("{FILE}base_url: {}\n", server.base_url()), &[]).await;
    ran.ended(0, "1 created");
    assert_eq!(
        held(&server, "customers", &["email", "customer_key", "name"]),
        [[json!("ada@example.com"), json!("a-1"), Value::Null]],
        "a mapping replaces the matching by name"
    );
    assert_eq!(ran.warnings(), ["warning: these columns feed no field and are not sent: `company`"]);
}

#[tokio::test]
async fn flags_override_the_file() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let other = desk.write(
        "other.csv",
        "mail;partner;Account\nnobody;gstest;a-1\nmax@example.com;gstest;a-2\neve@example.com;gstest;a-3\n",
    );
    let file = format!(
        "{}base_url: http://127.0.0.1:9\nlimit: 1\nallow_failures: 0\ndelimiter: tab\n",
        FILE.replace("insert", "update").replace("rows.csv", "missing.csv")
    );
    let flags = [
        "--mode",
        "upsert",
        "--source",
        &other,
        "--base-url",
        server.base_url(),
        "--limit",
        "2",
        "--allow-failures",
        "50%",
        "--delimiter",
        ";",
    ];
    let ran = run(&desk, &file, &flags).await;
    ran.ended(0, "1 created, 1 invalid");
    assert_eq!(ran.report()["mode"], "upsert");

    let deals = ["--object", "deals", "--source", &other, "--base-url", server.base_url()];
    run(&desk, &FILE.replace("  customer_key: Account\n", ""), &deals)
        .await
        .refused(&["deals have no field `email`"]);
}

#[tokio::test]
async fn a_relative_source_of_a_flag_begins_where_the_command_runs() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    run(&desk, FILE, &["--source", "rows.csv", "--sandbox"]).await.refused(&["`rows.csv` does not exist"]);
}

#[tokio::test]
async fn a_dash_is_standard_input_in_file_and_flag() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let file = desk.write("customers.yaml", FILE.replace("rows.csv", "\"-\""));
    let args = ["sync", &file, "--json", "--base-url", server.base_url()];
    desk.run_with(&args, ROWS.as_bytes(), &partnerstack_connector::sync::Interrupt::default())
        .await
        .ended(0, "1 created");
}

#[tokio::test]
async fn map_adds_to_the_matching_by_name_and_to_a_mapping() {
    let _limit = partnerstack_tests::limit();
    let rows = "email,mail,partner_key,x\nold@example.com,ada@example.com,gstest,Ada\n";
    let desk = Desk::new();
    for (more, email, name) in [
        (&["--map", "name=x"][..], "old@example.com", json!("Ada")),
        (&["--map", "email=mail", "--map", "name=x"], "ada@example.com", json!("Ada")),
        (&["--map", "email=mail"], "ada@example.com", Value::Null),
    ] {
        let server = server();
        let ran = desk.sync(&server, "customers insert", rows, more).await;
        ran.ended(0, "1 created");
        assert_eq!(held(&server, "customers", &["email", "name"]), [[json!(email), name]]);
        let ran = desk
            .sync(
                &server,
                "customers insert",
                r#"{"email": "-", "mail": "Max@example.com", "partner_key": "p", "x": "Max"}"#,
                more,
            )
            .await;
        if more.contains(&"email=mail") {
            ran.ended(0, "1 created");
        } else {
            ran.ended(1, "1 invalid");
        }
    }
    let server = server();
    let url = ["--base-url", server.base_url()];
    run(&desk, FILE, &[&url[..], &["--map", "name=company", "--map", "meta.mail=mail"]].concat())
        .await
        .ended(0, "1 created");
    assert_eq!(
        held(&server, "customers", &["name", "meta"]),
        [[json!("Ada Ltd"), json!({"mail": "ada@example.com"})]]
    );
}

#[tokio::test]
async fn a_constant_feeds_every_row() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let file = FILE.replace(
        "partner_key: partner",
        "partner_key: {value: gstest}\n  meta.year: {value: 2026}\n  meta.trial: {value: true}",
    );
    run(&desk, &file, &["--base-url", server.base_url()]).await.ended(0, "1 created");
    assert_eq!(
        held(&server, "customers", &["partner_key", "meta"]),
        [[json!("gstest"), json!({"year": 2026, "trial": true})]]
    );
}

#[tokio::test]
async fn a_map_flag_overrules_the_mapping_of_a_file() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "email,partner_key,a,b\nada@example.com,gstest,of the file,of the flag\n";
    let settings =
        "object: customers\nmode: insert\nmapping: {email: email, partner_key: partner_key, name: a}\n";
    desk.sync_file(&server, settings, rows, &["--map", "name=b"]).await.ended(0, "1 created");
    assert_eq!(held(&server, "customers", &["name"]), [["of the flag"]]);
}

#[tokio::test]
async fn a_column_that_ends_with_the_dot_of_a_custom_field_feeds_nothing() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "email,partner_key,customer_key,meta.\nada@example.com,gstest,a-1,pro\n";
    let ran = desk.sync(&server, "customers insert", rows, &[]).await;
    ran.ended(0, "1 created");
    ran.says(&["these columns feed no field and are not sent: `meta.`"]);
}

#[tokio::test]
async fn unmapped_columns_are_one_warning() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "email,partner_key,customer_key,shoe size,,Hair\nada@example.com,gstest,a-1,38,,red\n";
    let ran = desk.sync(&server, "customers insert", rows, &[]).await;
    assert_eq!(
        ran.warnings(),
        ["warning: these columns feed no field and are not sent: `shoe size`, `Hair`"]
    );
    let row = |email: &str| {
        format!(
            "{{\"email\": \"{email}\", \"partner_key\": \"p\", \"customer_key\": \"{email}\", \"Hair\": 1, \"a\\u001bb\": 2}}\n"
        )
    };
    let ran =
        desk.sync(&server, "customers insert", row("max@example.com") + &row("mia@example.com"), &[]).await;
    ran.ended(0, "2 created");
    assert_eq!(ran.warnings().len(), 2, "one for each name that was seen: {}", ran.stderr);
    assert!(!ran.stderr.contains('\u{1b}'));
}

#[tokio::test]
async fn a_recommended_field_that_rows_lack_is_one_warning_where_they_create() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "email,partner_key,customer_key\nada@example.com,gstest,a-1\neve@example.com,gstest,\nmax@example.com,gstest,\n";
    let ran = desk.sync(&server, "customers insert", rows, &[]).await;
    let warnings = ran.warnings();
    assert_eq!(warnings.len(), 1, "{}", ran.stderr);
    assert!(warnings[0].contains("row 2") && warnings[0].contains("transactions"), "{}", warnings[0]);
    let ran = desk.sync(&server, "customers update", "customer_key,name\na-1,Ada\n", &[]).await;
    assert_eq!(ran.warnings().len(), 0, "{}", ran.stderr);
}

#[tokio::test]
async fn a_mapped_field_that_an_operation_cannot_write_is_one_warning() {
    let _limit = partnerstack_tests::limit();
    let server = server();
    for (rows, mode) in [
        ("email,partner_key,customer_key\nada@example.com,gstest,a-1\n", "insert"),
        ("email,partner_key,customer_key\nada@example.com,gstest,a-1\n", "upsert"),
        (r#"{"email": "ada@example.com", "partner_key": "other", "customer_key": "a-1"}"#, "upsert"),
    ] {
        // Each with a ledger of its own, so that all of it is sent.
        let ran = Desk::new().sync(&server, &format!("customers {mode}"), rows, &[]).await;
        let warnings = ran.warnings();
        if mode == "insert" {
            assert_eq!(warnings.len(), 0, "{}", ran.stderr);
        } else {
            assert_eq!(warnings.len(), 1, "{}", ran.stderr);
            assert!(
                warnings[0].contains("`partner_key`") && warnings[0].contains("update"),
                "{}",
                warnings[0]
            );
        }
    }
    assert_eq!(held(&server, "customers", &["partner_key"]), [[json!("gstest")]]);
}

#[tokio::test]
async fn every_key_of_the_contract_is_taken() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let upsert = FILE.replace("insert", "upsert");
    let file = format!(
        "{upsert}name: crm\nformat: csv\ndelimiter: \",\"\nencoding: utf-8\nprimary_key: [Account]\nmatch_on: email\n\
         limit: 5\ndry_run: true\nfull: false\nsandbox: true\naccount: main\nrotated_key: false\nledger: {}\n\
         require_ledger: false\ntimeout: 5\nconcurrency: 4\nrate: 100\nsettle_after: 1\nsettle_wait: 2\ngrace: 3\nmax_failures: 5%\n\
         allow_failures: 2\ngive_up: 9\njson: true\non_change: ignore\nderive_key: false\n",
        desk.path("ledger.db")
    );
    run(&desk, &file, &[]).await.ended(0, "1 pending");
    let ran =
        run(&desk, &format!("{FILE}on_change: report\nsandbox: true\nbase_url: https://example.com\n"), &[])
            .await;
    ran.refused(&["--sandbox", "--base-url"]);
}

#[tokio::test]
async fn a_mistake_is_told_with_file_line_and_what_was_meant() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let change = |from: &str, to: &str| FILE.replace(from, to);
    for (file, place, words) in [
        (change("object: c", "objct: c"), "1:1", &["`objct`", "`object`"][..]),
        (change("customers", "custmers"), "1:9", &["`custmers`", "`customers`"]),
        (change("insert", "insrt"), "2:7", &["`insrt`", "`insert`"]),
        (change("source:", "sources:"), "3:1", &["`sources`", "`source`"]),
        (change("  email:", "  emial:"), "5:3", &["`emial`", "`email`"]),
        (change("email: mail", "email: mial"), "5:3", &["`mial`", "`mail`"]),
        (change("email: mail", "email: {colum: mail}"), "5:11", &["`colum`", "`column`"]),
        (change("email: mail", "email: {column: mail, as: lowr}"), "5:29", &["`lowr`", "`lower`"]),
        (change("email: mail", "email: [mail]"), "5:10", &["the name of a column"]),
        (change("email: mail", "email: {column: mail, value: x}"), "5:3", &["both a column and a value"]),
        (change("email: mail", "email: {as: lower}"), "5:3", &["neither a column nor a value"]),
        (change("email: mail", "email: {column: mail, decimal: ','}"), "5:3", &["`as: cents`"]),
        (change("email: mail", "email: {column: mail, as: cents, decimal: ';'}"), "5:3", &["'.' or ','"]),
        (change("email: mail", "email: {column: mail, exponent: 0}"), "5:3", &["`as: cents`"]),
        (change("email: mail", "email: {column: mail, as: cents, exponent: 9}"), "5:3", &["from 0 to 4"]),
        (change("email: mail", "email: {column: mail, format: '%d'}"), "5:3", &["`as: date`"]),
        (change("email: mail", "email: {column: mail, as: date}"), "5:3", &["%d/%m/%Y"]),
        (
            change("email: mail", "email: {column: mail, as: date, format: '%d/%m'}"),
            "5:3",
            &["a day, a month"],
        ),
        (change("email: mail", "email.home: mail"), "5:3", &["has no entries"]),
        (change("email: mail", "email: mail\n  email: partner"), "6:3", &["`email`"]),
        (format!("{FILE}primary_key: Acount\n"), "8:14", &["`Acount`", "`Account`"]),
        (format!("{FILE}primary_key: [Account, {{value: [1]}}]\n"), "8:14", &["{value: stripe}"]),
        (format!("{FILE}primary_key: [{{value: stripe}}]\n"), "8:14", &["names no column"]),
        (format!("{FILE}limit: ten\n"), "8:8", &["number"]),
        (format!("{FILE}timeout: -1\n"), "8:10", &["number"]),
        (format!("{FILE}timeout: 0\n"), "8:10", &["`timeout` must be from 1 to 86400 seconds"]),
        (format!("{FILE}max_failures: some\n"), "8:15", &["a share such as 5%"]),
        (format!("{FILE}name: a/b\n"), "8:7", &["slash"]),
        (format!("{FILE}dry_run: perhaps\n"), "8:10", &["true or false"]),
        ("object: customers\nmapping:\n\temail: mail\n".to_owned(), "3:1", &["tab"]),
        ("- object\n".to_owned(), "1:1", &[]),
        (String::new(), "", &["says nothing"]),
    ] {
        let ran = run(&desk, &file, &[]).await;
        let place =
            if place.is_empty() { "customers.yaml".to_owned() } else { format!("customers.yaml:{place}") };
        ran.refused(&[&place]);
        ran.says(words);
    }
}

#[tokio::test]
async fn several_mistakes_of_a_file_are_told_at_once() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let file =
        "objekt: customers\nmode: upsrt\nsource: rows.csv\nmapping:\n  email: {colum: mail, as: lowr}\n";
    let ran = run(&desk, file, &[]).await;
    ran.refused(&["customers.yaml:1:1", "customers.yaml:2:7", "customers.yaml:5:11", "customers.yaml:5:28"]);
    ran.snapshot("mistakes-in-a-sync-file", &ran.stderr);
}

#[tokio::test]
async fn what_a_file_cannot_mean_is_shown_in_its_place() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let mut told = String::new();
    for (from, to) in [
        ("object: customers", "object: custmers"),
        ("  customer_key: Account", "  customer_kye: Account"),
        ("mode: insert", "mode: update\nmatch_on: emial"),
        ("  email: mail", "  email: {column: mail, exponent: 0}"),
        ("source: rows.csv", "source: rows.csv\nprimary_key: [Account, {value: [1]}]"),
        ("  email: mail", "  email: mial"),
    ] {
        let ran = run(&desk, &FILE.replace(from, to), &[]).await;
        ran.refused(&["customers.yaml:"]);
        // A program gets it in one line.
        assert!(ran.report()["error"].as_str().is_some_and(|error| !error.contains('^')), "{}", ran.stdout);
        told.push_str(&ran.stderr);
        told.push('\n');
    }
    let ran = run(&desk, &FILE.replace("mode: insert", "mode: insert\nname: a/b # secret"), &[]).await;
    assert!(!ran.stderr.contains("# secret"), "{}", ran.stderr);
    ran.snapshot("meanings-in-a-sync-file", &told);
}

#[tokio::test]
async fn a_flag_is_not_blamed_on_the_file() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let ran = run(&desk, FILE, &["--object", "custmers"]).await;
    ran.refused(&["there is no object `custmers`", "`customers`"]);
    assert!(!ran.stderr.contains(".yaml"), "{}", ran.stderr);
    let ran = run(&desk, &format!("{FILE}primary_key: Account\n"), &["--primary-key", "Acount"]).await;
    ran.refused(&["`Acount`", "`Account`"]);
    assert!(!ran.stderr.contains(".yaml"), "{}", ran.stderr);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_told() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let ran = desk.run(&["sync", &desk.path("custmers.yaml")]).await;
    ran.refused(&["custmers.yaml", "cannot be read"]);
    desk.run(&["sync", &desk.path("")]).await.refused(&["cannot be read"]);
    let file = desk.write("latin.yaml", b"object: caf\xE9\n");
    desk.run(&["sync", &file]).await.refused(&["latin.yaml:1:12"]);
}

#[tokio::test]
async fn a_first_line_that_is_no_header_is_not_repeated() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    for flags in [&["--map", "email=mail"][..], &["--primary-key", "id", "--map", "email=0"]] {
        let ran = desk.sync(&server, "customers insert", "ada@example.com,gstest\n", flags).await;
        ran.refused(&["looks like data"]);
        assert!(!ran.stderr.contains("ada@") && !ran.stdout.contains("ada@"), "{}", ran.stderr);
    }
    let ran = desk.sync(&server, "customers insert", "email,partner_key,a\u{1b}[31mb\n", &[]).await;
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
}

#[tokio::test]
async fn two_columns_for_one_field_are_refused() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "email,Partner Key,partner_key\nada@example.com,gstest,other\n";
    let ran = desk.sync(&server, "customers insert", rows, &[]).await;
    ran.refused(&[
        "`Partner Key` and `partner_key` both match the field `partner_key`",
        "--map partner_key=COLUMN",
    ]);
    let twice = ["--map", "name=email", "--map", "name=partner"];
    let ran = desk
        .sync(&server, "customers insert", "email,partner,partner_key\na@example.com,b,c\n", &twice)
        .await;
    ran.refused(&["`name` is mapped to more than one column"]);
    let ran = desk
        .sync(&server, "customers insert", "email,partner_key,meta,meta.plan\na@example.com,b,{},c\n", &[])
        .await;
    ran.refused(&["both `meta` and its entry `meta.plan` are mapped"]);
    let rows = r#"{"email": "ada@example.com", "E-Mail": "max@example.com", "partner_key": "gstest"}"#;
    desk.sync(&server, "customers insert", rows, &[]).await.ended(1, "1 invalid");
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn what_a_flag_maps_has_to_be_there() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "email,partner_key\nada@example.com,gstest\n";
    for (map, words) in [
        ("emial=email", &["customers have no field `emial`", "`email`"][..]),
        ("email=emial", &["the column `emial`, which the source does not have", "`email`"]),
        ("email.home=email", &["has no entries"]),
        ("meta.=email", &["no field `meta.`"]),
    ] {
        desk.sync(&server, "customers insert", rows, &["--map", map]).await.refused(words);
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_path_that_begins_with_a_tilde_lies_in_the_home_folder() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "customer_key,email,partner_key\na-1,ada@example.com,gstest\nnobody,,gstest\n";
    desk.write("home/rows.csv", rows);
    desk.write("home/key", "sk_test_home");
    desk.write(
        "home/sync.yaml",
        "object: customers\nmode: insert\nsource: ~/rows.csv\nfailures: ~/failures.csv\nledger: ~/file.db\n",
    );
    let home = desk.path("home");
    let desk = desk.with("HOME", &home).with("PARTNERSTACK_SECRET_KEY_FILE", "~/key");
    let desk = desk.without("PARTNERSTACK_SECRET_KEY");
    let base = ["sync", "~/sync.yaml", "--base-url", server.base_url(), "--json"];
    desk.run(&base).await.ended(1, "1 created, 1 invalid");
    desk.run(&[&base[..], &["--ledger", "~/flag.db"]].concat()).await.ended(1, "1 invalid, 1 rejected");
    let desk = desk.with("PARTNERSTACK_LEDGER", "~/variable.db");
    desk.run(&base).await.ended(1, "1 invalid, 1 rejected");
    for made in ["home/file.db", "home/flag.db", "home/variable.db", "home/failures.csv"] {
        assert!(desk.has(made), "{made} of {:?}", desk.files());
    }
    let history = ["history", "a-1", "--base-url", server.base_url(), "--ledger", "~/file.db"];
    assert_eq!(desk.run(&history).await.code, 0);
}
