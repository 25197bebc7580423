//! What a mapping makes of values before their cast: templates, parts, translations, and what no value means.

use partnerstack_connector::sandbox::Sandbox;
use serde_json::{Value, json};

use partnerstack_tests::desk::{Desk, Ran, faults, held, record, server};

async fn sync(desk: &Desk, server: &Sandbox, rows: &str, mapping: &str) -> Ran {
    let name = if rows.starts_with('{') { "rows.ndjson" } else { "rows.csv" };
    desk.write(name, rows);
    let text = format!(
        "object: customers\nmode: upsert\nsource: {name}\nprimary_key: id\nmapping:\n  email: mail\n  \
         partner_key: {{value: gstest}}\n  customer_key: id\n{mapping}\n"
    );
    let file = desk.write("sync.yaml", text);
    desk.run(&["sync", &file, "--base-url", server.base_url(), "--json"]).await
}

fn names(server: &Sandbox) -> Vec<(String, Value)> {
    let mut found: Vec<(String, Value)> = held(server, "customers", &["customer_key", "name"])
        .0
        .into_iter()
        .map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].clone()))
        .collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

/// The names that a line makes of columns `first` and `Last Name`, in the order of the rows.
async fn made(line: &str, cells: &[(&str, &str)]) -> Vec<Value> {
    let (desk, server) = (Desk::new(), server());
    let row = |(key, (first, last)): (char, &(&str, &str))| {
        format!("{key},{key}@example.com,\"{first}\",\"{last}\"\n")
    };
    let rows = ('a'..='z').zip(cells).map(row).collect::<String>();
    let rows = format!("id,mail,first,Last Name\n{rows}");
    let ran = sync(&desk, &server, &rows, &format!("  name: {line}")).await;
    assert_eq!(ran.code, 0, "{line}: {}", ran.stderr);
    assert!(!line.contains("first") || !ran.stderr.contains("`first`"), "{}", ran.stderr);
    names(&server).into_iter().map(|(_, name)| name).collect()
}

#[tokio::test]
async fn templates_put_columns_together() {
    let _limit = partnerstack_tests::limit();
    let cells = [("Ada", "Lovelace"), ("Ada", ""), ("", ""), ("<&>", "\u{e9} \\u0022")];
    for (line, expected) in [
        (
            "{template: '{{ first }} {{ last_name }}'}",
            [json!("Ada Lovelace"), json!("Ada"), json!(null), json!("<&> \u{e9} \\u0022")],
        ),
        (
            "{template: '{{ first|upper }}{% if last_name %}, {{ last_name|lower }}{% endif %}', null: omit}",
            [json!("ADA, lovelace"), json!("ADA"), json!(null), json!("<&>, \u{e9} \\u0022")],
        ),
        (
            "{template: \"{{ last_name|default('nobody')|replace('o', '0') }}\"}",
            [json!("L0velace"), json!("n0b0dy"), json!("n0b0dy"), json!("\u{e9} \\u0022")],
        ),
        (
            "{template: '{{ first }}-{{ LastName }}', as: lower}",
            [json!("ada-lovelace"), json!("ada-"), json!("-"), json!("<&>-\u{e9} \\u0022")],
        ),
    ] {
        assert_eq!(made(line, &cells).await, expected, "{line}");
    }
}

#[tokio::test]
async fn a_part_of_a_text_is_taken() {
    let _limit = partnerstack_tests::limit();
    let cells = ["Ada King Lovelace", " Ada  Lovelace ", "Madonna", "", "a/b/c"].map(|first| (first, "x"));
    let texts = |texts: [&str; 5]| texts.map(|text| if text == "-" { json!(null) } else { json!(text) });
    for (line, expected) in [
        ("{column: first, split: {by: ' ', take: first}}", ["Ada", "Ada", "Madonna", "-", "a/b/c"]),
        ("{column: first, split: {take: last}}", ["Lovelace", "Lovelace", "Madonna", "-", "a/b/c"]),
        ("{column: first, split: {take: rest}}", ["King Lovelace", "Lovelace", "-", "-", "-"]),
        ("{column: first, split: [{by: /, take: rest}, {by: /, take: last}]}", ["-", "-", "-", "-", "c"]),
        ("{column: first, split: {by: /, take: rest}, as: upper}", ["-", "-", "-", "-", "B/C"]),
    ] {
        assert_eq!(made(line, &cells).await, texts(expected), "{line}");
    }
}

#[tokio::test]
async fn a_value_without_a_translation_makes_the_row_invalid() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "id,mail,kind\na,a@example.com,Closed Won\nb,b@example.com,Lost\nc,c@example.com,closed won\n\
                d,d@example.com,\ne,e@example.com,closed won\nf,f@example.com,none\ng,g@example.com,Other\n";
    let line = "  name: {column: kind, values: {Closed Won: won, Lost: 5, none: null}}";
    let ran = sync(&desk, &server, rows, line).await;
    ran.ended(1, "4 created, 3 invalid");
    let found = names(&server).into_iter().map(|(key, name)| format!("{key} {name}"));
    assert_eq!(found.collect::<Vec<_>>(), ["a \"won\"", "b \"5\"", "d null", "f null"]);
    assert_eq!(faults(&desk.failures("sync")), ["3 name values", "5 name values", "7 name values"]);
    ran.says(&[
        "3 rows invalid, the first is row 3:",
        "2 rows: name has the value `closed won`, for which `values` has no translation: did you mean `Closed Won`?",
        "1 row: name has the value `Other`, for which",
    ]);
}

