//! Keys that are numbers: those that the API gives its records, and those that rows bring.

use partnerstack_tests::desk::Desk;
use partnerstack_tests::recorder::{Call, Recorder, Reply};
use serde_json::{Value, json};

/// More than a float can tell from its neighbours.
const KEY: u64 = 9_007_199_254_740_993;
const PARTNER: &str = "email,group_key\nmira@example.org,gold\n";

fn record(key: u64, email: &str) -> Value {
    json!({"key": key, "email": email, "group_key": "gold"})
}

fn answer(data: &Value) -> Reply {
    Reply::of(200, json!({"data": data, "message": "ok", "status": 200}).to_string())
}

/// Two pages of a list, the second after the last record of the first. It gives keys as numbers.
fn page(call: &Call) -> Reply {
    let last = KEY - 1;
    let (items, more) = if call.path.contains(&format!("starting_after={last}")) {
        (json!([record(KEY, "mira@example.org")]), false)
    } else {
        (json!([record(last, "other@example.org")]), true)
    };
    answer(&json!({"items": items, "has_more": more}))
}

/// A changed row is sent to the record with this key.
async fn is_updated_under_its_key(desk: &Desk, server: &Recorder) {
    let changed = PARTNER.replace("gold", "silver");
    let ran = desk.sync_to(&server.base_url(), "partnerships upsert", &changed, &[]).await;
    ran.ended(0, "1 updated");
    assert_eq!(server.routes().last(), Some(&format!("PATCH /partnerships/{KEY}")));
}

#[tokio::test]
async fn a_key_that_the_answer_gives_as_a_number_is_kept_digit_for_digit() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    let server = Recorder::answering(|_, _| answer(&record(KEY, "mira@example.org"))).await;
    desk.sync_to(&server.base_url(), "partnerships upsert", PARTNER, &[]).await.ended(0, "1 created");
    is_updated_under_its_key(&desk, &server).await;
}

#[tokio::test]
async fn a_key_that_the_list_gives_as_a_number_is_found_and_the_way_through_the_pages_with_it() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    let server = Recorder::answering(|number, call| match number {
        _ if call.reads() => page(call),
        0 => Reply::of(502, "the answer to the create is lost"),
        _ => answer(&record(KEY, "mira@example.org")),
    })
    .await;
    desk.sync_to(&server.base_url(), "partnerships upsert", PARTNER, &[]).await.ended(0, "1 created");
    assert_eq!(server.routes(), ["POST /partnerships"], "it was not sent again");
    assert!(server.calls().iter().any(|call| call.path.contains(&format!("starting_after={}", KEY - 1))));
    is_updated_under_its_key(&desk, &server).await;
}

#[tokio::test]
async fn a_match_by_another_field_takes_the_number_into_the_path() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    let server =
        Recorder::answering(
            |_, call| {
                if call.reads() { page(call) } else { answer(&record(KEY, "mira@example.org")) }
            },
        )
        .await;
    let matched = ["--match-on", "email"];
    let ran = desk.sync_to(&server.base_url(), "partnerships update", PARTNER, &matched).await;
    ran.ended(0, "1 updated");
    assert_eq!(server.routes(), [format!("PATCH /partnerships/{KEY}")]);
}

#[tokio::test]
async fn a_row_whose_key_is_a_number_is_sent_as_a_text_and_shown_as_either() {
    let _limit = partnerstack_tests::limit();
    for shown in [json!(KEY), json!(KEY.to_string())] {
        let desk = Desk::new();
        let data =
            json!({"key": 7, "customer_key": shown, "email": "ada@example.com", "partner_key": "gstest"});
        let server = Recorder::answering(move |_, call| match call.method.as_str() {
            "PATCH" => Reply::refused(404, "Not Found"),
            "GET" => answer(&json!({"items": [], "has_more": false})),
            _ => answer(&data),
        })
        .await;
        let row =
            format!(r#"{{"customer_key": {KEY}, "email": "ada@example.com", "partner_key": "gstest"}}"#);
        let ran = desk.sync_to(&server.base_url(), "customers upsert", &row, &[]).await;
        ran.ended(0, "1 created");
        assert_eq!(server.routes(), [format!("PATCH /customers/{KEY}"), "POST /customers".to_owned()]);
        let sent = server.writes().pop().map(|call| call.json());
        assert_eq!(sent.map(|body| body["customer_key"].clone()), Some(json!(KEY.to_string())));
        let ran = desk.sync_to(&server.base_url(), "customers upsert", &row, &[]).await;
        ran.ended(0, "1 unchanged");
    }
}

#[tokio::test]
async fn a_key_of_any_number_of_digits_is_kept() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    let server = Recorder::answering(|_, call| {
        if call.reads() {
            return Reply::blind_page();
        }
        Reply::of(200, r#"{"data": {"key": 123456789012345678901234567890}, "message": "ok", "status": 200}"#)
    })
    .await;
    desk.sync_to(&server.base_url(), "partnerships upsert", PARTNER, &[]).await.ended(0, "1 created");
    let changed = PARTNER.replace("gold", "silver");
    desk.sync_to(&server.base_url(), "partnerships upsert", &changed, &[]).await.ended(0, "1 updated");
    assert_eq!(server.routes(), ["POST /partnerships", "PATCH /partnerships/123456789012345678901234567890"]);
}
