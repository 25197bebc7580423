//! What a command reads and writes.

use std::io::{self, Read, Write};

use super::paint::{Paint, Screen, painted};
use crate::text::printable::{Escapes, is_hidden, push};

/// What a program brings; a test brings its own.
pub struct Streams<'a> {
    /// Standard input.
    pub stdin: Box<dyn Read + Send>,
    /// Data.
    pub stdout: &'a mut dyn Write,
    /// Everything else.
    pub stderr: &'a mut dyn Write,
}

/// What a command talks to.
pub(in crate::cli) struct Desk<'a> {
    pub(in crate::cli) stdin: Box<dyn Read + Send>,
    pub(in crate::cli) stdout: &'a mut dyn Write,
    pub(in crate::cli) stderr: &'a mut dyn Screen,
}

/// An output whose reader may leave before the end: what becomes of the rows does not depend on it.
pub(in crate::cli) struct Optional<W>(pub(in crate::cli) W);

impl<W: Write> Write for Optional<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}

/// What is told to people: a run, its line of JSON and its exit code do not depend on whether it can be written.
pub(in crate::cli) struct BestEffort<W>(pub(in crate::cli) W);

impl<W: Write> Write for BestEffort<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.0.write(bytes).unwrap_or(bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}

/// An output for text of others: hidden characters are escaped, line ends stay.
///
/// It stands around standard output and standard error, so that no message has to remember it.
pub(in crate::cli) struct Printable<W> {
    inner: W,
    escapes: Escapes,
    /// The beginning of a character whose other bytes have not come yet.
    begun: Vec<u8>,
    colour: bool,
}

impl<W: Write> Printable<W> {
    pub(in crate::cli) fn new(inner: W, escapes: Escapes) -> Self {
        Self { inner, escapes, begun: Vec::new(), colour: false }
    }

    fn write_text(&mut self, text: &str) -> io::Result<()> {
        if !text.chars().any(|c| is_hidden(c) && c != '\n') {
            return self.inner.write_all(text.as_bytes());
        }
        let mut safe = String::with_capacity(text.len() + 16);
        for c in text.chars() {
            if c == '\n' { safe.push(c) } else { push(&mut safe, c, self.escapes) }
        }
        self.inner.write_all(safe.as_bytes())
    }
}

impl<W: Write> Write for Printable<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut joined = std::mem::take(&mut self.begun);
        joined.extend_from_slice(bytes);
        let mut rest = joined.as_slice();
        loop {
            let (valid, after) = match str::from_utf8(rest) {
                Ok(text) => {
                    self.write_text(text)?;
                    return Ok(bytes.len());
                }
                Err(error) => rest.split_at(error.valid_up_to()),
            };
            self.write_text(str::from_utf8(valid).unwrap_or_default())?;
            let Some(bad) = str::from_utf8(after).err().and_then(|error| error.error_len()) else {
                self.begun = after.to_vec();
                return Ok(bytes.len());
            };
            self.write_text("\u{fffd}")?;
            rest = after.get(bad..).unwrap_or_default();
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Write> Screen for Printable<W> {
    fn use_colour(&mut self, wanted: bool) {
        self.colour = wanted;
    }

    fn paint(&mut self, paint: Paint, text: &str) -> io::Result<()> {
        if self.colour {
            self.inner.write_all(painted(paint, text).as_bytes())
        } else {
            self.write_all(text.as_bytes())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pieces: &[&[u8]], escapes: Escapes) -> String {
        let mut bytes = Vec::new();
        let mut out = Printable::new(&mut bytes, escapes);
        for piece in pieces {
            out.write_all(piece).unwrap();
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_character_may_come_in_two_pieces() {
        let text = "é\u{202e}€\n";
        for cut in 0..=text.len() {
            let (one, other) = text.as_bytes().split_at(cut);
            assert_eq!(written(&[one, other], Escapes::Rust), "é\\u{202e}€\n", "cut at {cut}");
        }
        assert_eq!(written(&[b"a\xffb"], Escapes::Rust), "a\u{fffd}b");
    }
}
