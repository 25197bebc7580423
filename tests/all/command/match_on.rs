//! `match_on`: the records of rows without a key are found by an identity field.

use partnerstack_connector::sandbox::{Duplicates, Options};
use serde_json::{Value, json};

use partnerstack_tests::desk::{Desk, faults, held, record, server, server_with};

const BEFORE: &str = "customer_key,email,partner_key,name\n\
                      a-1,ada@example.com,gstest,Ada\n\
                      a-2,eve@example.com,gstest,Eve\n";
const BY_EMAIL: [&str; 2] = ["--match-on", "email"];

#[tokio::test]
async fn a_hit_is_updated_however_its_address_is_written() {
    let _limit = partnerstack_tests::limit();
    for mode in ["update", "upsert"] {
        let (desk, server) = (Desk::new(), server());
        Desk::new().sync(&server, "customers insert", BEFORE, &[]).await.ended(0, "2 created");
        let rows = "email,partner_key,name\nADA@Example.com,gstest,Adele\n";
        let what = format!("customers {mode}");
        let ran = desk.sync(&server, &what, rows, &BY_EMAIL).await;
        ran.ended(0, "1 updated");
        assert_eq!(ran.report()["lookups"], 1);
        assert_eq!(record(&server, "customers", "customer_key", "a-1")["name"], "Adele");
        assert_eq!(server.count("customers"), 2);
        // What was found once is known.
        let again = rows.replace("Adele", "Adeline");
        let ran = desk.sync(&server, &what, &again, &BY_EMAIL).await;
        ran.ended(0, "1 updated");
        assert_eq!(ran.report()["lookups"], 0);
        desk.sync(&server, &what, again, &BY_EMAIL).await.ended(0, "1 unchanged");
    }
}

#[tokio::test]
async fn the_case_of_an_address_does_not_count_in_any_script() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let before = "customer_key,email,partner_key,name\na-1,äda@example.com,gstest,Ada\n";
    Desk::new().sync(&server, "customers insert", before, &[]).await.ended(0, "1 created");
    // Composed and decomposed, the same letter.
    for (address, name) in [("ÄDA@EXAMPLE.COM", "Adele"), ("a\u{308}da@example.com", "Adelheid")] {
        let rows = format!("email,partner_key,name\n{address},gstest,{name}\n");
        desk.sync(&server, "customers update", rows, &BY_EMAIL).await.ended(0, "1 updated");
        assert_eq!(record(&server, "customers", "customer_key", "a-1")["name"], name);
    }
}

#[tokio::test]
async fn one_walk_serves_many_rows_and_a_row_with_a_key_needs_none() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    Desk::new().sync(&server, "customers insert", BEFORE, &[]).await.ended(0, "2 created");
    let rows = "customer_key,email,partner_key,name\n\
                ,ada@example.com,gstest,Adele\n,eve@example.com,gstest,Evelyn\n,max@example.com,gstest,Max\n";
    let ran = desk.sync(&server, "customers upsert", rows, &BY_EMAIL).await;
    ran.ended(0, "1 created, 2 updated");
    assert_eq!((&ran.report()["lookups"], &ran.report()["requests"]), (&json!(1), &json!(4)));
    assert_eq!(
        held(&server, "customers", &["customer_key", "name"]),
        [[json!("a-1"), json!("Adele")], [json!("a-2"), json!("Evelyn")], [Value::Null, json!("Max")]]
    );
    let keyed = "customer_key,email,partner_key,name\na-1,ada@example.com,gstest,Ada L.\n";
    let ran = desk.sync(&server, "customers upsert", keyed, &BY_EMAIL).await;
    ran.ended(0, "1 updated");
    assert_eq!(ran.report()["lookups"], 0);
}

#[tokio::test]
async fn no_hit_is_rejected_by_an_update_and_created_by_an_upsert() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "email,partner_key,name\nmax@example.com,gstest,Max\n";
    desk.sync(&server, "customers update", rows, &BY_EMAIL).await.ended(1, "1 rejected");
    let line = &desk.failures("customers")[0];
    assert_eq!((&line["operation"], &line["status"]), (&json!("update"), &json!(404)));
    assert!(
        line["hint"].as_str().is_some_and(|hint| hint.contains("the record must already exist")),
        "{line}"
    );
    assert_eq!(server.count("customers"), 0);
    desk.sync(&server, "customers upsert", rows, &BY_EMAIL).await.ended(0, "1 created");
    desk.sync(&server, "customers update", rows.replace(",Max", ",Maxine"), &BY_EMAIL)
        .await
        .ended(0, "1 updated");
    assert_eq!(held(&server, "customers", &["name"]), [[json!("Maxine")]]);
}

#[tokio::test]
async fn several_hits_are_invalid_and_named() {
    let _limit = partnerstack_tests::limit();
    let options = Options { duplicates: Duplicates::Accept, ..Options::default() };
    let (desk, server) = (Desk::new(), server_with(options));
    let twice = BEFORE.replace("eve@", "Ada@");
    Desk::new().sync(&server, "customers insert", twice, &[]).await.ended(0, "2 created");
    for mode in ["update", "upsert"] {
        let rows = "email,partner_key,name\nada@example.com,gstest,Adele\n";
        desk.sync(&server, &format!("customers {mode}"), rows, &BY_EMAIL).await.ended(1, "1 invalid");
        let failures = desk.failures("customers");
        assert_eq!(faults(&failures), ["1 email ambiguous"]);
        for made in server.records("customers") {
            let message = failures[0]["message"].as_str().unwrap();
            assert!(message.contains(made["key"].as_str().unwrap()), "{message}");
        }
    }
    assert_eq!(held(&server, "customers", &["name"]), [["Ada"], ["Eve"]]);
}

#[tokio::test]
async fn partnerships_are_found_by_partner_key_and_the_key_of_the_system_goes_into_the_path() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let before = "email,partner_key,group_key\nada@example.com,ada,silver\neve@example.com,Ada,silver\n";
    Desk::new().sync(&server, "partnerships insert", before, &[]).await.ended(0, "2 created");
    let rows = "partner_key,group_key\nada,gold\n";
    desk.sync(&server, "partnerships update", rows, &["--match-on", "partner_key"])
        .await
        .ended(0, "1 updated");
    assert_eq!(
        held(&server, "partnerships", &["partner_key", "group_key"]),
        [["ada", "gold"], ["Ada", "silver"]],
        "keys are compared as they are"
    );
}

#[tokio::test]
async fn it_names_an_identity_field_and_means_records_that_exist() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let ran = desk.sync(&server, "customers upsert", BEFORE, &["--match-on", "emial"]).await;
    ran.refused(&["customers cannot be looked up by `emial`", "`email`"]);
    let ran = desk.sync(&server, "customers upsert", BEFORE, &["--match-on", "name"]).await;
    ran.refused(&["cannot be looked up by `name`"]);
    let ran = desk.sync(&server, "customers insert", BEFORE, &BY_EMAIL).await;
    ran.refused(&["match_on finds records that exist", "--mode upsert"]);
    let settings = "object: customers\nmode: upsert\nmatch_on: mail\n";
    desk.sync_file(&server, settings, BEFORE, &[]).await.refused(&["nightly.yaml:3:11", "`mail`", "`email`"]);
    assert_eq!(server.requests(), 0);
}
