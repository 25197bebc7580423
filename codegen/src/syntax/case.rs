//! The cases of one object as written: rows, and the requests or errors that they lead to. The tests run them.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::operation::Method;

/// `cases/*.yaml`: rows of one object, and the exact requests or errors that they lead to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// The object, by its plural; also the file's stem.
    #[schemars(example = &"readers")]
    pub object: String,
    /// The cases: every mode needs one that sends and one that does not, every field one that sends it.
    pub cases: Vec<Case>,
}

/// A row, and its result: `requests` or `errors`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = requests_or_errors)]
pub struct Case {
    /// What is shown, in a sentence; unique in the file.
    #[schemars(example = &"insert needs only an e-mail address")]
    pub name: String,
    /// What the sync does.
    #[schemars(extend("enum" = ["insert", "update", "upsert"]))]
    pub mode: String,
    /// Where the fields get their values, as in a sync file; left out: columns named like fields feed them.
    #[schemars(example = json!({"email": {"column": "mail", "as": "lower"}}))]
    pub mapping: Option<Map<String, Value>>,
    /// As in a sync file; left out: true.
    pub derive_key: Option<bool>,
    /// The columns of the row, and their values.
    #[schemars(example = json!({"email": "ada@example.com", "name": "Ada"}))]
    pub row: Map<String, Value>,
    /// The requests that write, in order.
    pub requests: Option<Vec<Request>>,
    /// The faults of the row, for which nothing is sent.
    pub errors: Option<Vec<BrokenRule>>,
}

/// The exact request, and how it is answered.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The HTTP method.
    #[schemars(with = "Method")]
    pub method: String,
    /// The path after the base URL, with its parameters filled in.
    #[schemars(example = &"/readers/r-1")]
    pub path: String,
    /// The body, key by key.
    #[schemars(example = json!({"email": "ada@example.com", "name": "Ada"}))]
    pub body: Value,
    /// The status of the answer.
    #[serde(default = "success")]
    pub answer: u16,
}

fn success() -> u16 {
    200
}

/// A rule that the row breaks.
#[derive(Debug, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BrokenRule {
    /// The field.
    #[schemars(example = &"email")]
    pub field: String,
    /// The rule's short name, as in the failures file.
    #[schemars(example = &"required", example = &"max_length")]
    pub rule: String,
}

fn requests_or_errors(schema: &mut schemars::Schema) {
    crate::json_schema::exactly_one_of(schema, &["requests", "errors"]);
}
