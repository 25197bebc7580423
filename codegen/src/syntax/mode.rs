//! An object's row of the mode matrix as written.

use serde::Deserialize;

use super::operation::OperationName;

/// An object's row of the mode matrix.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Modes {
    /// Create records.
    pub insert: Mode,
    /// Change records.
    pub update: Mode,
    /// Change records, create those that are missing.
    pub upsert: Mode,
}

/// A cell of the mode matrix: `steps`, or why it is `forbidden`.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(transform = steps_or_reason))]
pub struct Mode {
    /// The operations, in order; the next one runs where the record of the one before was not found.
    #[cfg_attr(feature = "schema", schemars(length(min = 1), example = vec!["update", "create"]))]
    pub steps: Option<Vec<OperationName>>,
    /// Why the mode is not offered.
    #[cfg_attr(feature = "schema", schemars(example = &"The API has no route that changes one."))]
    pub forbidden: Option<String>,
    /// What the mode does, or the API's side of why it does not, in a sentence.
    pub description: Option<String>,
    /// A name of the source list.
    #[cfg_attr(feature = "schema", schemars(example = &"api_docs"))]
    pub source: String,
}

#[cfg(feature = "schema")]
fn steps_or_reason(schema: &mut schemars::Schema) {
    crate::json_schema::exactly_one_of(schema, &["steps", "forbidden"]);
}
