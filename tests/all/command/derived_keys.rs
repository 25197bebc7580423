//! Derived keys: a record whose row has no key of its own can be found again.

use std::collections::BTreeSet;

use partnerstack_connector::sandbox::{Duplicates, FaultKind, InjectedFault, Options};
use serde_json::Value;

use partnerstack_tests::desk::{Desk, held_as, record, server, server_with};

const ROWS: &str = "id,line,amount,currency,customer_external_key,key\n\
                    inv-1,1,100,USD,a-1,\n\
                    inv-1,2,200,USD,a-1,\n\
                    inv-2,1,300,USD,a-1,own-key\n";
const BY_LINE: [&str; 4] = ["--primary-key", "id", "--primary-key", "line"];

/// The key that the server has of the transaction of that amount.
#[track_caller]
fn key(server: &partnerstack_connector::sandbox::Sandbox, amount: i64) -> String {
    record(server, "transactions", "amount", amount)["key"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn it_depends_on_account_object_and_record_key_and_on_nothing_else() {
    let _limit = partnerstack_tests::limit();
    let sync = async |flags: &[&str]| {
        let (desk, server) = (Desk::new(), server());
        desk.sync(&server, "transactions insert", ROWS, flags).await.ended(0, "3 created");
        (key(&server, 100), key(&server, 200), key(&server, 300))
    };
    let (one, two, own) = sync(&BY_LINE).await;
    assert_eq!(own, "own-key", "a row's own key stays");
    assert_eq!(sync(&BY_LINE).await, (one.clone(), two.clone(), own), "another ledger, the same key");
    let (account, ..) = sync(&[&BY_LINE[..], &["--account", "production"]].concat()).await;
    let order = ["--primary-key", "line", "--primary-key", "id"];
    let (columns, ..) = sync(&order).await;
    let all = [&one, &two, &account, &columns];
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{all:?}");
    for key in all {
        let digits = key.strip_prefix("ps1_").unwrap_or_else(|| panic!("no version in {key}"));
        assert!(digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()), "{key}");
    }
}

/// What was sent once must be found again by every later version: these values never change. An algorithm that makes
/// others needs another prefix.
#[tokio::test]
async fn the_algorithm_is_frozen() {
    let _limit = partnerstack_tests::limit();
    let mut found = Vec::new();
    for settings in [
        "primary_key: id\n",
        "primary_key: [id, line]\n",
        "primary_key: [{value: \"stri\\\"pe\\u00e9\"}, id]\n",
        "primary_key: content\n",
        "primary_key: id\naccount: production\n",
    ] {
        let (desk, server) = (Desk::new(), server());
        let rows = "id,line,amount,currency,customer_external_key\ninv-1,1,100,USD,a '1' \u{301}\n";
        let settings = format!("object: transactions\nmode: insert\n{settings}");
        desk.sync_file(&server, &settings, rows, &[]).await.ended(0, "1 created");
        found.push(key(&server, 100));
    }
    assert_eq!(
        found,
        [
            "ps1_920d0eac29cd4830473ffe9f4e4d5a1c",
            "ps1_e6421f536c238746c747b45643f9d5da",
            "ps1_aebbfb4dec2c451e4c417e7590eb31d4",
            "ps1_42eba9981dfc83c0a288d05b13cd2383",
            "ps1_e037beaa81779fd161dc7d32f4f14b63",
        ]
    );
}

/// The order of the fields in the spec may change; what was derived from the content of a row may not.
#[tokio::test]
async fn content_is_in_the_order_of_names() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "amount,currency,customer_external_key,category_key\n100,USD,a-1,subscription\n";
    desk.sync(&server, "transactions insert", rows, &["--primary-key", "content"])
        .await
        .ended(0, "1 created");
    assert_eq!(key(&server, 100), "ps1_a811a5adf3a5a6fd5cf59ddf78db05ef");
}

#[tokio::test]
async fn deals_get_an_external_key() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "id,group_key,account_name,amount,close_date,contact_first_name,contact_last_name,stage,external_key\n\
                1,grp,Acme,125000,2026-03-31,Ada,L.,Qualified,\n\
                2,grp,Bolt,5,2026-03-31,Eve,M.,Qualified,crm-2\n";
    desk.sync(&server, "deals upsert", rows, &["--primary-key", "id"]).await.ended(0, "2 created");
    let derived = record(&server, "deals", "account_name", "Acme")["external_key"].clone();
    assert!(derived.as_str().is_some_and(|key| key.starts_with("ps1_")), "{derived}");
    assert_eq!(record(&server, "deals", "account_name", "Bolt")["external_key"], "crm-2");
}

/// The ledger is lost: what an earlier run has made is refused as a duplicate, looked up, and known again.
#[tokio::test]
async fn a_duplicate_of_a_derived_key_is_adopted() {
    let _limit = partnerstack_tests::limit();
    let rows = "id,amount,currency,customer_external_key\ninv-1,100,USD,a-1\ninv-2,200,USD,a-1\n";
    for duplicates in [Duplicates::BadRequest, Duplicates::Conflict] {
        let server = server_with(Options { duplicates, ..Options::default() });
        let by_id = ["--primary-key", "id"];
        Desk::new().sync(&server, "transactions insert", rows, &by_id).await.ended(0, "2 created");
        let another = Desk::new();
        another.sync(&server, "transactions insert", rows, &by_id).await.ended(0, "2 unchanged");
        another.sync(&server, "transactions insert", rows, &by_id).await.ended(0, "2 unchanged");
        assert_eq!(server.count("transactions"), 2);
    }
}

#[tokio::test]
async fn turned_off_the_row_goes_out_as_it_is_and_cannot_be_found_again() {
    let _limit = partnerstack_tests::limit();
    let rows = "id,group_key,account_name,amount,close_date,contact_first_name,contact_last_name,stage\n\
                1,grp,Acme,125000,2026-03-31,Ada,L.,Qualified\n";
    let settings = "object: deals\nmode: insert\nprimary_key: id\nderive_key: false\n";
    let (desk, server) = (Desk::new(), server());
    desk.sync_file(&server, settings, rows, &[]).await.ended(0, "1 created");
    assert_eq!(held_as(&server, "deals", "external_key"), [Value::Null]);
    desk.sync_file(&server, settings, rows, &[]).await.ended(0, "1 unchanged");

    let faults = vec![InjectedFault { kind: FaultKind::ErrorAfter, permille: 1000 }];
    let (desk, server) = (Desk::new(), server_with(Options { faults, ..Options::default() }));
    for _ in 0..2 {
        desk.sync_file(&server, settings, rows, &[]).await.ended(4, "1 uncertain");
        let line = &desk.failures("nightly")[0];
        assert!(
            line["message"].as_str().is_some_and(|message| message.contains("could be found by")),
            "{line}"
        );
        assert_eq!((server.requests(), server.count("deals")), (1, 1), "it is not sent twice");
    }
}
