//! Casts: what a mapping does with a cell before it becomes a value. Amounts are exact decimal arithmetic.

use std::borrow::Cow;

use iso_currency::Currency;
use jiff::fmt::strtime;

use crate::row::fault::Fault;
use crate::row::value::{Cell, Date};

/// What is done with a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cast {
    /// An amount in the currency's main unit becomes hundredths, or what `exponent` says.
    Cents {
        /// The decimal mark; the other one of `.` and `,` separates thousands.
        decimal: Decimal,
        /// How many digits follow the mark at most; none: two, and the row's currency must agree.
        exponent: Option<u32>,
    },
    /// A date in the given `strftime` format becomes a calendar date.
    Date {
        /// The format.
        format: String,
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
    /// No blanks at either end.
    Trim,
}

/// A decimal mark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Decimal {
    /// `1,234.56`
    #[default]
    Point,
    /// `1.234,56`
    Comma,
}

/// A date format can be used.
pub fn check_format(format: &str) -> Result<(), String> {
    let sample = Date::constant(2026, 12, 31);
    let text = strtime::format(format, sample).map_err(|error| error.to_string())?;
    // A format that does not give the same day, month and year back lacks one of them.
    match Date::strptime(format, &text) {
        Ok(date) if date == sample => Ok(()),
        _ => Err("it has no full date: it needs a day, a month and a four-digit year, such as `%d/%m/%Y`"
            .to_owned()),
    }
}

impl Cast {
    /// The cell after the cast. `currency` is the row's currency, where it has one.
    pub fn apply(&self, cell: &Cell<'_>, currency: Option<&str>) -> Result<Cell<'static>, Fault> {
        match self {
            Self::Cents { decimal, exponent } => {
                let exponent = match exponent {
                    Some(exponent) => *exponent,
                    None => two_digits(currency)?,
                };
                scale(cell, *decimal, exponent).map(Cell::Integer)
            }
            Self::Integer { decimal } => scale(cell, *decimal, 0).map(Cell::Integer),
            Self::Date { format } => {
                let text = cell.as_text().ok_or_else(|| not_in_format(format))?;
                let date = Date::strptime(format, text.as_ref()).map_err(|_| not_in_format(format))?;
                Ok(Cell::Text(Cow::Owned(date.to_string())))
            }
            Self::Lower => change_text(cell, str::to_lowercase),
            Self::Upper => change_text(cell, str::to_uppercase),
            Self::Trim => change_text(cell, |text| text.trim().to_owned()),
        }
    }
}

fn not_in_format(format: &str) -> Fault {
    Fault::new("cast", format_args!("must be a date of the calendar in the format `{format}`"))
}

fn change_text(cell: &Cell<'_>, change: impl Fn(&str) -> String) -> Result<Cell<'static>, Fault> {
    match cell.as_text() {
        Some(text) => Ok(Cell::Text(Cow::Owned(change(&text)))),
        None => Err(Fault::new("cast", "must be text: a list or an object cannot be cast")),
    }
}

/// Cents are hundredths; a currency with another number of decimals needs an explicit `exponent`.
fn two_digits(currency: Option<&str>) -> Result<u32, Fault> {
    let known = currency.and_then(|code| Currency::from_code(&code.to_ascii_uppercase()));
    match known.map(|currency| (currency.code(), currency.exponent().map(u32::from))) {
        Some((code, exponent)) if exponent != Some(2) => {
            let digits =
                exponent.map_or_else(|| "no fixed number of".to_owned(), |digits| digits.to_string());
            Err(Fault::new(
                "cast",
                format_args!(
                    "cannot be cast with `as: cents` alone, because {code} has {digits} decimals: say `exponent: {}`, \
                     or map a column that holds the smallest unit",
                    exponent.unwrap_or(2)
                ),
            ))
        }
        _ => Ok(2),
    }
}

/// The number times ten to the power of `exponent`, if that is whole and the text is unambiguous.
fn scale(cell: &Cell<'_>, decimal: Decimal, exponent: u32) -> Result<i64, Fault> {
    // JSON numbers are always written with a point, whatever mark the texts of the source use.
    let decimal = if matches!(cell, Cell::Text(_)) { decimal } else { Decimal::Point };
    let fault = || {
        let example = match decimal {
            Decimal::Point => "1,234.56",
            Decimal::Comma => "1.234,56",
        };
        Fault::new(
            "cast",
            format_args!(
                "must be a number such as {example}, with thousands in groups of three or without separators"
            ),
        )
    };
    let text = cell.as_text().ok_or_else(fault)?;
    let (mark, separator) = match decimal {
        Decimal::Point => ('.', ','),
        Decimal::Comma => (',', '.'),
    };
    let (negative, digits) = match text.trim().strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.trim()),
    };
    let (whole, fraction) = digits.split_once(mark).unwrap_or((digits, ""));
    let whole = ungrouped(whole, separator).ok_or_else(fault)?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) || (fraction.is_empty() && digits.ends_with(mark))
    {
        return Err(fault());
    }
    let fraction = fraction.trim_end_matches('0');
    let missing = (exponent as usize).checked_sub(fraction.len()).ok_or_else(|| match exponent {
        0 => Fault::new("cast", "must be a whole number: it has decimals"),
        _ => Fault::new("cast", format_args!("must have at most {exponent} decimals")),
    })?;
    let scaled = format!("{}{whole}{fraction}{}", if negative { "-" } else { "" }, "0".repeat(missing));
    scaled.parse().map_err(|_| Fault::new("range", "is a larger number than the API can take"))
}

/// The digits without separators, which are allowed between groups of three only.
pub(super) fn ungrouped(text: &str, separator: char) -> Option<Cow<'_, str>> {
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits(text) {
        return Some(Cow::Borrowed(text));
    }
    let mut groups = text.split(separator);
    let first = groups.next().filter(|first| all_digits(first) && first.len() <= 3)?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || !all_digits(group) {
            return None;
        }
        digits.push_str(group);
    }
    Some(Cow::Owned(digits))
}
