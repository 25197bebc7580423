//! The header of a CSV file where it is not the first line: below a title, a comment, or the name of a report.

use crate::text::names::visible_name;

/// How many lines are searched.
const SEARCHED: usize = 100;

/// A line that has wanted names in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Below {
    /// How many lines are above it.
    pub(super) line: u64,
    /// How many of its cells are wanted names.
    pub(super) names: usize,
}

/// The line with the most wanted names, and two at least. The bytes begin with a line.
pub(super) fn below(bytes: &[u8], is_wanted: impl Fn(&str) -> bool) -> Option<Below> {
    let alone = !bytes.contains(&b'\n');
    let lines = bytes.split(|byte| *byte == b'\n' || (alone && *byte == b'\r')).take(SEARCHED);
    let names = |line: &[u8]| {
        let text = String::from_utf8_lossy(line);
        let wanted = |delimiter: char| {
            text.split(delimiter)
                .filter(|cell| is_wanted(&visible_name(cell.trim().trim_matches('"'))))
                .count()
        };
        [',', ';', '\t', '|'].into_iter().map(wanted).max().unwrap_or(0)
    };
    let found = (0..).zip(lines).map(|(line, text)| Below { line, names: names(text) });
    // Of two the first counts.
    let best = found.reduce(|best, next| if next.names > best.names { next } else { best });
    best.filter(|best| best.names > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_with_the_most_names_is_found() {
        let wanted = |name: &str| ["Invoice", "amount", "currency"].contains(&name);
        let found = |text: &str| below(text.as_bytes(), wanted).map(|below| (below.line, below.names));
        assert_eq!(found("Q1\n\n\"\u{feff}Invoice\";amount;x\n1;2;3\n"), Some((2, 2)));
        assert_eq!(found("Q1\r\rInvoice,amount\r1,2\r"), Some((2, 2)));
        assert_eq!(found("amount,Invoice\ncurrency,amount,Invoice\n"), Some((1, 3)));
        assert_eq!(found("amount\n1\n"), None, "one name may be a value");
        assert_eq!(found(""), None);
    }
}
