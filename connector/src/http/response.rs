//! What an answer says, read at the places that the spec names.

use std::time::Duration;

use serde_json::Value;

use super::projection::prune;
use crate::api::{AnswerSpec, ApiSpec};
use crate::text::printable::printable;

/// An answer of the server, whatever its status.
#[derive(Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// How long the server asked to wait.
    pub retry_after: Option<Duration>,
    /// The server's time in epoch milliseconds, where it says so.
    pub date: Option<i64>,
    /// What it said.
    pub body: Body,
}

/// The body of an answer.
#[derive(Clone)]
pub enum Body {
    /// JSON.
    Json(Value),
    /// Anything else; the text says what, for people.
    Unreadable(&'static str),
}

impl Body {
    /// Reads the bytes of a body.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        Self::of(bytes, serde_json::from_slice(bytes).ok())
    }

    /// Reads of the answer to a write what there is a use for.
    #[must_use]
    pub fn read_record(bytes: &[u8], answers: &AnswerSpec) -> Self {
        let within = |name| [answers.record, &[name]].concat();
        let (key, test) = (within(answers.key), within(answers.test));
        Self::of(bytes, prune(bytes, &[&key, &test, answers.message]))
    }

    fn of(bytes: &[u8], value: Option<Value>) -> Self {
        if let Some(value) = value {
            return Self::Json(value);
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Self::Unreadable("an empty body");
        }
        let html = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
        Self::Unreadable(if html { "an HTML page instead of JSON" } else { "a body that is not JSON" })
    }
}

impl Answer {
    /// The server's own words, made safe to print: control characters escaped, at most 500 characters.
    #[must_use]
    pub fn message(&self, api: &ApiSpec) -> String {
        match &self.body {
            Body::Json(body) => match at(body, api.answers.message) {
                Some(Value::String(text)) if !text.trim().is_empty() => printable(text),
                _ => format!("HTTP {} without a message", self.status),
            },
            Body::Unreadable(what) => format!("HTTP {} with {what}", self.status),
        }
    }

    /// The message, with a word on what the status alone tells.
    #[must_use]
    pub fn explained(&self, api: &ApiSpec) -> String {
        let message = self.message(api);
        match self.status {
            300..=399 => format!(
                "{message}; it sends requests to another address, which is not followed: see --base-url"
            ),
            _ => message,
        }
    }

    /// The record that was written.
    #[must_use]
    pub fn record(&self, api: &ApiSpec) -> Option<&Value> {
        match &self.body {
            Body::Json(body) => at(body, api.answers.record),
            Body::Unreadable(_) => None,
        }
    }

    /// The record is marked as a test record.
    #[must_use]
    pub fn is_test(&self, api: &ApiSpec) -> bool {
        self.record(api).is_some_and(|record| is_test(record, &api.answers))
    }
}

/// The record is marked as a test record.
#[must_use]
pub fn is_test(record: &Value, answers: &AnswerSpec) -> bool {
    record.get(answers.test).and_then(Value::as_bool) == Some(true)
}

/// What stands at a place of a document.
#[must_use]
pub fn at<'v>(document: &'v Value, place: &[&str]) -> Option<&'v Value> {
    place.iter().try_fold(document, |value, name| value.get(name))
}
