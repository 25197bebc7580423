//! Takes what a row holds out of a message, so that nothing personal leaves the failures file.

use std::borrow::Cow;

use serde_json::Value;

use crate::row::value::Cell;
use crate::row::{Record, Row};

/// Shorter values are too likely to be parts of words.
const SHORTEST_REDACTED: usize = 3;

/// The message with the row's values, in whatever case, replaced by their columns' names.
pub(crate) fn redact(message: &str, row: &Row, columns: Option<&[String]>) -> String {
    let mut values: Vec<(String, &str)> = match &row.record {
        Record::Cells(cells) => {
            let names =
                columns.unwrap_or_default().iter().map(String::as_str).chain(std::iter::repeat("value"));
            cells.iter().map(str::to_owned).zip(names).collect()
        }
        Record::Object(object) => object
            .iter()
            .flat_map(|(name, value)| texts(value).into_iter().map(move |text| (text, name.as_str())))
            .collect(),
    };
    // The longest first, so that no value is cut by another one that is part of it.
    values.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    let mut message = message.to_owned();
    for (value, name) in values {
        let value = value.trim();
        // A short number is not personal, and our own messages have such numbers too: a status, a count.
        let number = value.len() <= SHORTEST_REDACTED && value.bytes().all(|byte| byte.is_ascii_digit());
        if value.chars().count() >= SHORTEST_REDACTED && !number {
            message = replace_in_any_case(&message, value, &format!("<{name}>"));
        }
    }
    message
}

/// The texts and numbers of a value, however deep.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(entries) => entries.values().flat_map(texts).collect(),
        other => {
            Cell::from_json(other).and_then(|cell| cell.as_text().map(Cow::into_owned)).into_iter().collect()
        }
    }
}

fn replace_in_any_case(text: &str, part: &str, by: &str) -> String {
    // The lower case of ASCII alone leaves everything in its place.
    let (lower, part) = (text.to_ascii_lowercase(), part.to_ascii_lowercase());
    let (mut kept, mut end) = (Vec::new(), 0);
    for (start, found) in lower.match_indices(&part) {
        kept.extend(text.get(end..start));
        end = start + found.len();
    }
    kept.extend(text.get(end..));
    kept.join(by)
}
