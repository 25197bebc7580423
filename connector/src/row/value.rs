//! The types of field values, and how a cell becomes one.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Write as _};

use jiff::fmt::temporal::Pieces;
use serde::Serialize;
use serde_json::{Number, Value};

use super::fault::{Fault, out_of_range};
use super::plain_key::{is_edge, named, trimmed};
use crate::api::{FieldSpec, FieldType, Unit};
use crate::text::json;

/// The first year that is no mistake: a year of two digits that is read as one of four lies long before it.
pub(crate) const FIRST_YEAR: i16 = 1900;

/// A calendar date.
pub use jiff::civil::Date;

/// Names and values of the user's own.
pub type Map = serde_json::Map<String, Value>;

/// A custom field, for fields that take a list of them.
#[derive(Clone, PartialEq, Serialize)]
pub struct CustomField {
    /// Its name in the API.
    pub api_name: String,
    /// Its value.
    pub value: Value,
}

/// A value on its way from a row to a field; never absent.
#[derive(Clone)]
pub enum Cell<'r> {
    /// Text of a CSV cell or a JSON string.
    Text(Cow<'r, str>),
    /// A JSON value other than a string or null.
    Json(Cow<'r, Value>),
    /// What a cast made.
    Integer(i64),
}

impl<'r> Cell<'r> {
    /// A CSV cell; an empty one is absent.
    #[must_use]
    pub fn from_text(text: &'r str) -> Option<Self> {
        (!text.is_empty()).then_some(Self::Text(Cow::Borrowed(text)))
    }

    /// A JSON value; null and an empty text are absent.
    #[must_use]
    pub fn from_json(value: &'r Value) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(Self::Text(Cow::Borrowed(text))),
            other => Some(Self::Json(Cow::Borrowed(other))),
        }
    }

    /// Its text, where it is text or a number.
    #[must_use]
    pub fn into_text(self) -> Option<Cow<'r, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Integer(number) => Some(Cow::Owned(number.to_string())),
            Self::Json(value) => match value.as_ref() {
                Value::Number(number) => Some(Cow::Owned(number.to_string())),
                _ => None,
            },
        }
    }

    /// The same, of one that is still needed.
    #[must_use]
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Integer(number) => Some(Cow::Owned(number.to_string())),
            Self::Json(value) => match value.as_ref() {
                Value::Number(number) => Some(Cow::Owned(number.to_string())),
                _ => None,
            },
        }
    }

    /// Without blanks and what is invisible at either end.
    pub(crate) fn trimmed(self) -> Self {
        match self {
            Self::Text(Cow::Borrowed(text)) => Self::Text(Cow::Borrowed(trimmed(text))),
            Self::Text(Cow::Owned(text)) => Self::Text(Cow::Owned(trimmed(&text).to_owned())),
            other => other,
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Text(text) => Value::String(text.into_owned()),
            Self::Integer(number) => Value::from(number),
            Self::Json(value) => value.into_owned(),
        }
    }
}

/// A type of field values. The default is only a placeholder for a value that has a fault.
pub trait FromCell: Sized + Default {
    /// The value of a cell, in this field.
    fn from_cell(cell: Cell<'_>, field: &'static FieldSpec) -> Result<Self, Fault>;

