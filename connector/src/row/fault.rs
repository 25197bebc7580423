//! What can be wrong with a value, a field and a row. No message repeats a value.

use std::fmt;

use crate::api::FieldSpec;

/// A rule that a value breaks.
#[derive(Debug)]
pub struct Fault {
    /// The short name of the rule.
    pub rule: &'static str,
    /// What was expected, and what to write instead.
    pub message: String,
}

impl Fault {
    /// A fault; the message continues the name of the field and never repeats the value.
    pub fn new(rule: &'static str, message: impl fmt::Display) -> Self {
        Self { rule, message: message.to_string() }
    }
}

/// The faults of a row or a payload: all of them, one for each field.
#[derive(Debug, Default)]
pub struct Faults {
    found: Vec<FieldError>,
}

impl Faults {
    /// Notes a fault. Only the first of a field counts: what follows would be its consequence.
    pub fn note(&mut self, field: &str, rule: &'static str, message: impl Into<String>) {
        if !self.concern(field) {
            self.found.push(FieldError { field: field.to_owned(), rule, message: message.into() });
        }
    }

    /// Takes over what others found.
    pub fn extend(&mut self, others: Self) {
        for fault in others.found {
            self.note(&fault.field, fault.rule, fault.message);
        }
    }

    /// There is a fault of that field already.
    #[must_use]
    pub fn concern(&self, field: &str) -> bool {
        self.found.iter().any(|fault| fault.field == field)
    }

    /// There are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All of them.
    pub(crate) fn into_found(self) -> Vec<FieldError> {
        self.found
    }

    /// Puts them in an order of their fields.
    pub(crate) fn sort_by_key<K: Ord>(&mut self, key: impl Fn(&str) -> K) {
        self.found.sort_by_key(|fault| key(&fault.field));
    }

    /// All of them as the error of a row, if there are any.
    pub fn into_result(self, row: Option<u64>) -> Result<(), RowError> {
        if self.found.is_empty() { Ok(()) } else { Err(RowError { row, faults: self.found }) }
    }
}

/// A rule of the spec that a value of a row breaks. Its message never repeats the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The destination field, or the column where no field is concerned; empty where it is the row as a whole.
    pub field: String,
    /// The short name of the rule.
    pub rule: &'static str,
    /// What was expected, and what to write instead.
    pub message: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{} ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

/// A row that cannot be sent, with every fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct RowError {
    /// The row's number; none for a payload that was not made from a row.
    pub row: Option<u64>,
    /// Every fault, in the order of the fields.
    pub faults: Vec<FieldError>,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(row) = self.row {
            write!(f, "row {row}: ")?;
        }
        for (position, fault) in self.faults.iter().enumerate() {
            let separator = if position == 0 { "" } else { "; " };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

/// The fault of a number outside its range, also of one that no integer type holds.
pub(crate) fn out_of_range(field: &FieldSpec) -> Fault {
    let unit = if field.unit.is_some() { " cents" } else { "" };
    let range = match (field.minimum, field.maximum) {
        (Some(minimum), Some(maximum)) => format!("from {minimum} to {maximum}{unit}"),
        (Some(minimum), None) => format!("{minimum}{unit} or more"),
        (None, Some(maximum)) => format!("{maximum}{unit} or less"),
        (None, None) => format!("from {} to {}", i64::MIN, i64::MAX),
    };
    Fault::new("range", format_args!("must be {range}"))
}
