//! `partnerstack test`: rows of a sync file, and the request, errors or filter that each comes to.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use partnerstack_tests::desk::{Desk, Ran, record, server};

const HEAD: &str = "object: transactions\nmode: insert\nsource: rows.csv\nprimary_key: Number\nwhere: {Status: paid}\n\
                    mapping:\n  amount: {column: Total, as: cents}\n  currency: Currency\n  customer_external_key: Account\n  \
                    metadata.number: Number\n  metadata.note: {template: '{{ plan_name }}!'}\n";
const ROW: &str = "{Number: 00123, Status: paid, Total: 49.50, Currency: USD, Account: a-1, Plan Name: Pro}";

async fn test(desk: &Desk, text: &str, flags: &[&str]) -> Ran {
    let file = desk.write("sync.yaml", text);
    desk.run(&[&["test", &file], flags].concat()).await
}

/// The line of JSON.
fn line(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
}

/// What is not as expected in the first test.
async fn differences(head: &str, test_text: &str) -> Vec<String> {
    let desk = Desk::without_keys();
    let ran = test(&desk, &format!("{head}tests:\n- {{name: it, {test_text}}}\n"), &["--json"]).await;
    let line = line(&ran);
    assert_eq!(line["error"], Value::Null, "{}", ran.stderr);
    let found = line["tests"][0]["differences"].as_array().unwrap().clone();
    assert_eq!(ran.code, u8::from(!found.is_empty()));
    assert_eq!(line["tests"][0]["holds"], found.is_empty());
    let shown = |found: &Value| {
        format!("{}: {} / {}", found["at"].as_str().unwrap(), found["expected"], found["got"])
    };
    found.iter().map(shown).collect()
}

#[tokio::test]
async fn a_test_holds_the_request_that_a_sync_sends() {
    let _limit = partnerstack_tests::limit();
    // The sync itself says what is right: its request, derived key included, is what the test expects.
    for more in ["", "account: production\n", "derive_key: false\n"] {
        let (desk, server) = (Desk::new(), server());
        desk.write(
            "rows.csv",
            "Number,Status,Total,Currency,Account,Plan Name\n00123,paid,49.50,USD,a-1,Pro\n",
        );
        let file = desk.write("sync.yaml", format!("{HEAD}{more}"));
        desk.run(&["sync", &file, "--base-url", server.base_url(), "--json"]).await.ended(0, "1 created");
        let held = record(&server, "transactions", "amount", 4950);
        let mut body = json!({
            "amount": 4950, "currency": "USD", "customer_external_key": "a-1",
            "metadata": {"number": "00123", "note": "Pro!"},
        });
        if more != "derive_key: false\n" {
            assert!(held["key"].as_str().unwrap().starts_with("ps1_"));
            body["key"] = held["key"].clone();
        }
        let request = format!("{{method: POST, path: /transactions, body: {body}}}");
        let yaml = format!("{HEAD}{more}");
        let none: [&str; 0] = [];
        assert_eq!(differences(&yaml, &format!("row: {ROW}, request: {request}")).await, none);
        let wrong = request.replace("4950", "495000").replace("POST", "PATCH");
        assert_eq!(
            differences(&yaml, &format!("row: {ROW}, request: {{operation: create, {}", &wrong[1..])).await,
            ["create method: \"PATCH\" / \"POST\"", "create body.amount: 495000 / 4950"]
        );
    }
}

#[tokio::test]
async fn it_needs_nothing_and_leaves_nothing() {
    let _limit = partnerstack_tests::limit();
    let desk =
        Desk::without_keys().without("HOME").without("XDG_STATE_HOME").with("PARTNERSTACK_ACCOUNT", "other");
    let text = format!("{HEAD}tests:\n- {{name: a void, row: {{Status: void}}, filtered: true}}\n");
    let ran = test(&desk, &text, &[]).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "ok      a void\n"), "{}", ran.stderr);
    assert_eq!(ran.stderr, "1 held, 0 failed\n");
    assert_eq!(desk.files(), ["sync.yaml"]);
}

