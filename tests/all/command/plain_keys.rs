//! Keys are plain: what looks like another key, or was changed by a program, is named and never sent.

use partnerstack_tests::desk::{Desk, held_as, server};
use serde_json::{Value, json};

const HEADER: &str = "invoice_id,customer_external_key,amount,currency\n";

fn message(failure: &Value) -> &str {
    failure["errors"][0]["message"].as_str().unwrap()
}

#[tokio::test]
async fn a_part_of_the_primary_key_is_plain_or_the_row_is_invalid() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let bad = [
        ("INV-1 ", "ends with a blank (U+0020)"),
        ("INV-1\u{a0}", "U+00A0"),
        ("\u{feff}INV-1", "begins with a byte order mark (U+FEFF)"),
        ("INV-1\u{200b}", "U+200B"),
        ("INV\u{ad}-1", "U+00AD"),
        ("\u{3000}", "nothing but a blank (U+3000)"),
        ("#N/A", "an error of a spreadsheet"),
        ("=\"0012\"", "format the column as text"),
        ("2.02512E+11", "format the column as text"),
    ];
    let row = |(key, _): &(&str, &str)| format!("\"{}\",c,100,USD\n", key.replace('"', "\"\""));
    let rows: String = bad.iter().map(row).collect();
    let key = ["--primary-key", "invoice_id"];
    desk.sync(&server, "transactions insert", format!("{HEADER}{rows}"), &key).await.ended(1, "9 invalid");
    for (failure, (_, words)) in desk.failures("transactions").iter().zip(bad) {
        assert_eq!(
            (&failure["errors"][0]["field"], &failure["errors"][0]["rule"]),
            (&json!("invoice_id"), &json!("key"))
        );
        assert!(message(failure).contains(words), "{failure}");
    }
    assert_eq!(server.requests(), 0);
    let good = format!("{HEADER}INV 1,c,100,USD\n12E4,c,100,USD\n0012,c,100,USD\n");
    desk.sync(&server, "transactions insert", good, &key).await.ended(0, "3 created");
}

#[tokio::test]
async fn a_primary_key_is_trimmed_where_the_sync_file_says_so() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let file =
        |key: &str| format!("object: transactions\nmode: insert\nsource: rows.csv\nprimary_key: {key}\n");
    let trimmed = desk.write("trimmed.yaml", file("[{column: invoice_id, as: trim}]"));
    desk.write("rows.csv", format!("{HEADER}INV-1,c,100,USD\n"));
    let args = |file: &str| ["sync", file, "--base-url", server.base_url(), "--json"].map(str::to_owned);
    let run = async |file: &str| desk.run(&args(file).each_ref().map(String::as_str)).await;
    run(&trimmed).await.ended(0, "1 created");
    desk.write("rows.csv", format!("{HEADER}\u{feff}INV-1\u{a0} ,c,100,USD\n"));
    run(&trimmed).await.ended(0, "1 unchanged");
    desk.write("rows.csv", format!("{HEADER}\u{a0} ,c,100,USD\n"));
    run(&trimmed).await.ended(1, "1 invalid");
    assert!(message(&desk.failures("trimmed")[0]).contains("it needs a value in every row"));
    let lower = desk.write("lower.yaml", file("[{column: invoice_id, as: lower}]"));
    run(&lower).await.refused(&["takes `trim` alone"]);
}

#[tokio::test]
async fn numbers_of_json_are_keys_digit_for_digit() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let row = |id: &str| {
        format!(
            "{{\"invoice_id\": {id}, \"customer_external_key\": \"c\", \"amount\": 1, \"currency\": \"USD\"}}\n"
        )
    };
    let key = ["--primary-key", "invoice_id"];
    let rows = row("12345678901234567890123") + &row("12345678901234567890124") + &row("1001");
    desk.sync(&server, "transactions insert", rows, &key).await.ended(0, "3 created");
    let rows = row("1001.0") + &row("1e3") + &row("\"\"") + &row("true");
    desk.sync(&server, "transactions insert", rows, &key).await.ended(1, "4 invalid");
    let rules: Vec<_> =
        desk.failures("transactions").iter().map(|failure| failure["errors"][0]["rule"].clone()).collect();
    assert_eq!(rules, ["key", "key", "required", "required"]);
}

#[tokio::test]
async fn identity_fields_and_paths_are_plain() {
    let _limit = partnerstack_tests::limit();
    for mode in ["insert", "update", "upsert"] {
        let (desk, server) = (Desk::new(), server());
        let rows = "customer_key,email,partner_key,name\n\u{200b}a,a@x.io,p,N\nb,\u{200b}b@x.io,p,N\nc,c@x.io\u{feff},p,N\n\
                    d\0,d@x.io,p,N\n1.23E+15,e@x.io,p,N\n ,f@x.io,p,N\ng,g\u{200d}@x.io,p,N\nh,h@x.io,p,N\0\n";
        desk.sync(&server, &format!("customers {mode}"), rows, &[]).await.ended(1, "8 invalid");
        let fields: Vec<_> =
            desk.failures("customers").iter().map(|failure| failure["errors"][0]["field"].clone()).collect();
        let expected = [
            "customer_key",
            "email",
            "email",
            "customer_key",
            "customer_key",
            "customer_key",
            "email",
            "name",
        ];
        assert_eq!(fields, expected, "{mode}");
        assert_eq!(server.requests(), 0);
    }
}

#[tokio::test]
async fn the_cure_works() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.write("rows.csv", "k,e\n\u{200b} a\u{a0},a@x.io\u{feff}\n");
    let file = desk.write(
        "sync.yaml",
        "object: customers\nmode: upsert\nsource: rows.csv\nmapping:\n  customer_key: {column: k, as: trim}\n  \
         email: {column: e, as: trim}\n  partner_key: {value: p}\n",
    );
    desk.run(&["sync", &file, "--base-url", server.base_url(), "--json"]).await.ended(0, "1 created");
    assert_eq!(held_as(&server, "customers", "customer_key"), ["a"]);
    assert_eq!(held_as(&server, "customers", "email"), ["a@x.io"]);
}

#[tokio::test]
async fn values_are_shown_in_the_failures_file_alone() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "customer_key,email,partner_key\nsecret-key ,a@x.io,p\n";
    let ran = desk.sync(&server, "customers insert", rows, &[]).await;
    ran.ended(1, "1 invalid");
    assert!(message(&desk.failures("customers")[0]).ends_with("(the row has `secret-key `)"));
    assert!(!ran.stderr.contains("secret") && !ran.stdout.contains("secret"), "{}{}", ran.stdout, ran.stderr);
}
