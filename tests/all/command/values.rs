//! What cells become: texts, lengths, e-mail addresses, keys, custom fields; and every fault of a row at once.

use serde_json::{Value, json};

use partnerstack_tests::desk::{Desk, faults, held, held_as, server};
use partnerstack_tests::recorder::{Recorder, Reply};

const KEY: [&str; 2] = ["--primary-key", "id"];

#[tokio::test]
async fn every_fault_of_a_row_is_told_at_once() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "id,group_key,account_name,amount,close_date,contact_first_name,contact_last_name,stage,source\n\
                ,,Acme,12.50,2026-02-30,Ada,,Qualified,sales\n";
    desk.sync(&server, "deals insert", rows, &KEY).await.ended(1, "1 invalid");
    let mut found = faults(&desk.failures("deals"));
    found.sort();
    assert_eq!(
        found,
        [
            "1 amount integer",
            "1 close_date date",
            "1 contact_last_name required",
            "1 group_key required",
            "1 id required",
            "1 source allowed",
        ]
    );
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn text_casts_change_case_and_blanks() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.write("rows.ndjson", "{\"Mail\": \" ADA@Example.com \", \"p\": \" gstest\", \"a\": \"a-\u{e9}\", \"n\": [1]}\n{\"Mail\": \"B@Example.com\", \"p\": 5, \"a\": 7}\n{\"Mail\": \"\u{d6}@Example.com\", \"p\": \" g \", \"a\": \"a-\u{e9}\"}\n");
    let file = desk.write(
        "sync.yaml",
        "object: customers\nmode: insert\nsource: rows.ndjson\nmapping:\n  email: {column: Mail, as: lower}\n  \
         partner_key: {column: p, as: trim}\n  customer_key: {column: a, as: upper}\n  name: {column: n, as: trim}\n",
    );
    let ran = desk.run(&["sync", &file, "--base-url", server.base_url(), "--json"]).await;
    ran.ended(1, "2 created, 1 invalid");
    assert_eq!(faults(&desk.failures("sync")), ["1 email key", "1 name cast"]);
    assert_eq!(
        held(&server, "customers", &["email", "partner_key", "customer_key"]),
        [
            [json!("b@example.com"), json!("5"), json!("7")],
            [json!("\u{f6}@example.com"), json!("g"), json!("A-\u{c9}")],
        ]
    );
}

#[tokio::test]
async fn lengths_count_characters() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let row = |name: &str, key: &str| format!("{key}@example.com,gstest,{key},{name}\n");
    let rows = format!(
        "email,partner_key,customer_key,name\n{}{}{}{}{}",
        row(&"\u{1f600}".repeat(100), "1"),
        row(&"\u{1f600}".repeat(101), "2"),
        row(&"e\u{301}".repeat(50), "3"),
        row(&"e\u{301}".repeat(51), "4"),
        row("five", &"5".repeat(256)),
    );
    desk.sync(&server, "customers insert", rows, &[]).await.ended(1, "2 created, 3 invalid");
    let failures = desk.failures("customers");
    assert_eq!(
        faults(&failures),
        ["2 name length", "4 name length", "5 email length", "5 customer_key length"]
    );
    assert_eq!(failures[0]["errors"][0]["message"], "must have at most 100 characters");
    assert_eq!(failures[2]["errors"][0]["message"], "must have 4 to 255 characters");
}

#[tokio::test]
async fn emails_are_addresses() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = |mails: &[&str]| {
        let rows = mails.iter().map(|mail| format!("{}\n", json!({"email": mail, "partner_key": "gstest"})));
        rows.collect::<String>()
    };
    let good = ["a@b.co", "Ada.L+x@sub.example.com", "o'brien@example.com", "zo\u{eb}@ex\u{e4}mple.de"];
    desk.sync(&server, "customers insert", rows(&good), &[]).await.ended(0, "4 created");
    let bad = [
        "nobody",
        "@example.com",
        "a@",
        "a@b",
        "a@b..c",
        "a b@example.com",
        "a@exa mple.com",
        "a@b@c.de",
        " a@b.co",
        "a@b.co\n",
        "",
    ];
    desk.sync(&server, "customers insert", rows(&bad), &[]).await.ended(1, "11 invalid");
}

