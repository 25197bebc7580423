//! The failures file: a line for every row that did not arrive, and a source for the next run.

use partnerstack_connector::sandbox::Options;
use partnerstack_connector::sync::Interrupt;
use serde_json::{Value, json};

use partnerstack_tests::desk::{Desk, failures_in, faults, held, server, server_with};

const ROWS: &str = "Customer Key,E-Mail,Partner Key,Name,Notes\n\
                    a-1,ada@example.com,gstest,Ada,\n\
                    a-2,nobody,,Eve,\"a \"\"note\"\", \u{1f600}\"\n";

#[tokio::test]
async fn a_line_says_everything_about_its_row() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let ran = desk.sync(&server, "customers upsert", ROWS, &[]).await;
    ran.ended(1, "1 created, 1 invalid");
    let lines = desk.failures("customers");
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!((&line["row"], &line["key"], &line["outcome"]), (&json!(2), &json!("a-2"), &json!("invalid")));
    assert_eq!((&line["operation"], &line["status"]), (&Value::Null, &Value::Null), "nothing was sent");
    assert_eq!(faults(&lines), ["2 email email", "2 partner_key required"]);
    assert_eq!(
        line["record"],
        json!({
            "Customer Key": "a-2", "E-Mail": "nobody", "Partner Key": null, "Name": "Eve",
            "Notes": "a \"note\", \u{1f600}",
        }),
        "the columns of the source, an empty cell as null: that is what it means in JSON"
    );
    assert!(line["message"].as_str().is_some_and(|message| message.contains("email must be")), "{line}");
    assert!(line["hint"].as_str().is_some_and(|hint| hint.contains("partner_key")), "{line}");
    ran.snapshot(
        "failures-line",
        &anonymous(&std::fs::read_to_string(desk.list("customers")).unwrap(), &lines),
    );
}

/// The lines with a name in place of each id: those of two ledgers differ.
fn anonymous(text: &str, lines: &[Value]) -> String {
    lines.iter().fold(text.to_owned(), |text, line| text.replace(line["id"].as_str().unwrap(), "[id]"))
}

#[tokio::test]
async fn a_refused_row_has_operation_status_and_the_apis_words() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers insert", "email,partner_key\nada@example.com,gstest\n", &[])
        .await
        .ended(0, "1 created");
    let rows = r#"{"email": "Ada@example.com", "partner_key": "gstest", "more": {"nested": [1]}}"#;
    // Another ledger knows nothing of it.
    let desk = Desk::new();
    desk.sync(&server, "customers insert", rows, &[]).await.ended(1, "1 rejected");
    let line = &desk.failures("customers")[0];
    assert_eq!((&line["operation"], &line["status"]), (&json!("create"), &json!(400)));
    assert_eq!(line["message"], "a customer with this email already exists");
    assert!(line["hint"].as_str().is_some_and(|hint| hint.contains("--mode upsert")), "{line}");
    assert_eq!(line["errors"], json!([]));
    assert_eq!(line["record"], serde_json::from_str::<Value>(rows).unwrap());
}

#[tokio::test]
async fn what_could_not_be_read_has_no_record_and_is_no_source() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = b"email,partner_key,customer_key\nada@example.com,gstest,1,surplus\nZo\xEB@example.com,gstest,2\neve@example.com,gstest,3\n";
    desk.sync(&server, "customers insert", rows, &[]).await.ended(1, "1 created, 2 invalid");
    let lines = desk.failures("customers");
    assert_eq!(faults(&lines), ["1 - ragged", "2 - encoding"]);
    for line in &lines {
        assert_eq!((&line["record"], &line["key"]), (&Value::Null, &Value::Null));
    }

    let source = desk.list("customers");
    let args = ["sync", "--object", "customers", "--mode", "insert", "--source", &source, "--json"];
    let ran = desk.run(&[&args[..], &["--base-url", server.base_url()]].concat()).await;
    ran.ended(1, "2 invalid");
    let again = desk.failures("customers");
    assert_eq!(faults(&again), ["1 - record", "2 - record"]);
    assert!(again[1]["message"].as_str().is_some_and(|message| message.contains("row 2")), "{}", again[1]);
    assert_eq!(server.count("customers"), 1);
}

#[tokio::test]
async fn it_is_named_after_the_sync_file_or_its_name_else_the_object() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.write("rows.csv", ROWS);
    let yaml = "object: customers\nmode: upsert\nsource: rows.csv\n";
    let file = desk.write("nightly customers.yaml", yaml);
    let named = desk.write("other.yaml", format!("{yaml}name: crm\n"));
    for (file, name) in [(&file, "nightly customers"), (&named, "crm")] {
        let ran = desk.run(&["sync", file, "--base-url", server.base_url(), "--json"]).await;
        assert_eq!(ran.report()["failures"], json!(desk.list(name)));
        assert_eq!(desk.failures(name).len(), 1);
    }
}

