//! What an answer says, read at the places that the spec names.

use std::time::Duration;

use serde_json::Value;

use super::projection::project;
use crate::api::{AnswerSpec, ApiSpec};
use crate::text::printable::printable;
use crate::text::redact::Private;

/// An answer of the server, whatever its status.
#[derive(Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// How long the server asked to wait.
    pub retry_after: Option<Duration>,
    /// The server's time in epoch milliseconds, where it says so and no cache was in between.
    pub date: Option<i64>,
    /// What it said.
    pub body: Body,
    /// The words of its message without what is private, once they are taken out.
    pub said: Option<String>,
    /// What the record in the answer shows in another way than it was sent: names and values.
    pub shown_otherwise: Vec<(String, Value)>,
}

/// The body of an answer.
#[derive(Clone)]
pub enum Body {
    /// JSON.
    Json(Value),
    /// None.
    Empty,
    /// More than is read.
    TooLarge,
    /// Anything else; the text says what, for people.
    Unreadable(&'static str),
}

/// Whether an answer comes from the API itself, as far as its form tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerForm {
    /// The API's own envelope: an object with a message, and with no status but HTTP's.
    Envelope {
        /// The status is in it.
        with_status: bool,
    },
    /// There is no body.
    Empty,
    /// Anything else: a gateway, a cache, another program.
    Foreign,
}

/// A page of a list.
pub struct Page<'a> {
    /// Its records.
    pub items: &'a [Value],
    /// More pages follow.
    pub more: bool,
}

impl Page<'_> {
    /// After which record the next page begins: the last one of this page, if it says so.
    #[must_use]
    pub fn cursor(&self, api: &ApiSpec) -> Option<String> {
        text_of(self.items.last()?.get(api.lists.cursor_property)?)
    }
}

impl Body {
    /// Reads the bytes of a body.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let bytes = without_bom(bytes);
        Self::of(bytes, serde_json::from_slice(bytes).ok())
    }

    fn of(bytes: &[u8], value: Option<Value>) -> Self {
        if let Some(value) = value {
            return Self::Json(value);
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Self::Empty;
        }
        let html = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
        Self::Unreadable(if html { "an HTML page instead of JSON" } else { "a body that is not JSON" })
    }

    fn what(&self) -> &'static str {
        match self {
            Self::Json(_) => "JSON",
            Self::Empty => "an empty body",
            Self::TooLarge => "a body larger than 1 MiB",
            Self::Unreadable(what) => what,
        }
    }
}

/// Some servers put a byte order mark before their JSON.
fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

impl Answer {
    /// An answer with this body.
    #[must_use]
    pub fn new(status: u16, body: Body) -> Self {
        Self { status, retry_after: None, date: None, body, said: None, shown_otherwise: Vec::new() }
    }

    /// The answer to a write: of its JSON only what there is a use for is kept, and what its record shows in another way
    /// than `sent`, the body of the request.
    #[must_use]
    pub fn to_write(status: u16, bytes: &[u8], answers: &AnswerSpec, sent: &[u8]) -> Self {
        let bytes = without_bom(bytes);
        let projected = project(bytes, answers, sent);
        let (value, shown_otherwise) =
            projected.map_or((None, Vec::new()), |(kept, shown)| (Some(kept), shown));
        Self { shown_otherwise, ..Self::new(status, Body::of(bytes, value)) }
    }

    /// Whether it comes from the API itself.
    #[must_use]
    pub fn form(&self, api: &ApiSpec) -> AnswerForm {
        let body = match &self.body {
            Body::Json(body) if body.is_object() => body,
            Body::Empty => return AnswerForm::Empty,
            _ => return AnswerForm::Foreign,
        };
        let status = at(body, api.answers.status);
        let agrees = status.is_none_or(|status| status.as_u64() == Some(u64::from(self.status)));
        if agrees && at(body, api.answers.message).is_some_and(Value::is_string) {
            AnswerForm::Envelope { with_status: status.is_some() }
        } else {
            AnswerForm::Foreign
        }
    }

    /// The page of a list, if it is one. Nothing but true and false says whether more follow.
    #[must_use]
    pub fn page(&self, api: &ApiSpec) -> Option<Page<'_>> {
        let Body::Json(body) = &self.body else { return None };
        let status = at(body, api.answers.status);
        if status.is_some_and(|status| status.as_u64() != Some(u64::from(self.status))) {
            return None;
        }
        let items = at(body, api.lists.items)?.as_array()?;
        Some(Page { items, more: at(body, api.lists.more)?.as_bool()? })
    }

    /// The system's own key of the record that was written.
    #[must_use]
    pub fn key(&self, api: &ApiSpec) -> Option<String> {
        self.record(api)?.get(api.answers.key).and_then(text_of)
    }

    /// The server's own words, made safe to print: control characters escaped, at most 500 characters.
    #[must_use]
    pub fn message(&self, api: &ApiSpec) -> String {
        match (&self.said, &self.body) {
            (Some(said), _) => said.clone(),
            (None, Body::Json(_)) => match self.words(api) {
                Some(words) => printable(words),
                None => format!("HTTP {} without a message", self.status),
            },
            (None, other) => format!("HTTP {} with {}", self.status, other.what()),
        }
    }

    /// The words of its message as they came, if it has any.
    fn words(&self, api: &ApiSpec) -> Option<&str> {
        let Body::Json(body) = &self.body else { return None };
        at(body, api.answers.message)?.as_str().filter(|words| !words.trim().is_empty())
    }

    /// Takes what is private out of its message, before that is cut to length.
    pub(crate) fn take_out(&mut self, api: &ApiSpec, private: impl FnOnce() -> Private) {
        if let Some(words) = self.words(api) {
            self.said = Some(printable(&private().take_out(words)));
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
            _ => None,
        }
    }

    /// Whether the record is a test record, where it says so or that it is none.
    #[must_use]
    pub fn test_mark(&self, api: &ApiSpec) -> Option<bool> {
        self.record(api)?.get(api.answers.test)?.as_bool()
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

/// A text or an integer as a text; a key may be either. Of any other number, digits may have been lost: it is no key.
#[must_use]
pub fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_text_or_an_integer_digit_for_digit() {
        for (shown, key) in [
            (r#""rec_1""#, Some("rec_1")),
            ("7", Some("7")),
            ("-7", Some("-7")),
            ("18446744073709551615", Some("18446744073709551615")),
            ("18446744073709551616", Some("18446744073709551616")),
            ("7.0", None),
            ("7e3", None),
            (r#""""#, None),
            ("null", None),
            ("true", None),
            ("[7]", None),
        ] {
            assert_eq!(text_of(&serde_json::from_str(shown).unwrap()).as_deref(), key, "{shown}");
        }
    }
}
