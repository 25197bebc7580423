//! A bad day, rehearsed against the sandbox: whatever goes wrong with a create, it arrives once, and the run ends well.

use std::collections::BTreeSet;

use partnerstack_connector::generated::API;
use partnerstack_connector::sandbox::{Duplicates, FaultKind, InjectedFault, Options, Sandbox};

use partnerstack_tests::desk::{Desk, Ran, server_with, table};
use partnerstack_tests::until::until_so;

/// Times that fit a sandbox which does everything at once. A lost create is counted as missing on the second walk: the
/// first one shows others at an age that the lost one has by then.
const QUICK: [&str; 6] = ["--settle-after", "2", "--timeout", "1", "--rate", "600000"];

/// A server that takes doubles without a word, and fails with so many of a thousand requests.
fn failing(kind: FaultKind, permille: u16, seed: u64) -> Sandbox {
    let faults = vec![InjectedFault { kind, permille }];
    server_with(Options { faults, duplicates: Duplicates::Accept, seed, ..Options::default() })
}

fn customers(count: usize) -> String {
    table("customer_key,email,partner_key", count, |row| format!("c-{row},{row}@example.com,gstest"))
}

/// Every row is on the server once.
#[track_caller]
fn all_once(server: &Sandbox, ran: &Ran, object: &str, name: &str, count: usize) {
    ran.ended(0, &format!("{count} created"));
    let records = server.records(object);
    let distinct: BTreeSet<String> = records.iter().map(|record| record[name].to_string()).collect();
    assert_eq!((records.len(), distinct.len()), (count, count), "{}", ran.stdout);
}

/// Of those that are lost so few that none is lost four times: then it is given up, and that is right.
async fn survives(kind: FaultKind, permille: u16, count: usize) {
    survives_with(kind, permille, count, &QUICK).await;
}

async fn survives_with(kind: FaultKind, permille: u16, count: usize, flags: &[&str]) {
    let (desk, server) = (Desk::new(), failing(kind, permille, 7));
    let ran = desk.sync(&server, "customers insert", customers(count), flags).await;
    all_once(&server, &ran, "customers", "customer_key", count);
    let report = ran.report();
    let trouble: u64 =
        ["lookups", "retries", "throttled"].iter().map(|name| report[name].as_u64().unwrap()).sum();
    assert!(trouble > 0, "nothing went wrong: {report}");
    desk.sync(&server, "customers insert", customers(count), flags)
        .await
        .ended(0, &format!("{count} unchanged"));
}

#[tokio::test]
async fn a_500_after_the_effect() {
    let _limit = partnerstack_tests::limit();
    survives(FaultKind::ErrorAfter, 250, 40).await;
}

#[tokio::test]
async fn a_500_before_the_effect() {
    let _limit = partnerstack_tests::limit();
    survives(FaultKind::ErrorBefore, 100, 60).await;
}

#[tokio::test]
async fn a_503_before_the_effect() {
    let _limit = partnerstack_tests::limit();
    survives(FaultKind::UnavailableBefore, 100, 60).await;
}

#[tokio::test]
async fn a_reset_after_the_effect() {
    let _limit = partnerstack_tests::limit();
    survives(FaultKind::ResetAfter, 250, 40).await;
}

#[tokio::test]
async fn a_reset_before_the_effect() {
    let _limit = partnerstack_tests::limit();
    survives(FaultKind::ResetBefore, 100, 60).await;
}

#[tokio::test]
async fn no_answer_after_the_effect() {
    let _limit = partnerstack_tests::limit();
    survives(FaultKind::TimeoutAfter, 150, 30).await;
}

#[tokio::test]
async fn no_answer_before_the_effect() {
    let _limit = partnerstack_tests::limit();
    // A page of the list may have to be waited for as well.
    let patient = [&["--settle-after", "5"], &QUICK[2..]].concat();
    survives_with(FaultKind::TimeoutBefore, 80, 30, &patient).await;
}

#[tokio::test]
async fn half_an_answer() {
    let _limit = partnerstack_tests::limit();
    survives(FaultKind::Truncate, 250, 40).await;
}

#[tokio::test]
async fn a_web_page() {
    let _limit = partnerstack_tests::limit();
    survives(FaultKind::Html, 250, 40).await;
}

#[tokio::test]
async fn an_empty_answer() {
    let _limit = partnerstack_tests::limit();
    survives(FaultKind::Empty, 250, 40).await;
}

#[tokio::test]
async fn a_429_now_and_then() {
    let _limit = partnerstack_tests::limit();
    survives(FaultKind::Throttled, 100, 20).await;
}

