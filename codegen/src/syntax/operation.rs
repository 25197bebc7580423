//! The operations of an object as written.

use serde::Deserialize;

/// What can be called.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Operations {
    /// Makes a record.
    pub create: Option<Operation>,
    /// Changes a record.
    pub update: Option<Operation>,
    /// Lists records.
    pub list: Option<Operation>,
}

/// The name of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OperationName {
    /// Makes a record.
    Create,
    /// Changes a record.
    Update,
    /// Lists records.
    List,
}

/// One call of the API.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// The HTTP method.
    pub method: Method,
    /// The path after the base URL; `{field}` is filled from the row.
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = r"^(/[A-Za-z0-9._~-]+|/\{[a-z0-9_]+\})+$"), example = &"/readers", example = &"/readers/{reader_key}")
    )]
    pub path: String,
    /// Sending it twice does what sending it once does.
    #[serde(default)]
    pub repeatable: bool,
    /// What a PUT leaves out stays as it is.
    #[serde(default)]
    pub merges: bool,
    /// The operation that finds out whether this one was applied.
    pub lookup: Option<OperationName>,
    /// A name of the source list.
    #[cfg_attr(feature = "schema", schemars(example = &"api_docs"))]
    pub source: String,
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Method {
    /// GET.
    #[serde(rename = "GET")]
    Get,
    /// POST.
    #[serde(rename = "POST")]
    Post,
    /// PUT.
    #[serde(rename = "PUT")]
    Put,
    /// PATCH.
    #[serde(rename = "PATCH")]
    Patch,
}
