//! The two steps of an upsert: which request a row leads to, and what the second one waits for.

use partnerstack_tests::recorder::{Recorder, Reply};
use serde_json::json;

use partnerstack_tests::wire_sync::{customer, sync};

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
    assert_eq!((synced.count("requests"), synced.count("retries")), (2, 0));
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
async fn a_404_counts_whatever_its_body() {
    let _limit = partnerstack_tests::limit();
    let bodies: [&[u8]; 5] = [b"", b"<html>Not Found</html>", b"[]", b"{\"message\":7}", b"\xff\xfe"];
    for body in bodies {
        let server = Recorder::of([Reply::of(404, body)]).await;
        sync(&server.base_url(), "customers upsert", &[customer(1)]).await.ended(0, "1 created");
        assert_eq!(server.routes(), ["PATCH /customers/acct-1", "POST /customers"]);
    }
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

    // Both routes are missing, so it is the address that is wrong.
    let server = Recorder::answering(|_, _| Reply::refused(404, "Not Found")).await;
    let synced = sync(&server.base_url(), "customers upsert", &[customer(1)]).await;
    synced.ended(3, "1 pending");
    assert_eq!(server.routes(), ["PATCH /customers/acct-1", "POST /customers"]);
}

#[tokio::test]
async fn an_update_of_what_is_missing_is_rejected_and_creates_nothing() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::answering(|_, _| Reply::refused(404, "Not Found")).await;
    let synced =
        sync(&server.base_url(), "customers update", &partnerstack_tests::wire_sync::customers(2)).await;
    synced.ended(1, "2 rejected");
    let mut routes = server.routes();
    routes.sort();
    assert_eq!(routes, ["PATCH /customers/acct-1", "PATCH /customers/acct-2"]);
    synced.says(&["2 rows rejected (HTTP 404)", "--mode upsert"]);
}
