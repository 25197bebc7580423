//! The typed client, against the sandbox: what it sends, what it sends again, and what it says.
#![cfg(test)]

use std::net::TcpStream;
use std::time::{Duration, Instant};

use partnerstack_connector::client::{Client, ClientError, Written};
use partnerstack_connector::generated::{API, customer, deal, transaction};
use partnerstack_connector::http::credentials::Credentials;
use partnerstack_connector::row::value::Date;
use partnerstack_connector::sandbox::{Duplicates, FaultKind, InjectedFault, Options, Sandbox};
use partnerstack_tests::keys::{PUBLIC_KEY, SECRET_KEY};
use partnerstack_tests::until::{PATIENCE, until_so};
use serde_json::Value;

fn keys() -> Credentials {
    Credentials::new(PUBLIC_KEY, SECRET_KEY)
}

fn sandbox(options: Options) -> (Sandbox, Client) {
    let sandbox = Sandbox::start(&API, options).unwrap();
    let client = Client::builder(&keys())
        .base_url(sandbox.base_url())
        .timeout(Duration::from_secs(2))
        .give_up(Duration::from_secs(20))
        .build()
        .unwrap();
    (sandbox, client)
}

fn failing(kind: FaultKind, permille: u16) -> Options {
    Options { faults: vec![InjectedFault { kind, permille }], ..Options::default() }
}

fn ada() -> customer::Create {
    let mut ada = customer::Create::new("ada@example.com", "gstest");
    ada.customer_key = Some("c-1".to_owned());
    ada.name = Some("Ada".to_owned());
    ada
}

fn renamed() -> customer::Update {
    let mut renamed = customer::Update::new("c-1");
    renamed.name = Some("Ada Lovelace".to_owned());
    renamed
}

fn names(sandbox: &Sandbox) -> Vec<Value> {
    sandbox.records("customers").iter().map(|record| record["name"].clone()).collect()
}

#[tokio::test]
async fn records_are_made_and_changed() {
    let _limit = partnerstack_tests::limit();
    let (sandbox, client) = sandbox(Options::default());

    let made = client.insert(ada()).await.unwrap();
    assert!(made.created);
    assert!(made.key.unwrap().starts_with("cus_"));
    assert_eq!(names(&sandbox), ["Ada"]);

    let changed = client.update(renamed()).await.unwrap();
    assert!(!changed.created);
    assert_eq!(names(&sandbox), ["Ada Lovelace"]);

    // What the spec sends where a payload has no value is sent here too.
    let closes = Date::constant(2026, 12, 31);
    let deal = deal::Create::new("Ada Ltd", "ada.example.com", 1_000, closes, "Ada", "Lovelace", "Won");
    client.insert(deal).await.unwrap();
    assert_eq!(sandbox.records("deals")[0]["source"], "vendor");
}

#[tokio::test]
async fn an_upsert_creates_only_what_does_not_exist() {
    let _limit = partnerstack_tests::limit();
    let (sandbox, client) = sandbox(Options::default());

    assert!(client.upsert(renamed(), ada()).await.unwrap().created);
    assert_eq!(names(&sandbox), ["Ada"]);
    assert!(!client.upsert(renamed(), ada()).await.unwrap().created);
    assert_eq!(names(&sandbox), ["Ada Lovelace"]);
    assert_eq!(sandbox.requests(), 3);
}

