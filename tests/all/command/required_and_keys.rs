//! What every row needs, and what tells rows apart.

use serde_json::{Value, json};

use partnerstack_tests::desk::{Desk, faults, server};

const TRANSACTIONS: &str = "amount,currency,customer_email,invoice,content\n\
                            100,USD,ada@example.com,1,x\n\
                            bad,USD,eve@example.com,2,y\n\
                            bad,USD,max@example.com,,\n";

#[tokio::test]
async fn a_required_field_that_nothing_feeds_is_refused_before_the_first_row() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    for (what, header, field) in [
        ("customers insert", "email,id", "partner_key"),
        ("customers insert", "partner_key,id", "email"),
        ("customers upsert", "customer_key,email,id", "partner_key"),
        ("customers update", "email,name,id", "customer_key"),
        ("partnerships insert", "partner_key,id", "email"),
        ("customers update", "email,name", "customer_key"),
        ("partnerships update", "group_key,first_name", "partnership_key"),
        (
            "deals insert",
            "group_key,account_name,amount,close_date,contact_first_name,contact_last_name,id",
            "stage",
        ),
        ("transactions insert", "currency,customer_key,id", "amount"),
        ("transactions insert", "amount,customer_key,id", "currency"),
        ("transactions insert", "amount,currency,id", "customer_key, customer_external_key, customer_email"),
    ] {
        let key: &[&str] = if header.ends_with(",id") { &["--primary-key", "id"] } else { &[] };
        for rows in [format!("{header}\n"), format!("{header}\n1,2\n")] {
            let ran = desk.sync(&server, what, rows, key).await;
            ran.refused(&["no column and no constant feeds", field]);
        }
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_field_that_a_json_record_lacks_is_judged_for_that_row() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "{\"email\": \"ada@example.com\"}\n{\"email\": \"eve@example.com\", \"partner_key\": null}\n\
                {\"email\": \"max@example.com\", \"partner_key\": \"gstest\"}\n{\"partner_key\": \"gstest\"}\n";
    desk.sync(&server, "customers insert", rows, &[]).await.ended(1, "1 created, 3 invalid");
    assert_eq!(
        faults(&desk.failures("customers")),
        ["1 partner_key required", "2 partner_key required", "4 email required"]
    );
}

#[tokio::test]
async fn update_needs_the_path_key_alone() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.sync(
        &server,
        "customers insert",
        "customer_key,email,partner_key\na-1,ada@example.com,gstest\n",
        &[],
    )
    .await
    .ended(0, "1 created");
    desk.sync(&server, "customers update", "customer_key,name\na-1,Ada\n", &[]).await.ended(0, "1 updated");
}

#[tokio::test]
async fn an_update_needs_no_path_key_where_the_ledger_knows_it_by_the_primary_key() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let by_id = ["--primary-key", "id"];
    let rows = "id,email,group_key\n1,ada@example.com,silver\n";
    desk.sync(&server, "partnerships insert", rows, &by_id).await.ended(0, "1 created");
    desk.sync(&server, "partnerships update", "id,group_key\n1,gold\n", &by_id).await.ended(0, "1 updated");
    assert_eq!(server.records("partnerships")[0]["group_key"], "gold");
}

#[tokio::test]
async fn an_object_without_update_asks_for_a_primary_key() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "amount,currency,customer_email\n100,USD,ada@example.com\n";
    let ran = desk.sync(&server, "transactions insert", rows, &[]).await;
    ran.refused(&["--primary-key COLUMN", "primary_key: COLUMN", "map key", "--primary-key content"]);
    let deals = "group_key,account_name,amount,close_date,contact_first_name,contact_last_name,stage\n";
    desk.sync(&server, "deals upsert", deals, &[])
        .await
        .refused(&["--primary-key COLUMN", "map external_key"]);
    assert_eq!(server.requests(), 0);

    let mapped = "amount,currency,customer_email,key\n100,USD,ada@example.com,inv-1\n";
    desk.sync(&server, "transactions insert", mapped, &[]).await.ended(0, "1 created");
}