#[tokio::test]
async fn what_is_not_as_expected_is_shown_line_by_line() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let text = format!(
        "{HEAD}tests:\n\
         - name: in cents\n  row: {{Number: 1, Status: paid, Total: 5, Currency: USD, Acount: a}}\n  filtered: true\n\
         - name: refused\n  row: {{Number: 1, Status: paid, Total: 5.001, Currency: USD, Account: a}}\n  \
         errors: [{{field: amount, message: decimals}}, {{field: currency, message: upper case}}]\n\
         - name: void\n  row: {{Status: void}}\n  errors: [{{field: amount}}]\n\
         - name: a body\n  row: {ROW}\n  request: {{body: {{amount: 4950, currency: EUR, tags: [a]}}}}\n\
         - name: holds\n  row: {{Status: open}}\n  filtered: true\n"
    );
    let ran = test(&desk, &text, &[]).await;
    assert_eq!(ran.code, 1);
    ran.snapshot("tests-of-a-sync-file", &format!("{}{}", ran.stdout, ran.stderr));
    let again = test(&desk, &text, &["--json"]).await;
    let line = line(&again);
    assert_eq!((&line["held"], &line["failed"], again.code), (&1.into(), &4.into(), 1));
    assert_eq!(line["tests"][0]["unused"], json!(["Acount"]));
    assert_eq!(again.stderr, "");
}

#[tokio::test]
async fn an_upsert_may_send_two_requests() {
    let _limit = partnerstack_tests::limit();
    let head = "object: customers\nmode: upsert\n";
    let row = "row: {customer_key: a/1, email: ada@example.com, partner_key: gstest}";
    let update = "{operation: update, method: PATCH, path: /customers/a%2F1, body: {email: ada@example.com}}";
    let create = "{method: POST, path: /customers, body: {customer_key: a/1, email: ada@example.com, partner_key: gstest}}";
    let none: [&str; 0] = [];
    for request in [update, create, &format!("[{update}, {create}]"), "{body: {email: ada@example.com}}"] {
        assert_eq!(differences(head, &format!("{row}, request: {request}")).await, none, "{request}");
    }
    // A list has all of them.
    let found = differences(head, &format!("{row}, request: [{update}]")).await;
    assert_eq!(found.len(), 5, "{found:?}");
    assert!(found.iter().all(|line| line.starts_with("create ") && line.contains(": null / ")), "{found:?}");
    // Without a key there is nothing to update.
    let row = "row: {email: ada@example.com, partner_key: gstest}";
    let body = "{email: ada@example.com, partner_key: gstest, customer_key: null}";
    assert_eq!(
        differences(head, &format!("{row}, request: [{{operation: create, body: {body}}}]")).await,
        none
    );
    // One that a lookup finds has the path of the spec.
    let by_email = "object: customers\nmode: update\nmatch_on: email\nmapping: {email: mail, name: name}\n";
    let request = "{path: '/customers/{customer_key}', body: {email: a@b.io, name: A}}";
    assert_eq!(
        differences(by_email, &format!("row: {{mail: a@b.io, name: A}}, request: {request}")).await,
        none
    );
    // Neither a key nor a lookup: it is invalid, as in a run.
    let update = "object: customers\nmode: update\nmapping: {customer_key: id, email: mail, name: name}\n";
    let errors = "errors: [{field: customer_key, message: which record}]";
    assert_eq!(differences(update, &format!("row: {{mail: a@b.io, name: A}}, {errors}")).await, none);
}

