//! Neither key, nor the header that carries both, is in anything that a run leaves behind.

use std::net::TcpListener;

use partnerstack_tests::in_process::run;
use partnerstack_tests::keys::{AUTHORIZATION, PUBLIC_KEY, SECRET_KEY, keys};
use partnerstack_tests::recorder::{Recorder, Reply};
use serde_json::json;

use partnerstack_tests::wire_sync::{Synced, customers, sync, sync_with};

fn secrets() -> [&'static str; 3] {
    [PUBLIC_KEY, SECRET_KEY, AUTHORIZATION.strip_prefix("Basic ").unwrap()]
}

#[track_caller]
fn none_in(synced: &Synced) {
    for text in [&synced.output.stdout, &synced.output.stderr, &synced.failures_text] {
        assert!(!secrets().iter().any(|secret| text.contains(secret)), "{text}");
    }
    let has = |secret: &str| synced.ledger.windows(secret.len()).any(|part| part == secret.as_bytes());
    assert!(!secrets().iter().any(|secret| has(secret)), "a secret is in the ledger");
}

#[tokio::test]
async fn no_secret_is_in_any_output() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::by_key(|key, _| match key {
        "acct-2" => Reply::refused(400, "no"),
        "acct-3" => Reply::of(500, "<html>"),
        _ => Reply::done(),
    })
    .await;
    let synced = sync(&server.base_url(), "customers insert", &customers(4)).await;
    synced.ended(4, "2 created, 1 rejected, 1 uncertain");
    assert_eq!(server.calls()[0].header("authorization"), Some(AUTHORIZATION), "the keys are in use");
    assert!(!synced.ledger.is_empty());
    none_in(&synced);

    let refusing = Recorder::answering(|_, _| Reply::refused(401, "Unauthorized")).await;
    let synced = sync(&refusing.base_url(), "customers insert", &customers(1)).await;
    synced.ended(5, "1 pending");
    none_in(&synced);

    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let dead = format!("http://{address}/api/v2");
    let synced = sync_with(&dead, "customers insert", &customers(1), &["--give-up", "1"]).await;
    synced.ended(3, "1 pending");
    none_in(&synced);

    let synced = sync_with(&server.base_url(), "customers insert", &customers(2), &["--dry-run"]).await;
    synced.ended(0, "2 pending");
    none_in(&synced);
}

#[tokio::test]
async fn a_server_that_repeats_the_keys_does_not_get_them_printed() {
    let _limit = partnerstack_tests::limit();
    let message = format!("no account for {PUBLIC_KEY}:{SECRET_KEY} ({AUTHORIZATION})");
    for status in [400, 401] {
        let plain = json!({"message": message, "status": status}).to_string();
        // JSON may write a slash in another way.
        for body in [plain.replace('/', r"\/"), plain] {
            let server = Recorder::of([Reply::of(status, body)]).await;
            let synced = sync(&server.base_url(), "customers insert", &customers(1)).await;
            none_in(&synced);
            synced.says(&["no account for"]);
        }
    }
}

#[tokio::test]
async fn check_shows_no_secret() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::answering(|_, _| Reply::refused(401, "Unauthorized")).await;
    for arguments in [vec!["check"], vec!["check", "--json"]] {
        let output = run(&[&arguments[..], &["--base-url", &server.base_url()]].concat(), "", &keys()).await;
        assert_eq!(output.code, 5);
        for text in [&output.stdout, &output.stderr] {
            assert!(!secrets().iter().any(|secret| text.contains(secret)), "{text}");
        }
    }
}

#[tokio::test]
async fn a_base_url_with_credentials_is_refused_without_repeating_them() {
    let _limit = partnerstack_tests::limit();
    let base_url = format!("https://{PUBLIC_KEY}:{SECRET_KEY}@api.example.com/api/v2");
    let arguments = [
        "sync",
        "--object",
        "customers",
        "--mode",
        "insert",
        "--source",
        "-",
        "--json",
        "--base-url",
        &base_url,
    ];
    let output = run(&arguments, "{}\n", &keys()).await;
    assert_eq!(output.code, 2, "{}", output.stderr);
    for text in [&output.stdout, &output.stderr] {
        assert!(!secrets().iter().any(|secret| text.contains(secret)), "{text}");
    }
}
