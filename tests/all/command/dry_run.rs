//! A dry run: everything but the sending.

use partnerstack_tests::desk::{Desk, failures_in, faults, server};

const ROWS: &str = "Customer Key,E-Mail,Partner Key,Name\n\
                    a/1,ada@example.com,gstest,Ada\n\
                    a-2,nobody,gstest,Eve\n\
                    ,max@example.com,gstest,Max\n";

#[tokio::test]
async fn nothing_is_sent_and_nothing_is_written() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let ran = desk.sync(&server, "customers upsert", ROWS, &["--dry-run"]).await;
    ran.ended(1, "1 invalid, 2 pending");
    assert_eq!(server.requests(), 0);
    assert_eq!(desk.files(), ["rows.csv"]);
    let report = ran.report();
    assert_eq!((&report["dry_run"], &report["requests"]), (&true.into(), &0.into()));
    assert!(report["failures"].is_null() && report["error"].is_null());
    ran.says(&["name a file for them: --failures PATH"]);
    // A row with a key costs an update and perhaps a create, one without a create.
    ran.says(&["at most 3 requests, less than a minute at the quota", "nothing was sent", "would be sent"]);
}

#[tokio::test]
async fn it_shows_one_example_of_each_operation() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let source = desk.write("rows.csv", ROWS);
    let ran = desk
        .run(&["sync", "--object", "customers", "--mode", "upsert", "--source", &source, "--dry-run"])
        .await;
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(
        ran.stdout,
        "PATCH /customers/a%2F1\n{\"email\":\"ada@example.com\",\"name\":\"Ada\"}\n\n\
         POST /customers\n{\"email\":\"ada@example.com\",\"partner_key\":\"gstest\",\"customer_key\":\"a/1\",\"name\":\"Ada\"}\n\n"
    );
    assert!(!ran.stderr.contains("ada@example.com"), "{}", ran.stderr);
}

#[tokio::test]
async fn it_needs_no_keys_and_no_network() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let source = desk.write("rows.csv", ROWS);
    let args =
        ["sync", "--object", "customers", "--mode", "insert", "--source", &source, "--dry-run", "--json"];
    desk.run(&args).await.ended(1, "1 invalid, 2 pending");
    desk.run(&[&args[..], &["--sandbox"]].concat()).await.ended(1, "1 invalid, 2 pending");
    desk.run(&[&args[..], &["--allow-failures", "1"]].concat()).await.ended(0, "1 invalid, 2 pending");
}

#[tokio::test]
async fn a_failures_file_is_written_where_it_was_asked_for() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let (source, path) = (desk.write("rows.csv", ROWS), desk.path("failures.ndjson"));
    let args =
        ["sync", "--object", "customers", "--mode", "insert", "--source", &source, "--dry-run", "--json"];
    let ran = desk.run(&[&args[..], &["--failures", &path]].concat()).await;
    ran.ended(1, "1 invalid, 2 pending");
    assert_eq!(faults(&failures_in(&path)), ["2 email email"]);
    assert_eq!(desk.files(), ["failures.ndjson", "rows.csv"]);
}

#[tokio::test]
async fn it_refuses_what_a_real_run_would_refuse() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let (source, nameless) = (desk.write("rows.csv", ROWS), desk.write("groups.csv", "group_key\nsilver\n"));
    for (args, words) in [
        (&["--object", "deals", "--mode", "update"][..], "not offered"),
        (&["--object", "partnerships", "--mode", "update", "--source", &nameless], "partnership_key"),
        (
            &["--object", "customers", "--mode", "insert", "--base-url", "http://api.example.com"],
            "plain http",
        ),
    ] {
        let source: &[&str] = if args.contains(&"--source") { &[] } else { &["--source", &source] };
        let ran = desk.run(&[&["sync", "--dry-run"], source, args].concat()).await;
        ran.refused(&[words]);
    }
}

#[tokio::test]
async fn the_cost_of_many_rows_is_told_in_minutes_at_the_quota() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let rows = (0..9000).map(|number| format!("{number}@example.com,gstest,{number}\n"));
    let header = "email,partner_key,customer_key\n".to_owned();
    let source = desk.write("rows.csv", std::iter::once(header).chain(rows).collect::<String>());
    let ran = desk
        .run(&["sync", "--object", "customers", "--mode", "upsert", "--source", &source, "--dry-run"])
        .await;
    assert_eq!(ran.code, 0);
    ran.says(&["at most 18,000 requests, 5 min at the quota"]);
}
