//! What a create may bring, and what else a body can be.

use partnerstack_connector::generated::API;
use partnerstack_connector::sandbox::Options;
use serde_json::{Value, json};

use partnerstack_tests::sandbox_client::{call, keys, merged, post, start, transaction};

#[tokio::test]
async fn only_the_first_fault_of_a_body_is_reported() {
    let _limit = partnerstack_tests::limit();
    let sandbox = start(Options::default());
    let faults = [
        ("/customers", json!({"colour": 1}), "'email' is a required property"),
        (
            "/customers",
            json!({"email": "ada@example.com", "colour": 1}),
            "'partner_key' is a required property",
        ),
        (
            "/customers",
            json!({"email": "ada@example.com", "partner_key": "p", "colour": 1}),
            "Additional properties are not allowed ('colour' was unexpected)",
        ),
        ("/customers", json!({"email": 5, "partner_key": "p"}), "5 is not of type 'string'"),
        ("/customers", json!({"email": null, "partner_key": "p"}), "None is not of type 'string'"),
        ("/customers", json!({"email": "a@b", "partner_key": "p"}), "'a@b' is too short"),
        ("/customers", json!({"email": "example.com", "partner_key": "p"}), "'example.com' is not a 'email'"),
        ("/customers", json!({"email": "a b@c.de", "partner_key": "p"}), "is not a 'email'"),
        (
            "/customers",
            json!({"email": "ada@b.de", "partner_key": "p", "name": "n".repeat(101)}),
            "is too long",
        ),
        (
            "/customers",
            json!({"email": "ada@b.de", "partner_key": "p", "meta": []}),
            "[] is not of type 'object'",
        ),
        ("/partnerships", json!({"email": "a@b.de", "tags": "x"}), "'x' is not of type 'array', 'null'"),
        ("/partnerships", json!({"email": "a@b.de", "tags": ["x", 1]}), "1 is not of type 'string'"),
        ("/partnerships", json!({"email": "a@b.de", "fields": {"region": "EU"}}), "is not of type 'array'"),
        (
            "/partnerships",
            json!({"email": "a@b.de", "fields": [{"value": 1}]}),
            "'api_name' is a required property",
        ),
        ("/partnerships", json!({"email": "a@b.de", "partnership_key": "part_1"}), "Additional properties"),
        ("/partnerships", json!({"email": "a@b.de", "tier_key": "gold"}), "Additional properties"),
        ("/transactions", transaction(json!({"customer_email": null})), "None is not of type 'string'"),
        ("/transactions", json!({"amount": 1, "currency": "USD"}), "exactly one of 'customer_key'"),
        ("/transactions", transaction(json!({"customer_key": "cus_1"})), "exactly one of 'customer_key'"),
        ("/transactions", transaction(json!({"amount": "1"})), "'1' is not of type 'integer'"),
        ("/transactions", transaction(json!({"amount": 1.5})), "1.5 is not of type 'integer'"),
        ("/transactions", transaction(json!({"amount": 50_000_000_001_i64})), "greater than the maximum"),
        ("/transactions", transaction(json!({"amount": -50_000_000_001_i64})), "less than the minimum"),
        ("/transactions", transaction(json!({"amount": u64::MAX})), "greater than the maximum"),
        ("/transactions", transaction(json!({"currency": "usd"})), "'usd' is not a 'currency'"),
        ("/transactions", transaction(json!({"currency": "USDT"})), "'USDT'"),
        ("/transactions", transaction(json!({"key": "abc"})), "'abc' is too short"),
        ("/transactions", transaction(json!({"created_at": "2026-01-01"})), "is not of type 'integer'"),
        ("/transactions", transaction(json!({"metadata": {"n".repeat(31): "v"}})), "is too long"),
        ("/transactions", transaction(json!({"metadata": {"n": "v".repeat(101)}})), "is too long"),
        ("/transactions", transaction(json!({"metadata": entries(26)})), "too many properties"),
        ("/deals", deal(json!({"source": "friend"})), "'friend' is not one of ['partner', 'vendor']"),
        ("/deals", deal(json!({"close_date": "2026-02-29"})), "'2026-02-29' is not a 'date'"),
        ("/deals", deal(json!({"close_date": "2026-1-01"})), "is not a 'date'"),
        ("/deals", deal(json!({"close_date": "2026-01-01T00:00:00Z"})), "is not a 'date'"),
    ];
    for (path, body, message) in faults {
        let reply = post(&sandbox, path, &body).await;
        let answer = reply.json();
        assert_eq!((reply.status, keys(&answer)), (400, vec!["message".into(), "status".into()]), "{body}");
        assert!(answer["message"].as_str().is_some_and(|text| text.contains(message)), "{body}: {answer}");
    }
    assert_eq!(API.objects.iter().map(|object| sandbox.count(object.name)).sum::<usize>(), 0);

    for (path, body) in [
        ("/customers", json!({"email": "ada@b.de", "partner_key": "p", "name": "\u{fc}".repeat(100)})),
        (
            "/partnerships",
            json!({"email": "a@b.de", "tags": null, "fields": [{"api_name": "region", "value": "EU"}]}),
        ),
        ("/transactions", transaction(json!({"amount": -500, "metadata": entries(25)}))),
        ("/deals", deal(json!({"close_date": "2028-02-29", "source": "vendor"}))),
    ] {
        assert_eq!(post(&sandbox, path, &body).await.status, 200, "{body}");
    }
}

#[tokio::test]
async fn no_request_breaks_it() {
    let _limit = partnerstack_tests::limit();
    let sandbox = start(Options::default());
    let nested = format!("{{\"meta\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let large = format!("{{\"meta\":\"{}\"}}", "x".repeat(5 << 20));
    let fits = format!("{{\"meta\":\"{}\"}}", "x".repeat((1 << 20) - 11));
    for (body, status) in [
        (b"".as_slice(), 400),
        (b"null", 400),
        (b"[{}]", 400),
        (b"{\"email\": \"ada", 400),
        (b"\xff\xfe", 400),
        (b"{\"email\": 1e999}", 400),
        (nested.as_bytes(), 400),
        (fits.as_bytes(), 400),
        (large.as_bytes(), 413),
    ] {
        let reply = call(&sandbox, "POST", "/customers", body).await;
        assert_eq!((reply.status, &reply.json()["status"]), (status, &json!(status)));
    }
    for path in
        ["/customers/%ff", "/customers/%", "/customers/..", "/customers/%2e%2e", "/customers/%F0%9F%99%82"]
    {
        assert_eq!(call(&sandbox, "PATCH", path, b"{}").await.status, 404, "{path}");
    }
}

fn deal(more: Value) -> Value {
    let deal = json!({"group_key": "g", "account_name": "Acme", "amount": 1, "close_date": "2026-12-31",
        "contact_first_name": "Ada", "contact_last_name": "L", "stage": "Open"});
    merged(deal, more)
}

fn entries(count: usize) -> Value {
    (0..count)
        .map(|number| (format!("name-{number}"), json!("value")))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
