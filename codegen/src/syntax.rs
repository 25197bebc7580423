//! The spec as written: one struct for each block of YAML, keys named as in the files, nothing judged yet.
//!
//! Plain serde types. Positions are found later, by route (see `source`), so nothing here carries a span.

mod object;

use serde::Deserialize;

pub use self::object::{
    Compare, Constraint, Field, FieldType, Format, Identity, Method, Mode, Modes, Object, Operation,
    OperationName, Operations, SystemKey, Unit, WhenAbsent,
};

/// `api.yaml`: what is true of the API as a whole.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The product's name.
    pub title: String,
    /// What the connector does with it, in a sentence or two.
    pub description: String,
    /// What a user needs before the first sync.
    pub prerequisites: Vec<String>,
    /// The prefix of every path, without a slash at the end.
    pub base_url: String,
    /// How requests are authenticated.
    pub authentication: Authentication,
    /// How many requests the API takes.
    pub rate_limit: RateLimit,
    /// How long a write may take to show in lists, in seconds: the default of `--settle-after`.
    pub settle_after: u32,
    /// Where things stand in an answer.
    pub answers: Answers,
    /// How lists are paged and filtered.
    pub lists: Lists,
    /// What refusals mean.
    pub errors: Vec<ErrorRule>,
    /// What to tell people when something fails.
    pub hints: Vec<Hint>,
    /// Advice for every user.
    pub best_practices: Vec<String>,
    /// What the tool does not offer for any object.
    pub not_offered: Vec<NotOffered>,
    /// What no source answers, and how the tool deals with it.
    #[serde(default)]
    pub open: Vec<OpenFact>,
    /// Where the facts come from.
    pub sources: Vec<Source>,
}

/// How requests are authenticated, and where a user finds the keys.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authentication {
    /// The HTTP scheme.
    pub scheme: Scheme,
    /// What stands for the user name.
    pub username: String,
    /// What stands for the password.
    pub password: String,
    /// Where the keys are found.
    pub keys_at: String,
    /// What differs between test and production keys.
    pub environments: String,
    /// The partner that test records belong to.
    pub test_partner: String,
    /// A name of the source list.
    pub source: String,
}

/// An HTTP authentication scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// HTTP Basic.
    Basic,
}

/// The quota.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Requests in one window.
    pub requests: u32,
    /// The window, in seconds.
    pub seconds: u32,
    /// What is counted together.
    pub scope: String,
    /// A name of the source list.
    pub source: String,
}

/// Where things stand in an answer; places are written with dots (`data.items`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// Statuses that mean done.
    pub success: Vec<u16>,
    /// The text for people.
    pub message: String,
    /// The record that was written.
    pub record: String,
    /// The record's property that holds the system's own key.
    pub key: String,
    /// The record's property that holds its creation time.
    pub created: String,
    /// The record's property that is true for test records.
    pub test: String,
    /// A name of the source list.
    pub source: String,
}

/// How lists are paged and filtered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lists {
    /// Where the records of a page stand.
    pub items: String,
    /// Where a page says that more follow.
    pub more: String,
    /// The query parameter for the size of a page.
    pub size_parameter: String,
    /// The largest page.
    pub max_size: u32,
    /// The query parameter that continues after a record.
    pub cursor_parameter: String,
    /// The record's property that is the cursor.
    pub cursor_property: String,
    /// The query parameter for the earliest creation time, in epoch milliseconds.
    pub created_from: String,
    /// The query parameter for the latest creation time, in epoch milliseconds.
    pub created_to: String,
    /// A name of the source list.
    pub source: String,
}

/// What a refusal means, told by its status and, where given, by words of its message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorRule {
    /// What it means to the engine.
    pub class: ErrorClass,
    /// The operation that it answers; left out: any.
    pub operation: Option<OperationName>,
    /// The statuses that it comes with.
    pub status: Vec<u16>,
    /// Any of these in the message, regardless of case, blanks, `-` and `_`; none: the status is enough.
    #[serde(default)]
    pub words: Vec<String>,
    /// A name of the source list.
    pub source: String,
}

/// What a refusal means to the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// The credentials are wrong: nothing will be accepted.
    Unauthorized,
    /// Not allowed: nothing will be accepted if it is so from the start.
    Forbidden,
    /// The record or the route does not exist.
    NotFound,
    /// A record with the same identity exists already.
    Duplicate,
    /// Too many requests.
    Throttled,
    /// Refused because of what the row says, though the status alone would mean more.
    Rejected,
}

/// What to tell people when something fails; the most specific matching hint is shown.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// A short name, unique.
    pub name: String,
    /// The failure as a heading.
    pub title: String,
    /// What to do about it.
    pub text: String,
    /// Any of these brings the hint up.
    pub when: Vec<HintCondition>,
    /// A name of the source list.
    pub source: String,
}

/// A condition of a hint; every key that is given must hold.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HintCondition {
    /// The object that was synced.
    pub object: Option<String>,
    /// The operation that failed.
    pub operation: Option<OperationName>,
    /// The statuses of the answer.
    #[serde(default)]
    pub status: Vec<u16>,
    /// Any of these in the message, regardless of case, blanks, `-` and `_`.
    #[serde(default)]
    pub words: Vec<String>,
    /// The rule that the row broke before anything was sent.
    pub rule: Option<String>,
    /// The field that broke it.
    pub field: Option<String>,
    /// True: records turned out to be test records.
    #[serde(default)]
    pub test_records: bool,
}

/// Something that the tool does not offer, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotOffered {
    /// What a user would look for.
    pub title: String,
    /// Why it is not there.
    pub reason: String,
    /// A name of the source list.
    pub source: String,
}

/// Something that no source answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenFact {
    /// The question.
    pub question: String,
    /// What the tool does as long as it is open, and the setting that changes it.
    pub handling: String,
}

/// Where facts come from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The name that facts refer to.
    pub name: String,
    /// What it is.
    pub title: String,
    /// Where it is, or how it is known.
    pub url: String,
    /// The day on which it was read (YYYY-MM-DD).
    pub read: String,
    /// How far it can be trusted.
    pub certainty: Certainty,
}

/// How far a source can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The API's own documents, or a captured answer.
    High,
    /// Code or notes of others in real use.
    Medium,
    /// Derived or unverified.
    Low,
}
