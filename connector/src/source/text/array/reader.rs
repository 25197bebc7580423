//! A JSON array of records, split into its elements without reading it as a whole.

use std::io;

use crate::row::Record;
use crate::source::item::{RECORD_LIMIT, RecordFault};
use crate::source::text::buffer::Buffer;
use crate::source::text::decode::Charset;
use crate::source::text::json;
use crate::source::text::position::Position;

/// Reads element by element.
pub(in crate::source) struct ArrayReader {
    bytes: Buffer,
    charset: Charset,
    at: Position,
    opened: bool,
    ended: bool,
    /// It lies inside of an object, of which the rest is of no use.
    wrapped: bool,
}

impl ArrayReader {
    /// A source whose first byte that is not a blank is `[`.
    pub(in crate::source::text) fn new(bytes: Buffer, charset: Charset) -> Self {
        Self { bytes, charset, at: Position::START, opened: false, ended: false, wrapped: false }
    }

    /// The same where the `[` is at a place inside of an object.
    pub(in crate::source::text) fn inside(bytes: Buffer, charset: Charset, at: Position) -> Self {
        Self { at, wrapped: true, ..Self::new(bytes, charset) }
    }

    pub(in crate::source::text) fn read(&mut self) -> io::Result<Option<Result<Record, RecordFault>>> {
        if self.ended {
            return Ok(None);
        }
        if !self.opened {
            self.skip_blanks()?;
            self.consume(1);
            self.opened = true;
        }
        match self.skip_blanks()? {
            None => Ok(Some(Err(self.end(RecordFault::unclosed_array(self.at))))),
            Some(b']') => {
                self.consume(1);
                self.ended = true;
                let more = !self.wrapped && self.skip_blanks()?.is_some();
                Ok(more.then(|| Err(RecordFault::after_array(self.at))))
            }
            Some(_) => self.element().map(Some),
        }
    }

    /// Reads an element and the comma behind it.
    fn element(&mut self) -> io::Result<Result<Record, RecordFault>> {
        let start = self.at;
        let (mut nesting, mut scanned, mut too_long) = (Nesting::default(), 0, false);
        let end = loop {
            let rest = self.bytes.unread().get(scanned..).unwrap_or_default();
            if let Some(found) = nesting.element_end(rest) {
                break scanned + found;
            }
            scanned += rest.len();
            if scanned > RECORD_LIMIT {
                too_long = true;
                self.consume(scanned);
                scanned = 0;
            }
            if !self.bytes.fill()? {
                if nesting.is_open() {
                    return Ok(Err(self.end(RecordFault::unclosed_array(start))));
                }
                break scanned;
            }
        };
        let text = self.bytes.unread().get(..end).unwrap_or_default().trim_ascii_end();
        let record = if too_long || text.len() > RECORD_LIMIT {
            Err(RecordFault::size(start.line))
        } else {
            json::record(text, start, &mut self.charset, self.bytes.unread()).map(Record::Object).map_err(
                |fault| match json::behind_object(text) {
                    Some(b'{') => RecordFault::missing_comma(start),
                    _ => fault,
                },
            )
        };
        self.consume(end);
        if self.bytes.unread().first() == Some(&b',') {
            self.consume(1);
        }
        Ok(record)
    }

    /// Passes blanks and says which byte follows them.
    fn skip_blanks(&mut self) -> io::Result<Option<u8>> {
        loop {
            let found = self.bytes.find(0, 1, |byte| !byte.is_ascii_whitespace())?;
            self.consume(found.unwrap_or(self.bytes.unread().len()));
            if found.is_some() || self.bytes.ended() {
                return Ok(self.bytes.unread().first().copied());
            }
        }
    }

    fn consume(&mut self, count: usize) {
        self.at = self.at.after(self.bytes.unread().get(..count).unwrap_or_default());
        self.bytes.consume(count);
    }

    /// Nothing can be read behind this fault.
    fn end(&mut self, fault: RecordFault) -> RecordFault {
        self.ended = true;
        fault
    }
}

/// How deep in an element a place is.
#[derive(Default)]
struct Nesting {
    depth: usize,
    string: bool,
    escape: bool,
}

impl Nesting {
    /// Where in the next bytes the element ends, which is at the comma or bracket behind it.
    fn element_end(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate() {
            if self.string {
                match byte {
                    _ if self.escape => self.escape = false,
                    b'\\' => self.escape = true,
                    b'"' => self.string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.string = true,
                b'{' | b'[' => self.depth += 1,
                b',' | b']' if self.depth == 0 => return Some(at),
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        None
    }

    fn is_open(&self) -> bool {
        self.string || self.depth > 0
    }
}
