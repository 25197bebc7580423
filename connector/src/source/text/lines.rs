//! NDJSON: a record on each line. A failures file is such a source too, with the row as it came in under `record`.

use std::io;

use serde_json::{Map, Value};

use super::buffer::Buffer;
use super::decode::Charset;
use super::json;
use super::position::Position;
use crate::row::Record;
use crate::source::item::{RECORD_LIMIT, RecordFault};

/// The most that a line of a failures file may hold: JSON escapes make a record longer than it was as CSV, and the line
/// has more than the record.
pub(super) const FAILURE_LIMIT: usize = 4 * RECORD_LIMIT;

/// What RFC 7464 writes before each record.
pub(super) const RECORD_SEPARATOR: u8 = 0x1E;

/// What each line of a failures file has.
const FAILURE_KEYS: [&str; 10] =
    ["row", "key", "outcome", "id", "operation", "status", "message", "hint", "errors", "record"];

/// Reads line by line.
pub(in crate::source) struct LineReader {
    bytes: Buffer,
    charset: Charset,
    failures: bool,
    line: u64,
    /// What ends a line, once the first one is read: a line feed, or a carriage return where that stands alone.
    line_end: Option<u8>,
    /// The id of the line that was read last, in a failures file.
    entry: Option<Box<str>>,
}

impl LineReader {
    pub(super) fn new(bytes: Buffer, charset: Charset, failures: bool) -> Self {
        Self { bytes, charset, failures, line: 0, line_end: None, entry: None }
    }

    pub(super) fn failures(&self) -> bool {
        self.failures
    }

    pub(super) fn take_entry(&mut self) -> Option<Box<str>> {
        self.entry.take()
    }

    pub(super) fn read(&mut self) -> io::Result<Option<Result<Record, RecordFault>>> {
        let limit = if self.failures { FAILURE_LIMIT } else { RECORD_LIMIT };
        let line_end = match self.line_end {
            Some(byte) => byte,
            None => *self.line_end.insert(line_end(&mut self.bytes, limit)?),
        };
        loop {
            // Two more than the limit, for a line end of two bytes.
            let found = self.bytes.find(0, limit + 2, |byte| byte == line_end)?;
            if found.is_none() && self.bytes.unread().is_empty() {
                return Ok(None);
            }
            self.line += 1;
            if found.is_none() && !self.bytes.ended() {
                self.skip_line(line_end)?;
                return Ok(Some(Err(RecordFault::size(self.line))));
            }
            let length = found.unwrap_or(self.bytes.unread().len());
            let line = self.bytes.unread().get(..length).unwrap_or_default();
            let start = Position { line: self.line, column: 1 };
            let text = unmarked(line);
            let at = start.after(line.get(..line.len() - text.len()).unwrap_or_default());
            let text = text.trim_ascii_end();
            let record = if text.len() > limit {
                Some(Err(RecordFault::size(self.line)))
            } else if text.is_empty() {
                None
            } else {
                let entry = self.failures.then_some(&mut self.entry);
                Some(judge(text, at, entry, &mut self.charset, self.bytes.unread()))
            };
            self.bytes.consume(length + 1);
            if record.is_some() {
                return Ok(record);
            }
        }
    }

    /// Passes a line that is too long to be held.
    fn skip_line(&mut self, line_end: u8) -> io::Result<()> {
        loop {
            let found = self.bytes.find(0, 1, |byte| byte == line_end)?;
            self.bytes.consume(found.map_or(self.bytes.unread().len(), |end| end + 1));
            if found.is_some() || self.bytes.ended() {
                return Ok(());
            }
        }
    }
}

/// The record of a line; of a failures file its `entry` too. `unread` is what is known of the text from there on.
fn judge(
    text: &[u8],
    at: Position,
    entry: Option<&mut Option<Box<str>>>,
    charset: &mut Charset,
    unread: &[u8],
) -> Result<Record, RecordFault> {
    let mut object =
        json::record(text, at, charset, unread).map_err(|fault| match json::behind_object(text) {
            Some(b'{' | RECORD_SEPARATOR) => RecordFault::several_objects(at),
            Some(b',') => RecordFault::comma_behind(at),
            _ => fault,
        })?;
    let Some(entry) = entry else { return Ok(Record::Object(object)) };
    *entry = object.get("id").and_then(Value::as_str).map(Box::from);
    match object.remove("record") {
        Some(Value::Object(record)) => Ok(Record::Object(record)),
        Some(Value::Null) => {
            Err(RecordFault::unread_before(at.line, object.get("row").and_then(Value::as_u64)))
        }
        _ => Err(RecordFault::no_record(at.line)),
    }
}

/// This object is a line of a failures file.
pub(super) fn is_failure(object: &Map<String, Value>) -> bool {
    object.len() == FAILURE_KEYS.len() && FAILURE_KEYS.iter().all(|key| object.contains_key(*key))
}

/// What ends the first line.
fn line_end(bytes: &mut Buffer, limit: usize) -> io::Result<u8> {
    let Some(end) = bytes.find(0, limit + 2, |byte| byte == b'\n' || byte == b'\r')? else {
        return Ok(b'\n');
    };
    // Nothing more is waited for where a line feed ends it: the next line may come much later.
    if bytes.unread().get(end) == Some(&b'\n') {
        return Ok(b'\n');
    }
    let is_pair = bytes.look_ahead(end + 2)?.get(end..).is_some_and(|rest| rest.starts_with(b"\r\n"));
    Ok(if is_pair { b'\n' } else { b'\r' })
}

/// A line without what files that were put together have between them: byte order marks, and marks of records.
fn unmarked(line: &[u8]) -> &[u8] {
    let mut text = line.trim_ascii_start();
    while let Some(rest) = text.strip_prefix(b"\xEF\xBB\xBF").or(text.strip_prefix(&[RECORD_SEPARATOR])) {
        text = rest.trim_ascii_start();
    }
    text
}
