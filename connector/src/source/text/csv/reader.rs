//! CSV records: RFC 4180, and what spreadsheets write beyond it.

use std::io;

use super::fault::Ragged;
use super::quotes::holds_rows;
use super::raw::{Found, RawReader};
use super::{dialect, header};
use crate::row::{Cells, Record};
use crate::source::error::SourceError;
use crate::source::item::RecordFault;
use crate::source::text::buffer::Buffer;
use crate::source::text::decode::Charset;
use crate::source::text::position::Lines;
use crate::source::text::sniff::kinds::NO_TEXT;
use crate::text::names::visible_name;
use crate::text::spreadsheet;

/// Reads record by record.
pub(in crate::source) struct CsvReader {
    raw: RawReader,
    charset: Charset,
    delimiter: u8,
    columns: Vec<String>,
    /// How many cells a record needs: those of nameless columns at the end may be missing.
    width: usize,
    /// The most cells that a record may have: surplus ones are empty, and the first record has them too.
    most: Option<usize>,
    /// A record that was looked at before it was asked for.
    ahead: Option<Found>,
    /// It is a failures file, whose cells are marked where a spreadsheet would take them for formulas.
    failures: bool,
    /// How many columns are the failures file's own, and no part of the records.
    own: usize,
    /// The id of the record that was read last, in a failures file.
    entry: Option<Box<str>>,
}

/// What a failures file has before the columns of the source.
const OF_FAILURES: [&str; 5] = ["row", "outcome", "message", "hint", "failure_id"];
/// The place of the id among them.
const ID: usize = 4;

/// What lines below the rows of a report begin with.
const OF_TOTALS: [&str; 12] = [
    "total",
    "totals",
    "subtotal",
    "grand",
    "sum",
    "summe",
    "gesamt",
    "copyright",
    "confidential",
    "generated",
    "exported",
    "report",
];

impl CsvReader {
    /// Finds the delimiter and reads the header.
    pub(in crate::source::text) fn open(
        mut bytes: Buffer,
        name: &str,
        delimiter: Option<u8>,
        charset: Charset,
        whole: bool,
    ) -> Result<Self, SourceError> {
        let failed = |source| SourceError::reading(name, 0, source);
        let declared = dialect::declared(&mut bytes).map_err(failed)?;
        let delimiter = match delimiter.or(declared) {
            Some(delimiter) => delimiter,
            None => dialect::found(&mut bytes).map_err(failed)?,
        };
        let first_line = if declared.is_some() { 2 } else { 1 };
        let mut reader = Self {
            raw: RawReader::new(bytes, delimiter, first_line),
            charset,
            delimiter,
            columns: Vec::new(),
            width: 0,
            most: None,
            ahead: None,
            failures: false,
            own: 0,
            entry: None,
        };
        let header = reader.header(name)?;
        reader.failures = OF_FAILURES.into_iter().eq(header.iter().take(OF_FAILURES.len()));
        let header = if reader.failures { unmarked(header.iter()) } else { header };
        if in_single_quotes(header.iter().map(str::as_bytes)) {
            return Err(SourceError::HeaderSingleQuotes { name: name.to_owned() });
        }
        reader.columns = header.iter().map(|column| visible_name(column).into_owned()).collect();
        reader.own = if reader.failures && !whole { OF_FAILURES.len() } else { 0 };
        reader.width = reader.columns.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        Ok(reader)
    }

