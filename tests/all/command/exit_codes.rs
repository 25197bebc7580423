//! Exit codes: the first that holds, in the order 2, 130 or 143, 5, 3, 4, 1, 0.

use partnerstack_connector::sandbox::{FaultKind, InjectedFault, Options};

use partnerstack_tests::recorder::{Recorder, Reply};

use partnerstack_tests::desk::{Desk, server, server_with, table};

const GOOD: &str = "email,partner_key,customer_key\nada@example.com,gstest,a-1\neve@example.com,gstest,a-2\n";
const MIXED: &str =
    "email,partner_key,customer_key\nada@example.com,gstest,a-1\nnobody,gstest,a-2\neve@example.com,,a-3\n";

/// So many rows that can be sent.
fn many(count: usize) -> String {
    table("email,partner_key,customer_key", count, |row| format!("{row}@example.com,gstest,{row}"))
}

/// A server that fails with every create, and whose lists do not show what it could be found by.
async fn undecided() -> Recorder {
    Recorder::answering(|_, call| {
        if call.reads() { Reply::blind_page() } else { Reply::refused(500, "Internal Server Error") }
    })
    .await
}

#[tokio::test]
async fn all_arrived_is_0() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let ran = desk.sync(&server, "customers insert", GOOD, &[]).await;
    ran.ended(0, "2 created");
    assert_eq!((server.count("customers"), server.requests()), (2, 2));
}

#[tokio::test]
async fn a_failed_row_is_1_whether_it_was_sent_or_not() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers insert", MIXED, &[]).await.ended(1, "1 created, 2 invalid");
    // Another ledger does not know that one of them arrived.
    let ran = Desk::new().sync(&server, "customers insert", GOOD, &[]).await;
    ran.ended(1, "1 created, 1 rejected");
    ran.says(&["already exists", "hint: "]);
}

#[tokio::test]
async fn what_cannot_start_is_2_and_sends_nothing() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let source = desk.write("rows.csv", GOOD);
    let url = server.base_url();
    let all = ["--object", "customers", "--mode", "insert", "--source", &source, "--base-url", url];
    let without = |flag: &str| {
        let left = all.chunks(2).filter(|pair| pair[0] != flag).flatten();
        left.copied().collect::<Vec<_>>()
    };
    for (args, words) in [
        (without("--object"), "no object is given"),
        (without("--mode"), "no mode is given"),
        (without("--source"), "no source is given"),
        ([&all[..], &["--colour", "red"]].concat(), "--colour"),
        ([&without("--mode")[..], &["--mode", "mirror"]].concat(), "insert, update, upsert"),
        ([&without("--object")[..], &["--object", "custmers"]].concat(), "did you mean `customers`?"),
        ([&all[..], &["--timeout", "0"]].concat(), "timeout must be from 1 to 86400 seconds"),
        ([&all[..], &["--give-up", "0"]].concat(), "give-up must be from 1 to 86400 seconds"),
        ([&all[..], &["--grace", "86401"]].concat(), "grace must be from 0 to 86400 seconds"),
        ([&all[..], &["--settle-wait", "86401"]].concat(), "settle-wait must be from 0 to 86400 seconds"),
        ([&all[..], &["--max-failures", "many"]].concat(), "a share such as 5%"),
        ([&all[..], &["--allow-failures", "101%"]].concat(), "a share such as 5%"),
        ([&all[..], &["--map", "email"]].concat(), "write FIELD=COLUMN"),
        ([&all[..], &["--delimiter", "x"]].concat(), "`x` cannot delimit cells"),
        ([&all[..], &["--encoding", "utf8mb4"]].concat(), "unknown encoding `utf8mb4`"),
        ([&all[..], &["--format", "xlsx"]].concat(), "csv, ndjson, json"),
        ([&all[..], &["--sandbox"]].concat(), "--base-url"),
    ] {
        let ran = desk.run(&[&["sync"], &args[..]].concat()).await;
        ran.refused(&[words]);
        assert_eq!(ran.stdout, "", "{args:?}");
    }
    desk.run(&["sink"]).await.refused(&["'--help'"]);
    assert_eq!(server.requests(), 0);
    assert_eq!(desk.files(), ["rows.csv"], "nothing is left behind");
}

