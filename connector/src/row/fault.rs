//! What can be wrong with a value, a field and a row. No message repeats a value: what was found instead stands beside it,
//! for the failures file alone.

use std::fmt;

use crate::api::FieldSpec;
use crate::text::printable::one_line;

/// The most characters of a value that are shown.
const SHOWN: usize = 40;

/// A rule that a value breaks.
#[derive(Debug)]
pub struct Fault {
    /// The short name of the rule.
    pub rule: &'static str,
    /// What was expected, and what to write instead.
    pub message: String,
    /// The value, shortened and safe to show.
    pub found: Option<FoundValue>,
}

/// A value of a row, shortened and safe to show in the failures file. It may be personal data, so `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct FoundValue(String);

impl fmt::Debug for FoundValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FoundValue(..)")
    }
}

impl Fault {
    /// A fault; the message continues the name of the field and never repeats the value.
    pub fn new(rule: &'static str, message: impl fmt::Display) -> Self {
        Self { rule, message: message.to_string(), found: None }
    }

    /// The same, of this value.
    #[must_use]
    pub fn of(self, value: &str) -> Self {
        let mut shown: String = value.chars().take(SHOWN).collect();
        if shown.len() < value.len() {
            shown.push('\u{2026}');
        }
        Self { found: Some(FoundValue(one_line(&shown))), ..self }
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
        self.add(field, Fault { rule, message: message.into(), found: None });
    }

    /// The same, of a fault that is made already.
    pub(crate) fn add(&mut self, field: &str, fault: Fault) {
        if !self.concern(field) {
            let Fault { rule, message, found } = fault;
            self.found.push(FieldError { field: field.to_owned(), rule, message, found });
        }
    }

    /// Takes over what others found.
    pub fn extend(&mut self, others: Self) {
        for fault in others.found {
            let FieldError { field, rule, message, found } = fault;
            self.add(&field, Fault { rule, message, found });
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
    /// The value, shortened and safe to show. It is a value of the row, so it goes into the failures file alone.
    pub found: Option<FoundValue>,
}

impl FieldError {
    /// The message with the value, for the failures file.
    pub(crate) fn with_value(&self) -> String {
        match &self.found {
            Some(FoundValue(found)) => format!("{} (the row has `{found}`)", self.message),
            None => self.message.clone(),
        }
    }

    /// The same, behind the name of the field.
    pub(crate) fn named_with_value(&self) -> String {
        Self { message: self.with_value(), ..self.clone() }.to_string()
    }
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