    /// The first record that is not empty.
    fn header(&mut self, name: &str) -> Result<Cells, SourceError> {
        let named = || name.to_owned();
        loop {
            let (length, cells, lines) =
                match self.raw.advance().map_err(|source| SourceError::reading(name, 0, source))? {
                    Found::Record { length, cells, .. } if self.raw.is_blank(0, length, cells) => continue,
                    Found::Record { length, cells, lines } => (length, cells, lines),
                    Found::TooLong { .. } => return Err(SourceError::HeaderTooLong { name: named() }),
                    Found::Unclosed { line } => return Err(SourceError::HeaderQuote { name: named(), line }),
                    Found::End => return Err(SourceError::Empty { name: named() }),
                };
            if self.raw.text.iter().take(length).any(|byte| is_of_no_text(*byte)) {
                let kind = NO_TEXT;
                return Err(SourceError::Binary { name: named(), found: kind.found, cure: kind.cure });
            }
            if let Some((mistake, line)) = self.raw.quotes.mistake() {
                let fault = RecordFault::misplaced_quote(lines, lines.0 + line, mistake).message;
                return Err(SourceError::HeaderQuotes { name: named(), fault });
            }
            let header = self.cells(cells, lines);
            return header
                .map_err(|fault| SourceError::HeaderEncoding { name: named(), fault: fault.message });
        }
    }

    /// The names of the header, empty where a column has none.
    pub(in crate::source::text) fn columns(&self) -> &[String] {
        self.columns.get(self.own..).unwrap_or_default()
    }

    /// It is a failures file of an earlier run.
    pub(in crate::source::text) fn failures(&self) -> bool {
        self.failures
    }

    /// The id of the record that was read last, in a failures file.
    pub(in crate::source::text) fn take_entry(&mut self) -> Option<Box<str>> {
        self.entry.take()
    }

    /// The line that looks like the header instead of the first, of those that are read already: it has more of the wanted
    /// names.
    pub(in crate::source::text) fn header_below(&self, is_wanted: impl Fn(&str) -> bool) -> Option<u64> {
        let own = self.columns.iter().filter(|name| is_wanted(name)).count();
        let below = header::below(self.raw.bytes.unread(), is_wanted)?;
        (below.names > own).then(|| self.raw.next_line() + below.line)
    }

    /// The last record that was read had no line end.
    pub(in crate::source::text) fn is_unended(&self) -> bool {
        self.raw.unended
    }

    pub(in crate::source::text) fn read(&mut self) -> io::Result<Option<Result<Record, RecordFault>>> {
        loop {
            let found = match self.ahead.take() {
                Some(found) => found,
                None => self.raw.advance()?,
            };
            let record = match found {
                Found::End => return Ok(None),
                Found::Record { length, cells, .. } if self.raw.is_blank(0, length, cells) => continue,
                Found::Record { length, cells, lines } => {
                    let record = self.judge(length, cells, lines).map(Record::Cells);
                    match record {
                        Ok(_) if self.most.is_none() => self.first(cells, lines, record)?,
                        record => record,
                    }
                }
                Found::TooLong { line } => Err(RecordFault::size(line)),
                Found::Unclosed { line } => Err(RecordFault::quote(line)),
            };
            return Ok(Some(record));
        }
    }

    /// Surplus cells of the first record are those of all, or it is that record which has one too many.
    fn first(
        &mut self,
        cells: usize,
        lines: Lines,
        record: Result<Record, RecordFault>,
    ) -> io::Result<Result<Record, RecordFault>> {
        let columns = self.columns.len();
        self.most = Some(cells.max(columns));
        if cells <= columns {
            return Ok(record);
        }
        let next = self.raw.advance()?;
        let alone = matches!(&next, Found::Record { length, cells: others, .. }
            if *others < cells && !self.raw.is_blank(0, *length, *others));
        self.ahead = Some(next);
        if alone {
            self.most = Some(columns);
            return Ok(Err(RecordFault::surplus(lines, cells, columns)));
        }
        Ok(record)
    }

