//! The second run: what arrived is not sent again, what changed is, and what cannot be changed is told.

use std::time::{SystemTime, UNIX_EPOCH};

use partnerstack_tests::recorder::{Recorder, Reply};
use serde_json::{Value, json};

use partnerstack_tests::desk::{Desk, Ran, held, held_as, record, server, table};

const CUSTOMERS: &str = "customer_key,email,partner_key,name,meta.plan\n\
                         a-1,ada@example.com,gstest,Ada,pro\n\
                         a-2,eve@example.com,gstest,,\n\
                         a-3,max@example.com,gstest,Max,basic\n";
const DEALS: &str = "id,group_key,account_name,amount,close_date,contact_first_name,contact_last_name,stage\n\
                     1,grp,Acme,125000,2026-03-31,Ada,L.,Qualified\n\
                     2,grp,Bolt,5,2026-03-31,Eve,M.,Qualified\n";
const TRANSACTIONS: &str = "id,amount,currency,customer_external_key,metadata.plan\n\
                            1,4900,USD,a-1,pro\n\
                            2,-100,EUR,a-2,\n";
const BY_ID: [&str; 2] = ["--primary-key", "id"];

/// It made no call.
#[track_caller]
fn no_call(ran: &Ran, code: u8, counts: &str) {
    ran.ended(code, counts);
    assert_eq!(ran.report()["requests"], 0, "{}", ran.stdout);
}

#[tokio::test]
async fn the_same_rows_make_no_call_in_any_mode() {
    let _limit = partnerstack_tests::limit();
    let partnerships = "email,first_name,partner_key,group_key,tags,fields.region\n\
                        ada@example.com,Ada,ada,silver,\"dach, nordics\",EMEA\n\
                        eve@example.com,,,,,\n";
    for (what, rows, flags, count) in [
        ("customers insert", CUSTOMERS, &[][..], 3),
        ("customers upsert", CUSTOMERS, &[], 3),
        ("partnerships insert", partnerships, &[], 2),
        ("partnerships upsert", partnerships, &[], 2),
        ("deals insert", DEALS, &BY_ID, 2),
        ("deals upsert", DEALS, &BY_ID, 2),
        ("transactions insert", TRANSACTIONS, &BY_ID, 2),
        ("transactions insert", TRANSACTIONS, &["--primary-key", "content"], 2),
        ("customers insert", CUSTOMERS, &["--primary-key", "email", "--primary-key", "partner_key"], 3),
    ] {
        let (desk, server) = (Desk::new(), server());
        desk.sync(&server, what, rows, flags).await.ended(0, &format!("{count} created"));
        for _ in 0..2 {
            let ran = desk.sync(&server, what, rows, flags).await;
            no_call(&ran, 0, &format!("{count} unchanged"));
            ran.says(&["as they are already, nothing sent"]);
        }
        assert!(ran_left_nothing(&desk), "{what}");
    }
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers insert", CUSTOMERS, &[]).await.ended(0, "3 created");
    // An update that writes nothing new knows from the insert that it would not.
    let update = "customer_key,name\na-1,Ada\na-3,Max L.\n";
    desk.sync(&server, "customers update", update, &[]).await.ended(0, "1 updated, 1 unchanged");
    no_call(&desk.sync(&server, "customers update", update, &[]).await, 0, "2 unchanged");
}

fn ran_left_nothing(desk: &Desk) -> bool {
    !desk.files().iter().any(|file| file.ends_with(".ndjson"))
}

#[tokio::test]
async fn equal_values_are_equal_however_they_are_written() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers upsert", CUSTOMERS, &[]).await.ended(0, "3 created");
    let json = r#"{"meta": {"plan": "pro"}, "name": "Ada", "Customer Key": "a-1", "email": "ada@example.com", "partner_key": "gstest"}
{"customer_key": "a-2", "E-Mail": "eve@example.com", "partner_key": "gstest", "name": null}
"#;
    no_call(&desk.sync(&server, "customers upsert", json, &[]).await, 0, "2 unchanged");
    let fewer = "customer_key;email;partner_key\na-1;ada@example.com;gstest\n";
    no_call(&desk.sync(&server, "customers upsert", fewer, &[]).await, 0, "1 unchanged");

    let (desk, server) = (Desk::new(), partnerstack_tests::desk::server());
    desk.sync(&server, "transactions insert", TRANSACTIONS, &BY_ID).await.ended(0, "2 created");
    let json = r#"{"id": 1, "amount": "4900", "currency": "USD", "customer_external_key": "a-1", "metadata": {"plan": "pro"}}"#;
    no_call(&desk.sync(&server, "transactions insert", json, &BY_ID).await, 0, "1 unchanged");
}

