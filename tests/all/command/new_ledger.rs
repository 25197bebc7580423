//! A ledger that knows nothing: where nobody watches, for what cannot be changed, it has to be said what that means.

use std::fs;

use partnerstack_connector::sandbox::{Duplicates, Options, Sandbox};
use partnerstack_connector::sync::Interrupt;
use partnerstack_tests::desk::{Desk, Ran, server_with, table};
use partnerstack_tests::server::{self, Server};
use serde_json::json;

/// A server that would take every row a second time without a word.
fn server() -> Sandbox {
    server_with(Options { duplicates: Duplicates::Accept, ..Options::default() })
}

fn rows(count: usize) -> String {
    table("id,amount,currency,customer_external_key", count, |row| format!("{row},{row},USD,a-1"))
}

async fn sync(desk: &Desk, server: &Sandbox, rows: &str, flags: &[&str]) -> Ran {
    let by_id = ["--primary-key", "id", "--rate", "600000"];
    desk.sync(server, "transactions insert", rows, &[&by_id, flags].concat()).await
}

/// A job in CI: each has a disk of its own.
fn job() -> Desk {
    Desk::new().with("CI", "true")
}

#[tokio::test]
async fn a_job_without_a_disk_is_refused() {
    let _limit = partnerstack_tests::limit();
    let server = server();
    let ways =
        ["--new-ledger", "--new-ledger=empty", "--ledger PATH", "what is sent twice cannot be taken back"];
    let desk = job();
    for _ in 0..2 {
        let ran = sync(&desk, &server, &rows(3), &[]).await;
        ran.refused(&ways);
        ran.says(&["(CI is set)", "none of the transactions"]);
    }
    let desk = Desk::new().without_terminal();
    for _ in 0..2 {
        // The refusal leaves nothing that would look like a disk which stays.
        sync(&desk, &server, &rows(3), &[]).await.refused(&["(there is no terminal and no state folder)"]);
    }
    assert_eq!(server.requests(), 0);
    assert!(!desk.state().exists());
    // A ledger that has to be there is one thing, what it knows another.
    let (desk, server) = (job(), self::server());
    sync(&desk, &server, &rows(3), &["--require-ledger"]).await.refused(&["there is no ledger at"]);
    let customers = "customer_key,email,partner_key\na-1,ada@example.com,gstest\n";
    desk.sync(&server, "customers insert", customers, &[]).await.ended(0, "1 created");
    sync(&desk, &server, &rows(3), &["--require-ledger"]).await.refused(&ways);
}

#[tokio::test]
async fn who_watches_or_keeps_files_is_not_asked() {
    let _limit = partnerstack_tests::limit();
    let kept = Desk::new().without_terminal();
    fs::create_dir_all(kept.state()).unwrap();
    for desk in [Desk::new(), Desk::new().with("CI", ""), kept] {
        sync(&desk, &server(), &rows(3), &[]).await.ended(0, "3 created");
    }
    // Who names a ledger has chosen a place for it.
    let desk = Desk::new().without_terminal();
    let ledger = desk.path("ledger.db");
    sync(&desk, &server(), &rows(3), &["--ledger", &ledger]).await.ended(0, "3 created");
    // What can be changed does no harm.
    let customers = "customer_key,email,partner_key\na-1,ada@example.com,gstest\n";
    job().sync(&server(), "customers insert", customers, &[]).await.ended(0, "1 created");
    // Nor do what is thrown away, and what sends nothing.
    let desk = job();
    let source = desk.write("rows.csv", rows(3));
    let base = ["sync", "--object", "transactions", "--mode", "insert", "--primary-key", "id", "--json"];
    for (flag, counts) in [("--sandbox", "3 created"), ("--dry-run", "3 pending")] {
        desk.run(&[&base[..], &["--source", &source, flag, "--new-ledger"]].concat()).await.ended(0, counts);
        desk.run(&[&base[..], &["--source", &source, flag]].concat()).await.ended(0, counts);
    }
}

