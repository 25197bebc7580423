//! The bytes of a ledger: whatever rows are keyed by, and whatever the server says, nothing that a field was fed with is in
//! them.

use std::fs;

use partnerstack_tests::recorder::{Recorder, Reply};
use serde_json::Value;

use partnerstack_tests::desk::{Desk, Ran};

const CUSTOMERS: &str = "customer_key,email,partner_key,name,mail2,invoice\n\
                         cust-ada-77,Ada.Lovelace@example.com,harbor-key,Countess Ada,other.ada@example.org,INV-1\n\
                         cust-eve-78,Eve.Online@example.com,harbor-key,Eve Online,other.eve@example.org,INV-2\n";
const TRANSACTIONS: &str = "amount,currency,customer_email,buyer,invoice\n\
                            123456,USD,Ada.Lovelace@example.com,other.ada@example.org,INV-1\n\
                            654321,USD,Eve.Online@example.com,other.eve@example.org,INV-2\n";
const PERSONAL: [&str; 10] = [
    "ada.lovelace",
    "eve.online",
    "example.com",
    "example.org",
    "countess",
    "cust-ada",
    "cust-eve",
    "harbor-key",
    "eve online",
    "123456",
];

/// A server that refuses every second record and repeats all that it was sent.
async fn echo() -> Recorder {
    Recorder::answering(|before, call| {
        let sent = String::from_utf8_lossy(&call.body).into_owned();
        match before {
            _ if call.reads() => Reply::blind_page(),
            n if n % 2 == 0 => Reply::refused(400, &format!("I do not like {sent} of {}", call.path)),
            _ => Reply::made(&format!("rec_{before}")),
        }
    })
    .await
}

#[tokio::test]
async fn nothing_personal_stands_in_a_ledger_whatever_its_rows_are_keyed_by() {
    let _limit = partnerstack_tests::limit();
    for (what, rows, keys) in [
        ("customers insert", CUSTOMERS, &[][..]),
        ("customers upsert", CUSTOMERS, &["customer_key"]),
        ("customers insert", CUSTOMERS, &["email"]),
        ("customers insert", CUSTOMERS, &["name", "invoice"]),
        ("customers insert", CUSTOMERS, &["mail2"]),
        ("customers insert", CUSTOMERS, &["content"]),
        ("transactions insert", TRANSACTIONS, &["customer_email", "invoice"]),
        ("transactions insert", TRANSACTIONS, &["buyer", "invoice"]),
        ("transactions insert", TRANSACTIONS, &["content"]),
        ("transactions insert", TRANSACTIONS, &["invoice"]),
    ] {
        let server = echo().await;
        let desk = Desk::new();
        let flags: Vec<&str> = keys.iter().flat_map(|key| ["--primary-key", key]).collect();
        let ran = desk.sync_to(&server.base_url(), what, rows, &flags).await;
        let report = ran.report();
        assert!(report["rows"]["rejected"].as_u64() > Some(0), "{what} {keys:?}: {}", ran.stderr);
        let mut looked_at = 0;
        for name in desk.files().iter().filter(|name| name.contains("ledger.db")) {
            let bytes = fs::read(desk.path(name)).unwrap();
            looked_at += bytes.len();
            let text = String::from_utf8_lossy(&bytes).to_lowercase();
            for value in PERSONAL {
                assert!(!text.contains(value), "{value} in {name}: {what} by {keys:?}");
            }
        }
        assert!(looked_at > 4096, "{what} {keys:?}");
    }
}

async fn history(desk: &Desk, key: &str, more: &[&str]) -> Ran {
    desk.run(&[&["history", key, "--json"], more].concat()).await
}

#[tokio::test]
async fn a_key_that_is_kept_as_a_digest_is_found_by_what_a_person_calls_it() {
    let _limit = partnerstack_tests::limit();
    let server = Recorder::answering(|before, call| {
        if call.reads() { Reply::blind_page() } else { Reply::made(&format!("rec_{before}")) }
    })
    .await;
    let desk = Desk::new();
    let url = server.base_url();
    let at = ["--base-url", url.as_str()];
    let rows = "name,email,partner_key,part\nA/B,ada@example.com,harbor,1/2\n";
    let flags = ["--primary-key", "email", "--primary-key", "name", "--primary-key", "part"];
    desk.sync_to(&url, "customers insert", rows, &flags).await.ended(0, "1 created");
    let ran = history(&desk, "ada@example.com/A/B/1/2", &at).await;
    let found: Value = serde_json::from_str(ran.stdout.trim()).unwrap_or_else(|_| panic!("{}", ran.stderr));
    assert_eq!((&found["key"], &found["system_key"]), (&Value::Null, &Value::from("rec_0")));
    assert_eq!(history(&desk, "ada@example.com/A", &at).await.code, 1);

    let resolved = ["resolve", "ada@example.com/A/B/1/2", "--object", "customers", "--arrived"];
    let ran = desk.run(&[&resolved[..], &at].concat()).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let rows = "email,partner_key\nbob@example.com,harbor\n";
    let desk = Desk::new();
    desk.sync_to(&url, "customers insert", rows, &["--primary-key", "email"]).await.ended(0, "1 created");
    let ran = history(&desk, "bob@example.com", &at).await;
    assert_eq!(ran.stdout.lines().count(), 1, "{}{}", ran.stdout, ran.stderr);
}
