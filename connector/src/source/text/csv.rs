//! CSV records: RFC 4180, and what spreadsheets write beyond it.

use std::io;

use csv_core::{ReadRecordResult, ReaderBuilder};

use super::buffer::Buffer;
use super::dialect;
use super::position::{Lines, line_ends};
use super::quotes::{Quotes, holds_rows};
use crate::row::{Cells, Record};
use crate::source::error::SourceError;
use crate::source::item::{RECORD_LIMIT, RecordFault};
use crate::text::spreadsheet;

/// Reads record by record.
pub(in crate::source) struct CsvReader {
    bytes: Buffer,
    encoding: &'static str,
    delimiter: u8,
    parser: csv_core::Reader,
    /// The cells of the record that was read last, one after the other, and where each ends.
    text: Vec<u8>,
    ends: Vec<usize>,
    /// The line in which the next record begins.
    line: u64,
    /// A carriage return ended the last line: a line feed that follows is part of that.
    after_return: bool,
    ended: bool,
    /// The last record had no line end.
    unended: bool,
    columns: Vec<String>,
    /// How many cells a record needs: those of nameless columns at the end may be missing.
    width: usize,
    /// The most cells that a record may have: surplus ones are empty, and the first record has them too.
    most: Option<usize>,
    quotes: Quotes,
    /// A record that was looked at before it was asked for.
    ahead: Option<Found>,
    /// It is a failures file, whose cells are marked where a spreadsheet would take them for formulas.
    failures: bool,
}

/// What a failures file has before the columns of the source.
const OF_FAILURES: [&str; 4] = ["row", "outcome", "message", "hint"];

/// What a record is, before its cells are looked at.
enum Found {
    End,
    Record { length: usize, cells: usize, lines: Lines },
    TooLong { line: u64 },
    Unclosed { line: u64 },
}

impl CsvReader {
    /// Finds the delimiter and reads the header.
    pub(super) fn open(
        mut bytes: Buffer,
        name: &str,
        delimiter: Option<u8>,
        encoding: &'static str,
    ) -> Result<Self, SourceError> {
        let failed = |source| SourceError::reading(name, 0, source);
        let declared = dialect::declared(&mut bytes).map_err(failed)?;
        let delimiter = match delimiter.or(declared) {
            Some(delimiter) => delimiter,
            None => dialect::found(&mut bytes).map_err(failed)?,
        };
        let mut reader = Self {
            bytes,
            encoding,
            parser: ReaderBuilder::new().delimiter(delimiter).build(),
            text: vec![0; 4096],
            ends: vec![0; 64],
            line: if declared.is_some() { 2 } else { 1 },
            after_return: false,
            ended: false,
            unended: false,
            columns: Vec::new(),
            width: 0,
            most: None,
            quotes: Quotes::new(delimiter),
            ahead: None,
            delimiter,
            failures: false,
        };
        let header = loop {
            let name = name.to_owned();
            match reader.advance().map_err(failed)? {
                Found::Record { length, cells, .. } if reader.is_blank(0, length, cells) => {}
                Found::Record { cells, lines, .. } => match reader.cells(cells, lines) {
                    Ok(header) => break header,
                    Err(_) => return Err(SourceError::HeaderEncoding { name, encoding }),
                },
                Found::TooLong { .. } => return Err(SourceError::HeaderTooLong { name }),
                Found::Unclosed { line } => return Err(SourceError::HeaderQuote { name, line }),
                Found::End => return Err(SourceError::Empty { name }),
            }
        };
        reader.failures = OF_FAILURES.into_iter().eq(header.iter().take(OF_FAILURES.len()));
        let header = if reader.failures { unmarked(&header) } else { header };
        reader.columns = header.iter().map(|column| column.trim().to_owned()).collect();
        reader.width = reader.columns.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        Ok(reader)
    }

    /// The names of the header, empty where a column has none.
    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The last record that was read had no line end.
    pub(super) fn is_unended(&self) -> bool {
        self.unended
    }