#[tokio::test]
async fn it_lies_beside_the_ledger() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new().with("PARTNERSTACK_LEDGER", "unset"), server());
    let (flag, variable) = (desk.path("flag/ledger.db"), desk.path("variable/ledger.db"));
    let desk = desk.with("PARTNERSTACK_LEDGER", &variable);
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(1, "1 created, 1 invalid");
    desk.sync(&server, "customers upsert", ROWS, &["--ledger", &flag]).await.ended(1, "1 updated, 1 invalid");
    let host = server.address().to_string().replace(':', "_");
    let list = format!("failures/{host}/default/customers.customers.ndjson");
    assert!(desk.has(&format!("variable/{list}")) && desk.has(&format!("flag/{list}")), "{:?}", desk.files());
    assert!(!desk.has("state/partnerstack/failures") && !desk.has("state/partnerstack/ledger.db"));
}

#[tokio::test]
async fn a_rehearsal_does_not_take_the_place_of_what_the_api_refused() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(1, "1 created, 1 invalid");
    let source = desk.write("rows.csv", format!("{ROWS}a-3,nobody,gstest,,\n"));
    let args = ["sync", "--object", "customers", "--mode", "upsert", "--source", &source, "--sandbox"];
    let ran = desk.run(&[&args[..], &["--json"]].concat()).await;
    ran.ended(1, "1 created, 2 invalid");
    let lists: Vec<usize> = desk.lists("customers").iter().map(|path| failures_in(path).len()).collect();
    assert_eq!(lists.iter().sum::<usize>(), 3);
    assert_eq!(failures_in(ran.report()["failures"].as_str().unwrap()).len(), 2);
    // The next rehearsal begins anew.
    let ran = desk.run(&[&args[..], &["--json", "--limit", "2"]].concat()).await;
    ran.ended(1, "1 created, 1 invalid");
    assert_eq!(failures_in(ran.report()["failures"].as_str().unwrap()).len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_can_read_it_even_where_others_could_before() {
    use std::os::unix::fs::PermissionsExt;
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let path = desk.path("open.ndjson");
    desk.sync(&server, "customers upsert", ROWS, &["--failures", &path]).await;
    // As a run that was killed leaves it: cut off.
    let partial = desk.write("open.ndjson.partial", &desk.read("open.ndjson").as_bytes()[..99]);
    for path in [&path, &partial] {
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o644)).unwrap();
    }
    desk.sync(&server, "customers upsert", ROWS, &["--failures", &path])
        .await
        .ended(1, "1 unchanged, 1 invalid");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(failures_in(&path).len(), 1);
    assert!(!desk.has("open.ndjson.partial"));
}

#[tokio::test]
async fn it_is_gone_once_nothing_is_left_to_do() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(1, "1 created, 1 invalid");
    assert_eq!(desk.failures("customers").len(), 1);
    let good = "customer_key,email,partner_key\na-1,ada@example.com,gstest\n";
    let ran = desk.sync(&server, "customers upsert", good, &[]).await;
    ran.ended(0, "1 unchanged");
    assert_eq!(desk.failures("customers").len(), 1, "that row has not arrived");
    assert_eq!(ran.report()["failures"], json!(desk.list("customers")));
    let good = "customer_key,email,partner_key\na-2,eve@example.com,gstest\n";
    let ran = desk.sync(&server, "customers upsert", good, &[]).await;
    ran.ended(0, "1 created");
    assert!(ran.report()["failures"].is_null() && desk.lists("customers").is_empty());
}

#[tokio::test]
async fn corrected_it_is_a_source() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "Customer Key;E-Mail;Partner Key;Provider Key\n\
                a-1;ada@example.com;gstest;\n;nobody;gstest;\na-3;eve@example.com;;\n";
    desk.sync(&server, "customers insert", rows, &[]).await.ended(1, "1 created, 2 invalid");
    let path = desk.list("customers");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text
        .replace("\"nobody\"", "\"max@example.com\"")
        .replace("\"Partner Key\":null", "\"Partner Key\":\"gstest\"");
    std::fs::write(&path, text).unwrap();

    let source = path.clone();
    let args = ["sync", "--object", "customers", "--mode", "insert", "--source", &source, "--json"];
    let ran = desk.run(&[&args[..], &["--base-url", server.base_url()]].concat()).await;
    ran.ended(0, "2 created");
    assert_eq!(
        held(&server, "customers", &["customer_key", "email", "provider_key"]),
        [
            [json!("a-1"), json!("ada@example.com"), json!(null)],
            [json!(null), json!("max@example.com"), json!(null)],
            [json!("a-3"), json!("eve@example.com"), json!(null)],
        ],
        "what was empty in the source is absent, as it was in the first run"
    );
    assert!(!std::path::Path::new(&path).exists(), "nothing is left to correct");
}