    /// Adds the values of nested targets such as `meta.plan`, of which the last of a name counts; only types that have
    /// entries can.
    fn add_entries(&mut self, _entries: Vec<(&str, Cell<'_>)>) {}

    /// Adds the value as it is compared with what was sent before: equal values of different sources give one text.
    fn write_canonical(&self, text: &mut String);
}

impl FromCell for String {
    fn from_cell(cell: Cell<'_>, _field: &'static FieldSpec) -> Result<Self, Fault> {
        match cell {
            Cell::Text(text) => Ok(text.into_owned()),
            Cell::Integer(number) => Ok(number.to_string()),
            Cell::Json(value) => match value.as_ref() {
                // A whole number has one way to be written, so it can be an identifier.
                Value::Number(number) if !number.is_f64() => Ok(number.to_string()),
                Value::Number(_) => {
                    Err(Fault::new("text", "must be text: write the number in quotes, digit for digit"))
                }
                Value::Bool(_) => {
                    Err(Fault::new("text", "must be text, not true or false: write it in quotes"))
                }
                _ => Err(Fault::new("text", "must be text, not a list or an object")),
            },
        }
    }

    fn write_canonical(&self, text: &mut String) {
        text.push_str(self);
    }
}

impl FromCell for i64 {
    fn from_cell(cell: Cell<'_>, field: &'static FieldSpec) -> Result<Self, Fault> {
        match cell {
            Cell::Integer(number) => Ok(number),
            Cell::Text(text) => whole_number(&text, field),
            Cell::Json(value) => match value.as_ref() {
                // Digit for digit: as many as there are.
                Value::Number(number) => whole_number(&number.to_string(), field),
                _ => Err(not_whole(field, "")),
            },
        }
    }

    fn write_canonical(&self, text: &mut String) {
        write_to(text, self);
    }
}

fn whole_number(text: &str, field: &'static FieldSpec) -> Result<i64, Fault> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map_err(|_| out_of_range(field).of(text));
    }
    if field.kind == FieldType::Timestamp {
        return timestamp(text).ok_or_else(|| not_whole(field, text));
    }
    Err(not_whole(field, text))
}

/// A date-time with its zone; without one, the time would be a guess.
fn timestamp(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

fn not_whole(field: &FieldSpec, text: &str) -> Fault {
    // What stands around the digits says nothing of what they count, and its cure must not change that.
    let digits = trimmed(text).trim_start_matches('-');
    let edge = text.chars().next().into_iter().chain(text.chars().next_back()).find(|c| is_edge(*c));
    let edge = edge.filter(|_| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    let (rule, message) = match (field.kind, field.unit, edge) {
        (FieldType::Timestamp, ..) => (
            "timestamp",
            "must be epoch milliseconds such as 1767225600000, or a date-time with its zone such as 2026-01-01T00:00:00Z; \
             map others with `as: time`, their `format` and `zone`"
                .to_owned(),
        ),
        (.., Some(edge)) => (
            "blank",
            format!("must be digits alone, without {}: map it with `as: integer`, which takes that off", named(edge)),
        ),
        (_, Some(Unit::Cents), None) => (
            "integer",
            "must be a whole number of cents, in digits alone: write 1000 for 10.00; where the column holds cents, map it \
             with `as: integer`, and only where it holds amounts such as 10.00, with `as: cents`"
                .to_owned(),
        ),
        _ => (
            "integer",
            "must be a whole number such as 1000: digits only, or map it with `as: integer`".to_owned(),
        ),
    };
    let fault = Fault::new(rule, message);
    if text.is_empty() { fault } else { fault.of(text) }
}

impl FromCell for bool {
    fn from_cell(cell: Cell<'_>, _field: &'static FieldSpec) -> Result<Self, Fault> {
        let value = match cell {
            Cell::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Cell::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            Cell::Json(value) => value.as_bool(),
            _ => None,
        };
        value.ok_or_else(|| Fault::new("boolean", "must be true or false"))
    }

    fn write_canonical(&self, text: &mut String) {
        write_to(text, self);
    }
}

impl FromCell for Date {
    fn from_cell(cell: Cell<'_>, _field: &'static FieldSpec) -> Result<Self, Fault> {
        let Cell::Text(text) = cell else { return Err(not_a_date()) };
        // The calendar date as written: a time and a zone behind it do not move it.
        let date = Pieces::parse(text.as_bytes()).map(|pieces| pieces.date());
        let date = date.map_err(|_| not_a_date().of(&text))?;
        if date.year() < FIRST_YEAR {
            let message =
                "has a year before 1900: leave out what stands for no date, and write years with four digits";
            return Err(Fault::new("date", message).of(&text));
        }
        Ok(date)
    }

    fn write_canonical(&self, text: &mut String) {
        write_to(text, self);
    }
}

fn not_a_date() -> Fault {
    Fault::new(
        "date",
        "must be a date of the calendar as YYYY-MM-DD, or an ISO 8601 date-time; map others with `as: date` and their `format`",
    )
}

impl FromCell for Vec<String> {
    fn from_cell(cell: Cell<'_>, _field: &'static FieldSpec) -> Result<Self, Fault> {
        let fault =
            || Fault::new("list", "must be a list of texts: `a, b` in a CSV cell, [\"a\", \"b\"] in JSON");
        let texts = |value: &Value| match value {
            Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        match cell {
            Cell::Text(text) if text.trim_start().starts_with('[') => {
                serde_json::from_str(&text).ok().as_ref().and_then(texts).ok_or_else(fault)
            }
            Cell::Text(text) => Ok(text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect()),
            Cell::Json(value) => texts(&value).ok_or_else(fault),
            Cell::Integer(_) => Err(fault()),
        }
    }

    fn write_canonical(&self, text: &mut String) {
        write_json(text, self);
    }
}

impl FromCell for Map {
    fn from_cell(cell: Cell<'_>, field: &'static FieldSpec) -> Result<Self, Fault> {
        match object_of(cell)? {
            Some(Value::Object(map)) => Ok(map),
            _ => Err(Fault::new(
                "map",
                format_args!("must be a JSON object; map single values to `{}.NAME`", field.name),
            )),
        }
    }

    fn add_entries(&mut self, entries: Vec<(&str, Cell<'_>)>) {
        self.extend(entries.into_iter().map(|(name, cell)| (name.to_owned(), cell.into_value())));
    }

    fn write_canonical(&self, text: &mut String) {
        // The order of names means nothing: another order of the columns is no change.
        let sorted: BTreeMap<&String, Value> =
            self.iter().map(|(name, value)| (name, comparable(value))).collect();
        write_json(text, &sorted);
    }
}

impl FromCell for Vec<CustomField> {
    fn from_cell(cell: Cell<'_>, field: &'static FieldSpec) -> Result<Self, Fault> {
        let entries = match object_of(cell)? {
            Some(Value::Object(map)) => {
                Some(map.into_iter().map(|(api_name, value)| CustomField { api_name, value }).collect())
            }
            Some(Value::Array(items)) => items.into_iter().map(custom_field).collect(),
            _ => None,
        };
        entries.ok_or_else(|| {
            Fault::new(
                "map",
                format_args!(
                    "must be a JSON list of {{\"api_name\", \"value\"}} or a JSON object; map single values to `{}.NAME`",
                    field.name
                ),
            )
        })
    }

    fn add_entries(&mut self, entries: Vec<(&str, Cell<'_>)>) {
        let last: HashMap<&str, usize> =
            entries.iter().enumerate().map(|(number, (name, _))| (*name, number)).collect();
        self.retain(|entry| !last.contains_key(entry.api_name.as_str()));
        let named = entries.into_iter().enumerate();
        let named = named.filter(|(number, (name, _))| last.get(name) == Some(number));
        self.extend(
            named
                .map(|(_, (name, cell))| CustomField { api_name: name.to_owned(), value: cell.into_value() }),
        );
    }

    fn write_canonical(&self, text: &mut String) {
        let same = |entry: &CustomField| CustomField { value: comparable(&entry.value), ..entry.clone() };
        let mut sorted: Vec<CustomField> = self.iter().map(same).collect();
        sorted.sort_by(|one, other| one.api_name.cmp(&other.api_name));
        write_json(text, &sorted);
    }
}

/// The value, with each number written in one way: 1.50 is no change of 1.5.
fn comparable(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(shortest(number)),
        Value::Array(items) => items.iter().map(comparable).collect(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(name, value)| (name.clone(), comparable(value))).collect())
        }
        value => value.clone(),
    }
}

/// A decimal number of so few digits that its shortest form as a float is the same number; any other as it is.
fn shortest(number: &Number) -> Number {
    const DIGITS: usize = 15;
    let digits = number.as_str().bytes().take_while(|byte| !matches!(byte, b'e' | b'E'));
    let few = number.is_f64() && digits.filter(u8::is_ascii_digit).count() <= DIGITS;
    let float =
        number.as_f64().filter(|float| few && (*float == 0.0 || (1e-300..1e300).contains(&float.abs())));
    let is_zero = number.as_str().bytes().all(|byte| matches!(byte, b'0' | b'.' | b'-'));
    float
        .filter(|float| *float != 0.0 || is_zero)
        .and_then(Number::from_f64)
        .unwrap_or_else(|| number.clone())
}

fn write_to(text: &mut String, value: &impl fmt::Display) {
    // Writing to a String cannot fail.
    let _ = write!(text, "{value}");
}

/// Texts, numbers and their collections can always be written as JSON.
fn write_json(text: &mut String, value: &impl Serialize) {
    text.push_str(&serde_json::to_string(value).unwrap_or_default());
}

fn custom_field(value: Value) -> Option<CustomField> {
    let Value::Object(mut entry) = value else { return None };
    let Value::String(api_name) = entry.remove("api_name")? else { return None };
    let value = entry.remove("value")?;
    entry.is_empty().then_some(CustomField { api_name, value })
}

/// The JSON that a cell holds, or that is written in it.
fn object_of(cell: Cell<'_>) -> Result<Option<Value>, Fault> {
    let text = match cell {
        Cell::Json(value) => return Ok(Some(value.into_owned())),
        Cell::Text(text) => text,
        Cell::Integer(_) => return Ok(None),
    };
    match json::value(&text) {
        Ok(value) => Ok(Some(value)),
        // Of what is JSON, only a name that stands twice is refused.
        Err(error) if error.is_data() => {
            Err(Fault::new("map", "is JSON in which a name stands twice: which of the two values is meant?"))
        }
        Err(_) => Ok(None),
    }
}
