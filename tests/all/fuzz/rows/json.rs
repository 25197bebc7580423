//! NDJSON and JSON arrays: each object is read as it is written, digit for digit, or is an error.

use std::time::Duration;

use fastrand::Rng;
use partnerstack_connector::row::Record;
use partnerstack_connector::source::{Format, SourceItem};
use partnerstack_tests::reading::{Reading, open, stated};
use serde_json::Value;
use serde_json::value::RawValue;

use super::json_pairs::{has_a_name_twice, is_record};
use crate::fuzz::executions::{long, short};
use crate::fuzz::mutation::mutated;

const TOKENS: &[&[u8]] = &[
    b"12345678901234567890123",
    b"0.1234567890123456789",
    b"1.50",
    b"1E5",
    b"-0",
    b"1e-400",
    b"\"a\":1,",
    b"\"\\u00e9\"",
    b"\"\\ud83d\\ude00\"",
    b"\"\\ud800\"",
    b"{\"a\":{\"a\":1}}",
    b",{\"a\":1}",
    b"{\"a\":1}\n",
    b"{\"$serde_json::private::Number\":1}",
    b"01",
    b"+1",
    b".5",
    b"NaN",
    b"//",
];

#[test]
fn an_object_is_read_as_it_is_written() {
    let _limit = partnerstack_tests::limit();
    let documents = good();
    let seen = short(8_000, |rng| judge(rng, &documents));
    seen.saw(&["all lines", "some lines", "a whole array", "a broken array", "refused"]);
}

#[test]
#[ignore = "fuzz"]
fn a_million_json_documents() {
    let _limit = partnerstack_tests::limit_of(Duration::from_hours(5));
    let documents = good();
    long("json", |rng| judge(rng, &documents));
}

fn good() -> Vec<Vec<u8>> {
    let objects = [
        r#"{"id":12345678901234567890123,"n":1.50,"e":1E400,"z":-0.0,"t":"José 😀","x":null}"#,
        r#"{"meta":{"a":[1,2,{"b":"\"[{"}],"c":{}},"ok":true,"f":false}"#,
        r#"{ "a" : 1 , "b" : [ ] }"#,
        "{}",
        r#"{"\u0061":"x","b":"\ud83d\ude00","long":0.10000000000000000555}"#,
    ];
    let lines = objects.join("\n");
    let array = format!("[{}]", objects.join(" ,\n "));
    let texts = [
        lines.clone() + "\n",
        lines.replace('\n', "\r\n\r\n"),
        array.clone(),
        format!("\u{feff} {array}\n"),
        format!("[{}]", objects[0]),
        objects[1].to_owned(),
    ];
    texts.map(String::into_bytes).into()
}

fn judge(rng: &mut Rng, good: &[Vec<u8>]) -> &'static str {
    let bytes = mutated(rng, good, TOKENS);
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let is_array = text.trim_ascii_start().starts_with(b"[");
    let format = if is_array { Format::Json } else { Format::Ndjson };
    let Ok(mut source) = open(&bytes, &stated(format)) else { return "refused" };
    let objects: Vec<Option<Value>> = Reading::of(&mut source).items.into_iter().map(object).collect();
    let Ok(text) = str::from_utf8(text) else { return "not UTF-8" };
    if is_array { judge_array(text, &objects) } else { judge_lines(text, &objects) }
}

fn object(item: SourceItem) -> Option<Value> {
    match item {
        SourceItem::Row(row) => match row.record {
            Record::Object(object) => Some(Value::Object(object)),
            Record::Cells(_) => panic!("cells"),
        },
        SourceItem::Unreadable(_) => None,
    }
}

fn judge_lines(text: &str, objects: &[Option<Value>]) -> &'static str {
    let first_end = text.find(['\r', '\n']).and_then(|end| text.get(end..)).unwrap_or_default();
    if first_end.starts_with('\r') && !first_end.starts_with("\r\n") {
        return "lines that end in carriage returns";
    }
    let lines: Vec<&str> = text.split('\n').map(str::trim_ascii).filter(|line| !line.is_empty()).collect();
    // More than one in a line: there is no telling which item is which.
    if lines.iter().any(|line| {
        !is_one_value(line)
            && serde_json::Deserializer::from_str(line).into_iter::<Box<RawValue>>().count() > 1
    }) {
        return "several in a line";
    }
    assert_eq!(lines.len(), objects.len());
    for (line, object) in lines.iter().zip(objects) {
        judge_object(line, object.as_ref());
    }
    if objects.iter().all(Option::is_some) { "all lines" } else { "some lines" }
}

fn judge_array(text: &str, objects: &[Option<Value>]) -> &'static str {
    let Ok(elements) = serde_json::from_str::<Vec<Box<RawValue>>>(text) else { return "a broken array" };
    assert_eq!(elements.len(), objects.len());
    for (element, object) in elements.iter().zip(objects) {
        judge_object(element.get(), object.as_ref());
    }
    "a whole array"
}

/// The object is what the text says; and where the text is an object without a name that stands twice, it was read.
fn judge_object(text: &str, object: Option<&Value>) {
    // What files that were put together have between them.
    let text =
        text.trim_start_matches(|c: char| matches!(c, '\u{feff}' | '\u{1e}') || c.is_ascii_whitespace());
    if let Some(object) = object {
        assert!(is_record(object, text), "{text} is read as {object}");
    } else {
        let sound = text.starts_with('{') && is_one_value(text) && !has_a_name_twice(text);
        assert!(!sound, "{text} is not read");
    }
}

/// The whole of it is JSON: to a reader that builds values, too.
fn is_one_value(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok()
}
