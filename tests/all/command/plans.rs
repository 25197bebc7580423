//! A dry run is a plan: what a run with these rows would do, by outcome, by changed field and by row.

use std::fmt::Write;
use std::fs;

use serde_json::{Value, json};

use partnerstack_connector::sandbox::{FaultKind, InjectedFault, Options};
use partnerstack_tests::desk::{Desk, Ran, server, server_with};

const CUSTOMERS: &str = "customer_key,email,partner_key,name\n\
                         a-1,ada@example.com,gstest,Ada\n\
                         a-2,eve@example.com,gstest,Eve\n\
                         a-3,max@example.com,gstest,Max\n";
/// One changed twice over, one unchanged, one changed, a new one with a key, a new one without, a faulty one.
const LATER: &str = "customer_key,email,partner_key,name\n\
                     a-1,ada@new.example.com,gstest,Ada L.\n\
                     a-2,eve@example.com,gstest,Eve\n\
                     a-3,max@example.com,gstest,Max M.\n\
                     a-4,new@example.com,gstest,New\n\
                     ,keyless@example.com,gstest,Nil\n\
                     a-6,nobody,gstest,Nobody\n";

/// The lines of a plan file.
fn lines(path: &str) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The outcomes of a plan that rows have.
fn outcomes(ran: &Ran) -> String {
    let rows = ran.report()["plan"]["rows"].clone();
    let counts = rows.as_object().unwrap().iter().filter(|(_, count)| **count != 0);
    counts.map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn it_says_what_a_run_would_do_with_each_row() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers upsert", CUSTOMERS, &[]).await.ended(0, "3 created");
    let (before, path) = (server.requests(), desk.path("plan.ndjson"));
    let ran = desk.sync(&server, "customers upsert", LATER, &["--dry-run", "--plan", &path]).await;
    ran.ended(1, "1 unchanged, 1 invalid, 4 pending");
    assert_eq!(server.requests(), before);
    assert_eq!(outcomes(&ran), "1 created, 2 updated, 1 updated_or_created, 1 unchanged, 1 invalid");
    let plan = &ran.report()["plan"];
    assert_eq!(plan["changed"], json!({"name": 2, "email": 1}));
    assert_eq!(
        (&plan["requests"], &plan["minutes"], &plan["not_compared"]),
        (&7.into(), &1.into(), &0.into())
    );
    ran.says(&["fields that change: name 2, email 1", "at most 7 requests, less than a minute at the quota"]);
    let line = |row: u64, outcome: &str, operation: Value, changed: Value| json!({"row": row, "outcome": outcome, "operation": operation, "key": null, "changed": changed});
    assert_eq!(
        lines(&path),
        [
            line(1, "updated", "update".into(), json!(["email", "name"])),
            line(2, "unchanged", Value::Null, Value::Null),
            line(3, "updated", "update".into(), json!(["name"])),
            line(4, "updated_or_created", "update".into(), Value::Null),
            line(5, "created", "create".into(), Value::Null),
            line(6, "invalid", Value::Null, Value::Null),
        ]
    );
    // The run does what the plan says.
    desk.sync(&server, "customers upsert", LATER, &[])
        .await
        .ended(1, "2 created, 2 updated, 1 unchanged, 1 invalid");
    // What is new is compared with what arrived: nothing is left to do but the row that is wrong.
    let ran = desk.sync(&server, "customers upsert", LATER, &["--dry-run", "--plan", &path]).await;
    assert_eq!(outcomes(&ran), "5 unchanged, 1 invalid");
}

