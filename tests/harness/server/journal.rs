//! What a server was asked, in order of arrival, and what became of it.

use std::time::Duration;

use serde_json::Value;

use super::options::Kind;

/// A request, as it came.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its place in the order of arrival, from 0.
    pub number: usize,
    /// Which run of the client sent it: the number at the end of its secret key.
    pub run: u64,
    /// When it came, since the server was started.
    pub at: Duration,
    /// When its answer left, or its connection ended; nothing where neither was seen.
    pub ended: Option<Duration>,
    /// GET, POST, PATCH.
    pub method: String,
    /// The parts of the path after the base path, without percent-encoding.
    pub path: Vec<String>,
    /// The query, as it was sent.
    pub query: String,
    /// The body; null where there is none.
    pub body: Value,
    /// What it is about: the label of a record (see [`super::Record`]), or the key that it asked for.
    pub about: String,
    /// The status that was sent.
    pub status: Option<u16>,
    /// What went wrong on purpose.
    pub fault: Option<Kind>,
    /// What it changed.
    pub applied: Option<Applied>,
}

/// What a request changed.
#[derive(Debug, Clone)]
pub struct Applied {
    /// PartnerStack's key of the record.
    pub key: String,
    /// The place of this change in the order of all changes, from 0.
    pub order: usize,
}

impl Call {
    /// Whether it asks for a change.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.method != "GET"
    }

    /// The object that it is about.
    #[must_use]
    pub fn object(&self) -> &str {
        self.path.first().map_or("", String::as_str)
    }
}

/// The most requests that came in any window of a length.
#[must_use]
pub fn peak(calls: &[Call], window: Duration) -> usize {
    let mut first = calls.iter().peekable();
    let mut inside = 0;
    let mut most = 0;
    for call in calls {
        inside += 1;
        while first.next_if(|earliest| earliest.at + window <= call.at).is_some() {
            inside -= 1;
        }
        most = most.max(inside);
    }
    most
}
