//! Connections that break, stall, or speak no HTTP: what may have been applied is never sent twice.

use std::io::Write;
use std::net::TcpListener;
use std::sync::mpsc;

use serde_json::{Value, json};

use partnerstack_tests::raw_server::{RawServer, say_and_close, success};
use partnerstack_tests::until::PATIENCE;
use partnerstack_tests::wire_sync::{Synced, customer, customers, sync_in_turn, sync_with};

/// A sync that does not keep a test for minutes if it should try again where it must not.
async fn sync(base_url: &str, what: &str, rows: &[Value]) -> Synced {
    sync_with(base_url, what, rows, &["--timeout", "1", "--give-up", "3"]).await
}

#[tokio::test]
async fn an_answer_that_never_began_leaves_a_create_uncertain() {
    let _limit = partnerstack_tests::limit();
    for bytes in
        ["", "HTTP/1.1 200 O", "SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"]
    {
        let server = RawServer::saying(bytes);
        let synced = sync(server.base_url(), "customers insert", &[customer(1)]).await;
        synced.ended(4, "1 uncertain");
        assert_eq!(server.requests(), 1, "{bytes:?}");
        let failure = synced.failure();
        assert_eq!((&failure["operation"], &failure["status"]), (&json!("create"), &json!(null)));
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_says_success_but_cannot_be_read() {
    let _limit = partnerstack_tests::limit();
    let server = RawServer::saying("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"data\":{\"key\":\"cu");
    let synced = sync(server.base_url(), "customers insert", &[customer(1)]).await;
    synced.ended(4, "1 uncertain");
    assert_eq!(server.requests(), 1);
    assert_eq!(synced.failure()["status"], 200);
    synced.says(&["the answer said success but broke off"]);
}

#[tokio::test]
async fn a_refusal_whose_text_breaks_off_says_nothing_of_the_row() {
    let _limit = partnerstack_tests::limit();
    let server =
        RawServer::saying("HTTP/1.1 400 Bad Request\r\ncontent-length: 500\r\n\r\n{\"message\":\"no");
    let synced = sync(server.base_url(), "customers insert", &customers(2)).await;
    synced.ended(4, "2 uncertain");
    assert_eq!(server.requests(), 2);
    assert_eq!(synced.failures()[0]["status"], 400);
    synced.says(&["it may have been applied: HTTP 400 with a body that broke off"]);
}

#[tokio::test]
async fn a_connection_that_dies_under_a_request_is_no_reason_to_send_it_again() {
    let _limit = partnerstack_tests::limit();
    // The first answer keeps the connection alive, so the second request goes over one that worked before. That is
    // where HTTP clients like to send again by themselves.
    let server = RawServer::start(|number, stream| match number {
        1 => say_and_close(stream, b""),
        _ => stream.write(&success()).unwrap(),
    });
    let synced = sync_in_turn(server.base_url(), "customers insert", &customers(3)).await;
    synced.ended(4, "2 created, 1 uncertain");
    assert_eq!(server.requests(), 3, "one for each row");
}

#[tokio::test]
async fn a_patch_over_a_connection_that_died_is_sent_again_by_us() {
    let _limit = partnerstack_tests::limit();
    let server = RawServer::start(|number, stream| match number {
        0 => say_and_close(stream, b""),
        _ => stream.write(&success()).unwrap(),
    });
    let synced = sync(server.base_url(), "customers update", &[customer(1)]).await;
    synced.ended(0, "1 updated");
    assert_eq!((server.requests(), synced.count("requests"), synced.count("retries")), (2, 2, 1));
}

#[tokio::test]
async fn a_create_without_an_answer_in_time_is_uncertain() {
    let _limit = partnerstack_tests::limit();
    // The server waits until the test has its outcome.
    let (done, wait) = mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let server =
        RawServer::start(move |_, _| usize::from(wait.lock().unwrap().recv_timeout(PATIENCE).is_ok()));
    let synced = sync(server.base_url(), "customers insert", &[customer(1)]).await;
    drop(done);
    synced.ended(4, "1 uncertain");
    assert_eq!(server.requests(), 1);
    synced.says(&["no answer in time"]);
}

#[tokio::test]
async fn a_dead_server_is_tried_again_until_the_run_gives_up() {
    let _limit = partnerstack_tests::limit();
    // A port that was free a moment ago, and that nobody listens on now.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base_url = format!("http://{address}/api/v2");
    let synced = sync_with(&base_url, "customers insert", &[customer(1)], &["--give-up", "1"]).await;
    synced.ended(3, "1 pending");
    synced.says(&["stopped: nothing came through for 1 s (--give-up)", "no connection", "refused"]);
    assert!(
        !synced.output.stderr.contains("acct-1"),
        "the record's key in an error: {}",
        synced.output.stderr
    );
    assert!(synced.count("retries") >= 1 && synced.count("duration_ms") >= 1000);
    assert!(synced.failures_text.is_empty(), "a pending row did not fail");
}