#[tokio::test]
async fn no_value_is_left_out_or_sent_as_null_or_an_error() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let line = "  provider_key: {column: key, null: send}\n  meta.plan: {column: plan, null: send}";
    let full = "id,mail,key,plan\na,a@example.com,cus_1,gold\n";
    sync(&desk, &server, full, line).await.ended(0, "1 created");
    sync(&desk, &server, full, line).await.ended(0, "1 unchanged");
    let empty = "id,mail,key,plan\na,a@example.com,,\n";
    sync(&desk, &server, empty, "  provider_key: key").await.ended(0, "1 unchanged");
    sync(&desk, &server, empty, line).await.ended(0, "1 updated");
    let now = record(&server, "customers", "customer_key", "a");
    assert_eq!((&now["provider_key"], &now["meta"]["plan"]), (&json!(null), &json!(null)), "{now}");
    sync(&desk, &server, empty, line).await.ended(0, "1 unchanged");
    sync(&desk, &server, full, line).await.ended(0, "1 updated");
    assert_eq!(record(&server, "customers", "customer_key", "a")["provider_key"], "cus_1");
    let ran = sync(&desk, &server, empty, "  provider_key: {column: key, null: error}").await;
    ran.ended(1, "1 invalid");
    assert_eq!(faults(&desk.failures("sync")), ["1 provider_key null"]);
}

#[tokio::test]
async fn json_records_are_reached_by_dotted_paths() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    let rows = "{\"id\": \"a\", \"mail\": \"a@example.com\", \"who\": {\"name\": \"Ada\", \"ids\": [7, 8]}}\n\
                {\"id\": \"b\", \"mail\": \"b@example.com\", \"who\": {\"name\": null}}\n\
                {\"id\": \"c\", \"mail\": \"c@example.com\", \"who.name\": \"dotted\", \"who\": {\"name\": \"Eve\"}}\n\
                {\"id\": \"d\", \"mail\": \"d@example.com\", \"who\": \"nobody\"}\n";
    let line = "  name: who.name\n  meta.second: who.ids.1\n  meta.none: who.is.it";
    let ran = sync(&desk, &server, rows, line).await;
    ran.ended(0, "4 created");
    ran.says(&["warning: no row had `who.is.it`: is it spelt right?"]);
    let found = names(&server).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
    assert_eq!(found, [json!("Ada"), json!(null), json!("dotted"), json!(null)]);
    assert_eq!(record(&server, "customers", "customer_key", "a")["meta"]["second"], 8);
    let line = "  name: {template: '{{ who.name }}/{{ who.ids[0] }}/{{ who.no.such }}'}";
    let ran = sync(&desk, &server, &rows.replace("\"Ada\"", "\"Bea\""), line).await;
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(record(&server, "customers", "customer_key", "a")["name"], "Bea/7/");
}

#[tokio::test]
async fn records_lie_where_the_file_says() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    desk.write(
        "rows.json",
        "{\"next\": null, \"data\": {\"items\": [{\"mail\": \"a@example.com\", \"id\": 1}]}}",
    );
    let file = |records: &str| {
        desk.write(
            "sync.yaml",
            format!(
                "object: customers\nmode: insert\nsource: rows.json\nrecords: {records}\n\
                 mapping: {{email: mail, customer_key: id, partner_key: {{value: gstest}}}}\n"
            ),
        )
    };
    let ran = desk.run(&["sync", &file("data.itmes"), "--base-url", server.base_url()]).await;
    ran.refused(&["sync.yaml:4:10", "there is no `itmes`; did you mean `items`?"]);
    let ran = desk.run(&["sync", &file("data.items"), "--base-url", server.base_url(), "--json"]).await;
    ran.ended(0, "1 created");
}

#[tokio::test]
async fn a_faulty_line_starts_nothing() {
    let _limit = partnerstack_tests::limit();
    let (desk, server) = (Desk::new(), server());
    for (line, words) in [
        ("{template: '{{ first'}", &["sync.yaml:9:3", "template"][..]),
        ("{template: '{{ frist }}'}", &["sync.yaml:9:3", "the column `frist`", "did you mean `first`?"]),
        ("{template: '{{ first|upcase }}'}", &["sync.yaml:9:3", "upcase", "there is `upper`, `lower`"]),
        ("{template: '{{ first|uper }}'}", &["did you mean `upper`?"]),
        ("{column: first, as: time, zone: Europe/Berln}", &["did you mean `Europe/Berlin`?"]),
        ("{template: '{{ range(3) }}'}", &["sync.yaml:9:3", "range"]),
        ("{template: '{% for x in first %}x{% endfor %}'}", &["sync.yaml:9:3", "no block `for`"]),
        ("{template: '{%-for x in first %}x{% endfor %}'}", &["no block `for`"]),
        ("{template: '{% include first %}'}", &["no block `include`"]),
        ("{template: 'constant'}", &["names no column"]),
        ("{column: first, spilt: {take: first}}", &["did you mean `split`?"]),
        ("{column: first, split: {take: frist}}", &["sync.yaml:9:39", "did you mean `first`?"]),
        (
            "{column: first, null: send}",
            &["sync.yaml:9:3", "which the API does not take for it", "`null: omit`"],
        ),
        ("{column: first, null: none}", &["sync.yaml:9:31", "omit"]),
    ] {
        let rows = "id,mail,first\na,a@example.com,Ada\n";
        let ran = sync(&desk, &server, rows, &format!("  name: {line}")).await;
        assert_eq!(ran.code, 2, "{line}: {}", ran.stderr);
        for words in words {
            assert!(ran.stderr.contains(words), "{line}: {words}: {}", ran.stderr);
        }
    }
}
