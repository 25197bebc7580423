//! The quotes of a CSV record, judged: the parser takes every text, and makes silently what it can of a quote that is out of
//! place.

use crate::source::text::position::line_ends;

/// What is wrong with the quotes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QuoteMistake {
    /// Text follows a quote that closed its cell.
    Behind,
    /// A backslash stands before a quote. In CSV it is a character like others.
    Backslash,
    /// A blank stands before the quote that should open a cell, so it opens none.
    Before,
}

/// Follows the quotes of one record, byte by byte.
#[derive(Debug)]
pub(super) struct Quotes {
    delimiter: u8,
    state: QuoteState,
    /// How many line ends came before.
    lines: u64,
    /// An odd number of backslashes came right before.
    escaped: bool,
    mistake: Option<(QuoteMistake, u64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum QuoteState {
    /// At the beginning of a cell, with blanks or without.
    Start { blank: bool },
    /// In a cell without quotes.
    Plain,
    /// Right behind the quote that opened a cell.
    Opened,
    /// In a cell with quotes. JSON has backslashes of its own.
    Quoted { json: bool },
    /// Behind a quote that closes the cell, unless another quote follows.
    Closed { json: bool, escaped: bool },
}

impl Quotes {
    pub(super) fn new(delimiter: u8) -> Self {
        Self { delimiter, state: QuoteState::Start { blank: false }, lines: 0, escaped: false, mistake: None }
    }

    /// A record begins.
    pub(super) fn begin(&mut self) {
        *self = Self::new(self.delimiter);
    }

    /// The first mistake of the record, and how many line ends of it came before.
    pub(super) fn mistake(&self) -> Option<(QuoteMistake, u64)> {
        self.mistake
    }

    /// Follows the next bytes of the record.
    pub(super) fn follow(&mut self, bytes: &[u8]) {
        let outside = matches!(self.state, QuoteState::Start { .. } | QuoteState::Plain);
        if outside && !bytes.contains(&b'"') {
            // Most records have no quotes: what counts is how the last cell begins.
            let Some(last) = bytes.iter().rposition(|byte| self.ends_cell(*byte)) else {
                return self.follow_each(bytes);
            };
            (self.state, self.escaped) = (QuoteState::Start { blank: false }, false);
            return self.follow_each(bytes.get(last + 1..).unwrap_or_default());
        }
        self.follow_each(bytes);
    }

    fn ends_cell(&self, byte: u8) -> bool {
        byte == self.delimiter || matches!(byte, b'\n' | b'\r')
    }

    fn follow_each(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.step(*byte);
            self.lines += u64::from(*byte == b'\n');
            self.escaped = *byte == b'\\' && !self.escaped;
        }
    }

    fn step(&mut self, byte: u8) {
        let ends = self.ends_cell(byte);
        self.state = match (self.state, byte) {
            (QuoteState::Opened | QuoteState::Quoted { .. }, b'"') => QuoteState::Closed {
                json: self.state == QuoteState::Quoted { json: true },
                escaped: self.escaped,
            },
            (QuoteState::Opened, b'{' | b'[') => QuoteState::Quoted { json: true },
            (QuoteState::Opened, _) => QuoteState::Quoted { json: false },
            (QuoteState::Quoted { .. }, _) => self.state,
            (QuoteState::Closed { json, escaped }, b'"') => {
                if escaped && !json {
                    self.note(QuoteMistake::Backslash);
                }
                QuoteState::Quoted { json }
            }
            (QuoteState::Closed { escaped, .. }, _) => {
                if escaped {
                    self.note(QuoteMistake::Backslash);
                } else if !ends {
                    self.note(QuoteMistake::Behind);
                }
                if ends { QuoteState::Start { blank: false } } else { QuoteState::Plain }
            }
            _ if ends => QuoteState::Start { blank: false },
            (QuoteState::Start { blank: false }, b'"') => QuoteState::Opened,
            (QuoteState::Start { blank: true }, b'"') => {
                self.note(QuoteMistake::Before);
                QuoteState::Plain
            }
            (QuoteState::Start { .. }, b' ' | b'\t') => QuoteState::Start { blank: true },
            (QuoteState::Plain, b'"') if self.escaped => {
                self.note(QuoteMistake::Backslash);
                QuoteState::Plain
            }
            _ => QuoteState::Plain,
        };
    }

    fn note(&mut self, mistake: QuoteMistake) {
        self.mistake.get_or_insert((mistake, self.lines));
    }
}

/// The cell runs over lines that look like rows, each with as many delimiters as a row of so many columns has. Those of
/// prose have a blank behind them.
pub(super) fn holds_rows(cell: &[u8], delimiter: u8, columns: usize) -> bool {
    // Where a carriage return ends lines, it stands alone.
    let line_end = if line_ends(cell) == 0 { b'\r' } else { b'\n' };
    if columns < 2 || !cell.contains(&line_end) {
        return false;
    }
    let is_row = |line: &[u8]| {
        let followed = |at: usize| line.get(at + 1).is_some_and(|byte| *byte == b' ');
        let places = line.iter().enumerate().filter(|(_, byte)| **byte == delimiter);
        let (mut count, mut prose) = (0, 0);
        for (at, _) in places {
            count += 1;
            prose += usize::from(followed(at));
        }
        count + 1 == columns && prose == 0
    };
    // The first line is the end of the row that the quote belongs to, and the last may be cut off by the quote that closes.
    let mut lines: Vec<&[u8]> =
        cell.split(|byte| *byte == line_end).skip(1).map(<[u8]>::trim_ascii).collect();
    if lines.len() > 1 {
        lines.pop();
    }
    lines.retain(|line| !line.is_empty());
    !lines.is_empty() && lines.into_iter().all(is_row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_found() {
        for (record, mistake) in [
            ("a,\"b\",c\n", None),
            ("a,\"b \"\"c\"\" d\"\r\n", None),
            ("a,\"b\nc\",d\n", None),
            ("5\" pipe,b\n", None),
            ("\"C:\\\\\",b\n", None),
            ("\"{\"\"a\"\": \"\"x \\\"\"y\\\"\"\"\"}\",b\n", None),
            ("a,\"Acme\" Inc\n", Some((QuoteMistake::Behind, 0))),
            ("a,\"b\" ,c\n", Some((QuoteMistake::Behind, 0))),
            ("a,\"x\ny\"z\n", Some((QuoteMistake::Behind, 1))),
            ("a,\"John \"Wayne\"\"\n", Some((QuoteMistake::Behind, 0))),
            ("a,\"Acme \\\"Best\\\" Inc\"\n", Some((QuoteMistake::Backslash, 0))),
            ("a,\"ends in \\\",b\n", Some((QuoteMistake::Backslash, 0))),
            ("a,\"ends in \\\"\"\n\"\n", Some((QuoteMistake::Backslash, 0))),
            ("a,5\\\" pipe\n", Some((QuoteMistake::Backslash, 0))),
            ("a, \"b\",c\n", Some((QuoteMistake::Before, 0))),
        ] {
            let mut quotes = Quotes::new(b',');
            quotes.follow(record.as_bytes());
            assert_eq!(quotes.mistake(), mistake, "{record:?}");
        }
    }

    #[test]
    fn rows_within_a_cell_are_told_from_prose() {
        for (cell, rows) in [
            ("5 inch\nb,b@x.io,p,N\nc,c@x.io,p,M", true),
            ("5 inch\nb,b@x.io,p,N\nc,c@x.io,", true),
            ("5 inch\r\nb,b@x.io,p,N", true),
            ("5 inch\rb,b@x.io,p,N\rc,c@x.io,p,M", true),
            ("Dear Ada,\rthis, that, and those, all\rbest", false),
            ("Dear Ada,\nthis, that, and those, all\nbest", false),
            ("one line", false),
            ("1 Main Street\nParis", false),
            ("a\nb,c", false),
        ] {
            assert_eq!(holds_rows(cell.as_bytes(), b',', 4), rows, "{cell:?}");
        }
    }
}
