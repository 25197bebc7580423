//! The server itself: a check that relies on it must not pass because the server does not do what it is told.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use partnerstack_tests::server::{Duplicates, NOBODY, Options, Outage, Quota, Server, Skew, Storm, peak};
use serde_json::{Value, json};

use partnerstack_tests::plain_client::{Client, Seen, customer, transaction};
use partnerstack_tests::until::{PATIENCE, until};

fn start(options: Options) -> Server {
    Server::start(options).unwrap()
}

#[test]
fn it_keeps_what_it_is_sent_and_a_journal_of_it() {
    let _limit = partnerstack_tests::limit();
    let server = start(Options::default());
    let client = Client { server: &server };
    let (status, made) = client.ask("POST", "customers", &customer("a b", "Ada"));
    assert_eq!((status, &made["message"]), (200, &json!("Customer created successfully")));
    let key = made["data"]["key"].as_str().unwrap();
    assert!(key.starts_with("cus_") && key.len() == 18, "{key}");
    assert_eq!(client.ask("PATCH", "customers/a%20b", &json!({"name": "Eve"})).0, 200);
    assert_eq!(client.ask("PATCH", "customers/other", &json!({"name": "Eve"})).0, 404);

    let records = server.records("customers");
    assert_eq!(
        (records.len(), records[0].label.as_str(), &records[0].fields["name"]),
        (1, "a b", &json!("Eve"))
    );
    let calls = server.calls();
    let seen: Vec<_> =
        calls.iter().map(|call| (call.method.as_str(), call.status, call.about.as_str())).collect();
    assert_eq!(
        seen,
        [("POST", Some(200), "a b"), ("PATCH", Some(200), "a b"), ("PATCH", Some(404), "other")]
    );
    let orders: Vec<_> =
        calls.iter().map(|call| call.applied.as_ref().map(|applied| applied.order)).collect();
    assert_eq!(orders, [Some(0), Some(1), None]);
    assert!(calls.iter().all(|call| call.run == 1 && call.ended.unwrap() >= call.at));
}

#[test]
fn keys_and_times_are_its_own_except_for_transactions() {
    let _limit = partnerstack_tests::limit();
    let server = start(Options::default());
    let client = Client { server: &server };
    let mut past = transaction("inv-1");
    past["created_at"] = json!(1_600_000_000_000_u64);
    let (_, made) = client.ask("POST", "transactions", &past);
    assert_eq!(
        (&made["data"]["key"], &made["data"]["created_at"]),
        (&json!("key-inv-1"), &past["created_at"])
    );
    let (_, made) =
        client.ask("POST", "partnerships", &json!({"email": "a@b.c", "created_at": 1, "key": "mine"}));
    assert!(made["data"]["key"].as_str().unwrap().starts_with("part_"), "{made}");
    assert!(made["data"]["created_at"].as_i64().unwrap() > 1_700_000_000_000);
    assert!(made["data"]["partner_key"].is_string(), "it makes a partner key where there is none: {made}");
}

#[test]
fn it_refuses_what_the_api_refuses() {
    let _limit = partnerstack_tests::limit();
    let server = start(Options { public_keys: vec!["pk_client".to_owned()], ..Options::default() });
    let client = Client { server: &server };
    for (path, body) in [
        ("customers", json!({"email": "a@b.c", "partner_key": "p"})),
        ("customers", json!({"email": "a@b.c", "customer_key": null})),
        ("customers", json!({"email": "a@b.c", "customer_key": null, "partner_key": NOBODY})),
        ("partnerships", json!({"partner_key": "p"})),
        ("transactions", json!({"amount": 1, "currency": "USD"})),
        ("transactions", json!({"amount": 1, "currency": "USD", "customer_key": "a", "customer_email": "b"})),
        ("transactions", json!({"amount": 1, "customer_key": "a"})),
        ("deals", json!({"group_key": "g"})),
        ("deals", json!({"partner_key": "p", "source": "vendor"})),
    ] {
        assert_eq!(client.ask("POST", path, &body).0, 400, "{path} {body}");
        assert!(server.records(path).is_empty());
    }
    for (method, path) in [
        ("GET", "links"),
        ("GET", "transactions/key-1"),
        ("PATCH", "transactions/key-1"),
        ("PATCH", "partnerships/a@b.c"),
        ("POST", "customers/a"),
        ("DELETE", "customers"),
    ] {
        assert_eq!(client.ask(method, path, &json!({})).0, 404, "{method} {path}");
    }
    server.change(|options| options.public_keys = vec!["pk_other".to_owned()]);
    assert_eq!(client.ask("GET", "customers", &Value::Null).0, 401);
}