#[tokio::test]
async fn one_changed_row_makes_one_call() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = |changed: &str| {
        table("customer_key,email,partner_key,name", 40, |row| {
            let name = if row == 17 { changed } else { "same" };
            format!("a-{row},{row}@example.com,gstest,{name}")
        })
    };
    let fast = ["--rate", "600000"];
    desk.sync(&server, "customers upsert", rows("old"), &fast).await.ended(0, "40 created");
    let before = server.requests();
    let ran = desk.sync(&server, "customers upsert", rows("new"), &[]).await;
    ran.ended(0, "1 updated, 39 unchanged");
    assert_eq!((server.requests() - before, ran.report()["requests"].clone()), (1, json!(1)));
    assert_eq!(record(&server, "customers", "customer_key", "a-17")["name"], "new");
    // Back to what it was is a change too.
    desk.sync(&server, "customers upsert", rows("old"), &[]).await.ended(0, "1 updated, 39 unchanged");
    assert_eq!(server.requests() - before, 2);
}

#[tokio::test]
async fn a_column_that_is_new_is_a_change_and_a_cell_that_is_empty_is_none() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers upsert", CUSTOMERS, &[]).await.ended(0, "3 created");
    let more = "customer_key,email,partner_key,name,provider_key\n\
                a-1,ada@example.com,gstest,,cus_1\na-2,eve@example.com,gstest,,\na-3,max@example.com,gstest,,\n";
    desk.sync(&server, "customers upsert", more, &[]).await.ended(0, "1 updated, 2 unchanged");
    let ada = record(&server, "customers", "customer_key", "a-1");
    assert_eq!((&ada["name"], &ada["provider_key"]), (&json!("Ada"), &json!("cus_1")));
}

#[tokio::test]
async fn full_sends_unchanged_rows_of_an_update_or_upsert_again() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers upsert", CUSTOMERS, &[]).await.ended(0, "3 created");
    let before = server.requests();
    desk.sync(&server, "customers upsert", CUSTOMERS, &["--full"]).await.ended(0, "3 updated");
    assert_eq!((server.requests() - before, server.count("customers")), (3, 3));
    let update = "customer_key,name\na-1,Ada\n";
    desk.sync(&server, "customers update", update, &["--full"]).await.ended(0, "1 updated");
    let settings = "object: customers\nmode: upsert\nfull: true\n";
    desk.sync_file(&server, settings, CUSTOMERS, &[]).await.ended(0, "3 updated");
    assert_eq!(server.requests() - before, 7);

    for what in ["customers insert", "transactions insert"] {
        let ran = desk.sync(&server, what, TRANSACTIONS, &["--full"]).await;
        ran.refused(&["--full", "an insert never sends a row twice", "--mode upsert"]);
    }
    let settings = "object: transactions\nmode: insert\nfull: true\n";
    desk.sync_file(&server, settings, TRANSACTIONS, &[])
        .await
        .refused(&["nightly.yaml:3:7", "an insert never"]);
    // Where there is no update there is nothing that could be sent again.
    desk.sync(&server, "deals upsert", DEALS, &BY_ID).await.ended(0, "2 created");
    no_call(
        &desk.sync(&server, "deals upsert", DEALS, &["--primary-key", "id", "--full"]).await,
        0,
        "2 unchanged",
    );
}

