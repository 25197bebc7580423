//! What the sandbox does, told over plain HTTP: by hand, so that no code of the connector judges itself.

mod bodies;
mod trouble;

use std::net::TcpStream;

use partnerstack_connector::generated::API;
use partnerstack_connector::sandbox::{Duplicates, Options, Sandbox};
use serde_json::{Value, json};

use partnerstack_tests::sandbox_client::{
    AUTHORIZATION, BASE, call, exchange, keys, post, request, start, transaction,
};
use partnerstack_tests::until::{PATIENCE, until_so};

#[tokio::test]
async fn a_create_answers_with_the_record_in_the_envelope() {
    let _limit = partnerstack_tests::limit();
    let sandbox = start(Options::default());
    let body = json!({"email": "ada@example.com", "partner_key": "gstest", "customer_key": null, "meta": {"plan": "pro"}});
    let reply = post(&sandbox, "/customers", &body).await;

    assert_eq!(reply.status, 200);
    let answer = reply.json();
    assert_eq!(keys(&answer), ["data", "message", "status"]);
    assert_eq!(
        (&answer["message"], &answer["status"]),
        (&json!("Customer created successfully"), &json!(200))
    );
    let record = &answer["data"];
    assert!(record["key"].as_str().is_some_and(|key| key.starts_with("cus_") && key.len() == 18), "{record}");
    assert!(record["created_at"].as_i64().is_some_and(|time| time > 1_700_000_000_000), "{record}");
    assert_eq!(record["test"], json!(true));
    assert_eq!(record["meta"], json!({"plan": "pro"}), "custom fields come back as they went");
    assert_eq!(sandbox.records("customers"), std::slice::from_ref(record));
    assert_eq!((sandbox.requests(), sandbox.count("customers")), (1, 1));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert!(reply.header("date").is_some(), "{}", reply.head);
}

#[tokio::test]
async fn an_identity_that_a_record_lacks_is_shown_as_null() {
    let _limit = partnerstack_tests::limit();
    let sandbox = start(Options::default());
    let body = json!({"email": "ada@example.com", "partner_key": "gstest"});
    let answer = post(&sandbox, "/customers", &body).await.json();
    assert_eq!(answer["data"].get("customer_key"), Some(&Value::Null));
}

#[tokio::test]
async fn credentials_are_checked() {
    let _limit = partnerstack_tests::limit();
    let pair = ("pk".to_owned(), "sk".to_owned());
    let strict = start(Options { credentials: Some(pair), ..Options::default() });
    let lenient = start(Options::default());
    // pk:sk, then pk:other, then a pair without a colon, then one without a password.
    let good = "Authorization: Basic cGs6c2s=\r\n";
    let other = "Authorization: Basic cGs6b3RoZXI=\r\n";
    let refused = [
        "",
        "Authorization: Bearer cGs6c2s=\r\n",
        "Authorization: Basic\r\n",
        "Authorization: Basic ***\r\n",
        "Authorization: Basic cGs=\r\n",
        "Authorization: Basic cGs6\r\n",
    ];
    assert_eq!(get_with(&strict, good).await, 200);
    assert_eq!(get_with(&strict, other).await, 401);
    assert_eq!(get_with(&lenient, other).await, 200);
    for header in refused {
        assert_eq!(get_with(&strict, header).await, 401, "{header}");
        assert_eq!(get_with(&lenient, header).await, 401, "{header}");
    }
}

#[tokio::test]
async fn what_the_spec_does_not_route_is_not_found() {
    let _limit = partnerstack_tests::limit();
    let sandbox = start(Options::default());
    for (method, path) in [
        ("GET", "/nothing"),
        ("GET", "/customers/"),
        ("GET", "/customers/acct-1"),
        ("DELETE", "/customers/acct-1"),
        ("PATCH", "/customers"),
        ("PATCH", "/deals/deal-1"),
        ("PATCH", "/transactions/inv-1"),
        ("PUT", "/transactions"),
    ] {
        let reply = call(&sandbox, method, path, b"{}").await;
        assert_eq!(
            (reply.status, keys(&reply.json())),
            (404, vec!["message".into(), "status".into()]),
            "{method} {path}"
        );
    }
    let outside =
        exchange(sandbox.address(), request("GET", "/customers", AUTHORIZATION, b""), PATIENCE).await;
    assert_eq!(outside.answer().status, 404, "outside the base path");
}

