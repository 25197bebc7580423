//! Every operation of every object, to the letter: method, path, headers, body.

use std::collections::BTreeSet;

use partnerstack_connector::generated::API;
use partnerstack_tests::in_process::run;
use partnerstack_tests::keys::{AUTHORIZATION, keys};
use partnerstack_tests::recorder::{Call, Recorder, Reply};
use serde_json::{Value, json};

use partnerstack_tests::wire_sync::{sync, sync_with};

/// A row and the one request that it becomes.
struct Sent {
    object: &'static str,
    operation: &'static str,
    row: Value,
    route: &'static str,
    /// To the byte.
    body: &'static str,
}

fn writes() -> Vec<Sent> {
    let sent = |object, operation, row, route, body| Sent { object, operation, row, route, body };
    vec![
        sent(
            "customers",
            "create",
            json!({"email": "ada@example.com", "partner_key": "harbor", "name": "Öfen & \"Söhne\"\n</b>", "meta": {"plan": "pro"}}),
            "POST /customers",
            r#"{"email":"ada@example.com","partner_key":"harbor","customer_key":null,"name":"Öfen & \"Söhne\"\n</b>","meta":{"plan":"pro"}}"#,
        ),
        sent(
            "customers",
            "update",
            json!({"customer_key": "acct-1", "email": "ada@example.com", "member_key": "mem-1"}),
            "PATCH /customers/acct-1",
            r#"{"email":"ada@example.com","member_key":"mem-1"}"#,
        ),
        sent(
            "deals",
            "create",
            json!({
                "external_key": "opp-1", "group_key": "grup_1", "account_name": "Bluefinch", "amount": 1_250_000,
                "close_date": "2026-03-31", "contact_first_name": "Ada", "contact_last_name": "Lindqvist", "stage": "Won",
                "fields": {"region": "EMEA"},
            }),
            "POST /deals",
            concat!(
                r#"{"group_key":"grup_1","account_name":"Bluefinch","amount":1250000,"close_date":"2026-03-31","#,
                r#""contact_first_name":"Ada","contact_last_name":"Lindqvist","stage":"Won","source":"vendor","#,
                r#""external_key":"opp-1","fields":[{"api_name":"region","value":"EMEA"}]}"#
            ),
        ),
        sent(
            "partnerships",
            "create",
            json!({"email": "mira@example.org", "tags": ["reseller", "nordics"]}),
            "POST /partnerships",
            r#"{"email":"mira@example.org","tags":["reseller","nordics"]}"#,
        ),
        sent(
            "partnerships",
            "update",
            json!({"partnership_key": "part_1", "group_key": "grup_1"}),
            "PATCH /partnerships/part_1",
            r#"{"group_key":"grup_1"}"#,
        ),
        sent(
            "transactions",
            "create",
            json!({"key": "inv-1", "amount": -4900, "currency": "USD", "customer_email": "ada@example.com", "created_at": 1_772_323_200_000_i64}),
            "POST /transactions",
            r#"{"amount":-4900,"currency":"USD","key":"inv-1","customer_email":"ada@example.com","created_at":1772323200000}"#,
        ),
    ]
}

#[tokio::test]
async fn every_write_of_every_object() {
    let _limit = partnerstack_tests::limit();
    for sent in writes() {
        let what =
            format!("{} {}", sent.object, if sent.operation == "create" { "insert" } else { "update" });
        let server = Recorder::of([]).await;
        let synced = sync(&server.base_url(), &what, &[sent.row]).await;
        synced.ended(0, if sent.operation == "create" { "1 created" } else { "1 updated" });

        assert_eq!(server.routes(), [sent.route], "{what}");
        let call = &server.calls()[0];
        assert_eq!(String::from_utf8_lossy(&call.body), sent.body, "{what}");
        assert_eq!(call.header("content-type"), Some("application/json"), "{what}");
        assert_eq!(call.header("content-length"), Some(sent.body.len().to_string().as_str()), "{what}");
        headers_of_every_call(call);
    }
}

#[tokio::test]
async fn check_reads_one_page_of_every_object() {
    let _limit = partnerstack_tests::limit();
    let page = json!({"data": {"has_more": false, "items": []}, "message": "ok", "status": 200}).to_string();
    let server = Recorder::answering(move |_, _| Reply::of(200, page.clone())).await;
    let output = run(&["check", "--base-url", &server.base_url(), "--json"], "", &keys()).await;

    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    let expected = ["customers", "deals", "partnerships", "transactions"]
        .map(|object| format!("GET /{object}?limit=10"));
    let found: Vec<String> =
        server.calls().iter().map(|call| format!("{} {}", call.method, call.path)).collect();
    assert_eq!(found, expected);
    for call in &server.calls() {
        assert!(call.body.is_empty() && call.header("content-type").is_none(), "{:?}", call.headers);
        headers_of_every_call(call);
    }
}

#[test]
fn no_operation_is_left_out_here() {
    let _limit = partnerstack_tests::limit();
    let here: BTreeSet<(&str, &str)> = writes().iter().map(|sent| (sent.object, sent.operation)).collect();
    for object in API.objects {
        for operation in
            object.operations.iter().map(|operation| operation.name.name()).filter(|name| *name != "list")
        {
            assert!(
                here.contains(&(object.name, operation)),
                "add a row and its request for {operation} of {} to `writes` in tests/all/wire/operations.rs",
                object.name
            );
        }
    }
}

