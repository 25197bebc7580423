//! `history` and `resolve`: what happened to a record, and settling it by hand.

use partnerstack_tests::recorder::{Recorder, Reply};
use serde_json::{Value, json};

use partnerstack_tests::desk::{Desk, Ran, keys, record, server};

const CUSTOMERS: &str = "customer_key,email,partner_key\n\
                         a-1,Ada@example.com,gstest\n\
                         ,eve@example.com,gstest\n";

/// Each line of `--json`.
fn lines(ran: &Ran) -> Vec<Value> {
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_record_is_found_by_every_name_that_a_person_has_for_it() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(&server, "customers upsert", CUSTOMERS, &[]).await.ended(0, "2 created");
    let rows = "invoice,amount,currency,customer_external_key\nINV-7,100,USD,a-1\n";
    desk.sync(&server, "transactions insert", rows, &["--primary-key", "invoice"])
        .await
        .ended(0, "1 created");
    let content = "object: transactions\nmode: insert\nprimary_key: content\n";
    let two = "amount,currency,customer_external_key\n5,USD,a-1\n";
    desk.sync_file(&server, content, two, &[]).await.ended(0, "1 created");
    desk.sync_file(&server, content, two.replace('5', "6"), &[]).await.ended(0, "1 created");

    let own = record(&server, "customers", "customer_key", "a-1")["key"].as_str().unwrap().to_owned();
    let sold = record(&server, "transactions", "amount", 100)["key"].as_str().unwrap().to_owned();
    let by_content = "amount=\"5\",currency=\"USD\",customer_external_key=\"a-1\"";
    for (key, object, record_key, row) in [
        ("a-1", "customers", Value::Null, 1),
        (&own, "customers", Value::Null, 1),
        ("eve@example.com", "customers", Value::Null, 2),
        ("EVE@Example.COM", "customers", Value::Null, 2),
        ("INV-7", "transactions", json!("INV-7"), 1),
        (&sold, "transactions", json!("INV-7"), 1),
        (by_content, "transactions", Value::Null, 1),
    ] {
        let found = lines(&desk.run(&["history", key, "--json", "--base-url", server.base_url()]).await);
        assert_eq!(found.len(), 1, "{key}: {found:?}");
        let found = &found[0];
        assert_eq!(keys(found), ["object", "key", "system_key", "exists_since", "open", "attempt"]);
        assert_eq!(
            (&found["object"], &found["key"], &found["open"]),
            (&json!(object), &record_key, &json!(false))
        );
        assert!(found["system_key"].is_string() && found["exists_since"].is_i64(), "{found}");
        let attempt = &found["attempt"];
        assert_eq!((&attempt["operation"], &attempt["state"]), (&json!("create"), &json!("done")), "{key}");
        assert_eq!(attempt["row"], row, "{key}");
    }
    let ran = desk.run(&["history", "INV-7", "--base-url", server.base_url()]).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    for words in [
        "in the ledger ",
        "account `default` of http://",
        "transactions INV-7",
        "exists at PartnerStack since",
        "under ps1_",
        "create of row 1 in run",
        ": done",
    ] {
        assert!(ran.stdout.contains(words), "`{words}` is missing in:\n{}", ran.stdout);
    }
    let named = desk.run(&["history", "a-1", "--object", "customers", "--base-url", server.base_url()]).await;
    assert!(named.code == 0 && named.stdout.contains("(kept as a digest)"), "{}", named.stdout);
}

#[tokio::test]
async fn what_it_does_not_know_is_1_and_what_it_cannot_look_up_is_2() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let url = ["--base-url", server.base_url()];
    desk.run(&["history", "a-1"]).await.refused(&["there is no ledger at"]);
    desk.sync(&server, "customers upsert", CUSTOMERS, &[]).await.ended(0, "2 created");
    let other = ["--account", "other"];
    for more in [&["a-9"][..], &["a-1", "--object", "deals"], &[&["a-1"], &other[..]].concat()] {
        let ran = desk.run(&[&["history"], more, &url].concat()).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{more:?}");
        ran.says(&["knows no record by this key"]);
    }
    // The real API is another place.
    assert_eq!(desk.run(&["history", "a-1"]).await.code, 1);
    desk.run(&[&["history", "a-1", "--object", "custmers"], &url[..]].concat())
        .await
        .refused(&["`customers`"]);
    desk.run(&["history"]).await.refused(&["<KEY>"]);
}

/// A server that fails with creates, and whose lists decide nothing; the requests that it could not read as creates it does.
async fn undecided() -> Recorder {
    Recorder::answering(|before, call| match call.method.as_str() {
        "GET" => Reply::blind_page(),
        "POST" if before == 0 => Reply::refused(500, "Internal Server Error for ada@example.com"),
        _ => Reply::done(),
    })
    .await
}

