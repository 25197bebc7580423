//! `check`: credentials, reach, and what the keys may do.

use std::time::Duration;

use partnerstack_connector::sandbox::{FaultKind, InjectedFault, Options};
use partnerstack_connector::sync::Interrupt;
use serde_json::{Value, json};

use partnerstack_tests::desk::{Desk, PUBLIC, SECRET, keys, server, server_with};
use partnerstack_tests::until::until_so;

const OBJECTS: [&str; 4] = ["customers", "deals", "partnerships", "transactions"];

async fn check(desk: &Desk, url: &str) -> (u8, Value, String) {
    let ran = desk.run(&["check", "--base-url", url, "--json"]).await;
    let report: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout));
    assert_eq!(ran.stdout.lines().count(), 1);
    assert_eq!(keys(&report), ["base_url", "objects", "environment", "error"]);
    (ran.code, report, ran.stderr)
}

#[tokio::test]
async fn good_keys_on_an_empty_account() {
    let _limit = partnerstack_tests::limit();
    let own = Options { credentials: Some((PUBLIC.to_owned(), SECRET.to_owned())), ..Options::default() };
    let (desk, server) = (Desk::new(), server_with(own));
    let (code, report, _) = check(&desk, server.base_url()).await;
    assert_eq!((code, &report["environment"], &report["error"]), (0, &Value::Null, &Value::Null));
    let objects = report["objects"].as_array().unwrap();
    assert_eq!(objects.iter().map(|object| object["object"].as_str().unwrap()).collect::<Vec<_>>(), OBJECTS);
    assert!(objects.iter().all(|object| object["ok"] == true), "{report}");
    assert_eq!(server.requests(), 4, "one page of each object");

    let ran = desk.run(&["check", "--base-url", server.base_url()]).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(ran.stdout.matches(" ok\n").count(), 4, "{}", ran.stdout);
    assert!(ran.stdout.contains("no record yet"), "{}", ran.stdout);
}

#[tokio::test]
async fn test_keys_are_told_by_the_records() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "partnerships insert", "email\nada@example.com\n", &[]).await.ended(0, "1 created");
    let (code, report, _) = check(&desk, server.base_url()).await;
    assert_eq!((code, &report["environment"]), (0, &json!("test")));
    let ran = desk.run(&["check", "--base-url", server.base_url()]).await;
    assert!(ran.stdout.contains("test keys"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("ada@"), "{}", ran.stdout);
}

#[tokio::test]
async fn wrong_keys_are_5_with_the_place_where_keys_are() {
    let _limit = partnerstack_tests::limit();
    let other = Options { credentials: Some(("pk".to_owned(), "sk".to_owned())), ..Options::default() };
    let (desk, server) = (Desk::new(), server_with(other));
    let (code, report, _) = check(&desk, server.base_url()).await;
    assert_eq!(
        (code, report["objects"].as_array().map(Vec::len)),
        (5, Some(1)),
        "the others would say the same"
    );
    let first = &report["objects"][0];
    assert_eq!((&first["ok"], &first["status"]), (&json!(false), &json!(401)));
    assert!(first["hint"].as_str().is_some_and(|hint| hint.contains("Settings > Integrations")), "{first}");
    let ran = desk.run(&["check", "--base-url", server.base_url()]).await;
    assert_eq!(ran.code, 5);
    assert!(ran.stdout.contains("HTTP 401") && ran.stdout.contains("hint: "), "{}", ran.stdout);
}

#[tokio::test]
async fn no_api_at_the_address_is_5_and_no_answer_is_3() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let (code, report, _) = check(&desk, &format!("{}/v3", server.base_url())).await;
    assert_eq!((code, &report["objects"][0]["status"]), (5, &json!(404)));
    let message = report["objects"][0]["message"].as_str().unwrap();
    assert!(message.contains("is the base URL right?") && message.contains(".com/api/v2"), "{message}");
    let html = server_with(Options {
        faults: vec![InjectedFault { kind: FaultKind::Html, permille: 1000 }],
        ..Options::default()
    });
    let (code, report, _) = check(&desk, html.base_url()).await;
    assert_eq!(code, 1);
    assert!(
        report["objects"][0]["message"].as_str().is_some_and(|message| message.contains("HTML")),
        "{report}"
    );
    let url = server.base_url().to_owned();
    drop(server);
    let (code, report, _) = check(&desk, &url).await;
    assert_eq!((code, &report["objects"][0]["status"]), (3, &Value::Null));
}

#[tokio::test]
async fn an_interrupt_ends_it() {
    let _limit = partnerstack_tests::limit();
    let slow = Options { latency: Duration::from_hours(1), ..Options::default() };
    let (desk, server, interrupt) = (Desk::new(), server_with(slow), Interrupt::default());
    let args = ["check", "--base-url", server.base_url()];
    let raise = async {
        until_so("a request", || server.requests() > 0).await;
        interrupt.raise(2);
    };
    let (ran, ()) = tokio::join!(desk.run_with(&args, std::io::empty(), &interrupt), raise);
    assert_eq!(ran.code, 130);
}

#[tokio::test]
async fn what_cannot_start_is_2() {
    let _limit = partnerstack_tests::limit();
    let (code, report, stderr) = check(&Desk::without_keys(), "http://127.0.0.1:1").await;
    assert_eq!((code, &report["objects"]), (2, &json!([])));
    assert!(stderr.starts_with("error: no credentials"), "{stderr}");
    assert_eq!(report["error"].as_str().map(|error| stderr.contains(error)), Some(true));
    let (code, ..) = check(&Desk::new(), "http://api.partnerstack.com/api/v2").await;
    assert_eq!(code, 2);
    let (code, ..) = check(&Desk::new(), "api.partnerstack.com").await;
    assert_eq!(code, 2);
}
