//! Failures as a list of things to do: what enters it, what leaves it, and what is not asked for again.

use serde_json::{Value, json};

use partnerstack_tests::desk::{Desk, failures_in, held, server, table};

const HEADER: &str = "customer_key,email,partner_key\n";
const BAD: &str =
    "customer_key,email,partner_key\na-1,ada@example.com,gstest\na-2,nobody,gstest\na-3,no one,gstest\n";

fn keys_of(failures: &[Value]) -> Vec<&str> {
    failures.iter().map(|failure| failure["key"].as_str().unwrap_or("-")).collect()
}

#[tokio::test]
async fn a_row_that_arrives_from_whatever_source_leaves_it_and_the_others_stay() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let yaml = "object: customers\nmode: upsert\nname: crm\n";
    desk.sync_file(&server, yaml, BAD, &[]).await.ended(1, "1 created, 2 invalid");
    let ids: Vec<Value> = desk.failures("crm").iter().map(|failure| failure["id"].clone()).collect();
    // The same rows again are the same entries.
    desk.sync_file(&server, yaml, BAD, &[]).await.ended(1, "1 unchanged, 2 invalid");
    let again: Vec<Value> = desk.failures("crm").iter().map(|failure| failure["id"].clone()).collect();
    assert_eq!(again, ids);

    // A part of the rows, another sync, a run with nothing wrong: none of them takes the entries away.
    desk.sync_file(&server, yaml, BAD, &["--limit", "1"]).await.ended(0, "1 unchanged");
    let other = "object: customers\nmode: upsert\nname: shop\n";
    desk.sync_file(&server, other, format!("{HEADER}s-1,sue@example.com,gstest\n"), &[])
        .await
        .ended(0, "1 created");
    assert_eq!(keys_of(&desk.failures("crm")), ["a-2", "a-3"]);
    assert!(desk.failures("shop").is_empty());

    // One more enters, one arrives.
    let rows = format!("{HEADER}a-3,eve@example.com,gstest\na-4,none,gstest\n");
    desk.sync_file(&server, yaml, rows, &[]).await.ended(1, "1 created, 1 invalid");
    assert_eq!(keys_of(&desk.failures("crm")), ["a-2", "a-4"]);
    // A row that failed in another way takes the place of what failed before.
    desk.sync_file(&server, yaml, format!("{HEADER}a-2,nobody either,gstest\n"), &[])
        .await
        .ended(1, "1 invalid");
    let left = desk.failures("crm");
    assert_eq!((left.len(), &left[0]["record"]["email"]), (2, &json!("nobody either")));
}

#[tokio::test]
async fn a_corrected_row_does_not_come_back_every_night() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let yaml = "object: customers\nmode: upsert\nname: crm\n";
    // The key of the third row is at fault too, so that it has none.
    let nightly =
        format!("{HEADER}a-1,ada@example.com,gstest\na-2,nobody,gstest\n a-3,eve@example.com,gstest\n");
    desk.sync_file(&server, yaml, &nightly, &[]).await.ended(1, "1 created, 2 invalid");
    let list = desk.list("crm");
    let text = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, text.replace("\"nobody\"", "\"max@example.com\"").replace("\" a-3\"", "\"a-3\""))
        .unwrap();
    let file = desk.path("nightly.yaml");
    let args = ["sync", &file, "--base-url", server.base_url(), "--json", "--source", &list];
    desk.run(&args).await.ended(0, "2 created");
    assert!(desk.lists("crm").is_empty(), "nothing is left to do");

    for flags in [&[][..], &["--dry-run"], &[]] {
        let requests = server.requests();
        let ran = desk.sync_file(&server, yaml, &nightly, flags).await;
        ran.ended(0, "1 unchanged, 2 skipped");
        ran.says(&["a later version of the row has arrived already"]);
        assert!(ran.report()["failures"].is_null());
        assert_eq!(server.requests(), requests);
    }
    // A row that says something else is judged anew, and so is one that fails for the first time.
    let changed = nightly.replace("nobody", "nobody at all") + "a-9,nobody,gstest\n";
    desk.sync_file(&server, yaml, changed, &[]).await.ended(1, "1 unchanged, 1 skipped, 2 invalid");
    assert_eq!(keys_of(&desk.failures("crm")), ["a-2", "a-9"]);
    assert_eq!(
        held(&server, "customers", &["customer_key", "email"]),
        [["a-1", "ada@example.com"], ["a-2", "max@example.com"], ["a-3", "eve@example.com"]]
            .map(|[a, b]| [json!(a), json!(b)])
    );
}