#[tokio::test]
async fn every_object_and_mode_that_creates() {
    let _limit = partnerstack_tests::limit();
    let partnerships = table("email,partner_key", 25, |row| format!("{row}@example.com,p-{row}"));
    let deals = table(
        "id,group_key,account_name,amount,close_date,contact_first_name,contact_last_name,stage",
        25,
        |row| format!("{row},g,A{row},1,2026-03-31,Ada,L.,Qualified"),
    );
    let transactions =
        table("id,amount,currency,customer_external_key", 25, |row| format!("{row},{row},USD,a-1"));
    let by_id = ["--primary-key", "id"];
    for (what, rows, name, flags) in [
        ("customers upsert", customers(25), "customer_key", &[][..]),
        ("partnerships insert", partnerships.clone(), "partner_key", &[]),
        ("partnerships upsert", partnerships, "partner_key", &[]),
        ("deals insert", deals.clone(), "account_name", &by_id),
        ("deals upsert", deals, "account_name", &by_id),
        ("transactions insert", transactions, "amount", &by_id),
    ] {
        let (desk, server) = (Desk::new(), failing(FaultKind::ErrorAfter, 200, 3));
        let ran = desk.sync(&server, what, &rows, &[&QUICK[..], flags].concat()).await;
        all_once(&server, &ran, what.split(' ').next().unwrap(), name, 25);
        assert!(ran.report()["lookups"].as_u64().is_some_and(|lookups| lookups > 0), "{}", ran.stdout);
    }
}

#[tokio::test]
async fn transactions_of_the_past_are_found_under_their_own_date() {
    let _limit = partnerstack_tests::limit();
    let rows = table("id,amount,currency,customer_external_key,created_at", 30, |row| {
        format!("{row},{row},USD,a-1,2019-{:02}-01T00:00:00Z", row % 12 + 1)
    });
    let (desk, server) = (Desk::new(), failing(FaultKind::ErrorAfter, 200, 5));
    let ran = desk
        .sync(&server, "transactions insert", rows, &[&QUICK[..], &["--primary-key", "id"]].concat())
        .await;
    all_once(&server, &ran, "transactions", "amount", 30);
}

#[tokio::test]
async fn updates_are_sent_again_until_they_arrive() {
    let _limit = partnerstack_tests::limit();
    for kind in [FaultKind::ErrorAfter, FaultKind::ResetBefore] {
        let (desk, server) = (Desk::new(), failing(kind, 150, 9));
        desk.sync(&server, "customers upsert", customers(25), &QUICK).await.ended(0, "25 created");
        let changed = customers(25).replace("@example.com", "@example.org");
        desk.sync(&server, "customers upsert", changed, &QUICK).await.ended(0, "25 updated");
        let records = server.records("customers");
        assert_eq!(records.len(), 25);
        assert!(records.iter().all(|record| record["email"].as_str().unwrap().ends_with("@example.org")));
    }
}

#[tokio::test]
async fn a_server_that_refuses_doubles_is_told_from_one_that_refuses_rows() {
    let _limit = partnerstack_tests::limit();
    for duplicates in [Duplicates::BadRequest, Duplicates::Conflict] {
        let faults = vec![InjectedFault { kind: FaultKind::ErrorAfter, permille: 250 }];
        let server = server_with(Options { faults, duplicates, seed: 4, ..Options::default() });
        let desk = Desk::new();
        let ran = desk.sync(&server, "customers insert", customers(30), &QUICK).await;
        all_once(&server, &ran, "customers", "customer_key", 30);
    }
}

#[tokio::test]
async fn what_was_deleted_is_created_again_by_an_upsert_and_refused_by_an_update() {
    let _limit = partnerstack_tests::limit();
    for (mode, code, counts) in [("upsert", 0, "1 created"), ("update", 1, "1 rejected")] {
        let (desk, server) = (Desk::new(), failing(FaultKind::Html, 0, 0));
        desk.sync(&server, "customers insert", customers(1), &[]).await.ended(0, "1 created");
        let port = server.address().port();
        drop(server);
        // The same address, and nothing in it.
        let mut again = None;
        until_so("the port is free again", || {
            again = Sandbox::start(&API, Options { port, ..Options::default() }).ok();
            again.is_some()
        })
        .await;
        let server = again.unwrap();
        let changed = customers(1).replace("0@", "zero@");
        let what = format!("customers {mode}");
        let ran = desk.sync(&server, &what, &changed, &["--settle-after", "1"]).await;
        ran.ended(code, counts);
        assert_eq!(server.count("customers"), usize::from(code == 0));
        if code == 0 {
            desk.sync(&server, &what, changed, &[]).await.ended(0, "1 unchanged");
        }
    }
}
