//! Mistakes made on purpose: each judge has to find its own, and nothing where there is none.

use std::time::Duration;

use partnerstack_tests::server::{Call, Options, Server};
use serde_json::{Value, json};

use partnerstack_tests::judge::{Finding, judge, judge_calls};
use partnerstack_tests::pace_judge::{over_quota, through_the_gate, use_of_quota};
use partnerstack_tests::plain_client::{Client, customer};
use partnerstack_tests::rows::Rows;

/// Customers of whom the second is changed twice.
fn rows() -> Rows {
    Rows::customers("upsert", 0..4).with_changes([1, 1])
}

/// Sends a row as an honest client would.
fn send(client: &Client<'_>, row: &Value) {
    let key = row["customer_key"].as_str().unwrap();
    if client.ask("PATCH", &format!("customers/{key}"), row).0 == 404 {
        create(client, row);
    }
}

fn send_all(client: &Client<'_>, rows: &[Value]) {
    for row in rows {
        send(client, row);
    }
}

fn create(client: &Client<'_>, row: &Value) {
    let mut body = row.clone();
    body["partner_key"] = json!("p");
    assert_eq!(client.ask("POST", "customers", &body).0, 200);
}

/// What the judge finds after a client has had its way with the rows.
fn judged(way: impl FnOnce(&Client<'_>, &[Value])) -> Vec<Finding> {
    let server = Server::start(Options::default()).unwrap();
    let rows = rows();
    let sent: Vec<Value> = rows.each.iter().map(|row| row.sent.clone()).collect();
    way(&Client { server: &server }, &sent);
    judge(&server, &rows, |_| &rows)
}

fn label(finding: &Finding) -> &str {
    let (Finding::Lost(text)
    | Finding::Doubled(text)
    | Finding::Wrong(text)
    | Finding::Stray(text)
    | Finding::Disorder(text)
    | Finding::Beside(text)) = finding;
    &text[..10]
}

#[test]
fn honesty_is_no_finding() {
    let _limit = partnerstack_tests::limit();
    assert_eq!(judged(send_all), []);
    // Neither is the same row twice in succession: an answer got lost.
    let stubborn = judged(|client, rows| {
        for row in rows {
            send(client, row);
            send(client, row);
        }
    });
    assert_eq!(stubborn, []);
}

#[test]
fn a_row_that_is_left_out_is_lost() {
    let _limit = partnerstack_tests::limit();
    let found = judged(|client, rows| {
        rows.iter().filter(|row| row["customer_key"] != "acct-00002").for_each(|row| send(client, row));
    });
    assert!(matches!(found.as_slice(), [Finding::Lost(label)] if label == "acct-00002"), "{found:?}");
}

#[test]
fn a_create_that_is_repeated_is_doubled() {
    let _limit = partnerstack_tests::limit();
    let found = judged(|client, rows| {
        send_all(client, rows);
        create(client, &rows[0]);
    });
    assert!(
        matches!(found.as_slice(), [Finding::Doubled(label)] if label == "acct-00000, 2 times"),
        "{found:?}"
    );
}

#[test]
fn a_change_that_is_left_out_is_wrong() {
    let _limit = partnerstack_tests::limit();
    let found = judged(|client, rows| rows[..rows.len() - 1].iter().for_each(|row| send(client, row)));
    assert!(matches!(found.as_slice(), [Finding::Wrong(_)]), "{found:?}");
    assert_eq!(label(&found[0]), "acct-00001");
}

#[test]
fn a_record_that_no_row_asks_for_is_a_stray() {
    let _limit = partnerstack_tests::limit();
    let found = judged(|client, rows| {
        send_all(client, rows);
        create(client, &customer("acct-99999", "Nobody"));
    });
    assert!(matches!(found.as_slice(), [Finding::Stray(label)] if label == "acct-99999"), "{found:?}");
}

#[test]
fn rows_in_the_wrong_order_are_found_even_if_the_last_is_right() {
    let _limit = partnerstack_tests::limit();
    let backwards = judged(|client, rows| rows.iter().rev().for_each(|row| send(client, row)));
    assert!(backwards.iter().any(|finding| matches!(finding, Finding::Wrong(_))), "{backwards:?}");
    assert!(backwards.iter().any(|finding| matches!(finding, Finding::Disorder(_))), "{backwards:?}");

    let there_and_back = judged(|client, rows| {
        let of_the_second: Vec<&Value> =
            rows.iter().filter(|row| row["customer_key"] == "acct-00001").collect();
        send_all(client, rows);
        send(client, of_the_second[0]);
        send(client, of_the_second[2]);
    });
    assert!(!there_and_back.is_empty());
    assert!(
        there_and_back.iter().all(|finding| matches!(finding, Finding::Disorder(_))),
        "{there_and_back:?}"
    );
}

#[test]
fn two_writes_about_one_record_at_a_time_are_found() {
    let _limit = partnerstack_tests::limit();
    let server = Server::start(Options::default()).unwrap();
    let rows = rows();
    let sent: Vec<Value> = rows.each.iter().map(|row| row.sent.clone()).collect();
    send_all(&Client { server: &server }, &sent);
    let mut calls = server.calls();
    assert_eq!(judge_calls(calls.clone(), &rows, |_| &rows), []);
    // The answer to one change leaves only when the next one has come.
    let changes = calls.iter_mut().filter(|call| call.method == "PATCH" && call.status == Some(200));
    let [earlier, later] = changes.collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("two changes"));
    earlier.ended = Some(later.at + Duration::from_nanos(1));
    let found = judge_calls(calls, &rows, |_| &rows);
    assert!(matches!(found.as_slice(), [Finding::Beside(_)]), "{found:?}");
}

