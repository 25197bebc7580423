//! Amounts and their currencies: whole cents as they are, everything else by an exact cast.

use serde_json::{Value, json};

use partnerstack_tests::desk::{Desk, Ran, Unordered, held, held_as, server};

const KEY: [&str; 2] = ["--primary-key", "id"];

/// Rows of transactions with these amounts and a currency.
fn amounts(amounts: &[&str], currency: &str) -> String {
    let rows = amounts.iter().enumerate().map(|(id, amount)| format!("{id};{amount};{currency};a-1\n"));
    std::iter::once("id;amount;currency;customer_external_key\n".to_owned()).chain(rows).collect()
}

#[tokio::test]
async fn amounts_are_whole_cents_and_everything_else_names_both_cures() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let bad = [
        "10.00", "1000.0", "1e3", "1,000", "1.000", "$10", "10 USD", "+10", "0x10", "--1", "-", "ten",
        "\u{664}",
    ];
    let ran = desk.sync(&server, "transactions insert", amounts(&bad, "USD"), &KEY).await;
    ran.ended(1, &format!("{} invalid", bad.len()));
    for (failure, bad) in desk.failures("transactions").iter().zip(bad) {
        let message = failure["errors"][0]["message"].as_str().unwrap();
        assert!(message.ends_with(&format!("(the row has `{bad}`)")), "{failure}");
        assert!(message.contains("where the column holds cents, map it with `as: integer`"), "{failure}");
        assert!(message.contains("write 1000 for 10.00") && message.contains("`as: cents`"), "{failure}");
        assert!(
            failure["hint"].as_str().is_some_and(|hint| hint.contains("representing cents")),
            "{failure}"
        );
    }
    let good = ["1000", "0", "-1", "007", "50000000000", "-50000000000"];
    desk.sync(&server, "transactions insert", amounts(&good, "USD"), &KEY).await.ended(0, "6 created");
    assert_eq!(
        held_as(&server, "transactions", "amount"),
        [1000, 0, -1, 7, 50_000_000_000_i64, -50_000_000_000].map(Value::from)
    );
    let range = ["50000000001", "-50000000001", "9223372036854775808", "99999999999999999999999999"];
    desk.sync(&server, "transactions insert", amounts(&range, "USD"), &KEY).await.ended(1, "4 invalid");
    for failure in
        desk.failures("transactions").iter().filter(|failure| failure["errors"][0]["rule"] != "integer")
    {
        assert_eq!(failure["errors"][0]["rule"], "range");
        let message = failure["errors"][0]["message"].as_str().unwrap();
        assert!(message.starts_with("must be from -50000000000 to 50000000000 cents"), "{message}");
    }
}

#[tokio::test]
async fn blanks_around_digits_are_named_and_nobody_is_told_to_multiply() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let bad =
        [("1000 ", "U+0020"), (" 1000", "U+0020"), ("1000\u{a0}", "U+00A0"), ("1000\u{200b}", "U+200B")];
    let rows = amounts(&bad.map(|(amount, _)| amount), "USD");
    desk.sync(&server, "transactions insert", &rows, &KEY).await.ended(1, "4 invalid");
    for (failure, (_, character)) in desk.failures("transactions").iter().zip(bad) {
        let message = failure["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(character) && message.contains("`as: integer`"), "{message}");
        assert!(!message.contains("as: cents"), "{message}");
    }
    let (ran, held, _) = cast("{column: amount, as: integer}", rows).await;
    ran.ended(0, "4 created");
    assert_eq!(held, [1000, 1000, 1000, 1000].map(Value::from));
}

