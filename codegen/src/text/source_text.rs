//! The text of a file, with the name that messages give the file.

use std::fmt;
use std::sync::Arc;

/// The text of a file, with the name that messages give the file. Clones share the text.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceText {
    path: Arc<str>,
    text: Arc<str>,
}

impl SourceText {
    /// A text and the name that messages give it.
    #[must_use]
    pub fn new(path: &str, text: &str) -> Self {
        // Editors on Windows begin a file with a byte order mark; it is no part of the text.
        Self { path: path.into(), text: text.strip_prefix('\u{feff}').unwrap_or(text).into() }
    }

    /// The name that messages give it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it says.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The name alone: the text may hold a secret.
impl fmt::Debug for SourceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SourceText").field(&self.path).finish()
    }
}