#[tokio::test]
async fn what_an_insert_cannot_change_is_skipped_and_counted() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers insert", CUSTOMERS, &[]).await.ended(0, "3 created");
    let changed = CUSTOMERS.replace("Ada", "Adele") + "a-4,mia@example.com,gstest,Mia,\n";
    let ran = desk.sync(&server, "customers insert", &changed, &[]).await;
    ran.ended(0, "1 created, 2 unchanged, 1 skipped");
    assert!(ran.report()["failures"].is_null() && ran_left_nothing(&desk), "{}", ran.stdout);
    assert_eq!(
        held_as(&server, "customers", "name"),
        [json!("Ada"), Value::Null, json!("Max"), json!("Mia")]
    );
    // Another mode can.
    desk.sync(&server, "customers upsert", changed, &[]).await.ended(0, "1 updated, 3 unchanged");
}

#[tokio::test]
async fn a_create_only_field_that_alone_changed_is_skipped() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers upsert", CUSTOMERS, &[]).await.ended(0, "3 created");
    let moved = CUSTOMERS.replace("ada@example.com,gstest", "ada@example.com,other");
    let ran = desk.sync(&server, "customers upsert", &moved, &[]).await;
    no_call(&ran, 0, "2 unchanged, 1 skipped");
    assert!(ran.warnings().iter().any(|warning| warning.contains("`partner_key`")), "{}", ran.stderr);
    // With something else beside it, that goes out and it does not.
    let both = moved.replace("Ada,pro", "Adele,pro");
    desk.sync(&server, "customers upsert", both, &[]).await.ended(0, "1 updated, 2 unchanged");
    let ada = record(&server, "customers", "customer_key", "a-1");
    assert_eq!((&ada["name"], &ada["partner_key"]), (&json!("Adele"), &json!("gstest")));

    let rows = "email,first_name,group_key\nada@example.com,Ada,silver\n";
    desk.sync(&server, "partnerships upsert", rows, &[]).await.ended(0, "1 created");
    let renamed = rows.replace("Ada,", "Adele,");
    no_call(&desk.sync(&server, "partnerships upsert", renamed, &[]).await, 0, "1 skipped");
}

#[tokio::test]
async fn a_changed_deal_or_transaction_is_a_failure_unless_it_was_said_not_to_be() {
    let _limit = partnerstack_tests::limit();
    for (object, mode, rows, old, new) in [
        ("deals", "insert", DEALS, "125000", "130000"),
        ("deals", "upsert", DEALS, "125000", "130000"),
        ("transactions", "insert", TRANSACTIONS, "4900", "5900"),
    ] {
        let (desk, server) = (Desk::new(), server());
        let settings = format!("object: {object}\nmode: {mode}\nprimary_key: id\n");
        desk.sync_file(&server, &settings, rows, &[]).await.ended(0, "2 created");
        let before = server.records(object);
        let changed = rows.replace(old, new);
        for _ in 0..2 {
            let ran = desk.sync_file(&server, &settings, &changed, &[]).await;
            no_call(&ran, 1, "1 unchanged, 1 skipped");
            let failures = desk.failures("nightly");
            assert_eq!(failures.len(), 1);
            let line = &failures[0];
            assert_eq!(
                (&line["row"], &line["key"], &line["outcome"]),
                (&json!(1), &json!("1"), &json!("skipped"))
            );
            assert_eq!(line["record"]["amount"], new);
            assert!(line["message"].as_str().is_some_and(|message| message.contains("differs")), "{line}");
        }
        let allowed = ["--allow-failures", "1"];
        desk.sync_file(&server, &settings, &changed, &allowed).await.ended(0, "1 unchanged, 1 skipped");
        let ignore = format!("{settings}on_change: ignore\n");
        let ran = desk.sync_file(&server, &ignore, &changed, &[]).await;
        no_call(&ran, 0, "1 unchanged, 1 skipped");
        assert_eq!(desk.failures("nightly").len(), 1, "it has not arrived");
        // A row that fails does not count as one that was taken over.
        desk.sync_file(&server, &settings, &changed, &[]).await.ended(1, "1 unchanged, 1 skipped");
        assert_eq!(server.records(object), before);
    }
}

