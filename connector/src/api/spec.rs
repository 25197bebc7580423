//! The tables that are generated from the spec: all that the runtime knows of the API.
//!
//! Plain constant data. What belongs to one object is reached from its [`ObjectSpec`], the rest from [`ApiSpec`].

use super::object_spec::{NotOffered, ObjectSpec, OpenFact, OperationName};

/// What is true of the API as a whole.
#[derive(Debug)]
pub struct ApiSpec {
    /// The product's name.
    pub title: &'static str,
    /// What the connector does with it.
    pub description: &'static str,
    /// What a user needs before the first sync.
    pub prerequisites: &'static [&'static str],
    /// The default of `--base-url`.
    pub base_url: &'static str,
    /// How requests are authenticated.
    pub authentication: AuthenticationSpec,
    /// The quota.
    pub rate_limit: RateLimit,
    /// The default of `--settle-after`, in seconds.
    pub settle_after: u32,
    /// The places of things in an answer.
    pub answers: AnswerSpec,
    /// How lists are paged and filtered.
    pub lists: ListSpec,
    /// What refusals mean.
    pub errors: &'static [ErrorRule],
    /// What to tell people when something fails.
    pub hints: &'static [Hint],
    /// Advice for every user.
    pub best_practices: &'static [&'static str],
    /// What is not offered for any object.
    pub not_offered: &'static [NotOffered],
    /// What no source answers.
    pub open: &'static [OpenFact],
    /// Where the facts come from.
    pub sources: &'static [FactSource],
    /// Every object, sorted by name.
    pub objects: &'static [&'static ObjectSpec],
}

impl ApiSpec {
    /// The object of that name.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<&'static ObjectSpec> {
        self.objects.iter().copied().find(|object| object.name == name)
    }
}

/// How requests are authenticated, and where a user finds the keys.
#[derive(Debug)]
pub struct AuthenticationSpec {
    /// What is sent as the user name.
    pub username: &'static str,
    /// What is sent as the password.
    pub password: &'static str,
    /// Where the keys are found.
    pub keys_at: &'static str,
    /// What differs between test and production keys.
    pub environments: &'static str,
    /// The partner that test records belong to.
    pub test_partner: &'static str,
}

/// How many requests the API takes.
#[derive(Debug)]
pub struct RateLimit {
    /// Requests in one window.
    pub requests: u32,
    /// The window, in seconds.
    pub seconds: u32,
    /// What is counted together.
    pub scope: &'static str,
}

/// The places of things in an answer: lists of property names, from the outside in.
#[derive(Debug)]
pub struct AnswerSpec {
    /// The statuses of a success that are documented, the usual one first; any other 2xx counts too.
    pub success: &'static [u16],
    /// The text for people. An answer without it does not come from the API itself.
    pub message: &'static [&'static str],
    /// The HTTP status, repeated in the body.
    pub status: &'static [&'static str],
    /// The record that was written.
    pub record: &'static [&'static str],
    /// The record's property that holds the system's own key.
    pub key: &'static str,
    /// The record's property that holds its creation time, in epoch milliseconds.
    pub created: &'static str,
    /// The record's property that is true for test records.
    pub test: &'static str,
}

/// How lists are paged and filtered.
#[derive(Debug)]
pub struct ListSpec {
    /// Where the records of a page stand.
    pub items: &'static [&'static str],
    /// Where a page says that more follow.
    pub more: &'static [&'static str],
    /// The query parameter for the size of a page.
    pub size_parameter: &'static str,
    /// The largest page.
    pub max_size: u32,
    /// The query parameter that continues after a record.
    pub cursor_parameter: &'static str,
    /// The record's property that is the cursor.
    pub cursor_property: &'static str,
    /// The query parameter for the earliest creation time, in epoch milliseconds.
    pub created_from: &'static str,
    /// The query parameter for the latest creation time, in epoch milliseconds.
    pub created_to: &'static str,
    /// How long a write takes to show in a list at most, in seconds.
    pub lag: u32,
}

/// What a refusal means, told by status and, where there are any, by words of its message.
#[derive(Debug)]
pub struct ErrorRule {
    /// What it means to the engine.
    pub class: ErrorClass,
    /// The operation that it answers; none: any.
    pub operation: Option<OperationName>,
    /// The statuses that it comes with.
    pub status: &'static [u16],
    /// Any of these in the message; none: the status is enough.
    pub words: &'static [&'static str],
}

/// What a refusal means to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// The credentials are wrong.
    Unauthorized,
    /// Not allowed.
    Forbidden,
    /// There is no such record.
    NotFound,
    /// A record with the same identity exists already.
    Duplicate,
    /// Too many requests.
    Throttled,
    /// Refused because of what the row says, though the status alone would mean more.
    Rejected,
    /// No refusal: the server could not deal with the request now, and nothing is known of its effect.
    Trouble,
}

/// What to tell people when something fails.
#[derive(Debug)]
pub struct Hint {
    /// A short name.
    pub name: &'static str,
    /// The failure as a heading.
    pub title: &'static str,
    /// What to do about it.
    pub text: &'static str,
    /// Any of these brings the hint up.
    pub when: &'static [HintCondition],
}

/// A condition of a hint: everything that is given must hold.
#[derive(Debug)]
pub struct HintCondition {
    /// The object that was synced.
    pub object: Option<&'static str>,
    /// The operation that failed.
    pub operation: Option<OperationName>,
    /// The statuses of the answer; empty: any.
    pub status: &'static [u16],
    /// Any of these in the message; empty: any message.
    pub words: &'static [&'static str],
    /// The rule that the row broke.
    pub rule: Option<&'static str>,
    /// The field that broke it.
    pub field: Option<&'static str>,
    /// Records turned out to be test records.
    pub test_records: bool,
}

impl HintCondition {
    /// A condition that asks for nothing, to be completed.
    pub const ANY: Self = Self {
        object: None,
        operation: None,
        status: &[],
        words: &[],
        rule: None,
        field: None,
        test_records: false,
    };
}

/// Where facts come from.
#[derive(Debug)]
pub struct FactSource {
    /// The name that facts refer to.
    pub name: &'static str,
    /// What it is.
    pub title: &'static str,
    /// Where it is.
    pub url: &'static str,
    /// The day on which it was read.
    pub read: &'static str,
    /// How far it can be trusted.
    pub certainty: &'static str,
}