#[tokio::test]
async fn as_its_own_source_it_is_not_lost_with_a_run_that_stops() {
    let _limit = partnerstack_tests::limit();
    let wrong_keys = Options { credentials: Some(("pk".to_owned(), "sk".to_owned())), ..Options::default() };
    let desk = Desk::new();
    let rows = "email,partner_key\nnobody,gstest\nno one,gstest\nno two,gstest\n";
    desk.sync(&server(), "customers insert", rows, &[]).await.ended(1, "3 invalid");
    let path = desk.list("customers");
    // The second is corrected, the others are as they were.
    let text = std::fs::read_to_string(&path).unwrap().replace("\"no one\"", "\"max@example.com\"");
    std::fs::write(&path, &text).unwrap();
    let source = path.clone();
    let args = ["sync", "--object", "customers", "--mode", "insert", "--source", &source, "--json"];

    let server = server_with(wrong_keys);
    let url = ["--base-url", server.base_url()];
    let ran = desk.run(&[&args[..], &url].concat()).await;
    ran.ended(5, "2 invalid, 1 pending");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    let ran = desk.run(&[&args[..], &url, &["--limit", "1"]].concat()).await;
    ran.ended(1, "1 invalid");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    let interrupt = Interrupt::default();
    interrupt.raise(2);
    let ran = desk.run_with(&[&args[..], &url].concat(), std::io::empty(), &interrupt).await;
    ran.ended(130, "");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    assert!(!desk.files().iter().any(|file| file.ends_with(".partial")), "{:?}", desk.files());
}

#[tokio::test]
async fn a_run_that_stopped_takes_no_old_one_away() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers upsert", ROWS, &[]).await.ended(1, "1 created, 1 invalid");
    let source = desk.write("rows.csv", ROWS);
    let interrupt = Interrupt::default();
    interrupt.raise(2);
    let args = ["sync", "--object", "customers", "--mode", "upsert", "--source", &source, "--json"];
    let args = [&args[..], &["--base-url", server.base_url()]].concat();
    desk.run_with(&args, std::io::empty(), &interrupt).await.ended(130, "");
    assert_eq!(desk.failures("customers").len(), 1);
}

#[tokio::test]
async fn the_source_itself_is_never_overwritten() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let ran = desk.sync(&server, "customers insert", ROWS, &["--failures", &desk.path("rows.csv")]).await;
    ran.refused(&["the failures file is the source", "--failures"]);
    let json = r#"{"email": "ada@example.com", "partner_key": "gstest"}"#;
    let ran =
        desk.sync(&server, "customers insert", json, &["--failures", &desk.path("./rows.ndjson")]).await;
    ran.refused(&["the failures file is the source", "--failures"]);
    assert_eq!((desk.read("rows.csv").as_str(), desk.read("rows.ndjson").as_str()), (ROWS, json));
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn as_csv_it_has_the_sources_columns_behind_its_own() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let path = desk.path("failed.CSV");
    let rows = format!("{ROWS}short\na-9,nobody,gstest,\"two\nlines\",\n");
    let ran = desk.sync(&server, "customers insert", rows, &["--failures", &path]).await;
    ran.ended(1, "1 created, 3 invalid");
    assert_eq!(ran.report()["failures"], json!(path));
    let text = desk.read("failed.CSV");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "row,outcome,message,hint,failure_id,Customer Key,E-Mail,Partner Key,Name,Notes");
    assert!(lines[1].starts_with("2,invalid,"), "{text}");
    assert!(lines[1].ends_with(",a-2,nobody,,Eve,\"a \"\"note\"\", \u{1f600}\""), "{text}");
    assert!(lines[2].starts_with("3,invalid,\"line 4 has 1 cell") && lines[2].ends_with(",,,,,"), "{text}");
    assert!(text.ends_with(",a-9,nobody,gstest,\"two\nlines\",\n"), "{text}");

    let ran = desk.sync(&server, "customers insert", "{\"email\": \"a\"}", &["--failures", &path]).await;
    ran.refused(&["a source in CSV", "--failures failures.ndjson"]);
}

#[tokio::test]
async fn a_path_that_cannot_be_written_is_2() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    // Something lies where the file is written until it is whole.
    std::fs::create_dir(desk.path("taken.ndjson.partial")).unwrap();
    for (path, words) in [
        ("missing/failures.ndjson", "the folder of the failures file does not exist"),
        (".", "is a folder"),
        ("taken.ndjson", "cannot be written"),
    ] {
        let ran = desk.sync(&server, "customers insert", ROWS, &["--failures", &desk.path(path)]).await;
        ran.refused(&[words]);
    }
    assert_eq!(server.requests(), 0);
}