#[tokio::test]
async fn what_failed_is_tried_again_with_its_latest_values() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    Desk::new().sync(&server, "customers insert", CUSTOMERS, &[]).await.ended(0, "3 created");
    let rows = "customer_key,email,partner_key\nb-1,ada@example.com,gstest\nb-2,nobody,gstest\n";
    for _ in 0..2 {
        let ran = desk.sync(&server, "customers insert", rows, &[]).await;
        ran.ended(1, "1 invalid, 1 rejected");
        assert_eq!(ran.report()["requests"], 1);
    }
    let corrected = rows.replace("ada@", "ada.two@").replace("nobody", "no.body@example.com");
    desk.sync(&server, "customers insert", corrected, &[]).await.ended(0, "2 created");
    assert_eq!(server.count("customers"), 5);
}

#[tokio::test]
async fn a_record_without_a_key_of_its_own_is_updated_under_the_key_that_it_was_given() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "email,partner_key,name\nada@example.com,gstest,Ada\n";
    desk.sync(&server, "customers upsert", rows, &[]).await.ended(0, "1 created");
    let changed = rows.replace("ada@", "ADA@").replace("Ada\n", "Adele\n");
    desk.sync(&server, "customers upsert", &changed, &[]).await.ended(0, "1 updated");
    no_call(&desk.sync(&server, "customers upsert", changed, &[]).await, 0, "1 unchanged");
    assert_eq!(held(&server, "customers", &["name", "email"]), [[json!("Adele"), json!("ADA@example.com")]]);
}

#[tokio::test]
async fn partnerships_upserted_twice_by_a_key_that_does_not_exist_are_one_record() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = |group: &str| {
        table("partnership_key,email,group_key", 5, |row| format!("part_none{row},{row}@example.com,{group}"))
    };
    desk.sync(&server, "partnerships upsert", rows("silver"), &[]).await.ended(0, "5 created");
    let before = server.requests();
    desk.sync(&server, "partnerships upsert", rows("gold"), &[]).await.ended(0, "5 updated");
    assert_eq!(
        (server.requests() - before, server.count("partnerships")),
        (5, 5),
        "no PATCH under the row's key"
    );
    assert_eq!(held_as(&server, "partnerships", "group_key"), ["gold"; 5]);
    no_call(&desk.sync(&server, "partnerships upsert", rows("gold"), &[]).await, 0, "5 unchanged");
    // In update too.
    let update = "partnership_key,group_key\npart_none3,bronze\n";
    desk.sync(&server, "partnerships update", update, &[]).await.ended(0, "1 updated");
    assert_eq!(record(&server, "partnerships", "email", "3@example.com")["group_key"], "bronze");
    assert_eq!(server.count("partnerships"), 5);
}

#[tokio::test]
async fn an_open_create_is_found_by_what_it_sent_and_not_by_the_key_of_its_row() {
    let _limit = partnerstack_tests::limit();
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    let made =
        json!({"key": "part_made", "partner_key": "ada", "email": "ada@example.com", "created_at": now});
    let page =
        json!({"data": {"items": [made], "has_more": false}, "message": "ok", "status": 200}).to_string();
    let server = Recorder::answering(move |before, call| match (call.method.as_str(), before) {
        ("PATCH", _) => Reply::refused(404, "Partnership not found"),
        ("POST", _) => Reply::refused(500, "Internal Server Error"),
        // One to see that the API answers, one to look for the record.
        (_, 0 | 1) => Reply::blind_page(),
        _ => Reply::of(200, page.clone()),
    })
    .await;
    let (desk, url) = (Desk::new(), server.base_url());
    let rows = "partnership_key,email,group_key\npart_none,ada@example.com,gold\n";
    let now = ["--settle-after", "0"];
    desk.sync_to(&url, "partnerships upsert", rows, &now).await.ended(4, "1 uncertain");
    // The row is in the input no more, so that all that is known of it is in the ledger.
    let ran = desk.sync_to(&url, "partnerships upsert", "partnership_key,email\n,nobody\n", &now).await;
    ran.ended(1, "1 invalid");
    assert_eq!(ran.report()["unsettled_before"], 0, "{}", ran.stderr);
}

