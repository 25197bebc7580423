//! A column of a source, found once, and what a row has in it.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::row::value::Cell;
use crate::row::{Record, Row};
use crate::text::names::{near_column, plain_name, property_name, visible_name};

/// A column of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceColumn {
    /// A column of a CSV file.
    Position(usize),
    /// A property of JSON records, or the way to one inside of others: `contact.email`.
    Property(String),
}

impl SourceColumn {
    /// What a row has in it, if that is a value.
    #[inline]
    pub(crate) fn cell<'r>(&self, row: &'r Row, nulls: &NullValues) -> Option<Cell<'r>> {
        match (self, &row.record) {
            (Self::Position(position), Record::Cells(cells)) => {
                let text = cells.get(*position)?;
                (!nulls.stands_for_none(text)).then_some(Cell::Text(Cow::Borrowed(text)))
            }
            (Self::Property(name), Record::Object(object)) => {
                nulls.present(Cell::from_json(property(object, name)?)?)
            }
            _ => None,
        }
    }
}

/// A property by its name, or by the dotted path to it. A name that has dots itself comes first.
pub(crate) fn property<'o>(object: &'o Map<String, Value>, name: &str) -> Option<&'o Value> {
    if let Some(value) = object.get(name) {
        return Some(value);
    }
    let mut names = name.split('.');
    let mut value = object.get(names.next()?)?;
    for name in names {
        value = match value {
            Value::Object(object) => object.get(name)?,
            Value::Array(items) => items.get(name.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// The texts that stand for no value, besides the empty one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NullValues(Vec<String>);

impl NullValues {
    /// These texts.
    #[must_use]
    pub fn new(texts: Vec<String>) -> Self {
        Self(texts)
    }

    /// The cell, unless it stands for no value.
    #[inline]
    pub(crate) fn present<'r>(&self, cell: Cell<'r>) -> Option<Cell<'r>> {
        let absent = match &cell {
            Cell::Text(text) => self.stands_for_none(text),
            // Most syncs have none.
            _ if self.0.is_empty() => false,
            other => other.as_text().is_some_and(|text| self.stands_for_none(&text)),
        };
        (!absent).then_some(cell)
    }

    #[inline]
    pub(super) fn stands_for_none(&self, text: &str) -> bool {
        text.is_empty() || self.0.iter().any(|null| null == text)
    }
}

/// The columns of a source (none: JSON, whose names are known row by row), and where each is.
pub(crate) struct SourceColumns<'c> {
    all: Option<&'c [String]>,
    /// By name: how often there is one of it, and where the first is.
    positions: HashMap<&'c str, (usize, usize)>,
}

/// Why a column is not found, as the end of a sentence, and the help.
pub(crate) struct Unfound {
    pub(crate) why: &'static str,
    pub(crate) help: String,
}

impl<'c> SourceColumns<'c> {
    pub(crate) fn of(all: Option<&'c [String]>) -> Self {
        let mut positions = HashMap::new();
        for (position, name) in all.unwrap_or_default().iter().enumerate() {
            positions.entry(name.as_str()).or_insert((0, position)).0 += 1;
        }
        Self { all, positions }
    }

    /// The column of that name, or the one whose name is the same but for case, blanks, `-` and `_`: names in a template
    /// have no blanks.
    pub(crate) fn find_alike(&self, name: &str) -> Result<SourceColumn, Unfound> {
        self.find(name).or_else(|unfound| {
            let plain = plain_name(name);
            let mut alike = self.all.unwrap_or_default().iter().enumerate();
            let mut alike = alike.by_ref().filter(|(_, known)| plain_name(known) == plain);
            match (alike.next(), alike.next()) {
                (Some((position, _)), None) => Ok(SourceColumn::Position(position)),
                _ => Err(unfound),
            }
        })
    }

    /// The column of that name, or which are near. Names are compared as people see them.
    pub(crate) fn find(&self, name: &str) -> Result<SourceColumn, Unfound> {
        let visible = visible_name(name);
        match (self.all, self.positions.get(&*visible)) {
            (None, _) => Ok(SourceColumn::Property(property_name(name).into_owned())),
            (Some(_), Some((1, position))) => Ok(SourceColumn::Position(*position)),
            (Some(all), Some(_)) => {
                let places = (1..).zip(all).filter(|(_, known)| **known == *visible);
                let places: Vec<String> = places.map(|(place, _)| place.to_string()).collect();
                Err(Unfound {
                    why: "which the source has more than once",
                    help: format!(
                        "give each a name of its own: they are the columns {}; characters that nobody sees do not count",
                        places.join(" and ")
                    ),
                })
            }
            (Some(all), None) => {
                Err(Unfound { why: "which the source does not have", help: near_column(name, all) })
            }
        }
    }
}
