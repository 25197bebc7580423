//! `describe`: the order's fields, flags, limits and matrix, for people and for programs.

use partnerstack_connector::generated::API;
use serde_json::{Value, json};

use partnerstack_tests::desk::{Desk, keys};

/// The default fields of the order, in its order, with those that it requires marked.
const ORDER: [(&str, &str); 4] = [
    ("customers", "email* partner_key* customer_key name provider_key"),
    (
        "deals",
        "group_key* account_name* amount* close_date* contact_first_name* contact_last_name* stage* customer_key source",
    ),
    ("partnerships", "email* first_name last_name partner_key group_key manager_email"),
    ("transactions", "amount* currency* customer_key customer_external_key category_key product_key key"),
];

#[tokio::test]
async fn the_fields_are_those_of_the_order_in_its_order() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    for (object, order) in ORDER {
        let ran = desk.run(&["describe", object, "--json"]).await;
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        let described: Value = serde_json::from_str(&ran.stdout).unwrap();
        let fields = described["fields"].as_array().unwrap();
        let offered_first = fields.iter().filter(|field| field["default_field"] == true);
        let names = offered_first.map(|field| {
            let required = if field["required"] == true { "*" } else { "" };
            format!("{}{required}", field["name"].as_str().unwrap())
        });
        assert_eq!(names.collect::<Vec<_>>().join(" "), order, "{object}");
        let further = fields.iter().filter(|field| field["default_field"] == false);
        assert!(further.clone().all(|field| field["required"] == false), "the order requires no other field");

        let text = desk.run(&["describe", object]).await.stdout;
        let mut from = 0;
        for field in fields {
            let name = format!("\n  {} ", field["name"].as_str().unwrap());
            let at = text[from..].find(&name);
            assert!(at.is_some(), "{name} in\n{text}");
            from += at.unwrap();
        }
    }
}

#[tokio::test]
async fn a_transaction_names_its_customer_in_one_of_three_fields() {
    let _limit = partnerstack_tests::limit();
    let ran = Desk::without_keys().run(&["describe", "transactions", "--json"]).await;
    let described: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        described["exactly_one_of"][0]["fields"],
        json!(["customer_key", "customer_external_key", "customer_email"])
    );
}

#[tokio::test]
async fn limits_are_told() {
    let _limit = partnerstack_tests::limit();
    let ran = Desk::without_keys().run(&["describe", "--json"]).await;
    let described: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(keys(&described), ["title", "base_url", "objects"]);
    assert_eq!(described["base_url"], "https://api.partnerstack.com/api/v2");
    let field = |object: &str, name: &str| {
        let objects = described["objects"].as_array().unwrap();
        let object = objects.iter().find(|known| known["object"] == object).unwrap();
        object["fields"].as_array().unwrap().iter().find(|field| field["name"] == name).cloned().unwrap()
    };
    assert_eq!(field("customers", "name")["max_length"], 100);
    assert_eq!(field("transactions", "key")["min_length"], 4);
    assert_eq!(field("transactions", "amount")["maximum"], 50_000_000_000_i64);
    assert_eq!(field("deals", "source")["allowed"], json!(["partner", "vendor"]));
    assert_eq!(field("deals", "close_date")["type"], "date");
    assert_eq!(field("partnerships", "partnership_key")["writable"], json!([]));
}

#[tokio::test]
async fn the_matrix_has_its_reasons() {
    let _limit = partnerstack_tests::limit();
    let ran = Desk::without_keys().run(&["describe"]).await;
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let cells = |object: &str| {
        let line = ran.stdout.lines().find(|line| line.starts_with(object) && line.contains("yes")).unwrap();
        line.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(cells("customers"), ["yes", "yes", "yes"]);
    assert_eq!(cells("partnerships"), ["yes", "yes", "yes"]);
    assert_eq!(cells("deals"), ["yes", "no", "yes"]);
    assert_eq!(cells("transactions"), ["yes", "no", "no"]);
    for object in API.objects {
        for mode in object.modes {
            if let partnerstack_connector::api::Support::Forbidden(reason) = mode.support {
                assert!(unwrapped(&ran.stdout).contains(reason), "{reason}");
            }
        }
    }
    for words in [
        "Audience",
        "list or audience",
        "Schema introspection",
        "PATCH /deals/{deal_key}",
        "append-only",
        "4000",
    ] {
        assert!(unwrapped(&ran.stdout).contains(words), "{words} in\n{}", ran.stdout);
    }
    ran.snapshot("describe", &ran.stdout);
}

/// The words of a text, wherever its lines end.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn each_object_has_its_page() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    for object in API.objects {
        let ran = desk.run(&["describe", object.name]).await;
        ran.snapshot(&format!("describe-{}", object.name), &ran.stdout);
    }
}

#[tokio::test]
async fn an_unknown_object_is_refused_with_the_near_name() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::without_keys();
    for args in [&["describe", "partnershps"][..], &["describe", "Partnership", "--json"]] {
        let ran = desk.run(args).await;
        ran.refused(&["there is no object", "did you mean `partnerships`?"]);
        assert_eq!(ran.stdout, "");
    }
    desk.run(&["describe", "invoices"])
        .await
        .refused(&["`customers`, `deals`, `partnerships`, `transactions`"]);
}
