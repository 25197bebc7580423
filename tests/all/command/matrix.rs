//! Every pair of object and mode: those of the order arrive, row by row; the others are refused with their reason.

use partnerstack_connector::api::mode::Mode;
use partnerstack_connector::generated::API;
use serde_json::{Value, json};

use partnerstack_tests::desk::{Desk, faults, held, record, server};

#[test]
fn the_matrix_is_that_of_the_order() {
    let _limit = partnerstack_tests::limit();
    let order = [
        ("customers", [true, true, true]),
        ("deals", [true, false, true]),
        ("partnerships", [true, true, true]),
        ("transactions", [true, false, false]),
    ];
    for (name, modes) in order {
        let object = API.object(name).unwrap();
        assert_eq!(Mode::ALL.map(|mode| object.steps(mode).is_ok()), modes, "{name}");
    }
    assert_eq!(API.objects.len(), order.len());
}

#[tokio::test]
async fn a_forbidden_pair_is_refused_with_its_reason_before_anything_else() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::without_keys(), server());
    let mut refused = Vec::new();
    for object in API.objects {
        for mode in Mode::ALL {
            let Err(reason) = object.steps(mode) else { continue };
            let what = format!("{} {mode}", object.name);
            let ran = desk.sync(&server, &what, "any\nthing\n", &[]).await;
            ran.refused(&[&format!("{mode} is not offered for {}: {reason}", object.name)]);
            ran.ended(2, "");
            refused.push(what);
        }
    }
    assert_eq!(refused, ["deals update", "transactions update", "transactions upsert"]);
    assert_eq!((server.requests(), desk.files()), (0, vec!["rows.csv".to_owned()]));
}

#[tokio::test]
async fn customers_insert() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "customer_key,email,partner_key,name,provider_key,meta.plan\n\
                a-1,ada@example.com,gstest,Ada,cus_1,pro\n\
                a-2,nobody,gstest,Eve,,\n\
                a-1,ada2@example.com,gstest,Ada,,\n\
                ,max@example.com,gstest,,,\n";
    let ran = desk.sync(&server, "customers insert", rows, &[]).await;
    ran.ended(1, "2 created, 2 invalid");
    assert_eq!(faults(&desk.failures("customers")), ["2 email email", "3 - duplicate"]);
    assert_eq!(
        held(&server, "customers", &["customer_key", "email", "partner_key", "name", "provider_key", "meta"]),
        [
            vec![
                json!("a-1"),
                json!("ada@example.com"),
                json!("gstest"),
                json!("Ada"),
                json!("cus_1"),
                json!({"plan": "pro"})
            ],
            vec![
                Value::Null,
                json!("max@example.com"),
                json!("gstest"),
                Value::Null,
                Value::Null,
                Value::Null
            ],
        ]
    );
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn customers_update() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let before = "customer_key,email,partner_key,name\na-1,ada@example.com,gstest,Ada\na-2,eve@example.com,gstest,Eve\n";
    desk.sync(&server, "customers insert", before, &[]).await.ended(0, "2 created");
    let rows = "customer_key,email,name\n\
                a-1,,Ada L.\n\
                a-9,nobody@example.com,Nobody\n\
                ,max@example.com,Max\n\
                a-2,eve at example,Eve\n\
                a-2,EVE@example.com,\n";
    let ran = desk.sync(&server, "customers update", rows, &[]).await;
    ran.ended(1, "2 updated, 2 invalid, 1 rejected");
    assert_eq!(
        held(&server, "customers", &["customer_key", "email", "name"]),
        [
            [json!("a-1"), json!("ada@example.com"), json!("Ada L.")],
            [json!("a-2"), json!("EVE@example.com"), json!("Eve")],
        ]
    );
    let failures = desk.failures("customers");
    assert_eq!((&failures[0]["operation"], &failures[0]["status"]), (&json!("update"), &json!(404)));
    assert!(
        failures[0]["hint"].as_str().is_some_and(|hint| hint.contains("--mode upsert")),
        "{}",
        failures[0]
    );
    assert_eq!(faults(&failures), ["3 customer_key required", "4 email email"]);
}

