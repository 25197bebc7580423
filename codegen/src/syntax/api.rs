//! `api.yaml` as written.

use serde::Deserialize;

use super::fact::{FactSource, NotOffered, OpenFact};
use super::operation::OperationName;

/// `api.yaml`: what is true of the API as a whole.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The product's name.
    #[cfg_attr(feature = "schema", schemars(example = &"Library"))]
    pub title: String,
    /// What the connector does with it, in a sentence or two.
    pub description: String,
    /// What a user needs before the first sync.
    #[cfg_attr(feature = "schema", schemars(example = vec!["An account with API access"]))]
    pub prerequisites: Vec<String>,
    /// The prefix of every path, without a slash at the end.
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = r"^https?://[^?#@{}\s]*[^/?#@{}\s]$"), example = &"https://api.library.test/v1")
    )]
    pub base_url: String,
    /// How requests are authenticated.
    pub authentication: Authentication,
    /// How many requests the API takes.
    pub rate_limit: RateLimit,
    /// How long a write may take to show in lists, in seconds: the default of `--settle-after`.
    #[cfg_attr(feature = "schema", schemars(example = 60))]
    pub settle_after: u32,
    /// Where to find things in an answer.
    pub answers: Answers,
    /// How lists are paged and filtered.
    pub lists: Lists,
    /// What refusals mean.
    pub errors: Vec<ErrorRule>,
    /// What to tell people when something fails.
    pub hints: Vec<Hint>,
    /// Advice for every user.
    #[cfg_attr(feature = "schema", schemars(example = vec!["Use test keys until a sync does what you want"]))]
    pub best_practices: Vec<String>,
    /// What the tool does not offer for any object.
    pub not_offered: Vec<NotOffered>,
    /// What no source answers, and how the tool deals with it.
    #[serde(default)]
    pub open: Vec<OpenFact>,
    /// Where the facts come from.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub sources: Vec<FactSource>,
}

/// How requests are authenticated, and where a user finds the keys.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Authentication {
    /// The HTTP scheme.
    pub scheme: Scheme,
    /// What is used as the user name.
    #[cfg_attr(feature = "schema", schemars(example = &"public key"))]
    pub username: String,
    /// What is used as the password.
    #[cfg_attr(feature = "schema", schemars(example = &"secret key"))]
    pub password: String,
    /// Where the keys are found.
    #[cfg_attr(feature = "schema", schemars(example = &"Settings > API Keys"))]
    pub keys_at: String,
    /// What differs between test and production keys.
    pub environments: String,
    /// The partner that test records belong to.
    pub test_partner: String,
    /// A name of the source list.
    #[cfg_attr(feature = "schema", schemars(example = &"api_docs"))]
    pub source: String,
}

/// An HTTP authentication scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// HTTP Basic.
    Basic,
}

/// The quota.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Requests in one window.
    #[cfg_attr(feature = "schema", schemars(range(min = 1), example = 100))]
    pub requests: u32,
    /// The window, in seconds.
    #[cfg_attr(feature = "schema", schemars(range(min = 1), example = 60))]
    pub seconds: u32,
    /// What is counted together.
    #[cfg_attr(feature = "schema", schemars(example = &"IP address"))]
    pub scope: String,
    /// A name of the source list.
    #[cfg_attr(feature = "schema", schemars(example = &"api_docs"))]
    pub source: String,
}

/// Where to find things in an answer; places are written with dots (`data.items`).
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// The statuses of a success that are documented, the usual one first. Any other 2xx in the API's own form counts too.
    #[cfg_attr(
        feature = "schema",
        schemars(length(min = 1), inner(range(min = 100, max = 599)), example = vec![200, 201])
    )]
    pub success: Vec<u16>,
    /// The text for people. An answer without it does not come from the API itself.
    #[cfg_attr(feature = "schema", schemars(example = &"message"))]
    pub message: String,
    /// The HTTP status, repeated in the body. Where an answer has it, it must be HTTP's own.
    #[cfg_attr(feature = "schema", schemars(example = &"status"))]
    pub status: String,
    /// The record that was written.
    #[cfg_attr(feature = "schema", schemars(example = &"data"))]
    pub record: String,
    /// The record's property that holds the system's own key.
    #[cfg_attr(feature = "schema", schemars(example = &"key"))]
    pub key: String,
    /// The record's property that holds its creation time.
    #[cfg_attr(feature = "schema", schemars(example = &"created"))]
    pub created: String,
    /// The record's property that is true for test records.
    #[cfg_attr(feature = "schema", schemars(example = &"test"))]
    pub test: String,
    /// A name of the source list.
    #[cfg_attr(feature = "schema", schemars(example = &"api_docs"))]
    pub source: String,
}