#[tokio::test]
async fn amounts_are_read_as_people_write_them() {
    let _limit = partnerstack_tests::limit();
    let cents = "{column: amount, as: cents}";
    for (currency, amount, held_there) in [
        ("USD", "$1,234.56", 123_456),
        ("USD", "US$12", 1200),
        ("USD", "(12.00)", -1200),
        ("USD", "($12.00)", -1200),
        ("USD", "-$12.00", -1200),
        ("USD", "$-12.00", -1200),
        ("USD", "12.00-", -1200),
        ("USD", "\u{2212}12.00", -1200),
        ("USD", "USD 5.00", 500),
        ("USD", "5.00 USD", 500),
        ("USD", "1 234.56", 123_456),
        ("USD", "1\u{a0}234.56", 123_456),
        ("USD", "1\u{202f}234\u{202f}567.00", 123_456_700),
        ("USD", "1'234.56", 123_456),
        ("CHF", "1\u{2019}234.50", 123_450),
        ("EUR", "\u{20ac}7.00\u{a0}", 700),
        ("JPY", "1,000", 1000),
        ("JPY", "\u{a5}500", 500),
        ("KWD", "1.005", 1005),
    ] {
        let (ran, held, _) = cast(cents, amounts(&[amount], currency)).await;
        ran.ended(0, "1 created");
        assert_eq!(held, [json!(held_there)], "{amount} {currency}");
    }
}

#[tokio::test]
async fn what_an_amount_does_not_say_clearly_is_refused() {
    let _limit = partnerstack_tests::limit();
    let cents = "{column: amount, as: cents}";
    for (currency, amount, words) in [
        ("USD", "\u{a3}5", "USD, the row's currency"),
        ("USD", "5 EUR", "USD, the row's currency"),
        ("JPY", "5.50", "whole number"),
        ("KWD", "1.0005", "at most 3 decimals"),
        ("USD", "1 234,56 EUR", "decimal comma"),
        ("USD", "1 23.00", "groups of three"),
        ("USD", "1 234,567.00", "groups of three"),
        ("USD", "1,00,000.00", "groups of three"),
        ("USD", "(5.00)-", "must be a number"),
        ("USD", "$5$", "must be a number"),
        ("XAU", "5", "say `exponent`"),
    ] {
        let (ran, held, failures) = cast(cents, amounts(&[amount], currency)).await;
        ran.ended(1, "1 invalid");
        assert!(held.0.is_empty(), "{amount} {currency}");
        let message = failures[0]["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(words), "{amount} {currency}: {message}");
    }
}

#[tokio::test]
async fn one_file_of_several_currencies_needs_no_exponent_and_a_wrong_one_is_an_error() {
    let _limit = partnerstack_tests::limit();
    let rows = "id;amount;currency;customer_external_key\n1;12.00;USD;a\n2;500;JPY;a\n3;3.500;KWD;a\n";
    let (ran, held, _) = cast("{column: amount, as: cents}", rows).await;
    ran.ended(0, "3 created");
    assert_eq!(held, [1200, 500, 3500].map(Value::from));
    let (ran, held, failures) = cast("{column: amount, as: cents, exponent: 3}", rows).await;
    ran.ended(1, "1 created, 2 invalid");
    assert_eq!(held, [3500]);
    let message = failures[0]["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("USD") && message.contains("2 decimals"), "{message}");
}

#[tokio::test]
async fn an_object_without_a_currency_has_hundredths_and_takes_no_sign() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.write("rows.csv", "id;a\n1;1,234.50\n2;$5.00\n");
    let file = desk.write(
        "deals.yaml",
        "object: deals\nmode: insert\nsource: rows.csv\nprimary_key: id\nmapping:\n  \
         amount: {column: a, as: cents}\n  close_date: {value: '2026-01-31'}\n  group_key: {value: g}\n  \
         account_name: {value: a}\n  contact_first_name: {value: b}\n  contact_last_name: {value: c}\n  stage: {value: d}\n",
    );
    let ran = desk.run(&["sync", &file, "--base-url", server.base_url(), "--json"]).await;
    ran.ended(1, "1 created, 1 invalid");
    assert_eq!(held_as(&server, "deals", "amount"), [123_450]);
    assert!(desk.failures("deals")[0]["message"].as_str().unwrap().contains("has no currency"));
}

#[tokio::test]
async fn amounts_of_json_are_whole_numbers_or_digits() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let row = |(id, amount): (usize, &str)| {
        format!(
            "{{\"id\": {id}, \"amount\": {amount}, \"currency\": \"USD\", \"customer_key\": \"cus_1\"}}\n"
        )
    };
    let bad = ["10.00", "1000.0", "1e3", "\"10.00\"", "true", "[1000]", "{}", "18446744073709551616", "\"\""];
    let rows: String = bad.into_iter().enumerate().map(row).collect();
    desk.sync(&server, "transactions insert", rows, &KEY).await.ended(1, "9 invalid");
    let desk = Desk::new();
    let large: String =
        ["9223372036854775808", "18446744073709551615"].into_iter().enumerate().map(row).collect();
    desk.sync(&server, "transactions insert", large, &KEY).await.ended(1, "2 invalid");
    for failure in desk.failures("transactions") {
        assert_eq!(failure["errors"][0]["rule"], "range", "a whole number, and too large: {failure}");
    }
    let rows: String = ["1000", "\"1000\"", "-5"].into_iter().enumerate().map(row).collect();
    desk.sync(&server, "transactions insert", rows, &KEY).await.ended(0, "3 created");
    assert_eq!(held_as(&server, "transactions", "amount"), [1000, 1000, -5]);
}

