//! Refusals: which concern a row, which the whole run, and which only ask for patience.

use std::collections::BTreeSet;

use partnerstack_tests::recorder::{Recorder, Reply};
use serde_json::json;

use partnerstack_tests::wire_sync::{customer, customers, sync, sync_in_turn, transaction};

#[tokio::test]
async fn a_429_is_obeyed_and_sent_again() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::of([
        Reply::refused(429, "slow down").header("retry-after", "0"),
        Reply::refused(429, "slow down").header("retry-after", "0"),
        Reply::done(),
        // Without a time, or with a date that has passed. Each costs up to half a second here.
        Reply::of(429, "<html>"),
        Reply::done(),
        Reply::refused(429, "slow down").header("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"),
    ])
    .await;
    let synced = sync(&server.base_url(), "customers insert", &customers(3)).await;
    synced.ended(0, "3 created");
    let counts = ["requests", "retries", "throttled"].map(|name| synced.count(name));
    assert_eq!(counts, [7, 4, 4]);
    let sent: BTreeSet<Vec<u8>> = server.writes().into_iter().map(|call| call.body).collect();
    assert_eq!(sent.len(), 3, "the same requests are sent again");
    synced.says(&["4 throttled", "no row was lost by it", "hint: Rate-limited requests are sent again"]);
}

#[tokio::test]
async fn retry_after_counts_in_seconds() {
    let _limit = partnerstack_tests::limit();
    // Without it, the first pause is at most half a second.
    let server = Recorder::of([Reply::refused(429, "slow down").header("retry-after", " 1 ")]).await;
    let synced = sync(&server.base_url(), "customers insert", &[customer(1)]).await;
    synced.ended(0, "1 created");
    assert!(synced.count("duration_ms") >= 1000, "{}", synced.output.stdout);
}

#[tokio::test]
async fn a_429_until_a_day_that_the_run_does_not_see_ends_it_at_once() {
    let _limit = partnerstack_tests::limit();
    for until in ["Wed, 21 Oct 2099 07:28:00 GMT", "301"] {
        let server = Recorder::of([Reply::refused(429, "slow down").header("retry-after", until)]).await;
        let synced = sync(&server.base_url(), "customers insert", &[customer(1)]).await;
        synced.ended(3, "1 pending");
        assert_eq!(server.calls().len(), 1);
        synced.says(&["stopped: the API takes no requests for the next", "more than --give-up 300 allows"]);
    }
}

#[tokio::test]
async fn a_500_on_a_patch_is_tried_again() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::of([Reply::refused(500, "Internal Server Error")]).await;
    let synced = sync(&server.base_url(), "customers update", &[customer(1)]).await;
    synced.ended(0, "1 updated");
    assert_eq!(server.routes(), ["PATCH /customers/acct-1"; 2]);
    assert_eq!(synced.count("retries"), 1);
}

#[tokio::test]
async fn a_500_on_a_create_that_no_list_shows_is_uncertain_and_never_sent_again() {
    let _limit = partnerstack_tests::limit();
    for status in [500, 502, 503, 504, 599] {
        let server = Recorder::by_key(move |key, _| match key {
            "acct-1" => Reply::refused(status, "try again").header("retry-after", "0"),
            _ => Reply::done(),
        })
        .await;
        let synced = sync(&server.base_url(), "customers insert", &customers(2)).await;
        synced.ended(4, "1 created, 1 uncertain");
        assert_eq!(server.routes(), ["POST /customers"; 2], "{status}: one for each row");
        let failure = synced.failure();
        assert_eq!((&failure["row"], &failure["outcome"]), (&json!(1), &json!("uncertain")));
        synced.says(&["it may have been applied: try again"]);
    }
}

#[tokio::test]
async fn a_401_in_the_middle_stops_the_run() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::of([Reply::done(), Reply::done(), Reply::refused(401, "Unauthorized")]).await;
    let synced = sync_in_turn(&server.base_url(), "customers insert", &customers(30)).await;
    synced.stopped("2 created");
    assert_eq!(server.calls().len(), 3, "the rows after it are not sent");
    synced.says(&[
        "stopped: HTTP 401: Unauthorized",
        "hint: Verify your public key and secret key",
        "run the same command again",
    ]);
    assert_eq!(synced.output.json()["error"], "HTTP 401: Unauthorized");
    assert!(synced.failures_text.is_empty(), "a pending row did not fail");
}

