//! Amounts as people and spreadsheets write them, in exact decimal arithmetic.

use std::borrow::Cow;

use iso_currency::Currency;

use crate::row::fault::Fault;
use crate::row::plain_key::trimmed;
use crate::row::value::Cell;

/// A decimal mark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Decimal {
    /// `1,234.56`
    #[default]
    Point,
    /// `1.234,56`
    Comma,
}

impl Decimal {
    /// The mark, and what separates thousands beside it.
    fn marks(self) -> (char, char) {
        match self {
            Self::Point => ('.', ','),
            Self::Comma => (',', '.'),
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }
}

/// The number in the currency's smallest unit. `exponent` is how many decimals the mapping says that there are.
pub(super) fn cents(
    cell: &Cell<'_>,
    decimal: Decimal,
    exponent: Option<u32>,
    currency: Option<&str>,
) -> Result<i64, Fault> {
    let currency = currency.and_then(|code| Currency::from_code(&trimmed(code).to_ascii_uppercase()));
    let exponent = decimals(exponent, currency)?;
    scale(cell, decimal, exponent, Beside::Of(currency))
}

/// The number, which has to be whole.
pub(super) fn whole(cell: &Cell<'_>, decimal: Decimal) -> Result<i64, Fault> {
    scale(cell, decimal, 0, Beside::None)
}

/// A number of seconds as milliseconds, or one of milliseconds.
pub(super) fn milliseconds(cell: &Cell<'_>, decimals: u32) -> Result<i64, Fault> {
    scale(cell, Decimal::Point, decimals, Beside::None)
}

/// What may stand beside a number.
#[derive(Clone, Copy)]
enum Beside {
    None,
    /// A sign or code of the row's currency.
    Of(Option<Currency>),
}

/// A currency's own number of decimals counts; without a currency, two.
fn decimals(said: Option<u32>, currency: Option<Currency>) -> Result<u32, Fault> {
    let Some(currency) = currency else { return Ok(said.unwrap_or(2)) };
    let code = currency.code();
    match (said, currency.exponent().map(u32::from)) {
        (Some(said), Some(own)) if said != own => Err(Fault::new(
            "cast",
            format_args!(
                "cannot be cast with `exponent: {said}`: {code}, the row's currency, has {own} decimals; take `exponent` out, \
                 and each currency's own number of decimals is used"
            ),
        )),
        (_, Some(own)) => Ok(own),
        (Some(said), None) => Ok(said),
        (None, None) => Err(Fault::new(
            "cast",
            format_args!(
                "cannot be cast: {code}, the row's currency, has no decimals of its own; say `exponent`"
            ),
        )),
    }
}

/// The number times ten to the power of `exponent`, if that is whole and the text can mean nothing else.
fn scale(cell: &Cell<'_>, decimal: Decimal, exponent: u32, unit: Beside) -> Result<i64, Fault> {
    // JSON numbers are always written with a point, whatever mark the texts of the source use.
    let decimal = if matches!(cell, Cell::Text(_)) { decimal } else { Decimal::Point };
    let Some(text) = cell.as_text() else { return Err(not_a_number(decimal, "")) };
    let read = || {
        let amount = Amount::read(trimmed(&text), decimal).ok_or_else(|| {
            let other = decimal.other();
            let fits = Amount::read(trimmed(&text), other).is_some_and(|amount| !amount.fraction.is_empty());
            let cure = match (fits, other) {
                (true, Decimal::Comma) => "; where the whole column has a decimal comma, add `decimal: ','`",
                (true, Decimal::Point) => "; where the whole column has a decimal point, take `decimal` out",
                (false, _) => "",
            };
            not_a_number(decimal, cure)
        })?;
        amount.judge_unit(unit)?;
        amount.scaled(exponent)
    };
    read().map_err(|fault| fault.of(&text))
}

fn not_a_number(decimal: Decimal, cure: &str) -> Fault {
    let example = match decimal {
        Decimal::Point => "1,234.56",
        Decimal::Comma => "1.234,56",
    };
    Fault::new(
        "cast",
        format_args!(
            "must be a number such as {example}, with a digit on both sides of the decimal mark, and with thousands in groups \
             of three or without separators{cure}"
        ),
    )
}

/// An amount, taken apart.
pub(super) struct Amount<'t> {
    pub(super) negative: bool,
    /// The digits before the decimal mark, without separators.
    pub(super) whole: Cow<'t, str>,
    /// The digits behind it.
    pub(super) fraction: &'t str,
    /// What stands before or behind the number, if anything.
    unit: Option<&'t str>,
}

