//! Numbers and dates that cells are compared with. Numbers are compared digit by digit: none passes through a float.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::fmt::temporal::Pieces;

use crate::mapping::amount::{Decimal, ungrouped};
use crate::row::fault::Fault;
use crate::row::value::{Cell, Date};

/// What a cell is more or less than.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// A number.
    Number {
        /// The number.
        limit: Number<'static>,
        /// The decimal mark of the cells.
        decimal: Decimal,
    },
    /// A day.
    Date {
        /// The day.
        limit: Date,
        /// How the cells write days, if not as ISO 8601 does.
        format: Option<String>,
    },
}

impl Bound {
    /// How a cell compares with it.
    pub(super) fn compare(&self, cell: &Cell<'_>) -> Result<Ordering, Fault> {
        let text = cell.as_text();
        let text = text.as_deref().unwrap_or_default();
        match self {
            Self::Number { limit, decimal } => {
                // JSON numbers are always written with a point, whatever mark the texts of the source use.
                let decimal = if matches!(cell, Cell::Text(_)) { *decimal } else { Decimal::Point };
                let number = Number::parse(text, decimal).ok_or_else(|| no_number(decimal))?;
                Ok(number.cmp(limit))
            }
            Self::Date { limit, format: None } => {
                let date = Pieces::parse(text.as_bytes()).map(|pieces| pieces.date());
                let fault = "must be a date such as 2026-12-31: `where` compares it; for others, say their `format` there";
                date.map(|date| date.cmp(limit)).map_err(|_| Fault::new("where", fault))
            }
            Self::Date { limit, format: Some(format) } => {
                let date = Date::strptime(format, text);
                let fault = format_args!("must be a date in the format `{format}`: `where` compares it");
                date.map(|date| date.cmp(limit)).map_err(|_| Fault::new("where", fault))
            }
        }
    }
}

fn no_number(decimal: Decimal) -> Fault {
    let (example, other) = match decimal {
        Decimal::Point => ("1,234.56", "','"),
        Decimal::Comma => ("1.234,56", "'.'"),
    };
    Fault::new(
        "where",
        format_args!(
            "must be a number such as {example}: `where` compares it; for the other decimal mark, say `decimal: {other}` there"
        ),
    )
}

/// A number as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number<'t> {
    negative: bool,
    /// Without zeros in front.
    whole: Cow<'t, str>,
    /// Without zeros at the end.
    fraction: Cow<'t, str>,
}

impl<'t> Number<'t> {
    /// The number that a text is, where it is one beyond doubt.
    #[must_use]
    pub fn parse(text: &'t str, decimal: Decimal) -> Option<Self> {
        let (mark, separator) = match decimal {
            Decimal::Point => ('.', ','),
            Decimal::Comma => (',', '.'),
        };
        let (negative, digits) = match text.trim().strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.trim()),
        };
        let (whole, fraction) = digits.split_once(mark).unwrap_or((digits, "0"));
        if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let whole = match ungrouped(whole, separator)? {
            Cow::Borrowed(whole) => Cow::Borrowed(whole.trim_start_matches('0')),
            Cow::Owned(whole) => Cow::Owned(whole.trim_start_matches('0').to_owned()),
        };
        let fraction = Cow::Borrowed(fraction.trim_end_matches('0'));
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !zero, whole, fraction })
    }

    /// The same on its own.
    #[must_use]
    pub fn into_owned(self) -> Number<'static> {
        Number {
            negative: self.negative,
            whole: Cow::Owned(self.whole.into_owned()),
            fraction: Cow::Owned(self.fraction.into_owned()),
        }
    }

    fn cmp(&self, other: &Number<'_>) -> Ordering {
        let size = |one: &Number<'_>, other: &Number<'_>| {
            let digits = one.whole.len().cmp(&other.whole.len());
            digits.then_with(|| one.whole.cmp(&other.whole)).then_with(|| one.fraction.cmp(&other.fraction))
        };
        match (self.negative, other.negative) {
            (false, false) => size(self, other),
            (true, true) => size(other, self),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}