#[tokio::test]
async fn a_401_on_an_update_stops_too() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::of([Reply::of(401, "")]).await;
    sync_in_turn(&server.base_url(), "customers upsert", &customers(20)).await.stopped("");
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn whatever_is_in_flight_when_a_run_stops_is_all_that_is_sent() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::answering(|_, _| Reply::refused(401, "Unauthorized")).await;
    let synced = sync(&server.base_url(), "customers insert", &customers(500)).await;
    synced.stopped("");
    // A burst of a quarter of a percent of the quota, and what is let through until its answers are there.
    assert!(server.calls().len() < 100, "{}", server.calls().len());
}

#[tokio::test]
async fn ten_answers_that_are_not_the_apis_before_any_that_is_mean_the_address() {
    let _limit = partnerstack_tests::limit();
    for (status, body) in [
        (404, ""),
        (404, "<html>nginx</html>"),
        (404, r#"{"error":"Not Found"}"#),
        (404, r#"{"message":"Not Found","status":200}"#),
        (200, "<html>Welcome</html>"),
        (502, "<html>nginx</html>"),
    ] {
        for (mode, ended) in [("insert", "10 uncertain, 20 pending"), ("upsert", "30 pending")] {
            let server = Recorder::answering(move |_, _| Reply::of(status, body)).await;
            let what = format!("customers {mode}");
            let synced = sync_in_turn(&server.base_url(), &what, &customers(30)).await;
            synced.ended(5, ended);
            assert_eq!(server.calls().len(), 10, "{what}, {body}");
            synced.says(&["what answers is not the API", "is the base URL right?"]);
        }
    }
}

#[tokio::test]
async fn answers_that_are_not_the_apis_are_of_no_row_once_the_api_has_answered() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::by_key(|key, _| match key {
        "acct-1" => Reply::done(),
        _ => Reply::of(404, "<html>nginx</html>"),
    })
    .await;
    let synced = sync_in_turn(&server.base_url(), "customers insert", &customers(9)).await;
    synced.ended(4, "1 created, 8 uncertain");
    assert_eq!(server.writes().len(), 9, "none is sent again");
}

#[tokio::test]
async fn a_list_that_is_refused_before_any_good_answer_means_the_address() {
    let _limit = partnerstack_tests::limit();
    let server =
        Recorder::answering(
            |_, call| {
                if call.reads() { Reply::refused(404, "Not Found") } else { Reply::of(500, "") }
            },
        )
        .await;
    let synced = sync_in_turn(&server.base_url(), "customers insert", &[customer(1)]).await;
    synced.ended(5, "1 uncertain");
    assert_eq!(server.calls().len(), 2);
    synced.says(&["Not Found: is the base URL right?"]);
}

#[tokio::test]
async fn a_404_on_a_create_is_a_refusal_of_the_row_however_many_there_are() {
    let _limit = partnerstack_tests::limit();
    for body in [r#"{"message":"Not Found"}"#, r#"{"message":"Cannot POST /customers","status":404}"#] {
        let server = Recorder::answering(move |_, _| Reply::of(404, body)).await;
        let synced = sync(&server.base_url(), "customers insert", &customers(60)).await;
        synced.ended(1, "60 rejected");
        assert_eq!(server.calls().len(), 60);
        synced.says(&["hint: The row names something that PartnerStack does not have"]);
    }
}

#[tokio::test]
async fn a_404_on_a_create_that_speaks_of_the_row_is_of_the_row() {
    let _limit = partnerstack_tests::limit();
    let messages = [
        "customer not found",
        "Customer not found.",
        "No customer with key acct-9",
        "customer_key is unknown",
    ];
    for message in messages {
        let server = Recorder::by_key(move |key, _| match key {
            "inv-2" => Reply::refused(404, message),
            key => Reply::made(key),
        })
        .await;
        let rows = [1, 2, 3].map(transaction);
        let synced = sync(&server.base_url(), "transactions insert", &rows).await;
        synced.ended(1, "2 created, 1 rejected");
        let failure = synced.failure();
        assert_eq!(
            (&failure["row"], &failure["status"], &failure["message"]),
            (&json!(2), &json!(404), &json!(message))
        );
        let hint = failure["hint"].as_str().unwrap();
        assert!(
            hint.starts_with("The customer must already exist in PartnerStack: sync customers first"),
            "{hint}"
        );
        synced.says(&[hint]);
    }
}

#[tokio::test]
async fn the_hint_is_chosen_by_object_status_and_words() {
    let _limit = partnerstack_tests::limit();
    let cases = [
        (
            "customers insert",
            customer(1),
            400,
            "partner_key required",
            "Every customer record must include a `partner_key`",
        ),
        (
            "customers insert",
            customer(1),
            404,
            "Partner not found",
            "Every customer record must include a `partner_key`",
        ),
        ("customers insert", customer(1), 409, "Conflict", "PartnerStack has a record with this key"),
        (
            "customers insert",
            customer(1),
            400,
            "Customer already exists",
            "PartnerStack has a record with this key",
        ),
        ("customers insert", customer(1), 400, "no such test partner", "Test keys are in use"),
        ("transactions insert", transaction(1), 400, "customer not found", "The customer must already exist"),
        (
            "transactions insert",
            transaction(1),
            422,
            "amount is invalid",
            "`amount` must be an integer representing cents",
        ),
        ("customers update", customer(1), 404, "Not Found", "In update mode the record must already exist"),
        ("customers update", customer(1), 403, "Forbidden", "The keys are known but may not do this"),
    ];
    for (what, row, status, message, hint) in cases {
        let server = Recorder::of([Reply::refused(status, message)]).await;
        let synced = sync(&server.base_url(), what, &[row]).await;
        synced.ended(1, "1 rejected");
        let found = synced.failure()["hint"].as_str().unwrap_or_default().to_owned();
        assert!(found.starts_with(hint), "{what}, {status} {message}: {found}");
        synced.says(&[hint]);
    }
}

#[tokio::test]
async fn fifty_403_in_a_row_stop_the_run() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::answering(|_, _| Reply::refused(403, "Forbidden")).await;
    let synced = sync_in_turn(&server.base_url(), "customers insert", &customers(60)).await;
    synced.stopped("50 rejected");
    assert_eq!(server.calls().len(), 50);
    synced.says(&["stopped: HTTP 403: Forbidden", "The keys are known but may not do this"]);
}