#[tokio::test]
async fn cells_are_texts_and_json_is_json() {
    let _limit = partnerstack_tests::limit();
    let head = "object: customers\nmode: insert\nmapping: {email: mail, partner_key: p, customer_key: id, meta.x: x}\n";
    let body = |key: &str, x: &str| {
        format!("request: {{body: {{email: a@b.io, partner_key: g, customer_key: {key}, meta: {{x: {x}}}}}}}")
    };
    let row = "row: {mail: a@b.io, p: g, id: 007, x: 1.50}";
    let none: [&str; 0] = [];
    for (settings, test) in [
        ("source: rows.csv\n", body("'007'", "'1.50'")),
        ("", body("'007'", "'1.50'")),
        ("source: rows.ndjson\n", body("'7'", "1.50").replace("id: 007", "id: 7")),
        ("source: '-'\nformat: csv\n", body("'007'", "'1.50'")),
    ] {
        let row = if settings.contains("ndjson") { row.replace("007", "7") } else { row.to_owned() };
        assert_eq!(
            differences(&format!("{head}{settings}"), &format!("{row}, {test}")).await,
            none,
            "{settings}"
        );
    }
    // 1.5 is another text than 1.50, and sent as such.
    let ndjson = format!("{head}source: rows.ndjson\n");
    let found = differences(&ndjson, &format!("{}, {}", row.replace("007", "'7'"), body("'7'", "1.5"))).await;
    assert_eq!(found, ["create body.meta.x: 1.5 / 1.50"]);
    let nested = "row: {mail: a@b.io, p: g, id: '7', x: {y: [1]}}";
    assert_eq!(differences(head, &format!("{nested}, {}", body("'7'", "{y: [1]}"))).await, none);
    let desk = Desk::without_keys();
    let csv = format!("{head}source: rows.csv\ntests: [{{name: it, {nested}, filtered: true}}]\n");
    test(&desk, &csv, &[]).await.says(&[
        "sync.yaml:5:",
        "the column `x` has more than a text",
        "format: ndjson",
    ]);
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_said_where_it_is() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    for (tests, words) in [
        ("", &["no tests", "partnerstack test --help"][..]),
        ("tests:\n- {name: a, row: {}, filtred: true}\n", &["sync.yaml:13:22", "filtered"]),
        ("tests:\n- {name: a, row: {}}\n", &["sync.yaml:13:10", "`request`, `errors` and `filtered: true`"]),
        (
            "tests:\n- {name: a, row: {}, filtered: true, errors: [{field: x}]}\n",
            &["sync.yaml:13:10", "more than one"],
        ),
        ("tests:\n- {name: a, row: {}, filtered: false}\n", &["sync.yaml:13:32", "filtered: false"]),
        (
            "tests:\n- {name: a, row: {}, filtered: true}\n- {name: a, row: {}, filtered: true}\n",
            &["sync.yaml:14:10", "two tests are called `a`"],
        ),
    ] {
        let ran = test(&desk, &format!("{HEAD}{tests}"), &["--json"]).await;
        assert_eq!(ran.code, 2, "{tests}");
        ran.says(words);
        assert!(line(&ran)["error"].is_string(), "{}", ran.stdout);
        // A sync judges them too, though it does not run them.
        if !tests.is_empty() {
            let file = desk.path("sync.yaml");
            desk.run(&["sync", &file, "--dry-run"]).await.says(words);
        }
    }
    // A mapping that no row of the source could satisfy.
    let text = "object: customers\nmode: insert\nmapping: {email: mail}\ntests: [{name: a, row: {mail: x}, filtered: true}]\n";
    test(&desk, text, &[]).await.refused(&["partner_key"]);
}

#[tokio::test]
async fn the_tests_of_the_examples_hold() {
    let _limit = partnerstack_tests::limit();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../spec/examples");
    let desk = Desk::without_keys();
    let mut with_tests = 0;
    for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|extension| extension == "yaml")
            && fs::read_to_string(&file).unwrap().contains("\ntests:")
        {
            let ran = desk.run(&["test", file.to_str().unwrap()]).await;
            assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
            with_tests += 1;
        }
    }
    assert!(with_tests > 0, "an example shows tests");
}
