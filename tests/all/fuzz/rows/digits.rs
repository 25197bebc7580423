//! Decimal numbers as their digits, of any length: added to nothing, compared, moved by powers of ten.

use std::cmp::Ordering;

/// A decimal number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digits {
    negative: bool,
    /// Without zeros in front.
    whole: String,
    /// Without zeros at the end.
    fraction: String,
}

impl Digits {
    pub(super) fn new(negative: bool, whole: &str, fraction: &str) -> Self {
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let zero = whole.is_empty() && fraction.is_empty();
        Self { negative: negative && !zero, whole: whole.to_owned(), fraction: fraction.to_owned() }
    }

    /// Ten to the power of `exponent` times as much, if that is whole and fits.
    pub(super) fn scaled(&self, exponent: usize) -> Option<i64> {
        if self.fraction.len() > exponent {
            return None;
        }
        let zeros = "0".repeat(exponent - self.fraction.len());
        let digits = format!("0{}{}{zeros}", self.whole, self.fraction);
        let mut number = 0_i128;
        for digit in digits.bytes() {
            number = number * 10 + i128::from(digit - b'0');
            if number > i128::from(u64::MAX) {
                return None;
            }
        }
        i64::try_from(if self.negative { -number } else { number }).ok()
    }
}

impl PartialOrd for Digits {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Digits {
    fn cmp(&self, other: &Self) -> Ordering {
        let width = self.whole.len().max(other.whole.len());
        let size = |number: &Self| format!("{:0>width$}.{}", number.whole, number.fraction);
        match (self.negative, other.negative) {
            (false, false) => size(self).cmp(&size(other)),
            (true, true) => size(other).cmp(&size(self)),
            (negative, _) => {
                if negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }
}