/// The journal of a client that leaves these pauses, in milliseconds, before its requests; each is answered by a status
/// after 10 ms.
fn journal(requests: impl IntoIterator<Item = (u64, u16)>) -> Vec<Call> {
    let server = Server::start(Options::default()).unwrap();
    Client { server: &server }.ask("GET", "deals", &Value::Null);
    let pattern = server.calls().remove(0);
    let mut at = Duration::from_secs(1);
    let calls = requests.into_iter().map(|(pause, status)| {
        at += Duration::from_millis(pause);
        let ended = Some(at + Duration::from_millis(10));
        Call { at, ended, status: Some(status), ..pattern.clone() }
    });
    calls.collect()
}

#[test]
fn a_burst_above_the_quota_is_found_and_so_is_a_quota_that_is_not_used() {
    let _limit = partnerstack_tests::limit();
    let ask = |pauses: &[u64]| journal(pauses.iter().map(|pause| (*pause, 200)));
    // 3000 a minute: one every 20 ms, and at most 15 at once.
    let steady = ask(&[21; 60]);
    assert_eq!(over_quota(&steady, 3000), []);
    let burst = ask(&[1; 60]);
    assert!(!over_quota(&burst, 3000).is_empty());
    // A pause is not to be made up for.
    let catching_up: Vec<u64> = [[21; 20], [1; 20], [1; 20]].concat();
    assert!(!over_quota(&ask(&catching_up), 3000).is_empty());
    let slow = ask(&[30; 20]);
    assert_eq!(over_quota(&slow, 3000), []);
    assert!(use_of_quota(&slow, 3000) < 800, "{}", use_of_quota(&slow, 3000));
    assert!(use_of_quota(&burst, 3000) > 2000);
}

#[test]
fn a_client_that_does_not_wait_at_the_gate_is_found() {
    let _limit = partnerstack_tests::limit();
    let (pause, slack) = (Duration::from_millis(400), Duration::from_millis(100));
    let found =
        |requests: &[(u64, u16)]| through_the_gate(&journal(requests.iter().copied()), pause, slack).len();
    let one_that_waits_and_tries_the_gate_alone = [(0, 429), (450, 200), (20, 200), (20, 200)];
    assert_eq!(found(&one_that_waits_and_tries_the_gate_alone), 0);
    let one_that_does_not_wait = [(0, 429), (20, 429), (150, 200)];
    assert_eq!(found(&one_that_does_not_wait), 1);
    let one_that_waits_and_comes_with_another = [(0, 429), (450, 200), (5, 200)];
    assert_eq!(found(&one_that_waits_and_comes_with_another), 1);
}