#[tokio::test]
async fn any_text_can_be_a_key_but_dots_alone() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let keys = [
        "a/b",
        "a?b=c&d",
        "a#b",
        "../etc",
        "a/../b",
        "...",
        "a b",
        "%2F",
        "%",
        "\u{1f600}",
        "\u{e9}",
        "a\\b",
        "a\"b",
        "a;b",
        "a+b",
        "~",
        "12E4",
    ];
    let row = |key: &str, name: &str, email: &str| {
        format!("{}\n", json!({"customer_key": key, "name": name, "email": email, "partner_key": "gstest"}))
    };
    let rows = |name: &str| {
        let rows =
            keys.iter().enumerate().map(|(number, key)| row(key, name, &format!("{number}@example.com")));
        rows.collect::<String>()
    };
    let count = keys.len();
    desk.sync(&server, "customers upsert", rows("new"), &[]).await.ended(0, &format!("{count} created"));
    desk.sync(&server, "customers upsert", rows("changed"), &[]).await.ended(0, &format!("{count} updated"));
    let expected: Vec<_> = keys.iter().map(|key| [json!(key), json!("changed")]).collect();
    assert_eq!(held(&server, "customers", &["customer_key", "name"]), expected);

    for mode in ["update", "upsert"] {
        let rows = row(".", "x", "x@example.com") + &row("..", "x", "y@example.com");
        let requests = server.requests();
        desk.sync(&server, &format!("customers {mode}"), rows, &[]).await.ended(1, "2 invalid");
        assert_eq!(faults(&desk.failures("customers")), ["1 customer_key path", "2 customer_key path"]);
        assert_eq!(server.requests(), requests);
    }
}

#[tokio::test]
async fn custom_fields_come_from_columns_and_from_json() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let csv = "email,partner_key,Meta.plan,meta.seats,meta.none\nada@example.com,gstest,pro,5,\n";
    desk.sync(&server, "customers insert", csv, &[]).await.ended(0, "1 created");
    let cell = "email,partner_key,meta\nb@example.com,gstest,\"{\"\"plan\"\": \"\"pro\"\", \"\"seats\"\": 5}\"\nc@example.com,gstest,pro\n";
    desk.sync(&server, "customers insert", cell, &[]).await.ended(1, "1 created, 1 invalid");
    assert_eq!(faults(&desk.failures("customers")), ["2 meta map"]);
    let rows = r#"{"email": "d@example.com", "partner_key": "gstest", "meta": {"plan": "pro", "seats": 5, "more": null}}
{"email": "e@example.com", "partner_key": "gstest", "meta.plan": "pro", "meta.on": true}
"#;
    desk.sync(&server, "customers insert", rows, &[]).await.ended(0, "2 created");
    assert_eq!(
        held_as(&server, "customers", "meta"),
        [
            json!({"plan": "pro", "seats": "5"}),
            json!({"plan": "pro", "seats": 5}),
            json!({"plan": "pro", "seats": 5, "more": null}),
            json!({"plan": "pro", "on": true}),
        ]
    );

    let csv = "email,fields.region,tags\nada@example.com,EMEA,\"dach,, nordics, \"\nb@example.com,,\n";
    desk.sync(&server, "partnerships insert", csv, &[]).await.ended(0, "2 created");
    let rows = r#"{"email": "c@example.com", "fields": [{"api_name": "region", "value": "EMEA"}], "tags": ["dach", "nordics"]}
{"email": "d@example.com", "fields": {"region": "EMEA"}, "tags": []}
{"email": "e@example.com", "fields": ["EMEA"], "tags": [5]}
{"email": "f@example.com", "fields": [{"api_name": "region", "value": "EMEA", "label": "Region"}]}
"#;
    desk.sync(&server, "partnerships insert", rows, &[]).await.ended(1, "2 created, 2 invalid");
    assert_eq!(faults(&desk.failures("partnerships")), ["3 tags list", "3 fields map", "4 fields map"]);
    let region = json!([{"api_name": "region", "value": "EMEA"}]);
    assert_eq!(
        held(&server, "partnerships", &["fields", "tags"]),
        [
            [region.clone(), json!(["dach", "nordics"])],
            [Value::Null, Value::Null],
            [region.clone(), json!(["dach", "nordics"])],
            [region, json!([])],
        ]
    );
}

#[tokio::test]
async fn a_custom_field_that_is_named_by_itself_counts_for_its_list() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows =
        r#"{"email": "a@example.com", "fields": {"region": "EMEA", "size": "S"}, "fields.region": "APAC"}"#;
    desk.sync(&server, "partnerships insert", rows, &[]).await.ended(0, "1 created");
    assert_eq!(
        held_as(&server, "partnerships", "fields"),
        [json!([{"api_name": "size", "value": "S"}, {"api_name": "region", "value": "APAC"}])]
    );
}

