use std::io;

use partnerstack_connector::row::Record;
use partnerstack_connector::source::{Format, Input, Source, SourceItem, SourceOptions};
use serde_json::{Value, json};

use partnerstack_tests::reading::{Reading, open, read};

#[test]
fn ndjson_gives_an_object_for_each_line() {
    let _limit = partnerstack_tests::limit();
    let read = read("{\"a\":1,\"b\":null}\r\n\r\n  {\"a\":{\"c\":[1]}}  \n\t\n{}");
    assert_eq!(read.format, Format::Ndjson);
    assert!(read.no_columns);
    let expected = [json!({"a": 1, "b": null}), json!({"a": {"c": [1]}}), json!({})];
    assert_eq!(read.objects().into_iter().map(Value::Object).collect::<Vec<_>>(), expected);
    assert_eq!(read.numbers(), [1, 2, 3]);
}

#[test]
fn a_line_that_is_no_object_costs_one_row_and_quotes_nothing() {
    let _limit = partnerstack_tests::limit();
    let lines = [
        "{\"a\":1}",
        "[\"secret\"]",
        "\"secret\"",
        "12345",
        "",
        "{\"a\":\"secret\",}",
        "{\"a\":\"secret",
        "secret",
        "null",
        "{\"a\":1} secret",
        "{\"a\":\"secret\",\"b\":1,\"a\":2}",
        "{\"a\":2}",
    ];
    let read = read(lines.join("\n"));
    assert_eq!(read.objects().len(), 2);
    assert!(read.rules().iter().all(|rule| *rule == "json"));
    let messages: Vec<String> = read.faults().into_iter().map(|(_, message)| message).collect();
    assert_eq!(
        messages,
        [
            "line 2: expected a JSON object, found an array",
            "line 3: expected a JSON object, found a text",
            "line 4: expected a JSON object, found a number",
            "line 6, column 15: not valid JSON: trailing comma",
            "line 7 ends in the middle of a JSON object; in NDJSON, a record is one whole line",
            "line 8: expected a JSON object, found something that is not JSON",
            "line 9: expected a JSON object, found null",
            "line 10, column 9: not valid JSON: trailing characters",
            "line 11, column 23: the key `a` occurs twice",
        ]
    );
    assert_eq!(read.numbers(), (1..=11).collect::<Vec<_>>(), "the blank line is not counted");
}

#[test]
fn an_ndjson_line_that_is_not_utf8_names_the_flag() {
    let _limit = partnerstack_tests::limit();
    let read = read(b"{\"a\":1}\n{\"a\":\"\xE9\"}\n{\"a\":2}\n".as_slice());
    assert_eq!((read.rows(), read.rules()), (2, vec!["encoding"]));
    assert!(read.faults()[0].1.starts_with("line 2 has bytes that are not UTF-8"));
}

#[test]
fn deep_nesting_is_a_fault_of_its_row() {
    let _limit = partnerstack_tests::limit();
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(read(format!("{{}}\n{deep}\n{{}}\n")).rules(), ["json"]);
    assert_eq!(read(format!("[{{}},{deep},{{}}]")).rules(), ["json"]);
}

#[test]
fn an_array_gives_an_object_for_each_element() {
    let _limit = partnerstack_tests::limit();
    let read = read(" [\n {\"a\": \"}],\\\"\"},{\"a\":[{\"b\":[]}]} ,\n{}\n]\n\n");
    assert_eq!(read.format, Format::Json);
    assert!(read.no_columns);
    let expected = [json!({"a": "}],\""}), json!({"a": [{"b": []}]}), json!({})];
    assert_eq!(read.objects().into_iter().map(Value::Object).collect::<Vec<_>>(), expected);
    assert!(self::read("[]").items.is_empty());
    assert!(self::read("\u{feff}[\r\n]\r\n").items.is_empty());
    assert_eq!(self::read("[{},]").rows(), 1, "a comma too many at the end does no harm");
}

#[test]
fn an_element_that_cannot_be_read_costs_one_row() {
    let _limit = partnerstack_tests::limit();
    let read = read("[{\"a\":1},\n 12, {\"a\" 1},\n{\"a\":1,\n \"b\":}, , {\"a\":2} {}, \"x,]\",{\"a\":3}]");
    assert_eq!(read.rows(), 2);
    let messages: Vec<String> = read.faults().into_iter().map(|(_, message)| message).collect();
    assert_eq!(
        messages,
        [
            "line 2: expected a JSON object, found a number",
            "line 2, column 11: not valid JSON: expected `:`",
            "line 4, column 6: not valid JSON: expected value",
            "line 4: expected a JSON object, found nothing",
            "the object that begins in line 4, column 11 has another one behind it and no comma between them; put one \
             there, or write one object on each line, without brackets",
            "line 4: expected a JSON object, found a text",
        ]
    );
    assert_eq!(read.numbers(), (1..=8).collect::<Vec<_>>());
}

#[test]
fn an_array_that_breaks_off_says_from_which_line_on_nothing_was_read() {
    let _limit = partnerstack_tests::limit();
    for (text, line, rows) in [
        ("[{\"a\":1},\n{\"a\":2,\n\"b\":", 2, 1),
        ("[{\"a\":1},\n{\"a\":\"2},\n", 2, 1),
        ("[{\"a\":1},\n{\"a\":2}", 2, 2),
        ("[{\"a\":1},\n{\"a\":2},\n", 3, 2),
        ("[", 1, 0),
    ] {
        let read = read(text);
        assert_eq!((read.rows(), read.rules()), (rows, vec!["json"]), "{text:?}");
        let message = &read.faults()[0].1;
        assert!(
            message.contains(&format!("nothing could be read from line {line} on")),
            "{text:?}: {message}"
        );
    }
    let read = read("[{\"a\":1}]\n\n[{\"a\":2}]");
    assert_eq!((read.rows(), read.rules()), (1, vec!["json"]));
    assert!(read.faults()[0].1.contains("nothing was read from line 3 on"), "{}", read.faults()[0].1);
}

