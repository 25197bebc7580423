//! The path of a request, with its parameters percent-encoded.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Puts a path together from literals and parameters.
#[derive(Debug, Default)]
pub struct PathBuilder {
    path: Cow<'static, str>,
}

impl PathBuilder {
    /// A part that is not encoded.
    pub fn literal(&mut self, text: &'static str) {
        self.path += text;
    }

    /// A part that stays one segment: every special character is encoded.
    pub fn parameter(&mut self, value: &str) {
        self.path.to_mut().extend(utf8_percent_encode(value, RESERVED));
    }

    /// The path.
    #[must_use]
    pub fn into_path(self) -> Cow<'static, str> {
        self.path
    }
}

/// A path of the spec whose parameters are replaced by a value.
#[must_use]
pub fn with_parameter(template: &'static str, value: &str) -> Cow<'static, str> {
    let mut path = PathBuilder::default();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        path.literal(before);
        path.parameter(value);
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    path.literal(rest);
    path.into_path()
}

/// One value of a query, percent-encoded.
#[must_use]
pub fn encode(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}
