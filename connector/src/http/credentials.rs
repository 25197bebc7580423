//! The key pair: read once, shown never.

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
}
