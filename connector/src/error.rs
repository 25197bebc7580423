//! Why a run cannot start, and where that is written. The errors of a row are in [`crate::row::fault`], those of a call
//! in [`crate::http::answer::error`].

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A place in a file that a person wrote. Clones share the text of the file.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    file: Arc<str>,
    line_and_column: Option<(usize, usize)>,
    excerpt: Option<(Arc<str>, Range<usize>)>,
}

impl Place {
    /// A file as a whole, by the name that messages give it.
    #[must_use]
    pub fn file(name: Arc<str>) -> Self {
        Self { file: name, line_and_column: None, excerpt: None }
    }

    /// The same file at a line and a column, both from 1.
    #[must_use]
    pub fn at(mut self, line: usize, column: usize) -> Self {
        self.line_and_column = Some((line, column));
        self
    }

    /// The same with the text of the file and the bytes of it that are meant, so that they can be shown.
    #[must_use]
    pub fn showing(mut self, text: Arc<str>, span: Range<usize>) -> Self {
        self.excerpt = Some((text, span));
        self
    }

    /// The name of the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.file
    }

    /// The text of the file and the bytes of it that are meant, where they may be shown.
    #[must_use]
    pub fn excerpt(&self) -> Option<(&str, Range<usize>)> {
        self.excerpt.as_ref().map(|(text, span)| (&**text, span.clone()))
    }
}

/// `FILE:LINE:COLUMN`, or `FILE`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line_and_column {
            Some((line, column)) => write!(f, "{}:{line}:{column}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// Without the text of the file, which may be personal.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}

/// The run cannot start: configuration, credentials, a file, or a pair outside the matrix. Nothing was sent.
///
/// The text says where it is written, what is wrong, and on a line of its own what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupError {
    place: Option<Box<Place>>,
    message: String,
    help: Option<String>,
}

impl SetupError {
    /// An error with its text for people.
    pub fn new(message: impl Into<String>) -> Self {
        Self { place: None, message: message.into(), help: None }
    }

    /// The same with where it is written, if that is known.
    #[must_use]
    pub fn at(mut self, place: Option<&Place>) -> Self {
        if let Some(place) = place {
            self.place = Some(Box::new(place.clone()));
        }
        self
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl fmt::Display) -> Self {
        self.help = Some(help.to_string());
        self
    }

    /// Where it is written, if it is written in a file.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        self.place.as_deref()
    }

    /// What is wrong, without its place and without help.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it, if anything is said.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for SetupError {}
