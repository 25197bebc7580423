//! From tests as they are written to tests that can be run. Numbers are taken as they are written, digit for digit.

use partnerstack_codegen::source::Cursor;
use partnerstack_codegen::text::Place as Written;
use serde_json::{Map, Number, Value};

use super::row_test::{Expected, ExpectedError, ExpectedRequest, RowTest, TestRow};
use super::test_keys::{ErrorKeys, RequestKeys, RequestsKey, TestKeys};
use crate::error::{Place, SetupError};

/// Where tests are written.
pub(in crate::config) struct Tests<'f, P> {
    /// The list.
    pub(in crate::config) list: Cursor<'f>,
    /// The text of the file.
    pub(in crate::config) text: &'f str,
    /// The place in the file as errors show it.
    pub(in crate::config) place_of: P,
    /// The source is CSV or JSON, where the file says so.
    pub(in crate::config) cells: Option<bool>,
}

impl<P: Fn(&Written) -> Place> Tests<'_, P> {
    /// Judges all of them.
    pub(in crate::config) fn judge(&self, tests: &[TestKeys]) -> Result<Vec<RowTest>, SetupError> {
        // A source that is not named may be either; what no cell can hold is JSON.
        let nested = |value: &Value| matches!(value, Value::Array(_) | Value::Object(_));
        let cells = self.cells.unwrap_or_else(|| !tests.iter().any(|test| test.row.values().any(nested)));
        let mut judged: Vec<RowTest> = Vec::with_capacity(tests.len());
        for (number, test) in tests.iter().enumerate() {
            let cursor = self.list.index(number);
            let name = cursor.key("name");
            if test.name.trim().is_empty() {
                return Err(self.error(
                    &name.place(),
                    "the test has no name",
                    "say in a sentence what it shows",
                ));
            }
            if judged.iter().any(|earlier| earlier.name == test.name) {
                let message = format!("two tests are called `{}`", test.name);
                return Err(self.error(&name.place(), &message, "give each a name of its own"));
            }
            let place = (self.place_of)(&name.place());
            let row = if cells { self.cells(test, cursor)? } else { self.object(test, cursor) };
            judged.push(RowTest {
                name: test.name.clone(),
                place,
                row,
                expected: self.expected(test, cursor)?,
            });
        }
        Ok(judged)
    }

    fn expected(&self, test: &TestKeys, cursor: Cursor<'_>) -> Result<Expected, SetupError> {
        let name = cursor.key("name").place();
        match (&test.request, &test.errors, test.filtered) {
            (Some(RequestsKey::One(request)), None, None) => {
                Ok(Expected::Request(self.request(request, cursor.key("request"))))
            }
            (Some(RequestsKey::All(requests)), None, None) if !requests.is_empty() => {
                let requests = requests.iter().enumerate();
                let at = |number| cursor.key("request").index(number);
                Ok(Expected::Requests(
                    requests.map(|(number, keys)| self.request(keys, at(number))).collect(),
                ))
            }
            (None, Some(errors), None) if !errors.is_empty() => {
                let error = |error: &ErrorKeys| ExpectedError {
                    field: error.field.clone(),
                    part: error.message.clone(),
                };
                Ok(Expected::Errors(errors.iter().map(error).collect()))
            }
            (None, None, Some(true)) => Ok(Expected::Filtered),
            (None, None, Some(false)) => {
                let message = "`filtered: false` does not say what becomes of the row";
                Err(self.error(&cursor.key("filtered").place(), message, "say `request` or `errors` instead"))
            }
            (Some(_), None, None) => {
                Err(self.error(&cursor.key("request").place(), "the list is empty", "write the requests"))
            }
            (None, Some(_), None) => Err(self.error(
                &cursor.key("errors").place(),
                "the list is empty",
                "write what is wrong with the row",
            )),
            (None, None, None) => {
                let message = "the test does not say what becomes of the row";
                Err(self.error(&name, message, "say one of `request`, `errors` and `filtered: true`"))
            }
            _ => {
                let message = "the test says more than one thing that becomes of the row";
                Err(self.error(&name, message, "say one of `request`, `errors` and `filtered: true`"))
            }
        }
    }

    fn request(&self, keys: &RequestKeys, cursor: Cursor<'_>) -> ExpectedRequest {
        ExpectedRequest {
            operation: keys.operation.map(Into::into),
            method: keys.method.map(super::test_keys::MethodKey::name),
            path: keys.path.clone(),
            body: Value::Object(self.exact_object(&keys.body, cursor.key("body"))),
        }
    }

    /// Cells are texts, whatever YAML takes them for: `00123` stays as it is.
    fn cells(&self, keys: &TestKeys, cursor: Cursor<'_>) -> Result<TestRow, SetupError> {
        let row = cursor.key("row");
        let cell = |(column, value): (&String, &Value)| {
            let cursor = row.key(column);
            let text = match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                Value::Bool(_) | Value::Number(_) => {
                    self.written(cursor).map_or_else(|| value.to_string(), str::to_owned)
                }
                Value::Array(_) | Value::Object(_) => {
                    let message =
                        format!("the column `{column}` has more than a text, and a cell of CSV holds one");
                    let help = "write it in quotes; if the source is JSON, say `format: ndjson`";
                    return Err(self.error(&cursor.key_place(), &message, help));
                }
            };
            Ok((column.clone(), text))
        };
        keys.row.iter().map(cell).collect::<Result<_, _>>().map(TestRow::Cells)
    }

    fn object(&self, test: &TestKeys, cursor: Cursor<'_>) -> TestRow {
        TestRow::Object(self.exact_object(&test.row, cursor.key("row")))
    }

    fn exact_object(&self, object: &Map<String, Value>, cursor: Cursor<'_>) -> Map<String, Value> {
        object.iter().map(|(name, value)| (name.clone(), self.exact(value, cursor.key(name)))).collect()
    }

    /// The value with its numbers as they are written.
    fn exact(&self, value: &Value, cursor: Cursor<'_>) -> Value {
        match value {
            Value::Number(_) => {
                let number = self.written(cursor).and_then(|text| text.parse::<Number>().ok());
                number.map_or_else(|| value.clone(), Value::Number)
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                Value::Array(items.map(|(number, item)| self.exact(item, cursor.index(number))).collect())
            }
            Value::Object(object) => Value::Object(self.exact_object(object, cursor)),
            other => other.clone(),
        }
    }

    fn written(&self, cursor: Cursor<'_>) -> Option<&str> {
        let span = cursor.place().span()?;
        self.text.get(span.start..span.end)
    }

    fn error(&self, place: &Written, message: &str, help: &str) -> SetupError {
        SetupError::new(message).at(Some(&(self.place_of)(place))).help(help)
    }
}
