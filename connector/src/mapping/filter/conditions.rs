//! Conditions on the columns of a source, resolved once, and judged row by row without copying anything.

use std::cmp::Ordering;

use serde_json::Value;

use super::bound::{Bound, Number};
use crate::error::{Place, SetupError, SetupErrors};
use crate::mapping::amount::Decimal;
use crate::mapping::source_column::{NullValues, SourceColumn, SourceColumns, Unfound};
use crate::row::Row;
use crate::row::fault::Faults;
use crate::row::value::Cell;

/// What a column must hold for a row to be synced, as a user wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The name of the column.
    pub column: String,
    /// All of these must hold.
    pub tests: Vec<Test>,
    /// Where it is written, if in a file.
    pub place: Option<Place>,
}

/// What must hold of a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// It is one of these.
    OneOf(Vec<Literal>),
    /// It is none of these; no value is none of them.
    NoneOf(Vec<Literal>),
    /// There is no value, or there is one.
    Empty(bool),
    /// It is more than that.
    Over(Bound),
    /// It is less than that.
    Under(Bound),
}

/// A value that a cell may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A text, letter by letter.
    Text(String),
    /// A number, however it is written.
    Number(Number<'static>),
    /// True or false.
    Bool(bool),
}

/// Which rows of a source are synced. The one of no conditions takes all of them.
#[derive(Debug, Default)]
pub struct Filter {
    conditions: Vec<ResolvedCondition>,
    nulls: NullValues,
}

/// A condition whose column is found.
#[derive(Debug)]
struct ResolvedCondition {
    name: String,
    column: SourceColumn,
    tests: Vec<Test>,
}

impl Filter {
    /// Resolves conditions against the columns of a source (`None`: JSON, whose names are known row by row).
    pub fn resolve(
        conditions: &[Condition],
        columns: Option<&[String]>,
        nulls: NullValues,
    ) -> Result<Self, SetupError> {
        let columns = SourceColumns::of(columns);
        let resolve = |Condition { column: name, tests, place }: &Condition| {
            let column = columns.find(name).map_err(|Unfound { why, help }| {
                SetupError::new(format!("`where` names the column `{name}`, {why}"))
                    .at(place.as_ref())
                    .help(help)
            })?;
            Ok(ResolvedCondition { name: name.clone(), column, tests: tests.clone() })
        };
        let mut faults = SetupErrors::default();
        let conditions = conditions.iter().filter_map(|condition| faults.take(resolve(condition))).collect();
        faults.finish().map(|()| Self { conditions, nulls })
    }

    /// The row is one of those that are synced, or why that cannot be told.
    pub fn takes(&self, row: &Row) -> Result<bool, Faults> {
        let mut faults = Faults::default();
        for condition in &self.conditions {
            let cell = condition.column.cell(row, &self.nulls);
            for test in &condition.tests {
                match test.holds(cell.as_ref()) {
                    Ok(true) => {}
                    Ok(false) => return Ok(false),
                    Err(fault) => faults.add(&condition.name, fault),
                }
            }
        }
        if faults.is_empty() { Ok(true) } else { Err(faults) }
    }

    /// The names of the columns that it looks at.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.conditions.iter().map(|condition| condition.name.as_str())
    }
}

impl Test {
    fn holds(&self, cell: Option<&Cell<'_>>) -> Result<bool, crate::row::fault::Fault> {
        let compares = |bound: &Bound, wanted: Ordering| match cell {
            Some(cell) => bound.compare(cell).map(|found| found == wanted),
            None => Ok(false),
        };
        match self {
            Self::OneOf(literals) => Ok(cell.is_some_and(|cell| literals.iter().any(|one| one.is(cell)))),
            Self::NoneOf(literals) => Ok(!cell.is_some_and(|cell| literals.iter().any(|one| one.is(cell)))),
            Self::Empty(empty) => Ok(cell.is_none() == *empty),
            Self::Over(bound) => compares(bound, Ordering::Greater),
            Self::Under(bound) => compares(bound, Ordering::Less),
        }
    }
}

impl Literal {
    fn is(&self, cell: &Cell<'_>) -> bool {
        match (self, cell) {
            (Self::Text(text), Cell::Text(cell)) => text == cell,
            (Self::Bool(value), Cell::Text(cell)) => {
                cell.eq_ignore_ascii_case(if *value { "true" } else { "false" })
            }
            (Self::Bool(value), Cell::Json(cell)) => {
                matches!(cell.as_ref(), Value::Bool(cell) if cell == value)
            }
            (Self::Text(text), cell) => cell.as_text().is_some_and(|cell| cell == text.as_str()),
            (Self::Number(number), cell) => cell
                .as_text()
                .is_some_and(|cell| Number::parse(&cell, Decimal::Point).is_some_and(|cell| cell == *number)),
            (Self::Bool(_), Cell::Integer(_)) => false,
        }
    }
}
