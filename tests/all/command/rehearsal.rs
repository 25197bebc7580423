//! A rehearsal that refuses like the real thing: the sandbox is told what exists, and shows what it got.

use std::fs;

use partnerstack_tests::desk::{Desk, Ran};
use serde_json::{Value, json};

const CUSTOMERS: &str = "customer_key,email,partner_key\n\
                         c-1,ada@example.com,ada\n\
                         c-2,eve@example.com,nobody\n\
                         c-3,max@example.com,max\n";

async fn rehearse(desk: &Desk, what: &str, rows: &str, flags: &[&str]) -> Ran {
    let source = desk.write("rows.csv", rows);
    let (object, mode) = what.split_once(' ').unwrap();
    let base = ["sync", "--object", object, "--mode", mode, "--source", &source, "--sandbox", "--json"];
    desk.run(&[&base[..], flags].concat()).await
}

#[tokio::test]
async fn what_is_not_known_is_refused_with_its_hint() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let partners = desk.write("partners.csv", "Partner Key,Group\nada,g-1\nmax,g-1\n,g-2\n");
    // Its header tells what it is: no other list has such a column alone.
    let groups = desk.write("groups.ndjson", "{\"group_key\":\"g-1\"}\n");
    let known = format!("partnerships={partners}");
    let ran = rehearse(&desk, "customers insert", CUSTOMERS, &["--known", &known]).await;
    ran.ended(1, "2 created, 1 rejected");
    ran.says(&["known: partnerships by partner_key: 3 rows of", "No partner with this partner_key", "row 2"]);
    ran.says(&["references an existing partner in your PartnerStack"]);

    rehearse(&desk, "customers insert", CUSTOMERS, &[]).await.ended(0, "3 created");

    let deals = "external_key,group_key,account_name,amount,close_date,contact_first_name,contact_last_name,stage\n\
                 d-1,g-1,Acme,100,2026-01-31,Ada,L,won\n\
                 d-2,g-2,Acme,100,2026-01-31,Ada,L,won\n\
                 d-3,g-1,Acme,100,2026-01-31,Ada,L,Won\n";
    let stages = desk.write("stages.csv", "stage\nwon\nlost\n");
    let ran = rehearse(&desk, "deals insert", deals, &["--known", &groups, "--known", &stages]).await;
    ran.ended(1, "1 created, 2 rejected");
    ran.says(&["Group not found", "Invalid stage", "must exactly match"]);
}

#[tokio::test]
async fn customers_are_known_by_each_of_their_keys() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let customers = desk.write("customers.csv", "key,customer_key,email\ncus_1,c-1,Ada@Example.com\n");
    let known = format!("customers={customers}");
    for (column, value, counts, code) in [
        ("customer_key", "cus_1", "1 created", 0),
        ("customer_key", "cus_2", "1 rejected", 1),
        ("customer_external_key", "c-1", "1 created", 0),
        ("customer_external_key", "cus_1", "1 rejected", 1),
        ("customer_email", "ADA@example.com", "1 created", 0),
        ("customer_email", "eve@example.com", "1 rejected", 1),
    ] {
        let rows = format!("id,amount,currency,{column}\n1,100,USD,{value}\n");
        let flags = ["--primary-key", "id", "--known", &known];
        let ran = rehearse(&desk, "transactions insert", &rows, &flags).await;
        ran.ended(code, counts);
        assert!(code == 0 || ran.stderr.contains("The customer must already exist"), "{}", ran.stderr);
    }
    // Of a key that the file does not have nothing is known.
    let emails = desk.write("emails.csv", "email\nada@example.com\n");
    let known = format!("customers={emails}");
    let rows = "id,amount,currency,customer_external_key\n1,100,USD,c-9\n";
    let flags = ["--primary-key", "id", "--known", &known];
    rehearse(&desk, "transactions insert", rows, &flags).await.ended(0, "1 created");
}

#[tokio::test]
async fn requests_are_shown_as_they_came() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let path = desk.path("requests.ndjson");
    for _ in 0..2 {
        let ran =
            rehearse(&desk, "customers upsert", CUSTOMERS, &["--requests", &path, "--limit", "1"]).await;
        ran.ended(0, "1 created");
        let lines: Vec<Value> =
            desk.read("requests.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let base = "/api/v2/customers";
        let written: Vec<_> = lines.iter().filter(|line| line["method"] != "GET").collect();
        assert_eq!(written[0]["method"], "PATCH");
        assert_eq!(written[0]["path"], format!("{base}/c-1"));
        let create = json!({"email": "ada@example.com", "partner_key": "ada", "customer_key": "c-1"});
        assert_eq!(written[1], &json!({"method": "POST", "path": base, "body": create}));
        assert_eq!(written.len(), 2);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
    // A file of somebody else stays as it is.
    let theirs = desk.write("theirs.ndjson", "{\"row\":1}\n");
    for path in [theirs.clone(), desk.path("rows.csv"), desk.path("no/folder.ndjson")] {
        let ran = rehearse(&desk, "customers upsert", CUSTOMERS, &["--requests", &path]).await;
        ran.refused(&["the requests", "cannot be written"]);
    }
    assert_eq!(desk.read("theirs.ndjson"), "{\"row\":1}\n");
}

#[tokio::test]
async fn what_cannot_be_rehearsed() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    let both = desk.write("both.csv", "partner_key,customer_key\na,b\n");
    let none = desk.write("none.csv", "id\n1\n");
    for (known, words) in [
        (both.clone(), "more than one list has columns as it"),
        (none.clone(), "it does not tell what it holds"),
        (format!("partnership={both}"), "did you mean `partnerships`?"),
        (format!("partnerships={none}"), "name a column partner_key"),
        (desk.path("absent.csv"), "--known"),
    ] {
        rehearse(&desk, "customers insert", CUSTOMERS, &["--known", &known]).await.refused(&[words]);
    }
    rehearse(&desk, "customers insert", CUSTOMERS, &["--known", &format!("partnerships={both}")])
        .await
        .ended(1, "3 rejected");
    let source = desk.write("rows.csv", CUSTOMERS);
    let sync = ["sync", "--object", "customers", "--mode", "insert", "--source", &source];
    for flags in [["--known", &both], ["--requests", &none]] {
        desk.run(&[&sync[..], &flags].concat())
            .await
            .refused(&["this run does not go to one", "add --sandbox"]);
        desk.run(&[&sync[..], &flags, &["--sandbox", "--dry-run"]].concat())
            .await
            .refused(&["without --dry-run"]);
    }
    desk.run(&["sandbox", "--known", &none]).await.refused(&["it does not tell what it holds"]);
}
