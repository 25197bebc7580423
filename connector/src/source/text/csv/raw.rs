//! CSV records as the parser takes them apart: their text, where each cell ends, and the lines that they take.

use std::io;

use csv_core::{ReadRecordResult, ReaderBuilder};

use super::quotes::Quotes;
use crate::source::item::RECORD_LIMIT;
use crate::source::text::buffer::Buffer;
use crate::source::text::position::{Lines, line_ends};

/// What a record is, before its cells are looked at.
pub(super) enum Found {
    End,
    Record { length: usize, cells: usize, lines: Lines },
    TooLong { line: u64 },
    Unclosed { line: u64 },
}

/// Takes a text apart, record by record.
pub(super) struct RawReader {
    pub(super) bytes: Buffer,
    parser: csv_core::Reader,
    /// The cells of the record that was read last, one after the other, and where each ends.
    pub(super) text: Vec<u8>,
    pub(super) ends: Vec<usize>,
    /// The line in which the next record begins.
    line: u64,
    /// A carriage return ended the last line: a line feed that follows is part of that.
    after_return: bool,
    /// Carriage returns alone end lines.
    returns: bool,
    ended: bool,
    /// The last record had no line end.
    pub(super) unended: bool,
    pub(super) quotes: Quotes,
}

impl RawReader {
    /// Reads what begins in that line.
    pub(super) fn new(bytes: Buffer, delimiter: u8, line: u64) -> Self {
        Self {
            bytes,
            parser: ReaderBuilder::new().delimiter(delimiter).build(),
            text: vec![0; 4096],
            ends: vec![0; 64],
            line,
            after_return: false,
            returns: false,
            ended: false,
            unended: false,
            quotes: Quotes::new(delimiter),
        }
    }

    /// Reads one record into `text` and `ends`; of one above the limit it only finds the end.
    pub(super) fn advance(&mut self) -> io::Result<Found> {
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
                let (length, cells) = (length + written, cells + ended);
                let inside = match self.text.get(..length) {
                    Some(text) if self.returns => inside + self.line_ends(text),
                    _ => inside,
                };
                self.line += inside + 1;
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
            let next = self.bytes.unread().first().copied();
            self.returns |= self.after_return && next.is_some_and(|byte| byte != b'\n');
            match next {
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

    /// The line of what is not read yet. What ended the last record may not be passed.
    pub(super) fn next_line(&self) -> u64 {
        let passed = self.after_return && self.bytes.unread().starts_with(b"\n");
        self.line - u64::from(passed)
    }

    /// The cells of the record that was read last.
    pub(super) fn texts(&self, cells: usize) -> impl Iterator<Item = &[u8]> {
        (0..cells).filter_map(|cell| self.text.get(self.end_of(cell)..self.end_of(cell + 1)))
    }

    /// How many line ends a text has.
    pub(super) fn line_ends(&self, text: &[u8]) -> u64 {
        if self.returns {
            return text.iter().map(|byte| u64::from(*byte == b'\r')).sum();
        }
        line_ends(text)
    }

    /// Where the first `count` cells end.
    pub(super) fn end_of(&self, count: usize) -> usize {
        self.ends.get(..count).and_then(<[usize]>::last).copied().unwrap_or(0)
    }

    /// The text between two places of the record that was read last, which has so many cells.
    pub(super) fn is_blank(&self, from: usize, to: usize, cells: usize) -> bool {
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
}
