//! Numbers and times as people read them.

use std::time::Duration;

/// `12,345`
pub(in crate::cli) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 row`, `2 rows`
pub(in crate::cli) fn counted(count: u64, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {one}{plural}", number(count))
}

/// `1 row`, `2 rows`
pub(in crate::cli) fn rows(count: u64) -> String {
    counted(count, "row")
}

/// A time to wait, in the unit that fits.
pub(in crate::cli) fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil();
    if seconds < 100.0 {
        return format!("{seconds:.0} s");
    }
    let minutes = (seconds / 60.0).round();
    if minutes < 100.0 { format!("{minutes:.0} min") } else { format!("{:.1} h", minutes / 60.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_easy_to_read() {
        for (count, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(number(count), text);
        }
        assert_eq!((rows(1), rows(0)), ("1 row".to_owned(), "0 rows".to_owned()));
        for (seconds, text) in [(0, "0 s"), (99, "99 s"), (100, "2 min"), (3600, "60 min"), (9000, "2.5 h")] {
            assert_eq!(time(Duration::from_secs(seconds)), text);
        }
    }
}
