//! A column of a source, and what its cells have in common.

use std::collections::{BTreeMap, HashSet};

/// Texts that programs and people write for no value.
const NO_VALUE: [&str; 14] = [
    "NULL",
    "null",
    "\\N",
    "N/A",
    "n/a",
    "#N/A",
    "None",
    "nil",
    "NaN",
    "-",
    "--",
    "(No value)",
    "(blank)",
    "[not provided]",
];

/// A column, with the cells of the rows that were read; `""` where a row has none.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) cells: Vec<String>,
}

impl Column {
    /// The value of a row.
    pub(super) fn value(&self, row: usize) -> Option<&str> {
        self.cells.get(row).map(String::as_str).filter(|cell| has_value(cell))
    }

    /// The cells of the rows that are kept.
    pub(super) fn kept<'c>(&'c self, kept: &'c [bool]) -> impl Iterator<Item = &'c str> {
        self.cells.iter().zip(kept).filter(|(_, kept)| **kept).map(|(cell, _)| cell.as_str())
    }

    /// The cells of the rows that are kept, as far as they have a value.
    pub(super) fn values<'c>(&'c self, kept: &'c [bool]) -> impl Iterator<Item = &'c str> {
        self.kept(kept).filter(|cell| has_value(cell))
    }

    /// How many of the rows that are kept have no value.
    pub(super) fn missing(&self, kept: &[bool]) -> usize {
        self.kept(kept).filter(|cell| !has_value(cell)).count()
    }

    /// Every row has a value, and no two have the same. Of one row nobody can tell.
    pub(super) fn is_unique(&self) -> bool {
        let mut seen = HashSet::new();
        self.cells.iter().all(|cell| has_value(cell) && seen.insert(cell.trim()))
    }

    /// How often each value occurs, unless there are more than `most` values.
    pub(super) fn labels<'c>(&'c self, kept: &'c [bool], most: usize) -> Option<BTreeMap<&'c str, usize>> {
        let mut labels = BTreeMap::new();
        for value in self.values(kept) {
            *labels.entry(value).or_default() += 1;
            if labels.len() > most {
                return None;
            }
        }
        (!labels.is_empty()).then_some(labels)
    }

    /// The texts in it that stand for no value.
    pub(super) fn nulls(&self) -> impl Iterator<Item = &'static str> {
        NO_VALUE.into_iter().filter(|null| self.cells.iter().any(|cell| cell == null))
    }
}

/// A cell that is neither empty nor a text that stands for no value.
pub(super) fn has_value(cell: &str) -> bool {
    !cell.trim().is_empty() && !NO_VALUE.contains(&cell)
}
