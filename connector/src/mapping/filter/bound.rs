//! Numbers and dates that cells are compared with. Numbers are compared digit by digit: none passes through a float.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::fmt::temporal::Pieces;

use crate::mapping::amount::{Amount, Decimal};
use crate::mapping::day_time;
use crate::row::fault::Fault;
use crate::row::plain_key::trimmed;
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
                let amount = Amount::read(trimmed(text), decimal).filter(Amount::is_money);
                let number = amount.map(Number::from).ok_or_else(|| no_number(decimal).of(text))?;
                Ok(number.cmp(limit))
            }
            Self::Date { limit, format: None } => {
                let date = Pieces::parse(trimmed(text).as_bytes()).map(|pieces| pieces.date());
                let fault = "must be a date such as 2026-12-31: `where` compares it; for others, say their `format` there";
                date.map(|date| date.cmp(limit)).map_err(|_| Fault::new("where", fault).of(text))
            }
            Self::Date { limit, format: Some(format) } => {
                let date = day_time::calendar_date(format, text);
                let fault = format_args!("must be a date in the format `{format}`: `where` compares it");
                date.map(|date| date.cmp(limit)).ok_or_else(|| Fault::new("where", fault).of(text))
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
    /// The number that a text is, where it is one beyond doubt, and nothing else.
    #[must_use]
    pub fn parse(text: &'t str, decimal: Decimal) -> Option<Self> {
        Amount::read(trimmed(text), decimal).filter(Amount::is_bare).map(Self::from)
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

impl<'t> From<Amount<'t>> for Number<'t> {
    fn from(amount: Amount<'t>) -> Self {
        let Amount { negative, whole, fraction, .. } = amount;
        let whole = match whole {
            Cow::Borrowed(whole) => Cow::Borrowed(whole.trim_start_matches('0')),
            Cow::Owned(whole) => Cow::Owned(whole.trim_start_matches('0').to_owned()),
        };
        let fraction = Cow::Borrowed(fraction.trim_end_matches('0'));
        let zero = whole.is_empty() && fraction.is_empty();
        Self { negative: negative && !zero, whole, fraction }
    }
}
