//! One object as written.

use serde::Deserialize;

use super::fact::{NotOffered, OpenFact};
use super::field::Field;
use super::mode::Modes;
use super::operation::Operations;

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
    /// The field in which a row has it.
    #[cfg_attr(feature = "schema", schemars(example = &"reader_key"))]
    pub field: Option<String>,
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
    /// Exactly.
    #[default]
    Exact,
    /// Regardless of case.
    IgnoreCase,
}