#[tokio::test]
async fn a_create_that_a_list_shows_in_part_is_created_and_not_yet_unchanged() {
    let _limit = partnerstack_tests::limit();
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    // The e-mail is written in another way, and the name is not shown.
    let made =
        json!({"key": "cus_made", "customer_key": "a-1", "email": "ADA@example.com", "created_at": now});
    let page =
        json!({"data": {"items": [made], "has_more": false}, "message": "ok", "status": 200}).to_string();
    let server = Recorder::answering(move |_, call| match call.method.as_str() {
        "POST" => Reply::refused(500, "Internal Server Error"),
        "GET" => Reply::of(200, page.clone()),
        _ => Reply::done(),
    })
    .await;
    let (desk, url) = (Desk::new(), server.base_url());
    let rows = "customer_key,email,partner_key,name\na-1,ada@example.com,gstest,Ada\n";
    desk.sync_to(&url, "customers insert", rows, &[]).await.ended(0, "1 created");
    assert_eq!(server.routes(), ["POST /customers"]);
    // Whether it has the name is not known: an upsert makes sure, once.
    desk.sync_to(&url, "customers upsert", rows, &[]).await.ended(0, "1 updated");
    desk.sync_to(&url, "customers upsert", rows, &[]).await.ended(0, "1 unchanged");
    assert_eq!(server.routes(), ["POST /customers", "PATCH /customers/a-1"]);
}

#[tokio::test]
async fn an_open_create_of_other_values_is_found_and_its_row_is_skipped_by_insert() {
    let _limit = partnerstack_tests::limit();
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    let made = json!({"key": "cus_made", "customer_key": "a-1", "email": "ada@example.com", "partner_key": "gstest",
                      "name": "Ada", "created_at": now});
    let page =
        json!({"data": {"items": [made], "has_more": false}, "message": "ok", "status": 200}).to_string();
    let server = Recorder::answering(move |before, call| match (call.method.as_str(), before) {
        ("POST", _) => Reply::refused(500, "Internal Server Error"),
        ("GET", 0) => Reply::blind_page(),
        _ => Reply::of(200, page.clone()),
    })
    .await;
    let (desk, url) = (Desk::new(), server.base_url());
    let rows = "customer_key,email,partner_key,name\na-1,ada@example.com,gstest,Ada\n";
    let now = ["--settle-after", "0"];
    desk.sync_to(&url, "customers insert", rows, &now).await.ended(4, "1 uncertain");
    // The row says something else by now, and this mode cannot change the record.
    let changed = rows.replace(",Ada", ",Countess");
    desk.sync_to(&url, "customers insert", &changed, &now).await.ended(0, "1 skipped");
    desk.sync_to(&url, "customers insert", rows, &now).await.ended(0, "1 unchanged");
    assert_eq!(server.routes(), ["POST /customers"]);
}

#[tokio::test]
async fn a_key_that_a_row_did_not_have_at_first_is_compared_with_nothing() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "id,email,partner_key,name\n1,ada@example.com,gstest,Ada\n";
    desk.sync(&server, "customers upsert", rows, &BY_ID).await.ended(0, "1 created");
    let keyed = "id,email,partner_key,name,customer_key\n1,ada@example.com,gstest,Ada,a-1\n";
    no_call(&desk.sync(&server, "customers upsert", keyed, &BY_ID).await, 0, "1 unchanged");
}

#[tokio::test]
async fn the_order_of_custom_fields_is_no_change() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = |fields: Value| json!({"email": "ada@example.com", "fields": fields}).to_string();
    let (one, other) = (json!({"api_name": "a", "value": "1"}), json!({"api_name": "b", "value": "2"}));
    desk.sync(&server, "partnerships upsert", rows(json!([one, other])), &[]).await.ended(0, "1 created");
    no_call(
        &desk.sync(&server, "partnerships upsert", rows(json!([other, one])), &[]).await,
        0,
        "1 unchanged",
    );
    no_call(
        &desk.sync(&server, "partnerships upsert", rows(json!({"b": "2", "a": "1"})), &[]).await,
        0,
        "1 unchanged",
    );
}