/// Runs rows through a sync file of transactions whose amount is mapped so.
async fn cast(amount: &str, rows: impl AsRef<[u8]>) -> (Ran, Unordered<Value>, Vec<Value>) {
    let (desk, server) = (Desk::new(), server());
    let source = if rows.as_ref().starts_with(b"{") { "rows.ndjson" } else { "rows.csv" };
    desk.write(source, rows);
    let file = desk.write(
        "casts.yaml",
        format!(
            "object: transactions\nmode: insert\nsource: {source}\nprimary_key: id\nmapping:\n  amount: {amount}\n  \
             currency: currency\n  customer_external_key: customer_external_key\n"
        ),
    );
    let ran = desk.run(&["sync", &file, "--base-url", server.base_url(), "--json"]).await;
    let amounts = held_as(&server, "transactions", "amount");
    (ran, amounts, desk.failures("casts"))
}

#[tokio::test]
async fn as_cents_is_exact() {
    let _limit = partnerstack_tests::limit();
    let good = [
        "10",
        "10.5",
        "10.50",
        "-0.01",
        "1,234.56",
        "1,234,567.8",
        "0.1",
        "0.290",
        "90071992547409.93",
        " 5 ",
    ];
    let rows = amounts(&good, "USD");
    let (ran, held, _) = cast("{column: amount, as: cents}", rows).await;
    ran.ended(1, "9 created, 1 invalid");
    assert_eq!(held, [1000, 1050, 1050, -1, 123_456, 123_456_780, 10, 29, 500].map(Value::from));

    let bad = [
        "1.234,56",
        "12,34.56",
        "1,2345",
        "1234,567",
        "1234,567.89",
        ",123",
        "1,,234",
        "10.",
        ".5",
        "10.005",
        "1e3",
        "\u{20ac}10",
        "n/a",
        "1 00",
        "--1",
        "-1-",
    ];
    let (ran, _, failures) = cast("{column: amount, as: cents}", amounts(&bad, "USD")).await;
    ran.ended(1, "16 invalid");
    for failure in &failures {
        assert_eq!(failure["errors"][0]["rule"], "cast", "{failure}");
        assert!(failure["hint"].as_str().is_some_and(|hint| hint.contains("cents")), "{failure}");
    }
}

#[tokio::test]
async fn a_decimal_comma_makes_the_point_a_separator() {
    let _limit = partnerstack_tests::limit();
    let comma = "{column: amount, as: cents, decimal: ','}";
    let good = ["1.234,56", "10,5", "1.234.567", "0,01", "-3"];
    let (ran, held, _) = cast(comma, amounts(&good, "EUR")).await;
    ran.ended(0, "5 created");
    assert_eq!(held, [123_456, 1050, 123_456_700, 1, -300].map(Value::from));
    let (ran, ..) =
        cast(comma, amounts(&["1,234.56", "12.34", "1.2345", "1234.567", "12.500.00"], "EUR")).await;
    ran.ended(1, "5 invalid");
}

