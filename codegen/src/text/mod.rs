//! A text with a name, and places in it. The ground floor: it knows no YAML and no sentence.

pub(crate) mod place;
pub(crate) mod source_text;
pub(crate) mod span;

pub use self::place::Place;
pub use self::source_text::SourceText;
pub use self::span::Span;