#[tokio::test]
async fn a_table_that_a_spreadsheet_has_saved_is_accepted_in_its_own_place() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "id,Customer Key,E-Mail,Partner Key,Note\n\
                1,a-1,ada@example.com,gstest,\n2,,nobody,gstest,=1+1\n3,a-3,no one,gstest,\"x, y\"\n4,a-4,none,gstest,\n";
    let path = desk.path("failed.csv");
    let flags = ["--failures", &path];
    desk.sync(&server, "customers upsert", rows, &flags).await.ended(1, "1 created, 3 invalid");
    assert!(desk.read("failed.csv").starts_with("row,outcome,message,hint,failure_id,id,Customer Key,"));
    // Semicolons, a byte order mark, line ends of Windows; a person corrects two of three rows.
    let quoted = |line: &str| {
        let mut cells = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
        let record = cells.records().next().unwrap().unwrap();
        record.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect::<Vec<_>>().join(";")
    };
    let text = desk.read("failed.csv");
    let saved: String = text.lines().map(|line| quoted(line) + "\r\n").collect();
    let saved =
        saved.replace("\"nobody\"", "\"max@example.com\"").replace("\"no one\"", "\"eve@example.com\"");
    desk.write("failed.csv", format!("\u{feff}{saved}"));
    let args = [
        "sync",
        "--object",
        "customers",
        "--mode",
        "upsert",
        "--source",
        &path,
        "--failures",
        &path,
        "--json",
    ];
    let ran = desk.run(&[&args[..], &["--base-url", server.base_url()]].concat()).await;
    ran.ended(1, "2 created, 1 invalid");
    assert!(
        !ran.stderr.contains("failure_id"),
        "its own columns feed nothing, and are not warned of: {}",
        ran.stderr
    );
    let left = desk.read("failed.csv");
    assert_eq!(left.lines().count(), 2, "{left}");
    assert!(left.ends_with(",4,a-4,none,gstest,\n"), "{left}");
    assert_eq!(
        held(&server, "customers", &["email"]),
        ["ada@example.com", "max@example.com", "eve@example.com"].map(|email| [json!(email)])
    );
    // The source has the three rows still.
    desk.sync(&server, "customers upsert", rows, &flags).await.ended(1, "1 unchanged, 2 skipped, 1 invalid");
    desk.write("failed.csv", desk.read("failed.csv").replace("none", "mia@example.com"));
    let ran = desk.run(&[&args[..], &["--base-url", server.base_url()]].concat()).await;
    ran.ended(0, "1 created");
    assert!(!desk.has("failed.csv"));
}

#[tokio::test]
async fn it_is_shown_by_reason_with_values_and_entries_are_dismissed() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let url = ["--base-url", server.base_url()];
    let failures = async |args: &[&str]| desk.run(&[&["failures"], args, &url].concat()).await;
    let nothing = failures(&[]).await;
    assert_eq!((nothing.code, nothing.stdout.as_str()), (0, ""));
    nothing.says(&["nothing is left to do"]);

    let rows = table(HEADER.trim_end(), 9, |n| format!("a-{n},bad{n},gstest"));
    desk.sync_file(&server, "object: customers\nmode: upsert\nname: crm\n", &rows, &[])
        .await
        .ended(1, "9 invalid");
    let deals = "id,amount,currency,customer_external_key\nt-1,1.5,USD,a-1\n";
    desk.sync(&server, "transactions insert", deals, &["--primary-key", "id"]).await.ended(1, "1 invalid");
    let all = failures(&[]).await;
    assert_eq!((all.code, all.stderr.as_str()), (0, ""));
    for words in [
        "9 rows to be done, in ",
        "9 rows invalid: email email",
        "the row has `bad0`",
        "and 4 more",
        "1 row invalid: amount integer",
        "the row has `1.5`",
    ] {
        assert!(all.stdout.contains(words), "`{words}` in\n{}", all.stdout);
    }
    let (file, list) = (desk.path("nightly.yaml"), desk.list("crm"));
    for of in ["crm", &file, &list] {
        let shown = failures(&[of]).await;
        assert!(shown.stdout.contains("bad0") && !shown.stdout.contains("1.5"), "{of}: {}", shown.stdout);
    }
    failures(&["crn"]).await.refused(&["did you mean `crm`?"]);

    let lines = failures(&["crm", "--json"]).await;
    let entries: Vec<Value> = lines.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries.len(), 9);
    let id = |n: usize| entries[n]["id"].as_str().unwrap();
    failures(&["--dismiss", "0123456789abcdef"])
        .await
        .refused(&["0123456789abcdef", "partnerstack failures"]);
    failures(&["--dismiss", "x"]).await;
    failures(&["--dismiss", id(0), "--dismiss", id(4)]).await.says(&["2 rows dismissed"]);
    assert_eq!(failures_in(&list).len(), 7);
    // A source that has such a row makes it a thing to do again.
    desk.sync_file(&server, "object: customers\nmode: upsert\nname: crm\n", &rows, &["--limit", "1"])
        .await
        .ended(1, "1 invalid");
    assert_eq!(failures_in(&list).len(), 8);

    // As a table, corrected, and synced from there.
    let table = desk.path("to-do.csv");
    failures(&["crm", "--csv", &table]).await.says(&["8 rows in"]);
    let text = desk.read("to-do.csv");
    assert!(
        text.starts_with("row,outcome,message,hint,failure_id,customer_key,email,partner_key\n"),
        "{text}"
    );
    let corrected: String = text
        .lines()
        .map(|line| {
            let (before, after) =
                line.rsplit_once(",bad").map_or((line, None), |(before, after)| (before, Some(after)));
            after.map_or(format!("{before}\n"), |after| {
                format!("{before},x{}@example.com,gstest\n", &after[..1])
            })
        })
        .collect();
    desk.write("to-do.csv", corrected);
    let ran = desk.run(&["sync", &file, "--source", &table, "--base-url", server.base_url(), "--json"]).await;
    ran.ended(0, "8 created");
    assert!(desk.lists("crm").is_empty());
    let done = failures(&["crm"]).await;
    assert_eq!((done.code, done.stdout.as_str()), (0, ""));
    done.says(&["nothing is left to do"]);
    failures(&["crm", "--csv", &desk.path("to-do.ndjson")]).await.refused(&["name it .csv"]);
}