#[test]
fn it_accepts_doubles_silently_unless_it_is_told_not_to() {
    let _limit = partnerstack_tests::limit();
    let server = start(Options::default());
    let client = Client { server: &server };
    for _ in 0..2 {
        assert_eq!(client.ask("POST", "transactions", &transaction("inv-1")).0, 200);
        assert_eq!(client.ask("POST", "customers", &customer("a", "Ada")).0, 200);
    }
    assert_eq!((server.records("transactions").len(), server.records("customers").len()), (2, 2));

    for status in [400, 409] {
        server.change(|options| options.duplicates = Duplicates::Refuse(status));
        let (answered, answer) = client.ask("POST", "transactions", &transaction("inv-1"));
        assert_eq!(
            (answered, &answer["message"]),
            (status, &json!("Transaction with this key already exists"))
        );
        let same_mail = json!({"email": "A@example.com", "customer_key": null, "partner_key": "p"});
        assert_eq!(client.ask("POST", "customers", &same_mail).0, status);
        let other = json!({"email": format!("{status}@b.c"), "customer_key": null, "partner_key": "p"});
        assert_eq!(client.ask("POST", "customers", &other).0, 200, "null is no identity");
    }
    assert_eq!((server.records("transactions").len(), server.records("customers").len()), (2, 4));
}

#[test]
fn lists_are_newest_first_by_window_and_page() {
    let _limit = partnerstack_tests::limit();
    let server = start(Options::default());
    let client = Client { server: &server };
    for (key, created) in [("a", 100), ("b", 300), ("c", 300), ("d", 200)] {
        let mut body = transaction(key);
        body["created_at"] = json!(created);
        client.ask("POST", "transactions", &body);
    }
    let page = |query: &str| {
        let (keys, more) = client.page(&format!("transactions{query}"));
        (keys.join(" ").replace("key-", ""), more)
    };
    assert_eq!(page(""), ("c b d a".into(), false));
    assert_eq!(page("?limit=3"), ("c b d".into(), true));
    assert_eq!(page("?limit=3&starting_after=key-d"), ("a".into(), false));
    assert_eq!(page("?starting_after=key%2Dc&limit=1"), ("b".into(), true));
    assert_eq!(page("?min_created=200&max_created=300"), ("c b d".into(), false));
    assert_eq!(page("?max_created=299"), ("d a".into(), false));
    for query in ["?limit=0", "?limit=251", "?limit=x", "?starting_after=nobody", "?min_created=now"] {
        assert_eq!(client.ask("GET", &format!("transactions{query}"), &Value::Null).0, 400, "{query}");
    }
    // Walking page by page ends, and shows both of a double.
    client.ask("POST", "transactions", &transaction("a"));
    assert_eq!(page("?limit=1"), ("a".into(), true));
    for number in 0..8 {
        client.ask("POST", "transactions", &transaction(&number.to_string()));
    }
    assert_eq!(client.page("transactions").0.len(), 10);
}

#[test]
fn a_record_shows_in_lists_when_its_time_has_come() {
    let _limit = partnerstack_tests::limit();
    let server =
        start(Options { lag: Duration::from_millis(300), lag_on_updates: true, ..Options::default() });
    let client = Client { server: &server };
    let asked = Instant::now();
    client.ask("POST", "customers", &customer("a", "Ada"));
    let early =
        (client.page("customers").0.len(), client.ask("PATCH", "customers/a", &json!({"name": "b"})).0);
    // On a machine that has been busy with something else for so long, this says nothing.
    assert!(early == (0, 404) || asked.elapsed() > Duration::from_millis(290), "{early:?}");
    until("the record in the list", || !client.page("customers").0.is_empty());
    assert!(asked.elapsed() >= Duration::from_millis(300));
    assert_eq!(client.ask("PATCH", "customers/a", &json!({"name": "b"})).0, 200);
}

#[test]
fn latency_lies_behind_the_effect_and_before_it() {
    let _limit = partnerstack_tests::limit();
    let server = start(Options { latency: Duration::from_hours(1), ..Options::default() });
    let client = Client { server: &server };
    let impatient = |invoice: &str| {
        client.send_for("POST", "transactions", &transaction(invoice), Duration::from_millis(20))
    };
    assert_eq!(impatient("inv-1"), Seen::Silence);
    until("the effect before the latency", || server.records("transactions").len() == 1);
    server.change(|options| {
        options.latency = Duration::ZERO;
        options.effect_after = Duration::from_millis(300);
    });
    assert_eq!(impatient("inv-2"), Seen::Silence);
    until("the effect after the client has left", || server.records("transactions").len() == 2);
}

