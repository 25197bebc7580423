//! Amounts and whole numbers: what a cast makes of a text is what the text's digits say, or an error. A text that is
//! written as people write amounts is always read.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::time::Duration;

use fastrand::Rng;
use partnerstack_connector::api::FieldType;
use partnerstack_connector::mapping::amount::Decimal;
use partnerstack_connector::mapping::cast::Cast;
use partnerstack_connector::mapping::filter::{Bound, Condition, Filter, Number, Test};
use partnerstack_connector::mapping::source_column::NullValues;
use partnerstack_connector::row::value::Cell;
use partnerstack_connector::row::{Cells, Record, Row};

use super::digits::Digits;
use crate::fuzz::executions::{long, short};

/// A currency, how many decimals it has, and its sign.
const CURRENCIES: [(&str, usize, &str); 5] =
    [("USD", 2, "$"), ("EUR", 2, "€"), ("JPY", 0, "¥"), ("KWD", 3, "د.ك"), ("GBP", 2, "£")];
/// What can stand in a text where it does not belong.
const STRAY: [char; 22] = [
    '.', ',', '-', '(', ')', '\'', ' ', '\u{a0}', '\u{202f}', '\u{2212}', '+', 'e', 'E', '$', '€', '%', '0',
    '7', '٣', '\u{ff11}', 'k', '\u{200b}',
];

#[test]
fn an_amount_is_what_its_digits_say() {
    let _limit = partnerstack_tests::limit();
    let seen = short(40_000, judge);
    seen.saw(&["an amount", "a damaged amount", "too many decimals", "too large", "an error"]);
}

#[test]
#[ignore = "fuzz"]
fn a_million_amounts() {
    let _limit = partnerstack_tests::limit_of(Duration::from_hours(5));
    long("amounts", judge);
}

/// An amount in some writing, and what it means.
struct Written {
    text: String,
    meaning: Digits,
}

fn judge(rng: &mut Rng) -> &'static str {
    let decimal = if rng.bool() { Decimal::Point } else { Decimal::Comma };
    let (code, decimals, sign) = CURRENCIES[rng.usize(..CURRENCIES.len())];
    let is_whole = rng.u8(..4) == 0;
    let unit = if is_whole { None } else { Some((code, sign)) };
    let Written { mut text, meaning } = written(rng, decimal, unit);
    let damaged = rng.u8(..2) == 0;
    if damaged {
        damage(rng, &mut text);
    }
    let exponent = if is_whole { 0 } else { decimals };
    let stated = rng.bool().then(|| u32::try_from(decimals).expect("few"));
    let cast = if is_whole { Cast::Integer { decimal } } else { Cast::Cents { decimal, exponent: stated } };
    judge_order(rng, &text, decimal);
    let cell = Cell::Text(Cow::Borrowed(&text));
    let currency = (!is_whole).then_some(code);
    match cast.apply(&cell, FieldType::Integer, currency) {
        Ok(Cell::Integer(amount)) => {
            let found = said(&text, decimal).and_then(|said| said.scaled(exponent));
            assert_eq!(Some(amount), found, "{text:?} with {cast:?}");
            let beside = beside(&text);
            // `US$` is a sign too.
            let is_sign = beside.strip_suffix(sign).is_some_and(|country| code.starts_with(country));
            let known = unit.is_some() && (is_sign || beside.eq_ignore_ascii_case(code));
            assert!(beside.is_empty() || known, "{text:?} of {code}");
            if damaged { "a damaged amount" } else { "an amount" }
        }
        Ok(_) => panic!("{text:?} is no number then"),
        Err(_) if damaged => "an error",
        Err(fault) => {
            assert_eq!(meaning.scaled(exponent), None, "{text:?}: {}", fault.message);
            if fault.rule == "range" { "too large" } else { "too many decimals" }
        }
    }
}

/// A filter compares the same text as its digits say.
fn judge_order(rng: &mut Rng, text: &str, decimal: Decimal) {
    let limit = written(rng, Decimal::Point, None);
    let Some(bound) = Number::parse(&limit.text, Decimal::Point).map(Number::into_owned) else {
        panic!("{:?} is no number", limit.text)
    };
    let tests = [Test::Over as fn(Bound) -> Test, Test::Under]
        .map(|test| test(Bound::Number { limit: bound.clone(), decimal }));
    let row = Row { number: 1, record: Record::Cells(Cells::from_iter([text])), entry: None };
    for (test, wanted) in tests.into_iter().zip([Ordering::Greater, Ordering::Less]) {
        let condition = Condition { column: "a".to_owned(), tests: vec![test], place: None };
        let columns = ["a".to_owned()];
        let filter =
            Filter::resolve(&[condition], Some(&columns), NullValues::default()).expect("there is a column");
        if let Ok(takes) = filter.takes(&row) {
            let Some(said) = said(text, decimal) else {
                assert!(text.is_empty() && !takes, "{text:?} is compared");
                continue;
            };
            assert_eq!(takes, said.cmp(&limit.meaning) == wanted, "{text:?} and {:?}", limit.text);
        }
    }
}