#[tokio::test]
async fn history_knows_rows_that_did_not_arrive_and_where_it_has_looked() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let url = ["--base-url", server.base_url()];
    desk.sync(&server, "customers upsert", BAD, &[]).await.ended(1, "1 created, 2 invalid");
    let ran = desk.run(&[&["history", "a-2"], &url[..]].concat()).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for words in [
        "in the ledger ",
        "account `default` of http://",
        "row 2 was invalid in run 1 of `customers`",
        "still to be done",
        "email must be",
    ] {
        assert!(ran.stdout.contains(words), "`{words}` in\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("nobody"), "without values: {}", ran.stdout);
    let ran = desk.run(&[&["history", "a-2", "--json"], &url[..]].concat()).await;
    let line: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&line["failure"]["outcome"], &line["failure"]["row"]), (&json!("invalid"), &json!(2)));
    assert_eq!(line["failure"]["id"], desk.failures("customers")[0]["id"]);

    let elsewhere = desk.run(&[&["history", "a-2", "--account", "main"], &url[..]].concat()).await;
    assert_eq!((elsewhere.code, elsewhere.stdout.as_str()), (1, ""));
    elsewhere.says(&[
        "looked in the ledger ",
        "account `main` of",
        "the account `default` of",
        "add --account default",
    ]);
    let away = desk.run(&["history", "a-1"]).await;
    assert_eq!(away.code, 1);
    away.says(&["--account default --base-url http://"]);
}

#[tokio::test]
async fn runs_are_listed_with_what_came_of_them() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.run(&["runs"]).await.refused(&["there is no ledger at"]);
    desk.sync(&server, "customers upsert", BAD, &[]).await.ended(1, "1 created, 2 invalid");
    desk.sync_file(
        &server,
        "object: customers\nmode: insert\nname: crm\n",
        format!("{HEADER}b-1,b@example.com,gstest\n"),
        &[],
    )
    .await
    .ended(0, "1 created");
    let ran = desk.run(&["runs"]).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].contains("run 2, `crm`: insert customers, account `default`"), "{}", ran.stdout);
    assert!(lines[1].contains("1 row: 1 created; exit code 0, took "), "{}", ran.stdout);
    assert!(lines[2].contains("run 1, `customers`: upsert customers"), "{}", ran.stdout);
    assert!(lines[3].contains("3 rows: 1 created, 2 invalid; exit code 1, took "), "{}", ran.stdout);
    let ran = desk.run(&["runs", "--json", "--limit", "1"]).await;
    let line: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&line["sync"], &line["exit_code"], &line["rows"]["created"]),
        (&json!("crm"), &json!(0), &json!(1))
    );
    assert!(line["started_at"].is_i64() && line["duration_ms"].is_u64(), "{line}");
    let ran = desk.run(&["runs", "--account", "other"]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
}