#[tokio::test]
async fn of_a_group_nothing_is_said_beside_the_fault_of_a_member() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = r#"{"key": "inv-1", "amount": 1, "currency": "USD", "customer_email": true}
{"key": "inv-2", "amount": 1, "currency": "USD"}
"#;
    desk.sync(&server, "transactions insert", rows, &[]).await.ended(1, "2 invalid");
    assert_eq!(
        faults(&desk.failures("transactions")),
        ["1 customer_email text", "2 customer_key exactly_one_of"]
    );
}

#[tokio::test]
async fn metadata_has_limits() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let row = |metadata: Value| {
        format!(
            "{}\n",
            json!({"key": "inv-1", "amount": 1, "currency": "USD", "customer_key": "cus_1", "metadata": metadata})
        )
    };
    let many = |count: usize| {
        (0..count).map(|number| (number.to_string(), json!(number))).collect::<serde_json::Map<_, _>>()
    };
    let rows = row(json!({"n".repeat(31): "x"}))
        + &row(json!({"n": "\u{1f600}".repeat(101)}))
        + &row(Value::Object(many(26)));
    desk.sync(&server, "transactions insert", rows, &[]).await.ended(1, "3 invalid");
    assert_eq!(
        faults(&desk.failures("transactions")),
        ["1 metadata length", "2 metadata length", "3 metadata length"]
    );
    let good = row(json!({"n".repeat(30): "\u{1f600}".repeat(100)}));
    desk.sync(&server, "transactions insert", good, &[]).await.ended(0, "1 created");
    let full = row(Value::Object(many(25))).replace("inv-1", "inv-2");
    desk.sync(&server, "transactions insert", full, &[]).await.ended(0, "1 created");
}

#[tokio::test]
async fn an_empty_cell_a_null_and_an_empty_text_are_absent() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "email,partner_key,customer_key,name\nada@example.com,gstest,,\n";
    desk.sync(&server, "customers insert", rows, &[]).await.ended(0, "1 created");
    let rows = r#"{"email": "b@example.com", "partner_key": "gstest", "customer_key": null, "name": ""}"#;
    desk.sync(&server, "customers insert", rows, &[]).await.ended(0, "1 created");
    assert_eq!(held_as(&server, "customers", "name"), [Value::Null, Value::Null]);
}

#[tokio::test]
async fn numbers_stand_for_keys_only_digit_for_digit() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let row = |key: &str| {
        format!(
            "{{\"email\": \"{key}@example.com\", \"partner_key\": \"gstest\", \"customer_key\": {key}}}\n"
        )
    };
    let rows = row("42") + &row("18446744073709551615") + &row("1.50") + &row("true");
    desk.sync(&server, "customers insert", rows, &[]).await.ended(1, "2 created, 2 invalid");
    assert_eq!(held_as(&server, "customers", "customer_key"), [json!("42"), json!("18446744073709551615")]);
    assert_eq!(faults(&desk.failures("customers")), ["3 customer_key text", "4 customer_key text"]);
}

#[tokio::test]
async fn numbers_in_custom_fields_keep_their_digits() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    let server = Recorder::answering(|_, _| {
        Reply::of(200, json!({"data": {"key": "k"}, "message": "ok", "status": 200}).to_string())
    })
    .await;
    let meta = r#"{"order":12345678901234567890123,"share":0.12345678901234567891,"price":1.50}"#;
    let row = format!(r#"{{"email": "a@example.com", "partner_key": "gstest", "meta": {meta}}}"#);
    desk.sync_to(&server.base_url(), "customers insert", &row, &[]).await.ended(0, "1 created");
    let cell = format!("email,partner_key,meta\nb@example.com,gstest,\"{}\"\n", meta.replace('"', "\"\""));
    desk.sync_to(&server.base_url(), "customers insert", cell, &[]).await.ended(0, "1 created");
    for call in server.writes() {
        let body = String::from_utf8(call.body).unwrap();
        assert!(body.contains(meta), "{body}");
    }
    let twice =
        r#"{"email": "a@example.com", "partner_key": "gstest", "meta": {"plan": "free", "plan": "pro"}}"#;
    let ran = desk.sync_to(&server.base_url(), "customers insert", twice, &[]).await;
    ran.ended(1, "1 invalid");
    assert!(desk.failures("customers")[0]["message"].as_str().unwrap().contains("`plan` occurs twice"));
}
