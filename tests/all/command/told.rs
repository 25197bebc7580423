//! What people and monitors are told of a run: colours, quiet, events, metrics.

use partnerstack_tests::desk::{Desk, server};
use serde_json::Value;

const ROWS: &str = "email,partner_key,customer_key\nada@example.com,gstest,a-1\nnobody,gstest,a-2\n";
const GOOD: &str = "email,partner_key,customer_key\nada@example.com,gstest,a-1\n";

#[tokio::test]
async fn colours_are_there_where_they_are_wanted_and_text_of_others_brings_none() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let plain = desk.sync(&server, "customers insert", ROWS, &[]).await;
    assert!(!plain.stderr.contains('\u{1b}'), "{}", plain.stderr);
    let rows = ROWS.replace("nobody", "\u{1b}[31mnobody");
    let ran = desk
        .sync(
            &server,
            "customers upsert",
            rows.as_str(),
            &["--color", "always", "--ledger", &desk.path("two.db")],
        )
        .await;
    ran.says(&["\u{1b}[31m  invalid              1\u{1b}[0m  cannot be sent as they are"]);
    let escapes = ran.stderr.matches('\u{1b}').count();
    assert_eq!(
        ran.stderr.matches("\u{1b}[0m").count() * 2,
        escapes,
        "each colour is ours and ends: {}",
        ran.stderr
    );
    let ran = desk
        .sync(&server, "customers upsert", ROWS, &["--color", "never", "--ledger", &desk.path("three.db")])
        .await;
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
}

#[tokio::test]
async fn a_quiet_run_says_something_where_somebody_has_to_look() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let ran = desk.sync(&server, "customers insert", GOOD, &["--quiet"]).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let ran = desk.sync(&server, "customers insert", ROWS, &["--quiet"]).await;
    assert_eq!(ran.code, 1);
    ran.says(&["1 row invalid, row 2:"]);
    let ran = desk.sync(&server, "customers insert", ROWS, &["--quiet", "--map", "emial=email"]).await;
    ran.refused(&["did you mean `email`?"]);
}

/// The events of standard error.
fn events(stderr: &str) -> Vec<Value> {
    stderr.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

#[tokio::test]
async fn a_log_has_an_event_on_each_line_and_no_value_of_a_row() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = ROWS
        .replace("customer_key", "customer_key,shoe_size")
        .replace("a-1", "a-1,44")
        .replace("a-2", "a-2,45");
    let ran = desk.sync(&server, "customers insert", rows.as_str(), &["--log", "json"]).await;
    let events = events(&ran.stderr);
    let keys = |event: &Value| event.as_object().unwrap().keys().take(3).cloned().collect::<Vec<_>>();
    assert!(events.iter().all(|event| keys(event) == ["time", "level", "event"]), "{events:?}");
    assert!(events.iter().all(|event| event["time"].as_str().unwrap().ends_with('Z')), "{events:?}");
    let warning = events.iter().find(|event| event["level"] == "warning").unwrap();
    assert!(warning["message"].as_str().unwrap().contains("`shoe_size`"), "{warning}");
    let last = events.last().unwrap();
    assert_eq!((&last["event"], &last["rows"]), (&"finished".into(), &ran.report()["rows"]));
    for private in ["ada@example.com", "nobody", "a-1", "44"] {
        assert!(!ran.stderr.contains(private), "{private}: {}", ran.stderr);
    }
    let ran = desk.run(&["sync", "--log", "json", "--object", "customers", "--mode", "insert"]).await;
    let events = self::events(&ran.stderr);
    assert_eq!((ran.code, events.len(), &events[0]["level"]), (2, 1, &"error".into()), "{events:?}");
    assert!(events[0]["message"].as_str().unwrap().contains("no source is given"), "{events:?}");
}

/// The value of a series.
fn sample<'t>(text: &'t str, series: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))
}

#[tokio::test]
async fn metrics_hold_the_last_run_and_the_last_success() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let path = desk.path("partnerstack.prom");
    let read = || std::fs::read_to_string(&path).unwrap();
    let labels = r#"sync="customers",object="customers",account="default""#;
    let success = format!("partnerstack_last_success_timestamp_seconds{{{labels}}}");
    let code = format!("partnerstack_exit_code{{{labels}}}");

    desk.sync(&server, "customers insert", ROWS, &["--metrics", &path])
        .await
        .ended(1, "1 created, 1 invalid");
    let text = read();
    assert!(text.starts_with("# TYPE partnerstack_rows gauge\n") && text.ends_with("\n# EOF\n"), "{text}");
    let rows = |outcome: &str| format!("partnerstack_rows{{{labels},outcome=\"{outcome}\"}}");
    assert_eq!(sample(&text, &rows("created")), Some("1"));
    assert_eq!(sample(&text, &rows("invalid")), Some("1"));
    assert_eq!((sample(&text, &code), sample(&text, &success)), (Some("1"), None));

    desk.sync(&server, "customers insert", GOOD, &["--metrics", &path]).await.ended(0, "1 unchanged");
    let good = read();
    let when = sample(&good, &success).expect("a success").to_owned();
    assert_eq!(sample(&good, &code), Some("0"));

    desk.sync(&server, "customers insert", ROWS, &["--metrics", &path])
        .await
        .ended(1, "1 unchanged, 1 invalid");
    let text = read();
    assert_eq!((sample(&text, &code), sample(&text, &success)), (Some("1"), Some(when.as_str())));
    assert!(!text.contains("ada@example.com"), "{text}");
}

#[tokio::test]
async fn metrics_take_the_place_of_no_other_file() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let foreign = desk.write("notes.prom", "# my own metrics\n");
    let ran = desk.sync(&server, "customers insert", GOOD, &["--metrics", &foreign]).await;
    ran.refused(&["the metrics file", "--metrics FILE"]);
    assert_eq!(std::fs::read_to_string(&foreign).unwrap(), "# my own metrics\n");
    let source = desk.write("rows.csv", GOOD);
    let args =
        ["sync", "--object", "customers", "--mode", "insert", "--source", &source, "--metrics", &source];
    desk.run(&[&args[..], &["--base-url", server.base_url()]].concat()).await.refused(&["the source"]);
    let nowhere = desk.path("no/folder/m.prom");
    let ran = desk.sync(&server, "customers insert", GOOD, &["--metrics", &nowhere]).await;
    ran.refused(&["the folder of the metrics file does not exist"]);
    assert_eq!(server.requests(), 0);
}