#[tokio::test]
async fn customers_upsert() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let before = "customer_key,email,partner_key,name\na-1,ada@example.com,gstest,Ada\n";
    desk.sync(&server, "customers insert", before, &[]).await.ended(0, "1 created");
    let requests = server.requests();
    let rows = "customer_key,email,partner_key,name\n\
                a-1,ada@example.com,other,Ada L.\n\
                a-2,eve@example.com,gstest,Eve\n\
                a-3,,gstest,Nobody\n\
                ,max@example.com,gstest,Max\n";
    let ran = desk.sync(&server, "customers upsert", rows, &[]).await;
    ran.ended(1, "2 created, 1 updated, 1 invalid");
    assert_eq!(
        held(&server, "customers", &["customer_key", "name", "partner_key"]),
        [
            [json!("a-1"), json!("Ada L."), json!("gstest")],
            [json!("a-2"), json!("Eve"), json!("gstest")],
            [Value::Null, json!("Max"), json!("gstest")],
        ],
        "the partner of a customer cannot be changed"
    );
    assert_eq!(server.requests() - requests, 1 + 2 + 1, "PATCH; PATCH and POST; POST");
    let warnings: Vec<_> =
        ran.warnings().into_iter().filter(|warning| warning.contains("`partner_key`")).collect();
    assert_eq!(warnings.len(), 1, "{}", ran.stderr);
}

#[tokio::test]
async fn partnerships_insert_update_and_upsert() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = r#"{"email": "ada@example.com", "first_name": "Ada", "partner_key": "ada", "group_key": "silver", "tags": ["dach"], "fields.region": "EMEA"}
{"first_name": "Nobody"}
{"email": "eve@example.com", "partner_key": "ada"}
{"email": "max@example.com", "manager_email": "boss@example.com"}
"#;
    desk.sync(&server, "partnerships insert", rows, &[]).await.ended(1, "2 created, 2 invalid");
    assert_eq!(faults(&desk.failures("partnerships")), ["2 email required", "3 - duplicate"]);
    let known_by_another_key = r#"{"email": "Max@example.com", "partner_key": "max"}"#;
    desk.sync(&server, "partnerships insert", known_by_another_key, &[]).await.ended(1, "1 rejected");
    assert_eq!(desk.failures("partnerships")[0]["status"], 400);
    let ada = record(&server, "partnerships", "email", "ada@example.com");
    assert_eq!(ada["tags"], json!(["dach"]));
    assert_eq!(ada["fields"], json!([{"api_name": "region", "value": "EMEA"}]));
    assert_eq!(
        record(&server, "partnerships", "email", "max@example.com")["manager_email"],
        "boss@example.com"
    );
    let key = ada["key"].as_str().unwrap();

    let rows = format!(
        "partnership_key,group_key,first_name\n{key},gold,Adele\npart_unknown,gold,X\n..,gold,X\n,gold,X\n"
    );
    let ran = desk.sync(&server, "partnerships update", rows, &[]).await;
    ran.ended(1, "1 updated, 2 invalid, 1 rejected");
    let ada = record(&server, "partnerships", "email", "ada@example.com");
    assert_eq!((&ada["group_key"], &ada["first_name"]), (&json!("gold"), &json!("Ada")));
    assert_eq!(ran.warnings().len(), 1, "first_name cannot be updated: {}", ran.stderr);
    assert_eq!(
        faults(&desk.failures("partnerships")),
        ["2 email required", "3 - duplicate", "3 partnership_key path", "4 partnership_key required"],
        "what failed in the run before is still to be done"
    );

    let rows = format!(
        "partnership_key,email,group_key\n{key},ada@example.com,platinum\n,mia@example.com,gold\npart_unknown,kim@example.com,gold\n{key},nobody,gold\n"
    );
    let ran = desk.sync(&server, "partnerships upsert", rows, &[]).await;
    ran.ended(1, "2 created, 1 updated, 1 invalid");
    assert_eq!(
        held(&server, "partnerships", &["email", "group_key"]),
        [
            [json!("ada@example.com"), json!("platinum")],
            [json!("max@example.com"), Value::Null],
            [json!("mia@example.com"), json!("gold")],
            [json!("kim@example.com"), json!("gold")],
        ]
    );
    let made = record(&server, "partnerships", "email", "kim@example.com");
    assert!(
        made["key"] != "part_unknown" && made.get("partnership_key").is_none(),
        "it is never part of a body: {made}"
    );
}