impl<'t> Amount<'t> {
    /// The amount that a text without blanks around it is, where it is one beyond doubt.
    pub(super) fn read(text: &'t str, decimal: Decimal) -> Option<Self> {
        let (mut rest, mut signs, mut unit) = (text, 0, None);
        loop {
            if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
                (rest, signs) = (inner.trim(), signs + 1);
            } else if let Some(behind) = rest.strip_prefix(MINUS) {
                (rest, signs) = (behind.trim_start(), signs + 1);
            } else if let Some(before) = rest.strip_suffix(MINUS) {
                (rest, signs) = (before.trim_end(), signs + 1);
            } else {
                let before = rest.find(is_numeric).unwrap_or(rest.len());
                let behind = rest
                    .rfind(is_numeric)
                    .and_then(|last| rest.get(last..)?.chars().next().map(|c| last + c.len_utf8()))?;
                let (found, number) = match (rest.split_at(before), rest.split_at(behind)) {
                    ((found, number), _) if !found.is_empty() => (found, number),
                    (_, (number, found)) if !found.is_empty() => (found, number),
                    _ => break,
                };
                if unit.replace(found.trim()).is_some() {
                    return None;
                }
                rest = number.trim();
            }
        }
        let (mark, separator) = decimal.marks();
        let (whole, fraction) = match rest.split_once(mark) {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (rest, ""),
        };
        let whole = ungrouped(whole, separator)?;
        let is_one =
            signs <= 1 && unit.is_none_or(|unit| unit.chars().any(|c| !matches!(c, '.' | ',' | '+')));
        (is_one && fraction.bytes().all(|byte| byte.is_ascii_digit())).then_some(Self {
            negative: signs == 1,
            whole,
            fraction,
            unit,
        })
    }

    /// A number alone, or one with a sign or the code of any currency.
    pub(super) fn is_money(&self) -> bool {
        self.unit.is_none_or(|unit| {
            unit.contains(is_currency_sign) || Currency::from_code(&unit.to_ascii_uppercase()).is_some()
        })
    }

    /// A number alone.
    pub(super) fn is_bare(&self) -> bool {
        self.unit.is_none()
    }

    /// A sign or a code means what the row's currency says, or it is a fault.
    fn judge_unit(&self, unit: Beside) -> Result<(), Fault> {
        match (self.unit, unit) {
            (None, _) => Ok(()),
            (Some(found), Beside::Of(Some(currency))) if is_of(found, currency) => Ok(()),
            (Some(_), Beside::Of(Some(currency))) => Err(Fault::new(
                "cast",
                format_args!(
                    "has something around the number that is not a sign or the code of {}, the row's currency: which of the \
                     two is right?",
                    currency.code()
                ),
            )),
            (Some(_), Beside::Of(None)) => Err(Fault::new(
                "cast",
                "must be a number alone: the row has no currency that a sign or code around it could be compared with",
            )),
            (Some(_), Beside::None) => {
                Err(Fault::new("cast", "must be a number alone, without anything around it"))
            }
        }
    }

    fn scaled(&self, exponent: u32) -> Result<i64, Fault> {
        let fraction = self.fraction.trim_end_matches('0');
        let missing = (exponent as usize).checked_sub(fraction.len()).ok_or_else(|| match exponent {
            0 => Fault::new("cast", "must be a whole number: it has decimals"),
            _ => Fault::new("cast", format_args!("must have at most {exponent} decimals")),
        })?;
        let sign = if self.negative { "-" } else { "" };
        let scaled = format!("{sign}{}{fraction}{}", self.whole, "0".repeat(missing));
        scaled.parse().map_err(|_| Fault::new("range", "is a larger number than the API can take"))
    }
}

/// A hyphen, or the sign that typesetters use.
const MINUS: [char; 2] = ['-', '\u{2212}'];

/// A digit, or what belongs to the writing of a number and not to a currency.
fn is_numeric(c: char) -> bool {
    c.is_ascii_digit() || MINUS.contains(&c) || matches!(c, '(' | ')')
}

fn is_currency_sign(c: char) -> bool {
    matches!(c, '$' | '\u{a2}'..='\u{a5}' | '\u{20a0}'..='\u{20cf}')
}

/// The code of the currency, its sign, or its sign behind the country: `USD`, `$`, `US$`.
fn is_of(found: &str, currency: Currency) -> bool {
    let (code, sign) = (currency.code(), currency.symbol().symbol);
    found.eq_ignore_ascii_case(code)
        || found == sign
        || found
            .strip_suffix(&sign)
            .is_some_and(|country| !country.is_empty() && country.len() <= 2 && code.starts_with(country))
}

/// The digits without separators, which are allowed between groups of three only, and of one kind.
fn ungrouped(text: &str, separator: char) -> Option<Cow<'_, str>> {
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits(text) {
        return Some(Cow::Borrowed(text));
    }
    let found = text.chars().find(|c| !c.is_ascii_digit())?;
    // Blanks of every width, the apostrophe of keyboards and that of typesetters.
    let separates = found == separator
        || (found.is_whitespace() && !found.is_control())
        || matches!(found, '\'' | '\u{2019}');
    if !separates {
        return None;
    }
    let mut groups = text.split(found);
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
