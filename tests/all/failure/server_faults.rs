//! The faults of the server: each is what it is called, has an effect or none, and is the same for the same seed.

use std::collections::BTreeSet;
use std::time::Duration;

use partnerstack_tests::server::{Fault, Kind, Moment, On, Options, Server};
use serde_json::Value;

use partnerstack_tests::plain_client::{Client, Seen, transaction};
use partnerstack_tests::until::{PATIENCE, until};

const KINDS: [Kind; 9] = [
    Kind::Reset,
    Kind::Hang,
    Kind::Error(500),
    Kind::Error(503),
    Kind::Throttle(None),
    Kind::Throttle(Some(2)),
    Kind::Truncated,
    Kind::Html,
    Kind::Empty,
];

fn always(kind: Kind, moment: Moment, on: On) -> Options {
    Options { faults: vec![Fault { kind, moment, on, permille: 1000 }], ..Options::default() }
}

fn looks_like(kind: Kind, seen: &Seen) -> bool {
    let Seen::Answer { status, head, body } = seen else {
        return match kind {
            Kind::Reset => *seen == Seen::Reset,
            Kind::Hang => *seen == Seen::Silence,
            Kind::Truncated => *seen == Seen::Cut,
            _ => false,
        };
    };
    match kind {
        Kind::Error(wanted) => *status == wanted && body.contains("\"message\""),
        Kind::Throttle(seconds) => *status == 429 && head.contains("Retry-After: 2") == seconds.is_some(),
        Kind::Html => *status == 200 && body.starts_with("<!DOCTYPE") && head.contains("text/html"),
        Kind::Empty => *status == 200 && body.is_empty(),
        _ => false,
    }
}

#[test]
fn each_is_what_it_is_called_before_and_after_the_effect() {
    let _limit = partnerstack_tests::limit();
    for kind in KINDS {
        let patience = if kind == Kind::Hang { Duration::from_millis(150) } else { PATIENCE };
        for (moment, made) in [(Moment::Before, 0), (Moment::After, 1)] {
            let server = Server::start(always(kind, moment, On::Writes)).unwrap();
            let client = Client { server: &server };
            let seen = client.send_for("POST", "transactions", &transaction("inv-1"), patience);
            assert!(looks_like(kind, &seen), "{kind:?}: {seen:?}");
            until("the request", || server.requests() == 1);
            until("its effect", || server.records("transactions").len() >= made);
            assert_eq!(server.records("transactions").len(), made, "{kind:?} {moment:?}");
            let call = &server.calls()[0];
            assert_eq!((call.fault, call.applied.is_some()), (Some(kind), made == 1));
            assert_eq!(client.ask("GET", "transactions", &Value::Null).0, 200, "reads are spared");
        }
        let server = Server::start(always(kind, Moment::Before, On::Reads)).unwrap();
        let client = Client { server: &server };
        let seen = client.send_for("GET", "transactions", &Value::Null, patience);
        assert!(looks_like(kind, &seen), "{kind:?}: {seen:?}");
        assert_eq!(client.ask("POST", "transactions", &transaction("inv-1")).0, 200, "writes are spared");
    }
}

#[test]
fn a_bare_list_has_items_that_nothing_tells_apart() {
    let _limit = partnerstack_tests::limit();
    let server = Server::start(always(Kind::Bare, Moment::After, On::Reads)).unwrap();
    let client = Client { server: &server };
    assert_eq!(client.ask("POST", "transactions", &transaction("inv-1")).0, 200);
    let (status, answer) = client.ask("GET", "transactions", &Value::Null);
    let items = answer["data"]["items"].as_array().unwrap();
    assert_eq!((status, items.len(), items[0].as_object().unwrap().len()), (200, 1, 1));
    assert!(items[0]["created_at"].is_i64());
}

#[test]
fn after_three_in_a_row_one_succeeds() {
    let _limit = partnerstack_tests::limit();
    let server = Server::start(always(Kind::Error(500), Moment::Before, On::Writes)).unwrap();
    let client = Client { server: &server };
    let statuses = |invoice: &str| -> Vec<u16> {
        (0..8).map(|_| client.ask("POST", "transactions", &transaction(invoice)).0).collect()
    };
    let wanted = [500, 500, 500, 200, 500, 500, 500, 200];
    assert_eq!(statuses("inv-1"), wanted);
    assert_eq!(statuses("inv-2"), wanted, "each record has a count of its own");
}

/// What befalls a record depends on the seed, the record, and how often it was asked for, not on the order of others.
#[test]
fn the_same_seed_draws_the_same_faults_in_any_order() {
    let _limit = partnerstack_tests::limit();
    let half = Fault { kind: Kind::Error(500), moment: Moment::Before, on: On::Writes, permille: 500 };
    let failed = |seed: u64, order: &[usize]| -> BTreeSet<String> {
        let server = Server::start(Options { seed, faults: vec![half], ..Options::default() }).unwrap();
        let client = Client { server: &server };
        for number in order {
            client.ask("POST", "transactions", &transaction(&number.to_string()));
        }
        server.calls().into_iter().filter(|call| call.fault.is_some()).map(|call| call.about).collect()
    };
    let forth: Vec<usize> = (0..100).collect();
    let back: Vec<usize> = (0..100).rev().collect();
    let drawn = failed(7, &forth);
    assert!((30..70).contains(&drawn.len()), "{}", drawn.len());
    assert_eq!(drawn, failed(7, &back));
    assert_ne!(drawn, failed(8, &forth));
}