    fn judge(&mut self, length: usize, cells: usize, lines: Lines) -> Result<Cells, RecordFault> {
        let text = self.raw.text.get(..length).unwrap_or_default();
        if text.iter().all(|byte| *byte == 0) {
            return Err(RecordFault::zeros(lines));
        }
        if let Some((mistake, line)) = self.raw.quotes.mistake() {
            return Err(RecordFault::misplaced_quote(lines, lines.0 + line, mistake));
        }
        if let Some(line) = self.swallowed(cells, lines) {
            return Err(RecordFault::rows_in_cell(lines, line));
        }
        if cells < self.width {
            let why = if self.is_note(cells) { Ragged::Note } else { Ragged::Missing };
            return Err(RecordFault::ragged(lines, cells, self.width, why));
        }
        let columns = self.columns.len();
        if cells > columns && !self.raw.is_blank(self.raw.end_of(columns), length, cells) {
            let is_typographic =
                str::from_utf8(text).is_ok_and(|text| text.contains(['\u{201c}', '\u{201d}', '\u{201e}']));
            let why = if is_typographic { Ragged::Typographic } else { Ragged::Surplus };
            return Err(RecordFault::ragged(lines, cells, columns, why));
        }
        if self.most.is_some_and(|most| cells > most) {
            return Err(RecordFault::surplus(lines, cells, columns));
        }
        let cells = self.cells(cells.min(columns), lines)?;
        if !self.failures {
            return Ok(cells);
        }
        self.entry = cells.get(ID).filter(|_| self.own > 0).map(Box::from);
        if self.own > 0 && cells.iter().skip(self.own).all(str::is_empty) {
            return Err(RecordFault::unread_before(lines.0, cells.get(0).and_then(|row| row.parse().ok())));
        }
        Ok(unmarked(cells.iter().skip(self.own)))
    }

    /// The record that was read last is a line of text, such as the total of a report: it has one text, or says what it is.
    fn is_note(&self, cells: usize) -> bool {
        let mut texts = self.raw.texts(cells).filter(|text| !text.is_empty());
        let says = |text: &[u8]| {
            let word = text.split(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or_default();
            OF_TOTALS.iter().any(|total| word.eq_ignore_ascii_case(total.as_bytes()))
        };
        let first = texts.next();
        first.is_some_and(says) || texts.next().is_none()
    }

    /// The line in which the quote of a cell opens that holds rows.
    fn swallowed(&self, cells: usize, lines: Lines) -> Option<u64> {
        if lines.0 == lines.1 {
            return None;
        }
        (0..cells).find_map(|cell| {
            let (start, end) = (self.raw.end_of(cell), self.raw.end_of(cell + 1));
            let text = self.raw.text.get(start..end)?;
            holds_rows(text, self.delimiter, self.columns.len())
                .then(|| lines.0 + self.raw.line_ends(self.raw.text.get(..start).unwrap_or_default()))
        })
    }

    /// The first cells of the record that was read last.
    fn cells(&mut self, count: usize, lines: Lines) -> Result<Cells, RecordFault> {
        let ends = self.raw.ends.get(..count).unwrap_or_default();
        let text = self.raw.text.get(..self.raw.end_of(count)).unwrap_or_default();
        match str::from_utf8(text) {
            // A character that is split over two cells is none.
            Ok(text) if ends.iter().all(|end| text.is_char_boundary(*end)) => {
                self.charset.note(text.as_bytes());
                Ok(Cells::new(text.to_owned(), ends.to_vec()))
            }
            _ => Err(self.charset.fault(lines, text, self.raw.bytes.unread())),
        }
    }
}

/// A control character that stands in no text. The first one divides cells in files of Hive.
fn is_of_no_text(byte: u8) -> bool {
    byte == 0 || (2..b'\t').contains(&byte) || (0x0E..0x1B).contains(&byte)
}

/// There are cells, and each that is not empty stands in single quotes.
fn in_single_quotes<'t>(cells: impl Iterator<Item = &'t [u8]>) -> bool {
    let mut quoted = 0;
    for cell in cells.filter(|cell| !cell.is_empty()) {
        match cell {
            [b'\'', .., b'\''] => quoted += 1,
            _ => return false,
        }
    }
    quoted > 1
}

/// The cells as they were before they were made safe for spreadsheets.
fn unmarked<'c>(cells: impl Iterator<Item = &'c str>) -> Cells {
    cells.map(spreadsheet::original).collect()
}