    pub(super) fn read(&mut self) -> io::Result<Option<Result<Record, RecordFault>>> {
        loop {
            let found = match self.ahead.take() {
                Some(found) => found,
                None => self.advance()?,
            };
            let record = match found {
                Found::End => return Ok(None),
                Found::Record { length, cells, .. } if self.is_blank(0, length, cells) => continue,
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
        let next = self.advance()?;
        let alone = matches!(&next, Found::Record { length, cells: others, .. }
            if *others < cells && !self.is_blank(0, *length, *others));
        self.ahead = Some(next);
        if alone {
            self.most = Some(columns);
            return Ok(Err(RecordFault::surplus(lines, cells, columns)));
        }
        Ok(record)
    }

    fn judge(&self, length: usize, cells: usize, lines: Lines) -> Result<Cells, RecordFault> {
        let text = self.text.get(..length).unwrap_or_default();
        if text.iter().all(|byte| *byte == 0) {
            return Err(RecordFault::zeros(lines));
        }
        if let Some((mistake, line)) = self.quotes.mistake() {
            return Err(RecordFault::misplaced_quote(lines, lines.0 + line, mistake));
        }
        if let Some(line) = self.swallowed(cells, lines) {
            return Err(RecordFault::rows_in_cell(lines, line));
        }
        let typographic =
            || str::from_utf8(text).is_ok_and(|text| text.contains(['\u{201c}', '\u{201d}', '\u{201e}']));
        if cells < self.width {
            return Err(RecordFault::ragged(lines, cells, self.width, typographic()));
        }
        let columns = self.columns.len();
        if cells > columns && !self.is_blank(self.end_of(columns), length, cells) {
            return Err(RecordFault::ragged(lines, cells, columns, typographic()));
        }
        if self.most.is_some_and(|most| cells > most) {
            return Err(RecordFault::surplus(lines, cells, columns));
        }
        let cells = self.cells(cells.min(columns), lines)?;
        Ok(if self.failures { unmarked(&cells) } else { cells })
    }

    /// The line in which the quote of a cell opens that holds rows.
    fn swallowed(&self, cells: usize, lines: Lines) -> Option<u64> {
        if lines.0 == lines.1 {
            return None;
        }
        (0..cells).find_map(|cell| {
            let (start, end) = (self.end_of(cell), self.end_of(cell + 1));
            let text = self.text.get(start..end)?;
            holds_rows(text, self.delimiter, self.columns.len())
                .then(|| lines.0 + line_ends(self.text.get(..start).unwrap_or_default()))
        })
    }

    /// The first cells of the record that was read last.
    fn cells(&self, count: usize, lines: Lines) -> Result<Cells, RecordFault> {
        let ends = self.ends.get(..count).unwrap_or_default();
        let text = self.text.get(..self.end_of(count)).unwrap_or_default();
        match str::from_utf8(text) {
            // A character that is split over two cells is none.
            Ok(text) if ends.iter().all(|end| text.is_char_boundary(*end)) => {
                Ok(Cells::new(text.to_owned(), ends.to_vec()))
            }
            _ => Err(RecordFault::encoding(lines, self.encoding)),
        }
    }

    /// Where the first `count` cells end.
    fn end_of(&self, count: usize) -> usize {
        self.ends.get(..count).and_then(<[usize]>::last).copied().unwrap_or(0)
    }

    /// The text between two places of the record that was read last, which has so many cells.
    fn is_blank(&self, from: usize, to: usize, cells: usize) -> bool {
        let text = self.text.get(from..to).unwrap_or_default();
        match text.first() {
            None => true,
            Some(first) if first.is_ascii_graphic() => false,
            // Blanks of other scripts, and what word processors leave in place of one.
            Some(_) => str::from_utf8(text).is_ok_and(|text| {
                // A character that is split over two cells is none.
                let mut ends = self.ends.get(..cells).unwrap_or_default().iter();
                ends.all(|end| *end < from || text.is_char_boundary(*end - from))
                    && text.chars().all(|c| c.is_whitespace() || c == '\u{feff}')
            }),
        }
    }

    /// Reads one record into `text` and `ends`; of one above the limit it only finds the end.
    fn advance(&mut self) -> io::Result<Found> {
        if self.ended {
            return Ok(Found::End);
        }
        self.skip_line_ends()?;
        self.quotes.begin();
        let (first, before) = (self.line, self.parser.line());
        let (mut length, mut cells, mut cell_line, mut too_long) = (0, 0, before, false);
        loop {
            let at_end = self.bytes.unread().is_empty() && !self.bytes.fill()?;
            // At its end the parser closes quotes silently, but a line end goes into a cell only where one is open.
            let input = if at_end { b"\n" } else { self.bytes.unread() };
            let (text_start, ends_start) = if too_long { (0, 0) } else { (length, cells) };
            let (result, read, written, ended) = self.parser.read_record(
                input,
                self.text.get_mut(text_start..).unwrap_or_default(),
                self.ends.get_mut(ends_start..).unwrap_or_default(),
            );
            self.quotes.follow(input.get(..read).unwrap_or_default());
            let last = input.get(read.wrapping_sub(1)).copied();
            if !at_end {
                self.bytes.consume(read);
            }
            if matches!(result, ReadRecordResult::Record) {
                self.unended = at_end;
                self.after_return = last == Some(b'\r');
                let inside = self.parser.line() - before - u64::from(last == Some(b'\n'));
                self.line += inside + 1;
                let (length, cells) = (length + written, cells + ended);
                return Ok(if too_long || length + cells > RECORD_LIMIT + 1 {
                    Found::TooLong { line: first }
                } else {
                    Found::Record { length, cells, lines: Lines(first, first + inside) }
                });
            }
            if at_end && matches!(result, ReadRecordResult::InputEmpty | ReadRecordResult::End) {
                self.ended = true;
                let line = first + (cell_line - before);
                return Ok(if written > 0 { Found::Unclosed { line } } else { Found::End });
            }
            if ended > 0 {
                // The record's positions go on counting over what was overwritten.
                let cell_start = text_start + (self.end_of(ends_start + ended) - length);
                let open_cell = self.text.get(cell_start..text_start + written).unwrap_or_default();
                cell_line = self.parser.line() - line_ends(open_cell);
            }
            (length, cells) = (length + written, cells + ended);
            too_long |= length + cells > RECORD_LIMIT;
            match result {
                ReadRecordResult::OutputFull if !too_long => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if !too_long => self.ends.resize(self.ends.len() * 2, 0),
                _ => {}
            }
        }
    }

    /// Passes the rest of the last line end, and blank lines.
    fn skip_line_ends(&mut self) -> io::Result<()> {
        loop {
            match self.bytes.unread().first().copied() {
                None if self.bytes.fill()? => continue,
                Some(b'\n') => self.line += u64::from(!std::mem::take(&mut self.after_return)),
                Some(b'\r') => {
                    self.line += 1;
                    self.after_return = true;
                }
                _ => break,
            }
            self.bytes.consume(1);
        }
        self.after_return = false;
        Ok(())
    }
}

/// The cells as they were before they were made safe for spreadsheets.
fn unmarked(cells: &Cells) -> Cells {
    cells.iter().map(spreadsheet::original).collect()
}