#[tokio::test]
async fn fewer_than_fifty_403_are_of_their_rows() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::answering(|_, _| Reply::refused(403, "Forbidden")).await;
    sync(&server.base_url(), "customers insert", &customers(49)).await.ended(1, "49 rejected");
}

#[tokio::test]
async fn a_403_in_the_middle_is_of_its_row() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::answering(|number, _| match number {
        0 | 49 => Reply::done(),
        _ => Reply::refused(403, "Forbidden"),
    })
    .await;
    let synced = sync_in_turn(&server.base_url(), "customers insert", &customers(90)).await;
    synced.ended(1, "2 created, 88 rejected");
    assert_eq!(server.calls().len(), 90);
}

#[tokio::test]
async fn every_refusal_of_a_row_lets_the_run_go_on() {
    let _limit = partnerstack_tests::limit();
    let statuses = [400, 402, 405, 406, 409, 410, 413, 415, 418, 422, 428, 431, 451, 499];
    let server = Recorder::by_key(move |key, _| {
        let row: usize = key.trim_start_matches("acct-").parse().unwrap_or_default();
        statuses.get(row - 1).map_or_else(Reply::done, |status| Reply::refused(*status, "no"))
    })
    .await;
    let count = u32::try_from(statuses.len()).unwrap();
    let synced = sync(&server.base_url(), "customers insert", &customers(count + 1)).await;
    synced.ended(1, "1 created, 14 rejected");
    let found: Vec<_> = synced.failures().iter().map(|failure| failure["status"].as_u64().unwrap()).collect();
    assert_eq!(found, statuses.map(u64::from));
}

#[tokio::test]
async fn what_cannot_deal_with_a_request_now_refuses_no_row() {
    let _limit = partnerstack_tests::limit();
    for status in [408, 421, 423, 425] {
        let server = Recorder::of([Reply::refused(status, "not now")]).await;
        let synced = sync(&server.base_url(), "customers insert", &customers(1)).await;
        synced.ended(4, "1 uncertain");
        synced.says(&["it may have been applied: not now"]);

        let server = Recorder::of([Reply::refused(status, "not now")]).await;
        let synced = sync(&server.base_url(), "customers update", &customers(1)).await;
        synced.ended(0, "1 updated");
        assert_eq!(server.writes().len(), 2, "{status}");
    }
}
