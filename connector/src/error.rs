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
    /// What else is wrong.
    others: Vec<SetupError>,
    /// What people should know besides.
    notes: Vec<String>,
}

impl SetupError {
    /// An error with its text for people.
    pub fn new(message: impl Into<String>) -> Self {
        Self { place: None, message: message.into(), help: None, others: Vec::new(), notes: Vec::new() }
    }

    /// The same with where it is written, if that is known.
    #[must_use]
    pub fn at(mut self, place: Option<&Place>) -> Self {
        if let Some(place) = place {
            self.place = Some(Box::new(place.clone()));
        }
        self
    }

    /// The same, where all of it is written in one place.
    #[must_use]
    pub fn all_at(mut self, place: Option<&Place>) -> Self {
        let others = std::mem::take(&mut self.others).into_iter().map(|other| other.at(place)).collect();
        Self { others, ..self.at(place) }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl fmt::Display) -> Self {
        self.help = Some(help.to_string());
        self
    }

    /// The same with what people should know besides.
    #[must_use]
    pub fn note(mut self, note: impl fmt::Display) -> Self {
        self.notes.push(note.to_string());
        self
    }

    /// Each fault by itself: this one, and what else is wrong.
    pub fn each(&self) -> impl Iterator<Item = Self> {
        let alone = |error: &Self| Self { others: Vec::new(), notes: Vec::new(), ..error.clone() };
        std::iter::once(self).chain(&self.others).map(alone)
    }

    /// What people should know besides, if anything.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Both at once.
    #[must_use]
    pub fn and(mut self, mut other: Self) -> Self {
        let others = std::mem::take(&mut other.others);
        self.notes.append(&mut other.notes);
        self.others.push(other);
        self.others.extend(others);
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
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        self.others.iter().try_for_each(|other| write!(f, "\n{other}"))?;
        self.notes.iter().try_for_each(|note| write!(f, "\nnote: {note}"))
    }
}

impl std::error::Error for SetupError {}

/// Everything that is wrong with a set-up, so that it can be said at once.
#[derive(Debug, Default)]
pub struct SetupErrors(Vec<SetupError>);

impl SetupErrors {
    /// Notes one more.
    pub fn add(&mut self, error: SetupError) {
        self.0.push(error);
    }

    /// Notes it where something is wrong, and goes on with what there is.
    pub fn take<T>(&mut self, result: Result<T, SetupError>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// All of it as one error, if anything is wrong.
    pub fn finish(self) -> Result<(), SetupError> {
        self.0.into_iter().reduce(SetupError::and).map_or(Ok(()), Err)
    }

    /// The last of all results, unless something else is wrong.
    pub fn finish_with<T>(self, last: Result<T, SetupError>) -> Result<T, SetupError> {
        both(self.finish(), last).map(|((), last)| last)
    }
}

/// Both of two results, or all that is wrong with them.
pub fn both<A, B>(one: Result<A, SetupError>, other: Result<B, SetupError>) -> Result<(A, B), SetupError> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(one), Err(other)) => Err(one.and(other)),
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
    }
}
