//! Mistakes made on purpose: each judge has to find its own, and nothing where there is none.

use std::thread;
use std::time::Duration;

use partnerstack_tests::server::{Options, Server, Storm};
use serde_json::{Value, json};

use partnerstack_tests::judge::{Finding, judge};
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
    let found = judged(|client, rows| {
        rows.iter().filter(|row| row["customer_key"] != "acct-00002").for_each(|row| send(client, row));
    });
    assert!(matches!(found.as_slice(), [Finding::Lost(label)] if label == "acct-00002"), "{found:?}");
}

#[test]
fn a_create_that_is_repeated_is_doubled() {
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
    let found = judged(|client, rows| rows[..rows.len() - 1].iter().for_each(|row| send(client, row)));
    assert!(matches!(found.as_slice(), [Finding::Wrong(_)]), "{found:?}");
    assert_eq!(label(&found[0]), "acct-00001");
}

#[test]
fn a_record_that_nobody_asked_for_is_a_stray() {
    let found = judged(|client, rows| {
        send_all(client, rows);
        create(client, &customer("acct-99999", "Nobody"));
    });
    assert!(matches!(found.as_slice(), [Finding::Stray(label)] if label == "acct-99999"), "{found:?}");
}

#[test]
fn rows_in_the_wrong_order_are_found_even_if_the_last_is_right() {
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
    let server =
        Server::start(Options { latency: Duration::from_millis(100), ..Options::default() }).unwrap();
    let client = Client { server: &server };
    let rows = rows();
    let client = &client;
    let (first, changes): (Vec<_>, Vec<_>) =
        rows.each.iter().partition(|row| row.sent["name"].as_str().unwrap().ends_with('0'));
    for row in first {
        send(client, &row.sent);
    }
    thread::scope(|scope| {
        for row in changes {
            scope.spawn(move || send(client, &row.sent));
        }
    });
    let found = judge(&server, &rows, |_| &rows);
    assert!(found.iter().any(|finding| matches!(finding, Finding::Beside(_))), "{found:?}");
}

#[test]
fn a_burst_above_the_quota_is_found_and_so_is_a_quota_that_is_not_used() {
    let ask = |pauses: &[u64]| {
        let server = Server::start(Options::default()).unwrap();
        let client = Client { server: &server };
        for pause in pauses {
            // This client is paced by its sleep: that is what is judged.
            thread::sleep(Duration::from_millis(*pause));
            client.ask("GET", "deals", &Value::Null);
        }
        server.calls()
    };
    // 3000 a minute: one every 20 ms, and at most 15 at once.
    let steady = ask(&[21; 60]);
    assert_eq!(over_quota(&steady, 3000), []);
    let burst = ask(&[0; 60]);
    assert!(!over_quota(&burst, 3000).is_empty());
    // A pause is not to be made up for.
    let catching_up: Vec<u64> = [[21; 20], [0; 20], [0; 20]].concat();
    assert!(!over_quota(&ask(&catching_up), 3000).is_empty());
    let slow = ask(&[30; 20]);
    assert_eq!(over_quota(&slow, 3000), []);
    assert!(use_of_quota(&slow, 3000) < 800, "{}", use_of_quota(&slow, 3000));
    assert!(use_of_quota(&burst, 3000) > 2000);
}

#[test]
fn whoever_does_not_wait_at_the_gate_is_found() {
    let storm = Storm { after: 0, lasting: Duration::from_millis(300), retry_after: Some(1) };
    let options = Options { latency: Duration::from_millis(50), storm: Some(storm), ..Options::default() };
    let (pause, slack) = (Duration::from_millis(400), Duration::from_millis(100));

    // One that waits, and tries the gate alone.
    let server = Server::start(options.clone()).unwrap();
    let client = &Client { server: &server };
    client.ask("GET", "deals", &Value::Null);
    thread::sleep(Duration::from_millis(450));
    for _ in 0..3 {
        client.ask("GET", "deals", &Value::Null);
    }
    assert_eq!(through_the_gate(&server.calls(), pause, slack), Vec::<String>::new());

    // One that does not wait.
    let server = Server::start(options.clone()).unwrap();
    let client = &Client { server: &server };
    for _ in 0..8 {
        client.ask("GET", "deals", &Value::Null);
    }
    assert_eq!(through_the_gate(&server.calls(), pause, slack).len(), 1);

    // One that waits, and then comes with another.
    let server = Server::start(options).unwrap();
    let client = &Client { server: &server };
    client.ask("GET", "deals", &Value::Null);
    thread::sleep(Duration::from_millis(450));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| client.ask("GET", "deals", &Value::Null));
        }
    });
    assert_eq!(through_the_gate(&server.calls(), pause, slack).len(), 1);
}