#[tokio::test]
async fn refused_credentials_are_5_at_once() {
    let _limit = partnerstack_tests::limit();
    let options = Options { credentials: Some(("pk".to_owned(), "sk".to_owned())), ..Options::default() };
    let (desk, server) = (Desk::new(), server_with(options));
    let ran = desk.sync(&server, "customers insert", many(3000), &["--concurrency", "1"]).await;
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    ran.says(&["stopped: HTTP 401", "hint: ", "Settings > Integrations > PartnerStack API Keys"]);
    assert_eq!(server.requests(), 1, "a million rows must not collect a million refusals");
    let ran = desk.sync(&server, "customers insert", many(3000), &[]).await;
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    assert!(server.requests() < 256, "those in flight, and no others: {}", server.requests());
    assert_eq!(ran.counts(), format!("{} pending", ran.report()["rows"]["read"]), "every row that was read");
    assert!(ran.report()["error"].as_str().is_some_and(|error| error.contains("401")));
}

#[tokio::test]
async fn a_wrong_base_url_is_5_and_fails_no_row() {
    let _limit = partnerstack_tests::limit();
    // What answers there is not the API: a web server, or a gateway.
    let page = "<html><body><h1>404 Not Found</h1></body></html>";
    let server = Recorder::answering(move |_, _| Reply::of(404, page)).await;
    let desk = Desk::new();
    let ran = desk.sync_to(&server.base_url(), "customers insert", many(100), &["--concurrency", "1"]).await;
    assert_eq!((ran.code, &ran.report()["rows"]["rejected"]), (5, &0.into()), "{}", ran.stderr);
    ran.says(&["is the base URL right?", "an HTML page instead of JSON", "--base-url"]);
    assert_eq!(server.calls().len(), 10, "ten answers that are not the API's are enough");
    // What was sent may have been applied, as far as anyone knows; the rest was not sent.
    let ran = desk.sync_to(&server.base_url(), "customers upsert", many(100), &["--concurrency", "1"]).await;
    assert_eq!((ran.code, &ran.report()["rows"]["rejected"]), (5, &0.into()), "{}", ran.stderr);
}

#[tokio::test]
async fn a_first_lookup_that_is_refused_is_5() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::answering(|_, call| {
        if call.reads() {
            Reply::refused(404, "Not Found")
        } else {
            Reply::refused(500, "Internal Server Error")
        }
    })
    .await;
    let ran = Desk::new().sync_to(&server.base_url(), "customers insert", GOOD, &[]).await;
    assert_eq!((ran.code, &ran.report()["rows"]["rejected"]), (5, &0.into()), "{}", ran.stderr);
    ran.says(&["is the base URL right?"]);
    assert_eq!(server.writes().len(), 2);
}

#[tokio::test]
async fn a_dead_server_is_3_after_give_up() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let url = server.base_url().to_owned();
    drop(server);
    let source = desk.write("rows.csv", GOOD);
    let args = ["sync", "--object", "customers", "--mode", "insert", "--source", &source, "--base-url", &url];
    let ran = desk.run(&[&args[..], &["--json", "--give-up", "1"]].concat()).await;
    ran.ended(3, "2 pending");
    ran.says(&["nothing came through for 1 s (--give-up)", "no connection"]);
}

#[tokio::test]
async fn more_failures_than_max_failures_are_5() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "email,partner_key,customer_key\na,p,1\nb,p,2\nc,p,3\nada@example.com,p,4\n";
    let ran = desk.sync(&server, "customers insert", rows, &["--max-failures", "1"]).await;
    // How many were read by then is a matter of time; that they are counted and told is not.
    let rows_of = |name: &str| ran.report()["rows"][name].as_u64().unwrap();
    let failed = rows_of("invalid");
    assert!(ran.code == 5 && (2..=3).contains(&failed), "{}", ran.stderr);
    assert_eq!(rows_of("read"), failed + rows_of("pending"));
    ran.says(&[&format!("{failed} rows failed, which is more than --max-failures allows")]);
    assert_eq!((server.requests(), desk.failures("customers").len() as u64), (0, failed));
    desk.sync(&server, "customers insert", rows, &["--max-failures", "3"])
        .await
        .ended(1, "1 created, 3 invalid");
}

