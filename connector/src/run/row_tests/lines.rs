//! What becomes of a row, as lines that can be compared: where a value stands, and the value.

use serde_json::Value;

use crate::config::row_tests::row_test::{ExpectedError, ExpectedRequest};
use crate::request::prepare::PreparedRequest;
use crate::row::fault::FieldError;

/// A value, and where it stands.
pub(super) type Line = (String, Value);

/// That the sync does not take the row.
pub(super) fn filtered() -> Vec<Line> {
    vec![("filtered".to_owned(), true.into())]
}

/// Faults, one line each.
pub(super) fn errors(found: &[FieldError]) -> Vec<Line> {
    found.iter().map(|error| (error_name(&error.field), error.with_value().into())).collect()
}

/// Faults that are expected. One whose message has the expected part in it is written as it was found.
pub(super) fn expected_errors(expected: &[ExpectedError], found: &[FieldError]) -> Vec<Line> {
    let line = |error: &ExpectedError| {
        let found = found.iter().filter(|found| found.field == error.field).map(FieldError::with_value);
        let mut fitting =
            found.filter(|message| error.part.as_ref().is_none_or(|part| message.contains(part)));
        let message = fitting.next().unwrap_or_else(|| match &error.part {
            Some(part) => format!("... {part} ..."),
            None => "...".to_owned(),
        });
        (error_name(&error.field), message.into())
    };
    expected.iter().map(line).collect()
}

fn error_name(field: &str) -> String {
    if field.is_empty() { "error of the row".to_owned() } else { format!("error of {field}") }
}

/// A request as it would leave.
pub(super) fn request(request: &PreparedRequest) -> Vec<Line> {
    let operation = request.operation.name.name();
    let mut lines = vec![
        (format!("{operation} method"), request.operation.method.name().into()),
        (format!("{operation} path"), request.path.as_ref().into()),
    ];
    let body = request.body.as_deref().and_then(|body| serde_json::from_slice(body).ok());
    flatten(format!("{operation} body"), &body.unwrap_or_default(), &mut lines);
    lines
}

/// A request that is expected. What it does not say is as in the one that it is held against, if there is one.
pub(super) fn expected_request(expected: &ExpectedRequest, against: Option<&PreparedRequest>) -> Vec<Line> {
    let operation = expected.operation.or_else(|| against.map(|request| request.operation.name));
    let operation = operation.map_or("request", crate::api::OperationName::name);
    let method = expected.method.or_else(|| against.map(|request| request.operation.method.name()));
    let path = expected.path.as_deref().or_else(|| against.map(|request| request.path.as_ref()));
    let mut lines = Vec::new();
    lines.extend(method.map(|method| (format!("{operation} method"), method.into())));
    lines.extend(path.map(|path| (format!("{operation} path"), path.into())));
    flatten(format!("{operation} body"), &expected.body, &mut lines);
    lines
}

/// A line for each value that holds no other.
fn flatten(at: String, value: &Value, lines: &mut Vec<Line>) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            for (name, value) in object {
                flatten(format!("{at}.{name}"), value, lines);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (number, item) in items.iter().enumerate() {
                flatten(format!("{at}.{number}"), item, lines);
            }
        }
        value => lines.push((at, value.clone())),
    }
}