const DEALS: &str = "id,group_key,account_name,amount,close_date,contact_first_name,contact_last_name,stage,source,partner_key,external_key\n\
                     1,grp,Acme,125000,2026-03-31,Ada,L.,Qualified,,,\n\
                     2,grp,Bolt,12.50,2026-02-30,Eve,M.,Qualified,,,\n\
                     3,grp,Cork,0,2026-03-31T23:59:59-08:00,Max,N.,Qualified,partner,gstest,crm-3\n\
                     5,grp,Edge,2147483647,2026-03-31,Kim,P.,Qualified,,gstest,\n";

#[tokio::test]
async fn deals_insert_and_upsert_create() {
    let _limit = partnerstack_tests::limit();
    for mode in ["insert", "upsert"] {
        let (desk, server) = (Desk::new(), server());
        let ran = desk.sync(&server, &format!("deals {mode}"), DEALS, &["--primary-key", "id"]).await;
        ran.ended(1, "3 created, 1 invalid");
        assert_eq!(
            held(&server, "deals", &["account_name", "amount", "close_date", "source", "partner_key"]),
            [
                [json!("Acme"), json!(125_000), json!("2026-03-31"), json!("vendor"), Value::Null],
                [json!("Cork"), json!(0), json!("2026-03-31"), json!("partner"), json!("gstest")],
                [json!("Edge"), json!(2_147_483_647), json!("2026-03-31"), Value::Null, json!("gstest")],
            ]
        );
        assert_eq!(faults(&desk.failures("deals")), ["2 amount integer", "2 close_date date"]);
        assert_eq!(server.requests(), 3);
        let (header, _) = DEALS.split_once('\n').unwrap();
        let twice = format!("{header}\n4,grp,Dune,-1,2028-02-29,Mia,O.,Qualified,,gstest,crm-3\n");
        let ran = desk.sync(&server, &format!("deals {mode}"), twice, &["--primary-key", "id"]).await;
        ran.ended(1, "1 rejected");
    }
}

#[tokio::test]
async fn transactions_insert() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "id,amount,currency,customer_key,customer_external_key,customer_email,key,created_at\n\
                1,4900,USD,cus_1,,,inv-1,\n\
                2,-100,EUR,,a-1,,,2026-03-01T07:45:00Z\n\
                3,100,usd,,a-1,ada@example.com,,\n\
                4,100,USD,,,,,\n\
                5,0,JPY,,,ada@example.com,inv,\n\
                6,0,JPY,,,ada@example.com,inv-6,1772351100000\n";
    let ran = desk.sync(&server, "transactions insert", rows, &["--primary-key", "id"]).await;
    ran.ended(1, "3 created, 3 invalid");
    assert_eq!(
        held(&server, "transactions", &["amount", "customer_key", "customer_external_key", "customer_email"]),
        [
            [json!(4900), json!("cus_1"), Value::Null, Value::Null],
            [json!(-100), Value::Null, json!("a-1"), Value::Null],
            [json!(0), Value::Null, Value::Null, json!("ada@example.com")],
        ],
        "each goes out under the name that it was mapped to"
    );
    assert_eq!(record(&server, "transactions", "amount", -100)["created_at"], json!(1_772_351_100_000_i64));
    assert_eq!(
        faults(&desk.failures("transactions")),
        [
            "3 currency currency",
            "3 customer_key exactly_one_of",
            "4 customer_key exactly_one_of",
            "5 key length"
        ]
    );
}