fn headers_of_every_call(call: &Call) {
    assert_eq!(call.header("authorization"), Some(AUTHORIZATION));
    assert_eq!(call.header("accept"), Some("application/json"));
    let agent = concat!("partnerstack/", env!("CARGO_PKG_VERSION"));
    assert_eq!(call.header("user-agent"), Some(agent));
    let host = call.header("host").unwrap();
    assert!(host.starts_with("127.0.0.1:") || host.starts_with("localhost:"), "{host}");
    let known = ["authorization", "accept", "user-agent", "host", "content-type", "content-length"];
    let more: Vec<_> = call.headers.iter().filter(|(name, _)| !known.contains(&name.as_str())).collect();
    assert!(more.is_empty(), "headers that nobody asked for: {more:?}");
}

#[tokio::test]
async fn keys_are_one_segment_of_the_path_whatever_their_characters() {
    let _limit = partnerstack_tests::limit();
    let encoded = [
        ("a/b", "a%2Fb"),
        ("a?b", "a%3Fb"),
        ("a#b", "a%23b"),
        ("50%", "50%25"),
        ("%2e%2e", "%252e%252e"),
        ("a b", "a%20b"),
        ("a+b", "a%2Bb"),
        ("😀", "%F0%9F%98%80"),
        ("Åsa", "%C3%85sa"),
        ("../../keys", "..%2F..%2Fkeys"),
        ("/", "%2F"),
        ("...", "..."),
        ("a\\b", "a%5Cb"),
        ("a;b=c", "a%3Bb%3Dc"),
        ("ada@example.com", "ada%40example.com"),
        ("-._~", "-._~"),
    ];
    let server = Recorder::of([]).await;
    let rows: Vec<Value> = encoded.iter().map(|(key, _)| json!({"customer_key": key, "name": "n"})).collect();
    let synced = sync(&server.base_url(), "customers update", &rows).await;
    synced.ended(0, &format!("{} updated", encoded.len()));
    // Rows of different records run beside each other.
    let expected: BTreeSet<String> =
        encoded.iter().map(|(_, path)| format!("PATCH /customers/{path}")).collect();
    assert_eq!(server.routes().into_iter().collect::<BTreeSet<_>>(), expected);
    assert_eq!(server.calls().len(), encoded.len());
}

#[tokio::test]
async fn keys_that_no_client_can_send_are_invalid() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::of([]).await;
    let rows = ["..", "."].map(|key| json!({"customer_key": key, "name": "n"}));
    let synced = sync(&server.base_url(), "customers update", &rows).await;
    synced.ended(1, "2 invalid");
    assert!(server.calls().is_empty());
    for failure in synced.failures() {
        assert_eq!(
            (&failure["errors"][0]["field"], &failure["errors"][0]["rule"]),
            (&json!("customer_key"), &json!("path"))
        );
    }
}

#[tokio::test]
async fn a_slash_at_the_end_of_the_base_url_makes_no_difference() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::of([]).await;
    let base_url = format!("{}/", server.base_url());
    sync(&base_url, "customers update", &[json!({"customer_key": "acct-1", "name": "n"})])
        .await
        .ended(0, "1 updated");
    assert_eq!(server.routes(), ["PATCH /customers/acct-1"]);
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let _limit = partnerstack_tests::limit();
    let elsewhere = Recorder::of([]).await;
    for status in [301, 302, 303, 307, 308] {
        let to = elsewhere.base_url();
        let server =
            Recorder::answering(move |_, _| Reply::refused(status, "moved").header("location", to.clone()))
                .await;
        let synced =
            sync(&server.base_url(), "customers upsert", &[partnerstack_tests::wire_sync::customer(1)]).await;
        synced.ended(5, "1 pending");
        synced.says(&["stopped: HTTP 3", "moved", "another address, which is not followed", "--base-url"]);
        assert_eq!(server.routes(), ["PATCH /customers/acct-1"], "{status}");
        assert!(synced.failures_text.is_empty(), "a pending row did not fail");
    }
    assert!(elsewhere.calls().is_empty(), "{:?}", elsewhere.routes());
}

#[tokio::test]
async fn check_follows_no_redirect_either() {
    let _limit = partnerstack_tests::limit();
    let elsewhere = Recorder::of([]).await;
    let to = elsewhere.base_url();
    let server = Recorder::answering(move |_, _| Reply::of(302, "").header("location", to.clone())).await;
    let output = run(&["check", "--base-url", &server.base_url()], "", &keys()).await;
    assert_ne!(output.code, 0, "{}", output.stdout);
    assert!(elsewhere.calls().is_empty());
}

#[tokio::test]
async fn every_row_is_sent_once_and_a_dry_run_sends_none() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::of([]).await;
    let rows = partnerstack_tests::wire_sync::customers(20);
    sync_with(&server.base_url(), "customers insert", &rows, &["--dry-run"]).await.ended(0, "20 pending");
    assert!(server.calls().is_empty());
    sync(&server.base_url(), "customers insert", &rows).await.ended(0, "20 created");
    assert_eq!(server.calls().len(), 20);
    let sent: BTreeSet<String> = server.calls().iter().map(Call::key).collect();
    assert_eq!(sent, (1..=20).map(|number| format!("acct-{number}")).collect());
}

#[tokio::test]
async fn rows_of_one_record_go_in_the_order_of_the_input() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::of([]).await;
    let rows: Vec<Value> =
        (0..10).map(|number| json!({"customer_key": "acct-1", "name": format!("name {number}")})).collect();
    sync(&server.base_url(), "customers update", &rows).await.ended(0, "10 updated");
    let sent: Vec<Value> = server.calls().iter().map(|call| call.json()["name"].clone()).collect();
    let expected: Vec<Value> = rows.iter().map(|row| row["name"].clone()).collect();
    assert_eq!(sent, expected);
}