#[tokio::test]
async fn a_json_number_has_a_point_whatever_the_texts_beside_it_have() {
    let _limit = partnerstack_tests::limit();
    let row = |(id, amount): (usize, &str)| {
        format!(
            "{{\"id\": {id}, \"amount\": {amount}, \"currency\": \"EUR\", \"customer_external_key\": \"a-1\"}}\n"
        )
    };
    for as_what in ["cents", "integer"] {
        let comma = format!("{{column: amount, as: {as_what}, decimal: ','}}");
        let times = if as_what == "cents" { 100 } else { 1 };
        let rows: String = ["12.00", "1234", "\"1.234,00\""].into_iter().enumerate().map(row).collect();
        let (ran, held, _) = cast(&comma, rows).await;
        ran.ended(0, "3 created");
        assert_eq!(held, [12 * times, 1234 * times, 1234 * times].map(Value::from));
        let rows: String = ["1.234", "\"12.34\""].into_iter().enumerate().map(row).collect();
        let (ran, ..) = cast(&comma, rows).await;
        ran.ended(1, "2 invalid");
    }
}

#[tokio::test]
async fn a_spreadsheet_export_needs_no_flag() {
    let _limit = partnerstack_tests::limit();
    let desk = Desk::new();
    let rows = "\u{feff}ID;Amount;Currency;Customer External Key;;\r\n\
                1;\"1.234,56\";EUR;a-1;;\r\n;;;;;\r\n2;10;EUR;\"a;2\";;\r\n\r\n";
    let server = server();
    desk.write("rows.csv", rows);
    let file = "object: transactions\nmode: insert\nsource: rows.csv\nprimary_key: ID\n";
    let file = desk.write("export.yaml", format!("{file}mapping:\n  amount: {{column: Amount, as: cents, decimal: ','}}\n  currency: Currency\n  customer_external_key: Customer External Key\n"));
    let ran = desk.run(&["sync", &file, "--base-url", server.base_url(), "--json"]).await;
    ran.ended(0, "2 created");
    assert_eq!(ran.warnings().len(), 0, "{}", ran.stderr);
    assert_eq!(
        held(&server, "transactions", &["amount", "customer_external_key"]),
        [[json!(123_456), json!("a-1")], [json!(1000), json!("a;2")]]
    );
    let rows = "sep=;\r\nID;Amount;Currency;CUSTOMER-EXTERNAL-KEY\r\n1;1000;EUR;a-1\r\n";
    let (desk, server) = (Desk::new(), partnerstack_tests::desk::server());
    desk.sync(&server, "transactions insert", rows, &["--primary-key", "ID"]).await.ended(0, "1 created");
}

#[tokio::test]
async fn as_integer_takes_separators_and_zero_decimals() {
    let _limit = partnerstack_tests::limit();
    let (ran, held, _) =
        cast("{column: amount, as: integer}", amounts(&["1,000", "1000.00", "1000.5"], "USD")).await;
    ran.ended(1, "2 created, 1 invalid");
    assert_eq!(held, [json!(1000), json!(1000)]);
}

#[tokio::test]
async fn currencies_are_upper_case_codes() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    for (currency, words) in [
        ("usd", "write USD"),
        ("Usd", "write USD"),
        (" USD", "U+0020"),
        ("USD\u{a0}", "U+00A0"),
        ("US$", "ISO 4217"),
        ("XYZ", "ISO 4217"),
        ("DOLLAR", "ISO 4217"),
    ] {
        desk.sync(&server, "transactions insert", amounts(&["1"], currency), &KEY)
            .await
            .ended(1, "1 invalid");
        let message = desk.failures("transactions")[0]["errors"][0]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(server.requests(), 0);
}