#[tokio::test]
async fn every_fault_is_said_at_once_and_nothing_is_sent() {
    let _limit = partnerstack_tests::limit();
    let (sandbox, client) = sandbox(Options::default());

    let error = client.insert(transaction::Create::new(1, "usd")).await.unwrap_err();
    let ClientError::Invalid(faults) = &error else { panic!("{error}") };
    let fields: Vec<&str> = faults.faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields[0], "currency");
    assert_eq!(fields.len(), 2, "{error}");

    // Of an upsert both payloads are judged, and a fault that both have is said once.
    let (mut change, mut otherwise) = (renamed(), ada());
    change.email = Some("ada".to_owned());
    change.name = Some("a".repeat(101));
    otherwise.name = Some("a".repeat(101));
    let error = client.upsert(change, otherwise).await.unwrap_err();
    let ClientError::Invalid(faults) = &error else { panic!("{error}") };
    assert_eq!(faults.faults.len(), 2, "{error}");
    assert_eq!(sandbox.requests(), 0);
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let _limit = partnerstack_tests::limit();
    let only = Some((PUBLIC_KEY.to_owned(), SECRET_KEY.to_owned()));
    let options = Options { credentials: only, duplicates: Duplicates::Conflict, ..Options::default() };
    let (sandbox, client) = sandbox(options);

    let error = client.update(renamed()).await.unwrap_err();
    assert!(matches!(&error, ClientError::NotFound(refusal) if refusal.status == 404), "{error}");
    client.insert(ada()).await.unwrap();
    let error = client.insert(ada()).await.unwrap_err();
    assert!(matches!(&error, ClientError::Duplicate(refusal) if refusal.status == 409), "{error}");

    let others = Credentials::new("pk_of_somebody_else", SECRET_KEY);
    let other = Client::builder(&others).base_url(sandbox.base_url()).build().unwrap();
    let error = other.insert(ada()).await.unwrap_err();
    let ClientError::Denied(refusal) = &error else { panic!("{error}") };
    assert_eq!(refusal.status, 401);
    assert!(refusal.hint.is_some(), "the spec has advice for refused keys");

    // A wrong prefix is not the fault of the record.
    let nowhere = format!("{}/nowhere", sandbox.base_url());
    let lost = Client::builder(&others).base_url(&nowhere).build().unwrap();
    assert!(!matches!(lost.insert(ada()).await.unwrap_err(), ClientError::Rejected(_)));
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_never_sent_twice() {
    let _limit = partnerstack_tests::limit();
    for kind in [FaultKind::ResetAfter, FaultKind::ErrorBefore, FaultKind::Html, FaultKind::Truncate] {
        let (sandbox, client) = sandbox(failing(kind, 1_000));
        let error = client.insert(ada()).await.unwrap_err();
        let ClientError::Uncertain { advice, .. } = &error else { panic!("{kind:?}: {error}") };
        assert_eq!(advice, "look the customer up by customer_key or email before you send it again");
        assert_eq!(sandbox.requests(), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn what_can_be_repeated_is_repeated() {
    let _limit = partnerstack_tests::limit();
    let (sandbox, client) = sandbox(failing(FaultKind::ErrorBefore, 400));
    // Creates are luck here; the update is not.
    let mut tries = 0..20;
    while !client.insert(ada()).await.is_ok_and(|made| made.created) {
        assert!(tries.next().is_some(), "not one create of twenty arrives");
    }
    for _ in 0..3 {
        client.update(renamed()).await.unwrap();
    }
    assert!(sandbox.requests() > 4, "none of them failed, so nothing was repeated");
}

#[tokio::test]
async fn a_429_fails_nothing() {
    let _limit = partnerstack_tests::limit();
    let (sandbox, client) = sandbox(failing(FaultKind::Throttled, 300));
    for number in 0..3 {
        let create = customer::Create::new(format!("c{number}@example.com"), "gstest");
        client.insert(create).await.unwrap();
    }
    assert_eq!(sandbox.count("customers"), 3);
    assert!(sandbox.requests() > 3, "none of them failed");
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_given_up() {
    let _limit = partnerstack_tests::limit();
    // The port of a server that is gone.
    let (gone, _) = sandbox(Options::default());
    let (base_url, address) = (gone.base_url().to_owned(), gone.address());
    drop(gone);
    until_so("the port is closed", || TcpStream::connect(address).is_err()).await;
    let give_up = Duration::from_millis(300);
    let client = Client::builder(&keys()).base_url(&base_url).give_up(give_up).build().unwrap();
    let start = Instant::now();
    let error = client.insert(ada()).await.unwrap_err();
    assert!(matches!(error, ClientError::Unavailable { .. }), "{error}");
    assert!(start.elapsed() < PATIENCE, "it waits for longer than it was told to");
}

#[tokio::test]
async fn one_client_serves_many_tasks_at_the_pace_of_one() {
    let _limit = partnerstack_tests::limit();
    let (sandbox, _) = sandbox(Options::default());
    // 600 in 60 s: the sixth request leaves half a second after the first.
    let client = Client::builder(&keys()).base_url(sandbox.base_url()).quota(600).build().unwrap();
    let start = Instant::now();
    let calls: Vec<_> = (0..6)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move {
                let create = customer::Create::new(format!("c{number}@example.com"), "gstest");
                client.insert(create).await
            })
        })
        .collect();
    for call in calls {
        let Written { created, test, .. } = call.await.unwrap().unwrap();
        assert!(created && test);
    }
    assert!(start.elapsed() >= Duration::from_millis(450), "{:?}", start.elapsed());
}

#[test]
fn a_base_url_that_would_show_the_keys_is_refused() {
    let _limit = partnerstack_tests::limit();
    let error = Client::builder(&keys()).base_url("http://example.com").build().err().unwrap();
    assert!(error.to_string().contains("https://"), "{error}");
}

#[test]
fn the_example_of_the_readme_is_the_one_that_runs() {
    let _limit = partnerstack_tests::limit();
    let runs = include_str!("../../connector/src/client/mod.rs");
    let readme = include_str!("../../README.md");
    let example = readme.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    // How the client is made differs: the one that runs is a client of the sandbox.
    let lines: Vec<&str> = example.lines().filter(|line| !line.contains("Client::new")).collect();
    assert!(lines.len() > 4);
    for line in lines {
        assert!(runs.contains(&format!("//! {line}").trim_end().to_owned()), "{line}");
    }
}
