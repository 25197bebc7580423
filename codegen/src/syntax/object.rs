//! One object as written: its fields, operations and modes.

use serde::Deserialize;

use super::{NotOffered, OpenFact};

/// `objects/*.yaml`: one object of the API.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// The plural that users type (`--object`); also the file's stem.
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"), example = &"readers")
    )]
    pub name: String,
    /// The singular; names the generated module and type.
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"), example = &"reader")
    )]
    pub singular: String,
    /// The name as people read it.
    #[cfg_attr(feature = "schema", schemars(example = &"Readers"))]
    pub title: String,
    /// What it is, in a sentence.
    #[cfg_attr(feature = "schema", schemars(example = &"People who borrow books."))]
    pub description: String,
    /// The key that the system itself gives a record.
    #[serde(default)]
    pub key: SystemKey,
    /// The field of the create body that sets the creation time.
    #[cfg_attr(feature = "schema", schemars(example = &"created"))]
    pub created_field: Option<String>,
    /// The fields, in the order in which people read them.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub fields: Vec<Field>,
    /// Rules across fields.
    #[serde(default)]
    pub constraints: Vec<Constraint>,
    /// The fields that tell one record from another, the strongest first.
    pub identity: Vec<Identity>,
    /// What can be called.
    pub operations: Operations,
    /// The row of the mode matrix.
    pub modes: Modes,
    /// What the tool does not offer for this object.
    #[serde(default)]
    pub not_offered: Vec<NotOffered>,
    /// What no source answers about it.
    #[serde(default)]
    pub open: Vec<OpenFact>,
}

/// The key that the system itself gives a record.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SystemKey {
    /// What it begins with.
    #[cfg_attr(feature = "schema", schemars(example = &"rdr_"))]
    pub prefix: Option<String>,
    /// The field by which a row brings it.
    #[cfg_attr(feature = "schema", schemars(example = &"reader_key"))]
    pub field: Option<String>,
}

/// One field of an object.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name on the wire.
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"), example = &"email")
    )]
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Every create needs it.
    #[serde(default)]
    pub required: bool,
    /// One of the fields that are offered first.
    #[serde(default)]
    pub default_field: bool,
    /// The API takes null for it.
    #[serde(default)]
    pub nullable: bool,
    /// What a user misses without it; said once, where nothing feeds it.
    #[cfg_attr(feature = "schema", schemars(example = &"Without it no later sync can name the record."))]
    pub recommended: Option<String>,
    /// The fewest characters.
    #[cfg_attr(feature = "schema", schemars(example = 4))]
    pub min_length: Option<u32>,
    /// The most characters.
    #[cfg_attr(feature = "schema", schemars(example = 255))]
    pub max_length: Option<u32>,
    /// The smallest number.
    #[cfg_attr(feature = "schema", schemars(example = 0))]
    pub minimum: Option<i64>,
    /// The largest number.
    #[cfg_attr(feature = "schema", schemars(example = 100))]
    pub maximum: Option<i64>,
    /// What the text must look like.
    pub format: Option<Format>,
    /// What the number counts.
    pub unit: Option<Unit>,
    /// The only texts that it takes.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(example = vec!["open", "closed"]))]
    pub allowed: Vec<String>,
    /// The most entries of a map.
    #[cfg_attr(feature = "schema", schemars(example = 20))]
    pub max_entries: Option<u32>,
    /// The most characters of an entry's name.
    #[cfg_attr(feature = "schema", schemars(example = 40))]
    pub max_name_length: Option<u32>,
    /// The most characters of an entry's value.
    #[cfg_attr(feature = "schema", schemars(example = 500))]
    pub max_value_length: Option<u32>,
    /// The operations whose body takes it; left out: all that have a body.
    #[cfg_attr(feature = "schema", schemars(example = vec!["create"]))]
    pub writable: Option<Vec<OperationName>>,
    /// What a create sends where the row has no value.
    pub when_absent: Option<WhenAbsent>,
    /// A create fills it from the record key where the row has no value.
    #[serde(default)]
    pub derive: bool,
    /// What it means.
    #[cfg_attr(feature = "schema", schemars(example = &"E-mail address of the reader."))]
    pub description: String,
    /// A name of the source list.
    #[cfg_attr(feature = "schema", schemars(example = &"api_docs"))]
    pub source: String,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// A calendar date.
    Date,
    /// A point in time, in epoch milliseconds.
    Timestamp,
    /// A list of texts.
    Strings,
    /// Names and values.
    Map,
    /// A list of `{api_name, value}`.
    CustomFields,
}

/// What a text must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// An e-mail address.
    Email,
    /// An ISO 4217 code in upper case.
    Currency,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Hundredths of the currency.
    Cents,
}

/// What a create sends for a field that the row leaves out.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WhenAbsent {
    /// The text to send; null sends null.
    #[cfg_attr(feature = "schema", schemars(example = &"USD"))]
    pub send: Option<String>,
    /// Not where one of these fields has a value.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(example = vec!["reader_key"]))]
    pub unless: Vec<String>,
    /// Why that is sent, in a sentence.
    pub reason: String,
    /// A name of the source list.
    #[cfg_attr(feature = "schema", schemars(example = &"api_docs"))]
    pub source: String,
}

/// A rule across fields.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Constraint {
    /// A create has a value for exactly one of these.
    #[cfg_attr(feature = "schema", schemars(example = vec!["reader_key", "reader_email"]))]
    pub exactly_one_of: Vec<String>,
    /// Why, in a sentence that a user can act on.
    pub description: String,
    /// A name of the source list.
    #[cfg_attr(feature = "schema", schemars(example = &"api_docs"))]
    pub source: String,
}

/// A field that tells one record from another.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The field.
    #[cfg_attr(feature = "schema", schemars(example = &"email"))]
    pub field: String,
    /// The property of a listed record that shows it; left out: the field's name.
    #[cfg_attr(feature = "schema", schemars(example = &"email"))]
    pub property: Option<String>,
    /// How two values are compared.
    #[serde(default)]
    pub compare: Compare,
}

/// How two identity values are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// To the letter.
    #[default]
    Exact,
    /// Regardless of case.
    IgnoreCase,
}

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
    crate::schema::exactly_one_of(schema, &["steps", "forbidden"]);
}