/// The ledger that the customers' sync of the same job has made says nothing about transactions.
#[tokio::test]
async fn a_ledger_that_knows_other_objects_is_new_for_this_one() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (job(), server());
    let customers = "customer_key,email,partner_key\na-1,ada@example.com,gstest\n";
    desk.sync(&server, "customers insert", customers, &[]).await.ended(0, "1 created");
    sync(&desk, &server, &rows(3), &[]).await.refused(&["none of the transactions"]);
    let ran = sync(&desk, &server, &rows(3), &["--new-ledger"]).await;
    ran.ended(0, "3 created");
    ran.says(&["ledger.db (it knows none of the transactions yet)"]);
}

#[tokio::test]
async fn what_an_earlier_job_has_sent_is_not_sent_again() {
    let _limit = partnerstack_tests::limit();
    let server = server();
    sync(&job(), &server, &rows(300), &["--new-ledger"]).await.ended(0, "300 created");
    let before = server.requests();
    let (desk, more) = (job(), rows(301));
    let ran = sync(&desk, &server, &more, &["--new-ledger"]).await;
    ran.ended(0, "1 created, 300 unchanged");
    ran.says(&["300 rows had arrived in an earlier run"]);
    assert_eq!(
        (server.requests() - before, server.count("transactions")),
        (3, 301),
        "two pages and a create"
    );
    // A job that keeps its disk after all: the list is not read again.
    let ran = sync(&desk, &server, &more, &["--new-ledger"]).await;
    ran.ended(0, "301 unchanged");
    assert_eq!(ran.report()["requests"], 0);
    // Standard input can be read once, and that is enough.
    let base =
        ["sync", "--object", "transactions", "--mode", "insert", "--primary-key", "id", "--source", "-"];
    let flags = ["--base-url", server.base_url(), "--new-ledger", "--json", "--format", "csv"];
    let ran = job()
        .run_with(&[&base[..], &flags].concat(), std::io::Cursor::new(more), &Interrupt::default())
        .await;
    ran.ended(0, "301 unchanged");
    assert_eq!(server.count("transactions"), 301);
}

#[tokio::test]
async fn empty_looks_for_nothing() {
    let _limit = partnerstack_tests::limit();
    let server = server();
    sync(&job(), &server, &rows(3), &["--new-ledger=empty"]).await.ended(0, "3 created");
    let before = server.requests();
    // It was said that nothing was sent.
    sync(&job(), &server, &rows(3), &["--new-ledger=empty"]).await.ended(0, "3 created");
    assert_eq!((server.requests() - before, server.count("transactions")), (3, 6));
    sync(&job(), &server, &rows(3), &["--new-ledger=full"]).await.says(&["--new-ledger"]);
}

#[tokio::test]
async fn the_sync_file_says_it_too() {
    let _limit = partnerstack_tests::limit();
    let server = server();
    let settings =
        |value: &str| format!("object: transactions\nmode: insert\nprimary_key: id\nnew_ledger: {value}\n");
    let run = async |value: &str| job().sync_file(&server, &settings(value), rows(3), &[]).await;
    run("true").await.ended(0, "3 created");
    run("true").await.ended(0, "3 unchanged");
    run("false").await.refused(&["--new-ledger"]);
    run("empty").await.ended(0, "3 created");
    run("none").await.refused(&["new_ledger", "true, false or `empty`"]);
    assert_eq!(server.count("transactions"), 6);
}

