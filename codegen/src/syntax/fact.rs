//! What an object and the API as a whole have in common: what is not offered, what is open, where facts come from.

use serde::Deserialize;

/// Something that the tool does not offer, and why.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NotOffered {
    /// What a user would look for.
    #[cfg_attr(feature = "schema", schemars(example = &"Deleting records"))]
    pub title: String,
    /// Why it is not there.
    pub reason: String,
    /// A name of the source list.
    #[cfg_attr(feature = "schema", schemars(example = &"api_docs"))]
    pub source: String,
}

/// Something that no source answers.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenFact {
    /// The question.
    #[cfg_attr(feature = "schema", schemars(example = &"Are values of any length taken?"))]
    pub question: String,
    /// What the tool does as long as it is open, and the setting that changes it.
    pub handling: String,
}

/// Where facts come from.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FactSource {
    /// The name that facts refer to.
    #[cfg_attr(feature = "schema", schemars(example = &"api_docs"))]
    pub name: String,
    /// What it is.
    pub title: String,
    /// Where it is, or how it is known.
    #[cfg_attr(feature = "schema", schemars(example = &"https://docs.library.test/readers"))]
    pub url: String,
    /// The day on which it was read (YYYY-MM-DD).
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), example = &"2026-02-28")
    )]
    pub read: String,
    /// How far it can be trusted.
    pub certainty: Certainty,
}

/// How far a source can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The API's own documents, or a captured answer.
    High,
    /// Code or notes of others in real use.
    Medium,
    /// Derived or unverified.
    Low,
}
