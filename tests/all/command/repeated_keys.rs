//! The same record key twice in one run: refused by an insert, sent in order by update and upsert.

use serde_json::json;

use partnerstack_tests::desk::{Desk, faults, held, held_as, server, table};

#[tokio::test]
async fn an_insert_sends_a_record_key_once_and_names_the_row_that_has_it() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "id,amount,currency,customer_external_key\n\
                1,100,USD,a-1\n2,bad,USD,a-1\n1,200,USD,a-1\n2,300,USD,a-1\n1,100,USD,a-1\n3,400,USD,a-1\n";
    desk.sync(&server, "transactions insert", rows, &["--primary-key", "id"])
        .await
        .ended(1, "3 created, 3 invalid");
    let failures = desk.failures("transactions");
    assert_eq!(faults(&failures), ["2 amount integer", "3 - duplicate", "5 - duplicate"]);
    for line in &failures[1..] {
        assert!(line["message"].as_str().is_some_and(|message| message.contains("row 1,")), "{line}");
        assert_eq!(line["key"], "1");
    }
    assert_eq!(held_as(&server, "transactions", "amount"), [100, 300, 400]);
}

#[tokio::test]
async fn rows_of_equal_content_are_one_record_where_content_is_the_key() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "amount,currency,customer_external_key,note\n\
                100,USD,a-1,x\n100,USD,a-1,y\n100,EUR,a-1,x\n";
    let content = ["--primary-key", "content"];
    desk.sync(&server, "transactions insert", rows, &content).await.ended(1, "2 created, 1 invalid");
    assert_eq!(faults(&desk.failures("transactions")), ["2 - duplicate"], "only what is mapped counts");
    let next = "currency,amount,customer_external_key\nUSD,100,a-1\nUSD,101,a-1\n";
    desk.sync(&server, "transactions insert", next, &content).await.ended(0, "1 created, 1 unchanged");
    assert_eq!(server.count("transactions"), 3);
}

#[tokio::test]
async fn a_dry_run_does_not_look_for_them() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "email,partner_key,customer_key\nada@example.com,gstest,a-1\neve@example.com,gstest,a-1\n";
    desk.sync(&server, "customers insert", rows, &["--dry-run"]).await.ended(0, "2 pending");
}

#[tokio::test]
async fn an_upsert_sends_all_of_them_in_order_and_warns_once() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = table("customer_key,email,partner_key,name", 60, |row| {
        let key = row % 3;
        format!("a-{key},{key}@example.com,gstest,{row}")
    });
    let fast = ["--rate", "600000"];
    let ran = desk.sync(&server, "customers upsert", &rows, &fast).await;
    ran.ended(0, "3 created, 57 updated");
    let last = [["a-0", "57"], ["a-1", "58"], ["a-2", "59"]];
    assert_eq!(held(&server, "customers", &["customer_key", "name"]), last);
    let warnings = ran.warnings();
    let counted: Vec<_> = warnings.iter().filter(|warning| warning.contains("57 rows")).collect();
    assert_eq!(counted.len(), 1, "{}", ran.stderr);

    // Each of them is compared with what the one before it has left.
    let ran = desk.sync(&server, "customers upsert", rows, &fast).await;
    ran.ended(0, "60 updated");
    assert_eq!(held(&server, "customers", &["customer_key", "name"]), last);
    let same =
        "customer_key,email,partner_key,name\na-2,2@example.com,gstest,59\na-2,2@example.com,gstest,59\n";
    let ran = desk.sync(&server, "customers upsert", same, &[]).await;
    ran.ended(0, "2 unchanged");
    assert!(!ran.warnings().iter().any(|warning| warning.contains("record key")), "{}", ran.stderr);
}

#[tokio::test]
async fn rows_of_one_address_are_sent_in_order_whatever_their_record_keys() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = table("id,customer_key,email,partner_key,name", 30, |row| {
        format!("{row},a-1,ada@example.com,gstest,{row}")
    });
    let ran =
        desk.sync(&server, "customers upsert", rows, &["--primary-key", "id", "--rate", "600000"]).await;
    ran.ended(0, "1 created, 29 updated");
    assert_eq!(held(&server, "customers", &["customer_key", "name"]), [[json!("a-1"), json!("29")]]);
}
