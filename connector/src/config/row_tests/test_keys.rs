//! The tests of a sync file as YAML has them. What is said of them here is what editors show.

use partnerstack_codegen::json_schema::exactly_one_of;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, SeqAccess};
use serde_json::{Map, Value, json};

use crate::api::OperationName;
use crate::config::either::either;

/// A row, and what becomes of it: `request`, `errors` or `filtered`. `partnerstack test` runs it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Test", transform = one_result)]
pub(crate) struct TestKeys {
    /// What is shown, in a sentence; unique in the file.
    #[schemars(example = &"a paid invoice is sent in cents", length(min = 1))]
    pub(crate) name: String,
    /// The columns of the row, and their values: cells as a CSV source has them, or JSON values.
    #[schemars(example = json!({"Invoice Number": "INV-1", "Amount Due": "49.00"}))]
    pub(crate) row: Map<String, Value>,
    /// The exact request that the row leads to. Where an upsert may send an update and then a create: one of them, or a list of both.
    pub(crate) request: Option<RequestsKey>,
    /// All that is wrong with the row, so that nothing is sent.
    #[schemars(length(min = 1))]
    pub(crate) errors: Option<Vec<ErrorKeys>>,
    /// True: `where` does not take the row.
    #[schemars(extend("enum" = [true, null]))]
    pub(crate) filtered: Option<bool>,
}

fn one_result(schema: &mut Schema) {
    exactly_one_of(schema, &["request", "errors", "filtered"]);
}

/// A request, or a list of requests in the order in which they are tried.
#[derive(Debug, JsonSchema)]
#[schemars(untagged, rename = "TestRequests")]
pub(crate) enum RequestsKey {
    /// One request.
    One(RequestKeys),
    /// All of them.
    All(#[schemars(length(min = 1))] Vec<RequestKeys>),
}

/// A request as it would leave. What is left out of operation, method and path is not looked at.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TestRequest")]
pub(crate) struct RequestKeys {
    /// The operation.
    pub(crate) operation: Option<OperationKey>,
    /// The HTTP method.
    pub(crate) method: Option<MethodKey>,
    /// The path after the base URL, with its parameters filled in.
    pub(crate) path: Option<String>,
    /// The body, key by key.
    #[schemars(example = json!({"amount": 4900, "currency": "USD"}))]
    pub(crate) body: Map<String, Value>,
}

/// What a request does.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Operation")]
pub(crate) enum OperationKey {
    /// It creates a record.
    Create,
    /// It changes a record.
    Update,
}

impl From<OperationKey> for OperationName {
    fn from(operation: OperationKey) -> Self {
        match operation {
            OperationKey::Create => Self::Create,
            OperationKey::Update => Self::Update,
        }
    }
}

/// The HTTP method of a request that writes.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(rename = "WritingMethod")]
pub(crate) enum MethodKey {
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
}

impl MethodKey {
    /// The name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }
}

/// A fault of the row.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TestError")]
pub(crate) struct ErrorKeys {
    /// The field, or the column where no field is concerned; empty where it is the row as a whole.
    #[schemars(example = &"email")]
    pub(crate) field: String,
    /// A part of the message [default: any message].
    #[schemars(example = &"is required")]
    pub(crate) message: Option<String>,
}

either!(RequestsKey, "a request, or a list of them", {
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RequestsKey, A::Error> {
        RequestKeys::deserialize(MapAccessDeserializer::new(map)).map(RequestsKey::One)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<RequestsKey, A::Error> {
        Vec::deserialize(de::value::SeqAccessDeserializer::new(items)).map(RequestsKey::All)
    }
});