#[tokio::test]
async fn an_update_finds_the_record_by_its_path_key_or_the_systems_and_merges() {
    let _limit = partnerstack_tests::limit();
    let sandbox = start(Options::default());
    let own = "a/b?c \u{1f642}..";
    let body =
        json!({"email": "ada@example.com", "partner_key": "gstest", "customer_key": own, "name": "Ada"});
    let created = post(&sandbox, "/customers", &body).await.json();
    let key = created["data"]["key"].as_str().expect("a key").to_owned();

    let path = "/customers/a%2Fb%3Fc%20%F0%9F%99%82..";
    let updated = call(&sandbox, "PATCH", path, br#"{"name": "Ada L."}"#).await;
    assert_eq!((updated.status, &updated.json()["message"]), (200, &json!("Customer updated successfully")));
    let by_key =
        call(&sandbox, "PATCH", &format!("/customers/{key}"), br#"{"email": "al@example.com"}"#).await;
    assert_eq!(by_key.status, 200);
    let record = &sandbox.records("customers")[0];
    assert_eq!(
        (&record["name"], &record["email"], &record["customer_key"], &record["created_at"]),
        (&json!("Ada L."), &json!("al@example.com"), &json!(own), &created["data"]["created_at"])
    );

    assert_eq!(call(&sandbox, "PATCH", "/customers/other", br#"{"name": "x"}"#).await.status, 404);
    for body in [r#"{"partner_key": "p"}"#, r#"{"colour": 1}"#, r#"{"name": 1}"#, "[]"] {
        assert_eq!(call(&sandbox, "PATCH", path, body.as_bytes()).await.status, 400, "{body}");
    }

    let partner = json!({"email": "eve@example.com", "partner_key": "eve"});
    let partnership = post(&sandbox, "/partnerships", &partner).await.json()["data"].clone();
    let path = format!("/partnerships/{}", partnership["key"].as_str().expect("a key"));
    let moved = call(&sandbox, "PATCH", &path, br#"{"group_key": "gold"}"#).await;
    assert_eq!((moved.status, &moved.json()["data"]["group_key"]), (200, &json!("gold")));
}

#[tokio::test]
async fn lists_are_paged_newest_first() {
    let _limit = partnerstack_tests::limit();
    let sandbox = start(Options::default());
    let day = 86_400_000_i64;
    // Two of one time, and one that was recorded last but happened first.
    for (key, created) in [("key-1", 20_100), ("key-2", 20_200), ("key-3", 20_200), ("key-4", 20_000)] {
        let body = transaction(json!({"key": key, "created_at": created * day}));
        assert_eq!(post(&sandbox, "/transactions", &body).await.status, 200);
    }
    let page = async |query: String| {
        let answer = call(&sandbox, "GET", &format!("/transactions?{query}"), b"").await.json();
        let items = answer["data"]["items"].as_array().cloned().unwrap_or_default();
        let keys: Vec<_> = items.iter().filter_map(|item| item["key"].as_str().map(str::to_owned)).collect();
        (keys.join(" "), answer["data"]["has_more"].as_bool())
    };
    let all = "key-3 key-2 key-1 key-4";
    assert_eq!(page(String::new()).await, (all.into(), Some(false)));
    assert_eq!(page("limit=250&unknown=1".into()).await, (all.into(), Some(false)));
    assert_eq!(page("limit=3".into()).await, ("key-3 key-2 key-1".into(), Some(true)));
    assert_eq!(page("limit=3&starting_after=key-1".into()).await, ("key-4".into(), Some(false)));
    assert_eq!(page("limit=1&starting_after=key%2D3".into()).await, ("key-2".into(), Some(true)));
    assert_eq!(page("starting_after=key-4".into()).await, (String::new(), Some(false)));
    let (from, to) = (20_100 * day, 20_200 * day);
    assert_eq!(
        page(format!("min_created={from}")).await.0,
        "key-3 key-2 key-1",
        "the bounds belong to the window"
    );
    assert_eq!(page(format!("max_created={}", to - 1)).await.0, "key-1 key-4");
    assert_eq!(page(format!("min_created={from}&max_created={from}")).await.0, "key-1");
    assert_eq!(page(format!("min_created={to}&max_created={from}")).await.0, "");
    assert_eq!(page(format!("min_created={to}&starting_after=key-1")).await.0, "");

    for query in [
        "limit=0",
        "limit=251",
        "limit=",
        "limit=ten",
        "starting_after=other",
        "min_created=today",
        "max_created=1.5",
    ] {
        assert_eq!(
            call(&sandbox, "GET", &format!("/transactions?{query}"), b"").await.status,
            400,
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_page_has_ten_records_unless_it_is_told_otherwise() {
    let _limit = partnerstack_tests::limit();
    let sandbox = start(Options::default());
    for number in 0..12 {
        let body = json!({"email": format!("{number}@example.com")});
        assert_eq!(post(&sandbox, "/partnerships", &body).await.status, 200);
    }
    let data = call(&sandbox, "GET", "/partnerships", b"").await.json()["data"].clone();
    assert_eq!((data["items"].as_array().map(Vec::len), &data["has_more"]), (Some(10), &json!(true)));
    assert_eq!(data["items"][0]["email"], json!("11@example.com"));
}

#[tokio::test]
async fn a_second_create_is_refused_or_accepted_by_policy() {
    let _limit = partnerstack_tests::limit();
    let first = json!({"email": "Ada@Example.com", "partner_key": "p", "customer_key": "acct-1"});
    let others = [
        (json!({"email": "ada@example.COM", "partner_key": "p", "customer_key": "acct-2"}), "email"),
        (json!({"email": "eve@example.com", "partner_key": "p", "customer_key": "acct-1"}), "customer_key"),
    ];
    for (policy, status) in
        [(Duplicates::BadRequest, 400), (Duplicates::Conflict, 409), (Duplicates::Accept, 200)]
    {
        let sandbox = start(Options { duplicates: policy, ..Options::default() });
        assert_eq!(post(&sandbox, "/customers", &first).await.status, 200);
        for (second, field) in &others {
            let reply = post(&sandbox, "/customers", second).await;
            assert_eq!(reply.status, status, "{second}");
            let words = format!("a customer with this {field} already exists");
            assert_eq!(reply.json()["message"] == json!(words), status != 200, "{}", reply.body);
        }
        let no_key = json!({"email": "max@example.com", "partner_key": "p", "customer_key": null});
        assert_eq!(post(&sandbox, "/customers", &no_key).await.status, 200);
        let no_key_either = json!({"email": "eva@example.com", "partner_key": "p", "customer_key": null});
        assert_eq!(
            post(&sandbox, "/customers", &no_key_either).await.status,
            200,
            "nothing is not an identity"
        );
        assert_eq!(sandbox.count("customers"), if status == 200 { 5 } else { 3 });
    }
    assert_eq!("409".parse(), Ok(Duplicates::Conflict));
    assert!("never".parse::<Duplicates>().is_err_and(|error| error.to_string().contains("`409`")));
}

#[tokio::test]
async fn a_key_of_the_body_is_the_records_key_where_the_api_takes_one() {
    let _limit = partnerstack_tests::limit();
    let sandbox = start(Options::default());
    let own = post(&sandbox, "/transactions", &transaction(json!({"key": "inv-1"}))).await.json();
    assert_eq!(own["data"]["key"], json!("inv-1"));
    assert_eq!(post(&sandbox, "/transactions", &transaction(json!({"key": "inv-1"}))).await.status, 400);
    let made = post(&sandbox, "/transactions", &transaction(json!({}))).await.json();
    assert!(made["data"]["key"].as_str().is_some_and(|key| key.len() >= 14), "{made}");
}

#[tokio::test]
async fn it_is_gone_when_it_is_dropped() {
    let _limit = partnerstack_tests::limit();
    let sandbox = start(Options::default());
    let address = sandbox.address();
    assert!(address.ip().is_loopback());
    assert_eq!(sandbox.base_url(), format!("http://{address}{BASE}"));
    let taken = Options { port: address.port(), ..Options::default() };
    assert!(Sandbox::start(&API, taken).is_err());
    drop(sandbox);
    until_so("the port is closed", || TcpStream::connect(address).is_err()).await;
}

async fn get_with(sandbox: &Sandbox, header: &str) -> u16 {
    let request = request("GET", &format!("{BASE}/customers"), header, b"");
    exchange(sandbox.address(), request, PATIENCE).await.answer().status
}