#[test]
fn a_failures_file_gives_the_records_in_it_whatever_was_stated() {
    let _limit = partnerstack_tests::limit();
    let line = |row: u64, record: Value| {
        json!({"row": row, "key": "k", "outcome": "rejected", "id": "00000000000000aa", "operation": "create", "status": 400, "message": "no",
            "hint": null, "errors": [], "record": record})
        .to_string()
    };
    let text = [
        line(3, json!({"email": "zoë@example.com"})),
        line(8, Value::Null),
        line(9, json!(7)),
        "{".to_owned(),
        line(12, json!({"email": "b"})),
    ]
    .join("\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("failures.csv");
    std::fs::write(&path, &text).unwrap();
    let stated = SourceOptions {
        format: Some(Format::Csv),
        delimiter: Some(";".to_owned()),
        encoding: Some("windows-1252".to_owned()),
        records: None,
        whole: false,
    };
    for (input, options) in [
        (Input::File(path.clone()), SourceOptions::default()),
        (Input::File(path), stated),
        (Input::Stdin(Box::new(io::Cursor::new(text))), SourceOptions::default()),
    ] {
        let mut source = Source::open(input, &options).unwrap();
        assert!(source.is_failures());
        let read = Reading::of(&mut source);
        assert!(read.no_columns);
        let records: Vec<Value> = read.objects().into_iter().map(Value::Object).collect();
        assert_eq!(records, [json!({"email": "zoë@example.com"}), json!({"email": "b"})]);
        assert_eq!(read.numbers(), [1, 2, 3, 4, 5]);
        assert_eq!(read.rules(), ["record", "record", "json"]);
        let message = &read.faults()[0].1;
        assert!(
            message.starts_with("line 2: this row (row 8) could not be read in the first run"),
            "{message}"
        );
    }
}

#[test]
fn other_objects_are_no_failures_file() {
    let _limit = partnerstack_tests::limit();
    let first = json!({"row": 1, "key": "k", "outcome": "x", "operation": null, "status": null, "message": "m",
        "hint": null, "errors": [], "record": {}, "more": 1});
    let mut source = open(first.to_string(), &SourceOptions::default()).unwrap();
    assert!(!source.is_failures());
    assert_eq!(Reading::of(&mut source).objects()[0]["more"], 1);
}

/// The emails that are read at `records`, and how many records cannot be read; or why nothing is.
fn inside(text: &str, records: &str) -> Result<(String, usize), String> {
    let options = SourceOptions { records: Some(records.to_owned()), ..SourceOptions::default() };
    let input = Input::Stdin(Box::new(io::Cursor::new(text.to_owned())));
    let mut source = Source::open(input, &options).map_err(|error| error.to_string())?;
    let (mut emails, mut wrong) = (String::new(), 0);
    while let Some(item) = source.read().unwrap() {
        match item {
            SourceItem::Row(row) => match row.record {
                Record::Object(object) => emails.push_str(object["email"].as_str().unwrap()),
                Record::Cells(_) => unreachable!(),
            },
            SourceItem::Unreadable(_) => wrong += 1,
        }
    }
    Ok((emails, wrong))
}

#[test]
fn records_inside_of_a_document_are_found_by_their_path() {
    let _limit = partnerstack_tests::limit();
    let items = r#"[{"email": "a"}, {"email": "b", "data": {"items": [{"email": "no"}]}}]"#;
    let long = format!(r#"["{}", "\\"]"#, "x]}".repeat(100_000));
    for text in [
        format!(r#"{{"data": {{"items": {items}}}}}"#),
        format!(
            r#"{{"more": {{"items": []}}, "n": null, "t": "}}]\"", "data": {{"a": 1, "items": {items}, "z": [1]}}, "x": 2}}"#
        ),
        format!("\u{feff}\n{{\n  \"long\": {long},\n  \"data\" : {{ \"items\" :\n {items} }} }}\n"),
        format!(r#"{{"d\u0061ta": {{"items": {items}}}}}"#),
    ] {
        assert_eq!(inside(&text, "data.items"), Ok(("ab".to_owned(), 0)), "{}", &text[..50]);
    }
    assert_eq!(inside(r#"{"data": {"items": []}}"#, "data.items"), Ok((String::new(), 0)));
    assert_eq!(inside(r#"{"items": [{"email": "a"}, 5, {"em"#, "items"), Ok(("a".to_owned(), 2)));
    for (text, words) in [
        (r#"{"data": {"itmes": [], "e@x": 1}}"#, "there is no `items`; did you mean `itmes`?"),
        (r#"{"data": {"items": {}}}"#, "what is there is no array"),
        (r#"{"data": []}"#, "there is no object to look for `items` in"),
        ("[]", "there is no object to look for `data` in"),
        (r#"{"data""#, "the JSON is broken"),
        ("{", "there is no `data`; there is none"),
        ("a,b", "there is no object to look for `data` in"),
    ] {
        let said = inside(text, "data.items").unwrap_err();
        assert!(said.contains(words) && said.contains("`data.items`"), "{text}: {said}");
    }
}
