//! What people are told, as lines of JSON for programs that collect logs.

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::paint::Screen;
use crate::clock::{Clock as _, SystemClock};

/// Takes text and writes an event for each message: a line, with the lines that belong to it.
///
/// What is told holds no values of rows beyond those that a message names as the reason.
pub(in crate::cli) struct LogLines<W: Write> {
    inner: W,
    /// The line that has not ended.
    line: Vec<u8>,
    /// The message that further lines may belong to.
    message: String,
}

impl<W: Write> LogLines<W> {
    pub(in crate::cli) fn new(inner: W) -> Self {
        Self { inner, line: Vec::new(), message: String::new() }
    }

    fn take_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        if line.trim().is_empty() {
            return self.end_message();
        }
        if belongs_to_last(&line) && !self.message.is_empty() {
            self.message.push('\n');
        } else {
            self.end_message()?;
        }
        self.message.push_str(line.trim_end());
        Ok(())
    }

    fn end_message(&mut self) -> io::Result<()> {
        let message = std::mem::take(&mut self.message);
        if message.is_empty() {
            return Ok(());
        }
        let (level, text) = level_of(&message);
        let event = event(level, "message", Map::from_iter([("message".to_owned(), text.into())]));
        writeln!(self.inner, "{event}")
    }
}

/// An event with these properties.
fn event(level: &str, name: &str, more: Map<String, Value>) -> Value {
    let now = Timestamp::from_millisecond(SystemClock::default().epoch_milliseconds()).unwrap_or_default();
    let mut event = json!({ "time": now.to_string(), "level": level, "event": name });
    if let Some(event) = event.as_object_mut() {
        event.extend(more);
    }
    event
}

fn level_of(message: &str) -> (&'static str, &str) {
    let levels = [("error: ", "error"), ("warning: ", "warning"), ("stopped: ", "error"), ("note: ", "info")];
    let found = levels.into_iter().find_map(|(begin, level)| Some((level, message.strip_prefix(begin)?)));
    found.unwrap_or(("info", message))
}

/// Lines of one message are indented, or begin with the number of a line of a sync file.
fn belongs_to_last(line: &str) -> bool {
    line.starts_with([' ', '\t'])
        || line.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(" |") && !line.starts_with('|')
}

impl<W: Write> Write for LogLines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            if *byte == b'\n' {
                self.take_line()?;
            } else {
                self.line.push(*byte);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Write> Screen for LogLines<W> {
    fn event(&mut self, name: &str, properties: Map<String, Value>) -> io::Result<bool> {
        self.end_message()?;
        writeln!(self.inner, "{}", event("info", name, properties))?;
        Ok(true)
    }
}

impl<W: Write> Drop for LogLines<W> {
    fn drop(&mut self) {
        let rest = if self.line.is_empty() { Ok(()) } else { self.take_line() };
        let _ = rest.and_then(|()| self.end_message());
    }
}