const LATE: [&str; 2] = ["--settle-after", "0"];
const ADA: &str = "customer_key,email,partner_key,name\na-1,ada@example.com,gstest,Ada\n";

/// A desk whose ledger has one create of unknown effect.
async fn open() -> (Desk, Recorder, String) {
    let (desk, server) = (Desk::new(), undecided().await);
    let url = server.base_url();
    desk.sync_to(&url, "customers insert", ADA, &LATE).await.ended(4, "1 uncertain");
    (desk, server, url)
}

#[tokio::test]
async fn an_open_create_is_told_without_what_the_row_held() {
    let _limit = partnerstack_tests::limit();
    let (desk, _server, url) = open().await;
    let ran = desk.run(&["history", "ada@example.com", "--base-url", &url]).await;
    assert_eq!(ran.code, 1, "its record key is its customer_key: {}", ran.stdout);
    let ran = desk.run(&["history", "a-1", "--base-url", &url]).await;
    assert_eq!(ran.code, 0);
    for words in ["not known to exist", "uncertain (HTTP 500)", "resolve KEY --object customers", "<email>"] {
        assert!(ran.stdout.contains(words), "`{words}` is missing in:\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("ada@"), "{}", ran.stdout);
    let found = lines(&desk.run(&["history", "a-1", "--json", "--base-url", &url]).await);
    assert_eq!((&found[0]["open"], &found[0]["attempt"]["status"]), (&json!(true), &json!(500)));
}

#[tokio::test]
async fn what_arrived_counts_as_delivered() {
    let _limit = partnerstack_tests::limit();
    let (desk, server, url) = open().await;
    let place = ["--object", "customers", "--base-url", &url];
    let arrived = ["resolve", "a-1", "--arrived", "--key", "cus_by_hand"];
    let ran = desk.run(&[&arrived[..], &place].concat()).await;
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    ran.says(&["settled: it counts as delivered"]);
    desk.sync_to(&url, "customers insert", ADA, &LATE).await.ended(0, "1 unchanged");
    assert_eq!(server.writes().len(), 1, "it is not sent again");
    let found = lines(&desk.run(&["history", "cus_by_hand", "--json", "--base-url", &url]).await);
    assert_eq!((&found[0]["system_key"], &found[0]["open"]), (&json!("cus_by_hand"), &json!(false)));
    let changed = ADA.replace(",Ada\n", ",Adele\n");
    desk.sync_to(&url, "customers upsert", changed, &LATE).await.ended(0, "1 updated");
}

#[tokio::test]
async fn what_did_not_arrive_is_sent_again() {
    let _limit = partnerstack_tests::limit();
    let (desk, server, url) = open().await;
    let ran =
        desk.run(&["resolve", "a-1", "--object", "customers", "--not-arrived", "--base-url", &url]).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.says(&["the next sync that has its row sends it again"]);
    // Nothing is done about it until then.
    let other = "customer_key,email,partner_key\na-1,nobody,gstest\n";
    let ran = desk.sync_to(&url, "customers insert", other, &LATE).await;
    ran.ended(1, "1 invalid");
    assert_eq!(ran.report()["unsettled_before"], 0);
    desk.sync_to(&url, "customers insert", ADA, &LATE).await.ended(0, "1 created");
    assert_eq!(server.writes().len(), 2);
}

#[tokio::test]
async fn it_settles_one_record_that_was_sent_and_says_what_else_it_needs() {
    let _limit = partnerstack_tests::limit();
    let (desk, _server, url) = open().await;
    let at = ["--base-url", &url];
    for (args, words) in [
        (&["a-1", "--object", "deals", "--arrived"][..], "does not know one of the deals by this key"),
        (&["a-9", "--object", "customers", "--not-arrived"], "partnerstack history KEY"),
        (&["a-1", "--object", "custmers", "--arrived"], "did you mean `customers`?"),
        (&["a-1", "--object", "customers"], "--arrived"),
        (&["a-1", "--arrived"], "--object"),
        (&["a-1", "--object", "customers", "--arrived", "--not-arrived"], "cannot be used with"),
        (&["a-1", "--object", "customers", "--not-arrived", "--key", "cus_1"], "cannot be used with"),
        (&["a-1", "--object", "customers", "--arrived", "--account", "other"], "does not know"),
    ] {
        desk.run(&[&["resolve"], args, &at].concat()).await.refused(&[words]);
    }
    let found = lines(&desk.run(&["history", "a-1", "--json", "--base-url", &url]).await);
    assert_eq!(found[0]["open"], true, "nothing has changed");
}
