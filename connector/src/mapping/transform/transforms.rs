//! What is done with a value before its cast, in its order: split, translate, decide what no value means.

use super::split::Split;
use super::translate::Translation;
use crate::row::fault::Fault;
use crate::row::value::Cell;

/// What is done with a value before its cast. By default nothing is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Transforms {
    /// Only a part of it is taken, then only a part of that.
    pub split: Vec<Split>,
    /// Another value takes its place.
    pub values: Option<Translation>,
    /// What happens where there is no value.
    pub null: WhenNull,
}

/// What happens where there is no value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WhenNull {
    /// The field is left out.
    #[default]
    Omit,
    /// The API gets a null, which takes away what the record has.
    Send,
    /// The row is invalid.
    Error,
}

/// What became of a value.
pub(crate) enum Transformed<'r> {
    /// A value, before its cast.
    Value(Cell<'r>),
    /// No value.
    Nothing,
    /// No value, and the API is to know that.
    Null,
    /// The row cannot be sent.
    Faulty(Fault),
}

impl Transforms {
    /// Nothing is done.
    pub(crate) fn are_none(&self) -> bool {
        self.split.is_empty() && self.values.is_none() && self.null == WhenNull::Omit
    }

    /// What becomes of a value.
    pub(crate) fn apply<'r>(&'r self, cell: Option<Cell<'r>>) -> Transformed<'r> {
        let made = self.split.iter().fold(cell.map(Ok), |made, split| {
            made.and_then(|cell: Result<_, Fault>| cell.and_then(|cell| split.take(cell)).transpose())
        });
        let made = made.and_then(|cell| match &self.values {
            Some(values) => cell.and_then(|cell| values.translate(&cell)).transpose(),
            None => Some(cell),
        });
        match (made, self.null) {
            (Some(Ok(cell)), _) => Transformed::Value(cell),
            (Some(Err(fault)), _) => Transformed::Faulty(fault),
            (None, WhenNull::Omit) => Transformed::Nothing,
            (None, WhenNull::Send) => Transformed::Null,
            (None, WhenNull::Error) => {
                Transformed::Faulty(Fault::new("null", "has no value: its mapping says `null: error`"))
            }
        }
    }
}
