//! Casts: what a mapping does with a cell before it becomes a value.

use std::borrow::Cow;

use jiff::tz::TimeZone;

use super::amount::{self, Decimal};
use super::day_time::{self, TimeForm};
use crate::api::FieldType;
use crate::row::fault::Fault;
use crate::row::plain_key::trimmed;
use crate::row::value::Cell;

/// What is done with a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cast {
    /// An amount in the currency's main unit becomes one in its smallest unit.
    Cents {
        /// The decimal mark; the other one of `.` and `,` separates thousands.
        decimal: Decimal,
        /// How many decimals there are; none: as many as the row's currency has. The currency must agree.
        exponent: Option<u32>,
    },
    /// A date in the given `strftime` format becomes a calendar date; a time beside it is dropped.
    Date {
        /// The format.
        format: String,
    },
    /// A time becomes epoch milliseconds, or what the field takes.
    Time {
        /// How it is written.
        form: TimeForm,
        /// The zone of times that name none.
        zone: Option<TimeZone>,
    },
    /// A number written with separators or a zero fraction becomes a whole number.
    Integer {
        /// The decimal mark.
        decimal: Decimal,
    },
    /// Lower case.
    Lower,
    /// Upper case.
    Upper,
    /// No blanks and nothing invisible at either end.
    Trim,
}

impl Cast {
    /// The cell after the cast, for a field of this type. `currency` is that of the amount, where the row has one.
    pub fn apply(
        &self,
        cell: &Cell<'_>,
        kind: FieldType,
        currency: Option<&str>,
    ) -> Result<Cell<'static>, Fault> {
        match self {
            Self::Cents { decimal, exponent } => {
                amount::cents(cell, *decimal, *exponent, currency).map(Cell::Integer)
            }
            Self::Integer { decimal } => amount::whole(cell, *decimal).map(Cell::Integer),
            Self::Date { format } => day_time::date(cell, format),
            Self::Time { form, zone } => day_time::time(cell, form, zone.as_ref(), kind),
            Self::Lower => change_text(cell, str::to_lowercase),
            Self::Upper => change_text(cell, str::to_uppercase),
            Self::Trim => change_text(cell, |text| trimmed(text).to_owned()),
        }
    }
}

fn change_text(cell: &Cell<'_>, change: impl Fn(&str) -> String) -> Result<Cell<'static>, Fault> {
    match cell.as_text() {
        Some(text) => Ok(Cell::Text(Cow::Owned(change(&text)))),
        None => Err(Fault::new("cast", "must be text: a list or an object cannot be cast")),
    }
}