#[tokio::test]
async fn a_share_of_max_failures_is_judged_from_a_hundred_rows_on() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    let rows = |bad: usize, good: usize| {
        let bad = (0..bad).map(|number| format!("nobody,p,{number}\n"));
        let good = (0..good).map(|number| format!("{number}@example.com,p,{number}\n"));
        let header = "email,partner_key,customer_key\n".to_owned();
        std::iter::once(header).chain(bad).chain(good).collect::<String>()
    };
    let half = ["--max-failures", "50%"];
    desk.sync(&server(), "customers insert", rows(40, 10), &half).await.ended(1, "10 created, 40 invalid");
    let server = server();
    let ran = desk.sync(&server, "customers insert", rows(60, 60), &half).await;
    assert_eq!((ran.code, &ran.report()["rows"]["invalid"]), (5, &60.into()), "{}", ran.stderr);
    ran.says(&["60 rows failed, which is more than --max-failures allows"]);
    let (read, created) = (&ran.report()["rows"]["read"], &ran.report()["rows"]["created"]);
    assert_eq!(created.as_u64(), Some(server.count("customers") as u64), "what was sent is counted");
    assert!(read.as_u64().is_some_and(|read| (100..=120).contains(&read)), "{}", ran.stdout);
}

#[tokio::test]
async fn a_create_without_an_answer_is_4_and_is_not_sent_twice() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), undecided().await);
    for run in 1..=3 {
        let ran = desk.sync_to(&server.base_url(), "customers insert", MIXED, &["--settle-after", "0"]).await;
        ran.ended(4, "2 invalid, 1 uncertain");
        let failure = &desk.failures("customers")[0];
        assert_eq!((&failure["outcome"], &failure["operation"]), (&"uncertain".into(), &"create".into()));
        assert_eq!((&failure["row"], &failure["status"]), (&1.into(), &500.into()), "run {run}");
        assert_eq!(server.writes().len(), 1, "run {run}");
        assert_eq!(ran.report()["lookups"], 1);
    }
    // A row that left the input is not forgotten.
    let other = "email,partner_key,customer_key\nnobody,gstest,a-2\n";
    let ran = desk.sync_to(&server.base_url(), "customers insert", other, &["--settle-after", "0"]).await;
    ran.ended(4, "1 invalid");
    assert_eq!((ran.report()["unsettled_before"].clone(), server.writes().len()), (1.into(), 1));

    let guard = ["--settle-after", "0", "--max-failures", "0"];
    let stopped = desk.sync_to(&server.base_url(), "customers insert", MIXED, &guard).await;
    assert_eq!((stopped.code, server.writes().len()), (5, 1), "a guard comes first: {}", stopped.stderr);
    stopped.report();
}

#[tokio::test]
async fn allow_failures_turns_1_into_0_within_its_limit_and_nothing_else() {
    let _limit = partnerstack_tests::limit();
    for (limit, code) in [("1", 1), ("2", 0), ("66%", 1), ("67%", 0), ("100%", 0), ("0", 1)] {
        let desk = Desk::new();
        let ran = desk.sync(&server(), "customers insert", MIXED, &["--allow-failures", limit]).await;
        ran.ended(code, "1 created, 2 invalid");
        assert_eq!(desk.failures("customers").len(), 2, "they are told all the same");
    }
    let (desk, url) = (Desk::new(), undecided().await.base_url());
    desk.sync_to(&url, "customers insert", MIXED, &["--allow-failures", "100%", "--settle-after", "0"])
        .await
        .ended(4, "2 invalid, 1 uncertain");
}

#[tokio::test]
async fn throttling_fails_no_row_and_is_told() {
    let _limit = partnerstack_tests::limit();
    let faults = vec![InjectedFault { kind: FaultKind::Throttled, permille: 500 }];
    // With this seed the first request is turned away and the second is not.
    let (desk, server) = (Desk::new(), server_with(Options { faults, seed: 2, ..Options::default() }));
    let ran = desk.sync(&server, "customers insert", GOOD, &["--limit", "1"]).await;
    ran.ended(0, "1 created");
    let report = ran.report();
    assert_eq!(
        (&report["throttled"], &report["retries"], &report["requests"]),
        (&1.into(), &1.into(), &2.into())
    );
    ran.says(&["--rate", "hint: "]);
}
