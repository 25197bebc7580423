//! One field as written.

use serde::Deserialize;

use super::operation::OperationName;

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
    /// The field that says in which currency an amount is.
    #[cfg_attr(feature = "schema", schemars(example = &"currency"))]
    pub currency_field: Option<String>,
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
    /// Whose key a value of it is.
    pub refers_to: Option<Reference>,
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
    /// The smallest unit of the currency: hundredths of most.
    Cents,
}

/// Whose key a value is. A rehearsal refuses a value that is not among those that it was told (`--known`).
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// What `--known` calls them: an object, or what else has keys and is no object here.
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"), example = &"readers")
    )]
    pub list: String,
    /// The property of a listed record that has the key, and the column of a file that `--known` names.
    #[cfg_attr(feature = "schema", schemars(example = &"reader_key"))]
    pub property: String,
    /// The status of the refusal.
    #[cfg_attr(feature = "schema", schemars(range(min = 100, max = 599), example = 404))]
    pub status: u16,
    /// What the refusal says.
    #[cfg_attr(feature = "schema", schemars(example = &"Reader not found"))]
    pub message: String,
    /// A name of the source list.
    #[cfg_attr(feature = "schema", schemars(example = &"api_docs"))]
    pub source: String,
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