/// How lists are paged and filtered.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lists {
    /// Where the records of a page are.
    #[cfg_attr(feature = "schema", schemars(example = &"data.items"))]
    pub items: String,
    /// Where a page says that more follow.
    #[cfg_attr(feature = "schema", schemars(example = &"data.has_more"))]
    pub more: String,
    /// The query parameter for the size of a page.
    #[cfg_attr(feature = "schema", schemars(example = &"limit"))]
    pub size_parameter: String,
    /// The largest page.
    #[cfg_attr(feature = "schema", schemars(range(min = 1), example = 250))]
    pub max_size: u32,
    /// The query parameter that continues after a record.
    #[cfg_attr(feature = "schema", schemars(example = &"starting_after"))]
    pub cursor_parameter: String,
    /// The record's property that is the cursor.
    #[cfg_attr(feature = "schema", schemars(example = &"key"))]
    pub cursor_property: String,
    /// The query parameter for the earliest creation time, in epoch milliseconds.
    #[cfg_attr(feature = "schema", schemars(example = &"min_created"))]
    pub created_from: String,
    /// The query parameter for the latest creation time, in epoch milliseconds.
    #[cfg_attr(feature = "schema", schemars(example = &"max_created"))]
    pub created_to: String,
    /// How long a write takes to show in a list at most, in seconds.
    #[cfg_attr(feature = "schema", schemars(range(min = 1), example = 900))]
    pub lag: u32,
    /// A name of the source list.
    #[cfg_attr(feature = "schema", schemars(example = &"api_docs"))]
    pub source: String,
}

/// What a refusal means, told by its status and, where given, by words of its message.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ErrorRule {
    /// What it means to the engine.
    pub class: ErrorClass,
    /// The operation that it answers; left out: any.
    pub operation: Option<OperationName>,
    /// The statuses that it comes with.
    #[cfg_attr(
        feature = "schema",
        schemars(length(min = 1), inner(range(min = 100, max = 599)), example = vec![409])
    )]
    pub status: Vec<u16>,
    /// Any of these in the message, regardless of case, blanks, `-` and `_`; none: the status is enough.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(example = vec!["already exists"]))]
    pub words: Vec<String>,
    /// A name of the source list.
    #[cfg_attr(feature = "schema", schemars(example = &"api_docs"))]
    pub source: String,
}

/// What a refusal means to the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// The credentials are wrong: nothing will be accepted.
    Unauthorized,
    /// Not allowed: nothing will be accepted if it is said of many rows, one after the other.
    Forbidden,
    /// There is no such record.
    NotFound,
    /// A record with the same identity exists already.
    Duplicate,
    /// Too many requests.
    Throttled,
    /// Refused because of what the row says, though its status usually means more.
    Rejected,
    /// No refusal: the server could not deal with the request now, and nothing is known of its effect.
    Trouble,
}

/// What to tell people when something fails; the most specific matching hint is shown.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// A short name, unique.
    #[cfg_attr(feature = "schema", schemars(example = &"throttled"))]
    pub name: String,
    /// The failure as a heading.
    #[cfg_attr(feature = "schema", schemars(example = &"Rate limit exceeded"))]
    pub title: String,
    /// What to do about it.
    pub text: String,
    /// The hint is shown if any of these holds.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub when: Vec<HintCondition>,
    /// A name of the source list.
    #[cfg_attr(feature = "schema", schemars(example = &"api_docs"))]
    pub source: String,
}

/// A condition of a hint; every key that is given must hold.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HintCondition {
    /// The object that was synced.
    #[cfg_attr(feature = "schema", schemars(example = &"readers"))]
    pub object: Option<String>,
    /// The operation that failed.
    pub operation: Option<OperationName>,
    /// The statuses of the answer.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(inner(range(min = 100, max = 599)), example = vec![401]))]
    pub status: Vec<u16>,
    /// Any of these in the message, regardless of case, blanks, `-` and `_`.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(example = vec!["invalid stage"]))]
    pub words: Vec<String>,
    /// The rule that the row broke before anything was sent.
    #[cfg_attr(feature = "schema", schemars(example = &"required"))]
    pub rule: Option<String>,
    /// The field that broke it.
    #[cfg_attr(feature = "schema", schemars(example = &"email"))]
    pub field: Option<String>,
    /// True: records turned out to be test records.
    #[serde(default)]
    pub test_records: bool,
}