#[tokio::test]
async fn the_forms_of_a_primary_key() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    desk.write("rows.csv", TRANSACTIONS);
    for (primary_key, keys, required) in [
        ("invoice", [json!("2"), Value::Null], &["3 invoice required"][..]),
        ("[invoice]", [json!("2"), Value::Null], &["3 invoice required"]),
        ("[invoice, content]", [json!("2/y"), Value::Null], &["3 invoice required", "3 content required"]),
        ("[{value: stripe}, invoice]", [json!("stripe/2"), Value::Null], &["3 invoice required"]),
        ("[{value: 7}, invoice]", [json!("7/2"), Value::Null], &["3 invoice required"]),
        ("content", [Value::Null, Value::Null], &[]),
        ("[content]", [json!("y"), Value::Null], &["3 content required"]),
    ] {
        let file = format!(
            "object: transactions\nmode: insert\nsource: rows.csv\nprimary_key: {primary_key}\nsandbox: true\n"
        );
        let file = desk.write("sync.yaml", file);
        let ran = desk.run(&["sync", &file, "--json"]).await;
        ran.ended(1, "1 created, 2 invalid");
        let failures = partnerstack_tests::desk::failures_in(ran.report()["failures"].as_str().unwrap());
        assert_eq!([&failures[0]["key"], &failures[1]["key"]], [&keys[0], &keys[1]], "{primary_key}");
        let expected = [&["2 amount integer", "3 amount integer"], required].concat();
        let mut found = faults(&failures);
        found.sort_by_key(|fault| !fault.contains("amount"));
        assert_eq!(found, expected, "{primary_key}");
    }
}

#[tokio::test]
async fn the_flag_takes_a_column_several_or_the_keyword() {
    let _limit = partnerstack_tests::limit();
    for (flags, key) in [
        (&["--primary-key", "invoice"][..], json!("2")),
        (&["--primary-key", "invoice", "--primary-key", "content"], json!("2/y")),
        (&["--primary-key", "content"], Value::Null),
    ] {
        let (desk, server) = (Desk::new(), server());
        desk.sync(&server, "transactions insert", TRANSACTIONS, flags).await.ended(1, "1 created, 2 invalid");
        assert_eq!(desk.failures("transactions")[0]["key"], key);
    }
    let (desk, server) = (Desk::new(), server());
    let ran = desk.sync(&server, "transactions insert", TRANSACTIONS, &["--primary-key", "Invoice"]).await;
    ran.refused(&["the column `Invoice`, which the source does not have", "`invoice`"]);
}

#[tokio::test]
async fn a_json_number_is_a_key_as_it_is_written() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "{\"id\": 17, \"amount\": \"x\"}\n{\"id\": \"\", \"amount\": \"x\"}\n{\"id\": [1], \"amount\": \"x\"}\n{\"amount\": \"x\"}\n";
    desk.sync(&server, "transactions insert", rows, &["--primary-key", "id"]).await.ended(1, "4 invalid");
    let failures = desk.failures("transactions");
    assert_eq!(failures[0]["key"], "17");
    for failure in &failures[1..] {
        let id = failure["errors"].as_array().unwrap().iter().any(|error| error["field"] == "id");
        assert!(id && failure["key"].is_null(), "{failure}");
    }
}

#[tokio::test]
async fn the_case_of_an_address_makes_no_other_record_in_any_script() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "email,partner_key\näda@example.com,gstest\nÄDA@EXAMPLE.COM,gstest\n";
    desk.sync(&server, "customers insert", rows, &[]).await.ended(1, "1 created, 1 invalid");
}

#[tokio::test]
async fn the_key_of_a_row_is_its_first_identity_field() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "customer_key,email,partner_key\na-1,ada@example.com,\n,eve@example.com,\n";
    desk.sync(&server, "customers upsert", rows, &[]).await.ended(1, "2 invalid");
    let failures = desk.failures("customers");
    assert_eq!([&failures[0]["key"], &failures[1]["key"]], ["a-1", "eve@example.com"]);
}