#[tokio::test]
async fn a_plan_holds_nothing_personal() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let path = desk.path("plan.ndjson");
    let rows = "id,mail,customer_key,partner_key,name\nrow-1,ada@example.com,a-1,gstest,Ada\neve@example.com,eve@example.com,a-2,gstest,Eve\n";
    let file = desk.write(
        "sync.yaml",
        "object: customers\nmode: upsert\nsource: rows.csv\nprimary_key: id\n\
         mapping: {email: mail, customer_key: customer_key, partner_key: partner_key, name: name}\nplan: elsewhere.ndjson\n",
    );
    desk.write("rows.csv", rows);
    let flags = ["--base-url", server.base_url(), "--dry-run", "--json", "--plan", &path];
    desk.run(&[&["sync", &file], &flags[..]].concat()).await.ended(0, "2 pending");
    let text = fs::read_to_string(&path).unwrap();
    for value in ["ada@", "eve@", "Ada", "Eve", "a-1", "gstest"] {
        assert!(!text.contains(value), "{value} in {text}");
    }
    // The key is that of the record where it tells nothing of a person.
    assert_eq!(
        lines(&path).iter().map(|line| line["key"].clone()).collect::<Vec<_>>(),
        [json!("row-1"), Value::Null]
    );
    assert!(!desk.has("elsewhere.ndjson"));
}

#[tokio::test]
async fn filtered_and_unreadable_rows_have_their_lines_in_order() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let (mut rows, mut expected) = ("id,mail,State\n".to_owned(), Vec::new());
    for number in 1..=3000_u32 {
        let (state, outcome) = match number % 5 {
            0 => ("paid", "created"),
            1 => ("paid,surplus", "invalid"),
            _ => ("void", "filtered"),
        };
        writeln!(rows, "{number},{number}@example.com,{state}").unwrap();
        expected.push(format!("{number} {outcome}"));
    }
    desk.write("rows.csv", rows);
    let (file, path) = (
        desk.write(
            "sync.yaml",
            "object: customers\nmode: insert\nsource: rows.csv\nprimary_key: id\nwhere: {State: paid}\n\
             mapping: {email: mail, partner_key: {value: gstest}}\n",
        ),
        desk.path("plan.ndjson"),
    );
    let ran = desk.run(&["sync", &file, "--dry-run", "--json", "--plan", &path]).await;
    ran.ended(1, "600 invalid, 600 pending, 1800 filtered");
    assert_eq!(outcomes(&ran), "600 created, 1800 filtered, 600 invalid");
    let shown = |line: &Value| format!("{} {}", line["row"], line["outcome"].as_str().unwrap());
    assert_eq!(lines(&path).iter().map(shown).collect::<Vec<_>>(), expected);
    let ran = desk.run(&["sync", &file, "--dry-run", "--json", "--plan", &path, "--limit", "7"]).await;
    ran.ended(1, "2 invalid, 1 pending, 4 filtered");
    assert_eq!(lines(&path).len(), 7);
}

#[tokio::test]
async fn its_exit_code_is_that_of_a_run() {
    let _limit = partnerstack_tests::limit();
    // Transactions cannot be changed: a difference is lost, and a run says so with exit code 1.
    let (desk, server) = (Desk::new(), server());
    let rows = "id,amount,currency,customer_external_key\n1,100,USD,a\n";
    let by_id = ["--primary-key", "id"];
    desk.sync(&server, "transactions insert", rows, &by_id).await.ended(0, "1 created");
    let changed = rows.replace("100", "200");
    for flags in [&by_id[..], &["--primary-key", "id", "--dry-run"]] {
        let ran = desk.sync(&server, "transactions insert", &changed, flags).await;
        ran.ended(1, "1 skipped");
        ran.says(&["it cannot be changed"]);
    }
    // An update without a key, where the ledger has none either, is invalid in both.
    let rows = "customer_key,email,name\n,ada@example.com,Ada\na-2,eve@example.com,Eve\n";
    let (desk, server) = (Desk::new(), partnerstack_tests::desk::server());
    let ran = desk.sync(&server, "customers update", rows, &["--dry-run"]).await;
    ran.ended(1, "1 invalid, 1 pending");
    assert_eq!(outcomes(&ran), "1 updated, 1 invalid");
    assert_eq!(ran.report()["plan"]["not_compared"], 1);
    desk.sync(&server, "customers update", rows, &[]).await.ended(1, "1 invalid, 1 rejected");
    // A row that a lookup may find is none of these.
    let by_email = ["--match-on", "email", "--dry-run"];
    let ran = desk.sync(&server, "customers update", rows, &by_email).await;
    ran.ended(0, "2 pending");
    let ran = desk.sync(&server, "customers upsert", &rows.replace("name", "partner_key"), &by_email).await;
    assert_eq!(outcomes(&ran), "2 updated_or_created");
}

