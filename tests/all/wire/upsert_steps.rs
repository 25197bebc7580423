//! The two steps of an upsert: which request a row leads to, and what the second one waits for.

use partnerstack_tests::recorder::{Recorder, Reply};
use serde_json::{Value, json};

use partnerstack_tests::wire_sync::{Synced, customer, customers, sync, sync_in_turn};

#[tokio::test]
async fn a_record_that_exists_is_changed_by_one_patch() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::of([]).await;
    let synced = sync(&server.base_url(), "customers upsert", &[customer(1)]).await;
    synced.ended(0, "1 updated");
    assert_eq!(server.routes(), ["PATCH /customers/acct-1"]);
    assert_eq!(synced.count("requests"), 1);
}

#[tokio::test]
async fn a_record_that_is_missing_is_created() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::of([Reply::refused(404, "Not Found"), Reply::done()]).await;
    let synced = sync(&server.base_url(), "customers upsert", &[customer(1)]).await;
    synced.ended(0, "1 created");
    assert_eq!(server.routes(), ["PATCH /customers/acct-1", "POST /customers"]);
    // Before the first good answer, a page of the list has to show that the API answers at this address at all.
    assert_eq!((synced.count("requests"), synced.count("lookups"), synced.count("retries")), (3, 1, 0));
    assert!(synced.failures_text.is_empty());
}

#[tokio::test]
async fn nothing_but_404_leads_to_a_create() {
    let _limit = partnerstack_tests::limit();
    for status in [400, 402, 403, 405, 406, 409, 410, 413, 415, 418, 422, 451] {
        let server = Recorder::of([Reply::refused(status, "customer not found")]).await;
        let synced = sync(&server.base_url(), "customers upsert", &[customer(1)]).await;
        synced.ended(1, "1 rejected");
        assert_eq!(server.routes(), ["PATCH /customers/acct-1"], "{status}");
        let failure = synced.failure();
        assert_eq!((&failure["operation"], &failure["status"]), (&json!("update"), &json!(status)));
    }
}

#[tokio::test]
async fn a_404_stands_where_the_list_is_out_of_order() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::answering(|_, call| match call.method.as_str() {
        "PATCH" => Reply::refused(404, "Not Found"),
        "GET" => Reply::of(503, "<html>"),
        _ => Reply::done_to(call),
    })
    .await;
    let synced = sync(&server.base_url(), "customers upsert", &[customer(1)]).await;
    synced.ended(0, "1 created");
    assert_eq!((synced.count("requests"), synced.count("lookups")), (5, 3));
}

#[tokio::test]
async fn once_the_api_has_answered_well_a_404_needs_no_page_of_the_list() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::by_key(|key, before| match (key, before) {
        ("acct-2", 0) => Reply::refused(404, "Not Found"),
        _ => Reply::done(),
    })
    .await;
    let synced = sync_in_turn(&server.base_url(), "customers upsert", &customers(2)).await;
    synced.ended(0, "1 created, 1 updated");
    assert_eq!(server.routes(), ["PATCH /customers/acct-1", "PATCH /customers/acct-2", "POST /customers"]);
    assert_eq!(synced.count("lookups"), 0);
}

#[tokio::test]
async fn a_404_that_is_not_the_apis_is_tried_again() {
    let _limit = partnerstack_tests::limit();
    let bodies: [&[u8]; 6] = [
        b"",
        b"<html>Not Found</html>",
        b"[]",
        b"{\"message\":7}",
        b"{\"message\":\"no\",\"status\":500}",
        b"\xff\xfe",
    ];
    for body in bodies {
        let server = Recorder::of([Reply::of(404, body)]).await;
        sync(&server.base_url(), "customers upsert", &[customer(1)]).await.ended(0, "1 updated");
        assert_eq!(server.routes(), ["PATCH /customers/acct-1"; 2]);
    }
}

