//! NDJSON: a record on each line. A failures file is such a source too, with the row as it came in under `record`.

use std::io;

use serde_json::{Map, Value};

use super::buffer::Buffer;
use super::json;
use super::position::Position;
use crate::row::Record;
use crate::source::item::{RECORD_LIMIT, RecordFault};

/// The most that a line of a failures file may hold: JSON escapes make a record longer than it was as CSV, and the line
/// has more than the record.
pub(super) const FAILURE_LIMIT: usize = 4 * RECORD_LIMIT;

/// What each line of a failures file has.
const FAILURE_KEYS: [&str; 9] =
    ["row", "key", "outcome", "operation", "status", "message", "hint", "errors", "record"];

/// Reads line by line.
pub(in crate::source) struct LineReader {
    bytes: Buffer,
    encoding: &'static str,
    failures: bool,
    line: u64,
}

impl LineReader {
    pub(super) fn new(bytes: Buffer, encoding: &'static str, failures: bool) -> Self {
        Self { bytes, encoding, failures, line: 0 }
    }

    pub(super) fn failures(&self) -> bool {
        self.failures
    }

    pub(super) fn read(&mut self) -> io::Result<Option<Result<Record, RecordFault>>> {
        let limit = if self.failures { FAILURE_LIMIT } else { RECORD_LIMIT };
        loop {
            // Two more than the limit, for a line end of two bytes.
            let found = self.bytes.find(0, limit + 2, is_line_end)?;
            if found.is_none() && self.bytes.unread().is_empty() {
                return Ok(None);
            }
            self.line += 1;
            if found.is_none() && !self.bytes.ended() {
                self.skip_line()?;
                return Ok(Some(Err(RecordFault::size(self.line))));
            }
            let length = found.unwrap_or(self.bytes.unread().len());
            let line = self.bytes.unread().get(..length).unwrap_or_default();
            let start = Position { line: self.line, column: 1 };
            let text = line.trim_ascii_start();
            let at = start.after(line.get(..line.len() - text.len()).unwrap_or_default());
            let text = text.trim_ascii_end();
            let record = if text.len() > limit {
                Some(Err(RecordFault::size(self.line)))
            } else if text.is_empty() {
                None
            } else {
                Some(self.judge(text, at))
            };
            self.bytes.consume(length + 1);
            if record.is_some() {
                return Ok(record);
            }
        }
    }

    fn judge(&self, text: &[u8], at: Position) -> Result<Record, RecordFault> {
        let mut object = json::record(text, at, self.encoding)?;
        if !self.failures {
            return Ok(Record::Object(object));
        }
        match object.remove("record") {
            Some(Value::Object(record)) => Ok(Record::Object(record)),
            Some(Value::Null) => {
                Err(RecordFault::unread_before(at.line, object.get("row").and_then(Value::as_u64)))
            }
            _ => Err(RecordFault::no_record(at.line)),
        }
    }

    /// Passes a line that is too long to be held.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let found = self.bytes.find(0, 1, is_line_end)?;
            self.bytes.consume(found.map_or(self.bytes.unread().len(), |end| end + 1));
            if found.is_some() || self.bytes.ended() {
                return Ok(());
            }
        }
    }
}

/// This object is a line of a failures file.
pub(super) fn is_failure(object: &Map<String, Value>) -> bool {
    object.len() == FAILURE_KEYS.len() && FAILURE_KEYS.iter().all(|key| object.contains_key(*key))
}

fn is_line_end(byte: u8) -> bool {
    byte == b'\n'
}
