//! How a server behaves, and how it fails.

use std::time::Duration;

/// How a server behaves. By default it does what the API's documents say, at once, and accepts doubles silently.
#[derive(Debug, Clone)]
pub struct Options {
    /// What befalls which request is drawn from this.
    pub seed: u64,
    /// How long an answer takes, after the request has had its effect.
    pub latency: Duration,
    /// How long a write lies around before it has its effect; it has it even if the client has left.
    pub effect_after: Duration,
    /// How long a new record takes to show in lists.
    pub lag: Duration,
    /// A new record that does not show yet cannot be updated either.
    pub lag_on_updates: bool,
    /// What a create gets whose record exists.
    pub duplicates: Duplicates,
    /// What goes wrong, and how often.
    pub faults: Vec<Fault>,
    /// After so many faults in succession the next request about the same record succeeds, so that no bad luck can use up
    /// the attempts that a client has.
    pub in_a_row: u32,
    /// More requests than this get 429.
    pub quota: Option<Quota>,
    /// For some time every request gets 429.
    pub storm: Option<Storm>,
    /// For some time connections are refused.
    pub outage: Option<Outage>,
    /// How wrong the server's clock is.
    pub skew: Skew,
    /// The public keys that it knows; none: it takes any.
    pub public_keys: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            latency: Duration::ZERO,
            effect_after: Duration::ZERO,
            lag: Duration::ZERO,
            lag_on_updates: false,
            duplicates: Duplicates::Accept,
            faults: Vec::new(),
            in_a_row: 3,
            quota: None,
            storm: None,
            outage: None,
            skew: Skew::default(),
            public_keys: Vec::new(),
        }
    }
}

/// What a create gets whose record exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// A second record, without a word.
    Accept,
    /// This status, 400 or 409, and a message.
    Refuse(u16),
}

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// What happens instead of an answer.
    pub kind: Kind,
    /// Whether the request had its effect.
    pub moment: Moment,
    /// Which requests it befalls.
    pub on: On,
    /// How many of a thousand of them.
    pub permille: u64,
}

/// What happens instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The connection is reset.
    Reset,
    /// Nothing, until the client leaves.
    Hang,
    /// An error with this status.
    Error(u16),
    /// 429, with a Retry-After of so many seconds.
    Throttle(Option<u64>),
    /// The connection is closed.
    Closed,
    /// The answer, and then the connection is closed without a word: whoever uses it again finds it closed.
    ClosedBehind,
    /// The answer, the second half of it some time after the first.
    Slow,
    /// Half of the answer, then the end of the connection.
    Truncated,
    /// A page of HTML with status 200.
    Html,
    /// Status 200 and no body.
    Empty,
    /// The answer of a list, where nothing tells one item from another.
    Bare,
}

/// Whether a request that failed had its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It had not.
    Before,
    /// It had.
    After,
}

/// Which requests a fault befalls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// POST and PATCH.
    Writes,
    /// GET.
    Reads,
}

/// So many requests in any window of this length.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    /// How many.
    pub requests: usize,
    /// How long the window is.
    pub window: Duration,
}

/// From some request on, for some time, every request gets 429.
#[derive(Debug, Clone, Copy)]
pub struct Storm {
    /// So many requests are let through first.
    pub after: usize,
    /// How long it lasts.
    pub lasting: Duration,
    /// What it says in Retry-After.
    pub retry_after: Option<u64>,
}

/// After some requests the server goes away: it resets what is open and refuses connections.
#[derive(Debug, Clone, Copy)]
pub struct Outage {
    /// So many requests have their effect first; the last of them gets no answer.
    pub after: usize,
    /// How long it lasts.
    pub lasting: Duration,
}

/// How wrong the server's clock is, in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Skew {
    /// At first.
    pub first: i64,
    /// After so many requests it is set anew.
    pub after: Option<usize>,
    /// From then on.
    pub then: i64,
}
