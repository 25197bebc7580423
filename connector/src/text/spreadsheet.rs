//! Cells of a CSV file that a spreadsheet opens without taking one for a formula.
//!
//! A cell that a spreadsheet would run gets an apostrophe in front, which [`original`] takes off again. So does one that
//! begins with an apostrophe and would lose it there: every text comes back as it was.

use std::borrow::Cow;

/// A cell as it can be opened safely. A negative number stays a number.
#[must_use]
pub fn safe(cell: &str) -> Cow<'_, str> {
    if (begins_formula(cell) && !is_negative_number(cell)) || is_marked(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The text of which [`safe`] has made this cell.
#[must_use]
pub fn original(cell: &str) -> &str {
    if is_marked(cell) { cell.strip_prefix('\'').unwrap_or(cell) } else { cell }
}

/// An apostrophe before what would begin a formula, or before another apostrophe.
fn is_marked(cell: &str) -> bool {
    cell.strip_prefix('\'').is_some_and(|rest| rest.starts_with('\'') || begins_formula(rest))
}

/// Spreadsheets take the wide forms of East Asian keyboards for the plain ones, and pass blanks of control characters.
fn begins_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

fn is_negative_number(cell: &str) -> bool {
    cell.strip_prefix('-').is_some_and(|digits| {
        digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_run_does_not() {
        for (cell, shown) in [
            ("=1+1", "'=1+1"),
            ("+49 30 1234567", "'+49 30 1234567"),
            ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
            ("-", "'-"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("＝1+1", "'＝1+1"),
            ("-5", "-5"),
            ("-1,234.56", "-1,234.56"),
            ("'", "'"),
            ("'tis", "'tis"),
            ("''", "'''"),
            ("'=1", "''=1"),
            ("''=1", "'''=1"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(safe(cell), shown, "{cell:?}");
            assert_eq!(original(shown), cell, "{shown:?}");
        }
    }

    #[test]
    fn every_text_comes_back() {
        let letters = ['\'', '=', '-', '5', ' ', '+', 'a'];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer = texts.iter().flat_map(|text| letters.map(|letter| format!("{text}{letter}")));
            texts = longer.chain([String::new()]).collect();
            for text in &texts {
                let shown = safe(text);
                assert_eq!(original(&shown), text);
                assert!(!begins_formula(&shown) || is_negative_number(&shown), "{shown:?}");
            }
        }
    }
}