/// What comes of the upsert of a row whose first update is answered with a 404 that does not repeat its status.
async fn without_status(items: Value) -> (Recorder, Synced) {
    let page =
        json!({"data": {"items": items, "has_more": false}, "message": "ok", "status": 200}).to_string();
    let server = Recorder::answering(move |number, call| match number {
        _ if call.reads() => Reply::of(200, page.clone()),
        0 => Reply::of(404, r#"{"message":"Not Found"}"#),
        _ => Reply::done(),
    })
    .await;
    let synced = sync(&server.base_url(), "customers upsert", &[customer(1)]).await;
    (server, synced)
}

#[tokio::test]
async fn a_404_without_its_status_counts_where_the_list_lacks_the_record_too() {
    let _limit = partnerstack_tests::limit();
    let other = json!({"key": "cus_2", "customer_key": "acct-2", "email": "ada.2@example.com"});
    for items in [json!([]), json!([other])] {
        let (server, synced) = without_status(items).await;
        synced.ended(0, "1 created");
        assert_eq!(server.routes(), ["PATCH /customers/acct-1", "POST /customers"]);
    }
}

#[tokio::test]
async fn a_404_without_its_status_is_tried_again_where_the_list_has_the_record() {
    let _limit = partnerstack_tests::limit();
    let it = json!({"key": "cus_1", "customer_key": "acct-1", "email": "ada.1@example.com"});
    let (server, synced) = without_status(json!([it])).await;
    synced.ended(0, "1 updated");
    assert_eq!(server.routes(), ["PATCH /customers/acct-1"; 2]);
}

#[tokio::test]
async fn a_404_without_its_status_creates_nothing_where_the_list_does_not_show_enough() {
    let _limit = partnerstack_tests::limit();
    let (server, synced) = without_status(json!([{}])).await;
    synced.ended(4, "1 uncertain");
    assert_eq!(server.routes(), ["PATCH /customers/acct-1"]);
    synced.says(&["the list does not show what it would be found by"]);
}

#[tokio::test]
async fn a_row_without_a_key_is_created_at_once() {
    let _limit = partnerstack_tests::limit();
    let rows = [
        json!({"email": "ada@example.com", "partner_key": "harbor"}),
        json!({"email": "bob@example.com", "partner_key": "harbor", "customer_key": null}),
    ];
    let server = Recorder::of([]).await;
    sync(&server.base_url(), "customers upsert", &rows).await.ended(0, "2 created");
    assert_eq!(server.routes(), ["POST /customers", "POST /customers"]);

    let server = Recorder::of([]).await;
    let rows = [json!({"email": "mira@example.org", "partner_key": "harbor"})];
    sync(&server.base_url(), "partnerships upsert", &rows).await.ended(0, "1 created");
    assert_eq!(server.routes(), ["POST /partnerships"]);
}

#[tokio::test]
async fn the_create_after_a_404_is_judged_as_every_create() {
    let _limit = partnerstack_tests::limit();
    let server =
        Recorder::of([Reply::refused(404, "Not Found"), Reply::refused(400, "partner_key is unknown")]).await;
    let synced = sync(&server.base_url(), "customers upsert", &[customer(1)]).await;
    synced.ended(1, "1 rejected");
    assert_eq!(synced.failure()["operation"], "create");

    // The list is missing too, so it is the address that is wrong.
    let server = Recorder::answering(|_, _| Reply::refused(404, "Not Found")).await;
    let synced = sync(&server.base_url(), "customers upsert", &[customer(1)]).await;
    synced.ended(5, "1 pending");
    assert_eq!(server.routes(), ["PATCH /customers/acct-1"]);
    synced.says(&["is the base URL right?"]);
}

#[tokio::test]
async fn an_update_of_what_is_missing_is_rejected_and_creates_nothing() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::by_key(|_, _| Reply::refused(404, "Not Found")).await;
    let synced = sync(&server.base_url(), "customers update", &customers(2)).await;
    synced.ended(1, "2 rejected");
    let mut routes = server.routes();
    routes.sort();
    assert_eq!(routes, ["PATCH /customers/acct-1", "PATCH /customers/acct-2"]);
    synced.says(&["2 rows rejected (HTTP 404)", "--mode upsert"]);
}