#[test]
fn the_quota_is_a_sliding_window_and_its_peak_is_counted() {
    let _limit = partnerstack_tests::limit();
    let window = Duration::from_millis(400);
    let server = start(Options { quota: Some(Quota { requests: 5, window }), ..Options::default() });
    let client = Client { server: &server };
    let statuses: Vec<u16> = (0..7).map(|_| client.ask("GET", "deals", &Value::Null).0).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429]);
    assert_eq!(peak(&server.calls(), Duration::from_mins(1)), 7);
    assert_eq!(peak(&server.calls(), Duration::from_nanos(1)), 1);
    // What was refused does not count, so that the window is free again when the first five have left it.
    until("a free window", || client.ask("GET", "deals", &Value::Null).0 != 429);
}

#[test]
fn a_storm_answers_429_for_its_time() {
    let _limit = partnerstack_tests::limit();
    for retry_after in [None, Some(3)] {
        let storm = Storm { after: 2, lasting: Duration::from_millis(150), retry_after };
        let server = start(Options { storm: Some(storm), ..Options::default() });
        let client = Client { server: &server };
        let send = || match client.send("POST", "transactions", &transaction("inv-1")) {
            Seen::Answer { status, head, .. } => (status, head.contains("Retry-After: 3")),
            seen => panic!("{seen:?}"),
        };
        assert_eq!((send(), send(), send()), ((200, false), (200, false), (429, retry_after.is_some())));
        until("the end of the storm", || send().0 != 429);
        assert_eq!(server.records("transactions").len(), 3, "a 429 has no effect");
    }
}

#[test]
fn it_goes_away_and_comes_back() {
    let _limit = partnerstack_tests::limit();
    let server = start(Options { latency: Duration::from_secs(20), ..Options::default() });
    let client = Client { server: &server };
    std::thread::scope(|scope| {
        let open = scope.spawn(|| client.send("POST", "transactions", &transaction("inv-1")));
        let (sender, come) = mpsc::channel();
        server.at(1, move || sender.send(()).unwrap());
        come.recv_timeout(PATIENCE).unwrap();
        server.leave();
        assert_eq!(open.join().unwrap(), Seen::Reset);
    });
    assert_eq!(client.send("GET", "deals", &Value::Null), Seen::Reset);
    server.leave();
    server.come_back();
    server.come_back();
    server.change(|options| options.latency = Duration::ZERO);
    assert_eq!(client.ask("GET", "deals", &Value::Null).0, 200);
    assert_eq!((server.records("transactions").len(), server.requests()), (1, 2));
}

#[test]
fn an_outage_begins_after_a_request_that_had_its_effect_and_ends_by_itself() {
    let _limit = partnerstack_tests::limit();
    let outage = Outage { after: 2, lasting: Duration::from_millis(100) };
    let server = start(Options { outage: Some(outage), ..Options::default() });
    let client = Client { server: &server };
    let send = |invoice: &str| client.send("POST", "transactions", &transaction(invoice));
    assert!(matches!(send("inv-1"), Seen::Answer { status: 200, .. }));
    assert_eq!(send("inv-2"), Seen::Reset);
    assert_eq!(server.records("transactions").len(), 2);
    let asked = Instant::now();
    until("the end of the outage", || send("inv-3") != Seen::Reset);
    assert!(asked.elapsed() >= Duration::from_millis(90));
}

#[test]
fn its_clock_shows_in_dates_and_in_what_it_makes() {
    let _limit = partnerstack_tests::limit();
    // To 2033-05-18T03:33:20Z, and then back.
    let day = 86_400_000_i64;
    let server =
        start(Options { skew: Skew { first: day, after: Some(1), then: -day }, ..Options::default() });
    let client = Client { server: &server };
    let made = |invoice: &str| {
        let mut body = transaction(invoice);
        body["created_at"] = Value::Null;
        client.ask("POST", "transactions", &body).1["data"]["created_at"].as_i64().unwrap()
    };
    let (tomorrow, yesterday) = (made("inv-1"), made("inv-2"));
    assert!((2 * day - 5000..=2 * day).contains(&(tomorrow - yesterday)), "{tomorrow} {yesterday}");
    let Seen::Answer { head, .. } = client.send("GET", "deals", &Value::Null) else { panic!("no answer") };
    let date = head.lines().find_map(|line| line.strip_prefix("Date: ")).unwrap();
    assert!(date.ends_with(" GMT") && date.len() == 29, "{date}");
}