/// What the digits of a text say, whatever stands between them. None where that can be told in two ways.
fn said(text: &str, decimal: Decimal) -> Option<Digits> {
    let (mark, other) = match decimal {
        Decimal::Point => ('.', ','),
        Decimal::Comma => (',', '.'),
    };
    let negative = text.contains(['-', '\u{2212}', '(']);
    let first = text.find(|c: char| c.is_ascii_digit())?;
    let last = text.rfind(|c: char| c.is_ascii_digit())?;
    let number = text.get(first..=last)?;
    let (whole, fraction) = number.split_once(mark).unwrap_or((number, ""));
    // Thousands are three digits, and there is one way to separate them in a number.
    let separators: Vec<char> = whole.chars().filter(|c| !c.is_ascii_digit()).collect();
    let alike = separators.windows(2).all(|pair| pair[0] == pair[1]);
    let known = separators.iter().all(|c| *c == other || matches!(c, '\'' | '\u{2019}') || c.is_whitespace());
    let mut groups = whole.split(|c: char| !c.is_ascii_digit());
    let first =
        groups.next().is_some_and(|group| !group.is_empty() && (separators.is_empty() || group.len() <= 3));
    let grouped = first && groups.all(|group| group.len() == 3);
    let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    let plain = fraction.bytes().all(|byte| byte.is_ascii_digit());
    (alike && known && grouped && plain).then(|| Digits::new(negative, &digits, fraction))
}

/// What stands before the first digit and behind the last, but for signs and blanks.
fn beside(text: &str) -> String {
    let first = text.find(|c: char| c.is_ascii_digit()).unwrap_or_default();
    let behind = text.rfind(|c: char| c.is_ascii_digit()).map_or(0, |last| last + 1);
    let around = text.get(..first).into_iter().chain(text.get(behind..)).flat_map(str::chars);
    around.filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2212}' | '(' | ')' | '\u{200b}')).collect()
}

/// An amount as people write it. `unit` is the code and the sign of its currency.
fn written(rng: &mut Rng, decimal: Decimal, unit: Option<(&str, &str)>) -> Written {
    let length = if rng.u8(..16) == 0 { 1 + rng.usize(..30) } else { 1 + rng.usize(..9) };
    let whole: String = (0..length).map(|_| char::from(b'0' + rng.u8(..10))).collect();
    let decimals = if rng.u8(..8) == 0 { rng.usize(..8) } else { rng.usize(..3) };
    let fraction: String = (0..decimals).map(|_| char::from(b'0' + rng.u8(..10))).collect();
    let (mark, other) = match decimal {
        Decimal::Point => ('.', ','),
        Decimal::Comma => (',', '.'),
    };
    let separator =
        [None, Some(other), Some(' '), Some('\u{a0}'), Some('\u{202f}'), Some('\'')][rng.usize(..6)];
    let mut text = match separator {
        Some(separator) => grouped(&whole, separator),
        None => whole.clone(),
    };
    if !fraction.is_empty() {
        text.push(mark);
        text += &fraction;
    }
    let around = unit.filter(|_| rng.bool()).map(|(code, sign)| if rng.bool() { code } else { sign });
    if let Some(around) = around {
        let blank = [" ", "", "\u{a0}"][rng.usize(..3)];
        text = if rng.bool() { format!("{around}{blank}{text}") } else { format!("{text}{blank}{around}") };
    }
    let negative = rng.u8(..3) == 0;
    if negative {
        text = match rng.u8(..4) {
            0 => format!("-{text}"),
            1 => format!("({text})"),
            2 => format!("{text}-"),
            _ => format!("\u{2212}{text}"),
        };
    }
    if rng.u8(..8) == 0 {
        text = format!(" {text}\u{a0}");
    }
    Written { text, meaning: Digits::new(negative, &whole, &fraction) }
}

fn grouped(digits: &str, separator: char) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// Takes out, adds or changes a few characters.
fn damage(rng: &mut Rng, text: &mut String) {
    for _ in 0..=rng.usize(..3) {
        let mut chars: Vec<char> = text.chars().collect();
        let at = rng.usize(..=chars.len());
        match rng.u8(..3) {
            0 => chars.insert(at, STRAY[rng.usize(..STRAY.len())]),
            1 if at < chars.len() => drop(chars.remove(at)),
            _ if at < chars.len() => chars[at] = STRAY[rng.usize(..STRAY.len())],
            _ => {}
        }
        *text = chars.into_iter().collect();
    }
}
