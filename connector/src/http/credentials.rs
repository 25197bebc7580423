//! The key pair: read once, shown never.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::text::redact::Private;

/// Shorter keys, as in tests, are too likely to be parts of words.
const SHORTEST_PART: usize = 8;

/// A text that cannot be printed: it has neither `Debug` nor `Display`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one header that carries it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

/// What authenticates requests.
#[derive(Clone)]
pub struct Credentials {
    /// The public key: the user name.
    pub public: Secret,
    /// The secret key: the password.
    pub secret: Secret,
}

impl Credentials {
    /// The two keys of one pair.
    pub fn new(public: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { public: Secret::new(public), secret: Secret::new(secret) }
    }

    /// Both keys as the header carries them.
    pub(crate) fn pair(&self) -> Secret {
        Secret::new(STANDARD.encode(self.joined()))
    }

    /// What a server must not make us print, should it repeat what it was sent.
    pub(crate) fn private(&self) -> Private {
        let mut private = Private::default();
        let forms = [STANDARD_NO_PAD.encode(self.joined()), URL_SAFE_NO_PAD.encode(self.joined())];
        let keys = [&self.public, &self.secret].map(|key| key.0.as_str());
        for text in forms.iter().map(String::as_str).chain(keys) {
            private.add_secret(text, text.len() < SHORTEST_PART);
        }
        private
    }

    fn joined(&self) -> String {
        format!("{}:{}", self.public.0, self.secret.0)
    }
}