/// The list is read where the source's rows can be: from the first creation time that they ask for.
#[tokio::test]
async fn rows_that_say_when_narrow_the_search() {
    let _limit = partnerstack_tests::limit();
    let server = server();
    let rows = |header: &str, time: &str| {
        let row = |row| format!("{row},{row},USD,a-1,{time}");
        table(&format!("id,amount,currency,customer_external_key,{header}"), 3, row)
    };
    let dated = rows("created_at", "1772323200000");
    sync(&job(), &server, &dated, &["--new-ledger"]).await.ended(0, "3 created");
    sync(&job(), &server, &dated, &["--new-ledger"]).await.ended(0, "3 unchanged");

    let other = Server::start(server::Options::default()).unwrap();
    let desk = job();
    let flags = ["--primary-key", "id", "--new-ledger", "--rate", "600000"];
    desk.sync_to(&other.base_url(), "transactions insert", &dated, &flags).await.ended(0, "3 created");
    let lookup = other.calls()[0].query.clone();
    assert!(lookup.contains(&format!("min_created={}", 1_772_323_200_000_i64 - 600_000)), "{lookup}");
    let undated = rows("created_at", "");
    let desk = job();
    desk.sync_to(&other.base_url(), "transactions insert", &undated, &flags).await.ended(0, "3 unchanged");
    let lookup = other.calls()[4].query.clone();
    assert!(!lookup.contains("min_created"), "{lookup}");
}

/// A run that was stopped before its end has to go on looking: its rows that were not reached may have arrived too.
#[tokio::test]
async fn what_was_begun_goes_on_in_the_next_run() {
    let _limit = partnerstack_tests::limit();
    let server = server();
    sync(&job(), &server, &rows(5), &["--new-ledger"]).await.ended(0, "5 created");
    let desk = job();
    sync(&desk, &server, &rows(5), &["--new-ledger", "--limit", "2"]).await.ended(0, "2 unchanged");
    sync(&desk, &server, &rows(5), &[]).await.ended(0, "5 unchanged");
    // Once a run has come to its end, nothing is looked for any more.
    let before = server.requests();
    sync(&desk, &server, &rows(6), &[]).await.ended(0, "1 created, 5 unchanged");
    assert_eq!(server.requests() - before, 1);
    assert_eq!(server.count("transactions"), 6);
}

/// A record under a row's own key may be anyone's: what the key says is left to the API.
#[tokio::test]
async fn only_derived_keys_are_adopted() {
    let _limit = partnerstack_tests::limit();
    let server = Server::start(server::Options {
        duplicates: server::Duplicates::Refuse(400),
        ..server::Options::default()
    })
    .unwrap();
    server.put(
        "transactions",
        Some("theirs"),
        &json!({"key": "theirs", "amount": 1, "currency": "USD"}),
        60_000,
    );
    let rows = "key,amount,currency,customer_external_key\ntheirs,1,USD,a-1\nours,2,USD,a-1\n";
    let ran = job().sync_to(&server.base_url(), "transactions insert", rows, &["--new-ledger"]).await;
    ran.ended(1, "1 created, 1 rejected");
    assert!(
        server.calls().iter().all(|call| call.method == "POST"),
        "nothing is derived, so nothing is looked for"
    );
}

#[tokio::test]
async fn every_run_says_which_ledger_it_uses() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let first_line = |ran: &Ran| ran.stderr.lines().next().unwrap_or_default().to_owned();
    let ledger = desk.state().join("ledger.db").display().to_string();
    let dry = sync(&desk, &server, &rows(1), &["--dry-run"]).await;
    assert_eq!(first_line(&dry), format!("ledger: {ledger} (new: nothing is known of earlier runs)"));
    let ran = sync(&desk, &server, &rows(1), &[]).await;
    assert_eq!(first_line(&ran), format!("ledger: {ledger} (new: nothing is known of earlier runs)"));
    for flags in [&["--dry-run"][..], &[]] {
        assert_eq!(first_line(&sync(&desk, &server, &rows(1), flags).await), format!("ledger: {ledger}"));
    }
    let other = desk.path("other.db");
    let ran = sync(&desk, &server, &rows(1), &["--ledger", &other]).await;
    assert_eq!(first_line(&ran), format!("ledger: {other} (new: nothing is known of earlier runs)"));
    let source = desk.path("rows.csv");
    let args = ["sync", "--object", "transactions", "--mode", "insert", "--primary-key", "id", "--sandbox"];
    let ran = desk.run(&[&args[..], &["--source", &source]].concat()).await;
    assert_eq!(first_line(&ran), "ledger: one that is thrown away (nothing is known of earlier runs)");
}
