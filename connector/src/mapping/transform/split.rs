//! A part of a text: the first name of a full one, say.

use std::borrow::Cow;

use crate::row::fault::Fault;
use crate::row::plain_key::trimmed;
use crate::row::value::Cell;

/// Takes a part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// What stands between the parts. It is never empty.
    pub by: String,
    /// Which part is taken.
    pub take: Take,
}

/// Which part of a text is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// The first.
    First,
    /// The last.
    Last,
    /// All but the first, as it is written.
    Rest,
}

impl Split {
    /// The part, without blanks around it, if there is one.
    pub(super) fn take<'r>(&self, cell: Cell<'r>) -> Result<Option<Cell<'r>>, Fault> {
        let text = cell.into_text().ok_or_else(|| {
            Fault::new("split", "must be text: a list, an object, true and false cannot be split")
        })?;
        let part = match text {
            Cow::Borrowed(text) => self.part(text).map(Cow::Borrowed),
            Cow::Owned(text) => self.part(&text).map(|part| Cow::Owned(part.to_owned())),
        };
        Ok(part.map(Cell::Text))
    }

    fn part<'t>(&self, text: &'t str) -> Option<&'t str> {
        let text = trimmed(text);
        let part = match (self.take, text.split_once(&self.by), text.rsplit_once(&self.by)) {
            (Take::First, Some((first, _)), _) => first,
            (Take::Last, _, Some((_, last))) => last,
            (Take::Rest, Some((_, rest)), _) => rest,
            (Take::First | Take::Last, ..) => text,
            (Take::Rest, ..) => "",
        };
        let part = trimmed(part);
        (!part.is_empty()).then_some(part)
    }
}