#[tokio::test]
async fn a_create_without_an_answer_is_looked_up_first() {
    let _limit = partnerstack_tests::limit();
    let faults = vec![InjectedFault { kind: FaultKind::ErrorAfter, permille: 1000 }];
    let (desk, server) = (Desk::new(), server_with(Options { faults, ..Options::default() }));
    let row = "customer_key,email,partner_key\na-1,ada@example.com,gstest\n";
    desk.sync(&server, "customers insert", row, &["--settle-after", "60"]).await.ended(4, "1 uncertain");
    let path = desk.path("plan.ndjson");
    let ran = desk.sync(&server, "customers insert", row, &["--dry-run", "--plan", &path]).await;
    ran.ended(0, "1 pending");
    assert_eq!(outcomes(&ran), "1 unsettled");
    ran.says(&["unsettled", "looked up first"]);
    let line = json!({"row": 1, "outcome": "unsettled", "operation": null, "key": null, "changed": null});
    assert_eq!(lines(&path), [line]);
}

#[tokio::test]
async fn full_sends_unchanged_rows_and_the_rate_is_the_pace() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers upsert", CUSTOMERS, &[]).await.ended(0, "3 created");
    let flags = ["--dry-run", "--full", "--rate", "3"];
    let ran = desk.sync(&server, "customers upsert", CUSTOMERS, &flags).await;
    ran.ended(0, "3 pending");
    let plan = ran.report()["plan"].clone();
    assert_eq!((&plan["rows"]["updated"], &plan["changed"]), (&3.into(), &json!({})));
    assert_eq!((&plan["requests"], &plan["minutes"]), (&6.into(), &2.into()));
}

#[tokio::test]
async fn it_replaces_nothing_that_is_not_its_own() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let (other, failures) = (desk.write("notes.txt", "mine\n"), desk.path("failures.ndjson"));
    let dry = async |flags: &[&str]| {
        desk.sync(&server, "customers upsert", LATER, &[&["--dry-run"], flags].concat()).await
    };
    dry(&["--plan", &other]).await.refused(&["the plan", "cannot be written"]);
    assert_eq!(desk.read("notes.txt"), "mine\n");
    let source = desk.path("rows.csv");
    dry(&["--plan", &source]).await.refused(&["the plan is the source"]);
    let folder = desk.path("no/plan.ndjson");
    dry(&["--plan", &folder]).await.refused(&["the folder of the plan does not exist"]);
    // Neither takes the place of the other.
    dry(&["--plan", &failures, "--failures", &failures]).await.refused(&["the plan is the failures file"]);
    dry(&["--failures", &failures]).await.ended(1, "1 invalid, 5 pending");
    dry(&["--plan", &failures]).await.refused(&["the plan", "cannot be written"]);
    let plan = desk.path("plan.ndjson");
    dry(&["--plan", &plan]).await.ended(1, "1 invalid, 5 pending");
    dry(&["--failures", &plan]).await.refused(&["the failures file", "cannot be written"]);
    dry(&["--plan", &plan]).await.ended(1, "1 invalid, 5 pending");
    assert_eq!(lines(&plan).len(), 6);
    // A plan that is asked for is no run that sends.
    let ran = desk.sync(&server, "customers upsert", LATER, &["--plan", &plan]).await;
    ran.refused(&["add --dry-run"]);
    assert_eq!(server.requests(), 0);
}
