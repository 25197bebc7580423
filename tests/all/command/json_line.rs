//! The line for programs. Its shape is checked wherever a test reads it; here is when there is one, and what is not.

use partnerstack_tests::desk::{Desk, server};

const ROWS: &str = "email,partner_key,customer_key\nada@example.com,gstest,a-1\nnobody,gstest,a-2\n";

#[tokio::test]
async fn it_says_what_was_done() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let ran = desk.sync(&server, "customers insert", ROWS, &[]).await;
    let mut report = ran.report();
    let duration = report.as_object_mut().unwrap().remove("duration_ms").unwrap();
    assert!(duration.is_u64());
    assert_eq!(
        report,
        serde_json::json!({
            "schema_version": 1,
            "run": 1,
            "account": "default",
            "ledger": desk.state().join("ledger.db").display().to_string(),
            "object": "customers",
            "mode": "insert",
            "dry_run": false,
            "rows": {
                "read": 2, "created": 1, "updated": 0, "unchanged": 0, "skipped": 0,
                "invalid": 1, "rejected": 0, "uncertain": 0, "pending": 0, "filtered": 0, "blocked": 0,
            },
            "unsettled_before": 0,
            "requests": 1,
            "lookups": 0,
            "retries": 0,
            "throttled": 0,
            "test_records": 1,
            "failures": desk.list("customers"),
            "reasons": [{
                "outcome": "invalid", "rows": 1, "status": null, "field": "email", "rule": "email",
                "message": "email must be an e-mail address such as name@example.com", "hint": null, "first_row": 2,
            }],
            "other_reasons": 0,
            "unread": null,
            "error": null,
        })
    );
    ran.says(&["insert customers: 2 rows read", "customers.customers.ndjson"]);
}

#[tokio::test]
async fn nothing_failed_means_no_path() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = ROWS.replace("nobody", "eve@example.com");
    let ran = desk.sync(&server, "customers insert", rows, &[]).await;
    assert!(ran.report()["failures"].is_null());
}

#[tokio::test]
async fn without_the_flag_standard_output_is_empty() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let source = desk.write("rows.csv", ROWS);
    let args = ["sync", "--object", "customers", "--mode", "insert", "--source", &source];
    let ran = desk.run(&[&args[..], &["--base-url", server.base_url()]].concat()).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
}

#[tokio::test]
async fn what_could_not_start_prints_it_too() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    let source = desk.write("rows.csv", ROWS);
    let missing = desk.path("rows.cvs");
    let object = ["sync", "--json", "--object", "customers"];
    for (more, words) in [
        (&["--mode", "insert", "--source", &missing][..], "rows.csv"),
        (&["--mode", "insert"], "no source is given"),
        (&["--mode", "insert", "--source", &source, "--map", "emial=email"], "did you mean `email`?"),
        (&["--mode", "mirror"], "mirror"),
        (&["--mode", "insert", "--sorce", &source], "--sorce"),
        (&["--mode", "insert", "--limit", "ten"], "ten"),
    ] {
        let ran = desk.run(&[&object[..], more].concat()).await;
        ran.refused(&[words]);
        ran.ended(2, "");
        let error = ran.report()["error"].clone();
        assert!(error.as_str().is_some_and(|error| error.contains(words)), "{error}");
    }
    let ran =
        desk.run(&["sync", "--object", "deals", "--mode", "update", "--source", &source, "--json"]).await;
    let report = ran.report();
    assert_eq!(
        (&report["object"], &report["mode"]),
        (&"deals".into(), &"update".into()),
        "what is known is told"
    );
    assert!(report["error"].as_str().is_some_and(|error| error.contains("deals")), "{report}");
}

#[tokio::test]
async fn asking_for_help_is_no_run() {
    let _limit = partnerstack_tests::limit();
    let ran = Desk::new().run(&["sync", "--json", "--help"]).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("Usage:"), "{}", ran.stdout);
}

#[tokio::test]
async fn the_sync_file_can_ask_for_it() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.write("rows.csv", ROWS);
    let file = desk.write("sync.yaml", "object: customers\nmode: insert\nsource: rows.csv\njson: true\n");
    let ran = desk.run(&["sync", &file, "--base-url", server.base_url()]).await;
    ran.ended(1, "1 created, 1 invalid");
    let file = desk.write("wrong.yaml", "object: customers\nmode: insert\nsource: missing.csv\njson: true\n");
    desk.run(&["sync", &file]).await.ended(2, "");
}
