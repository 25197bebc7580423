//! What a command reads and writes.

use std::io::{self, Read, Write};

/// What a command talks to; a test brings its own.
pub struct Streams<'a> {
    /// Standard input.
    pub stdin: Box<dyn Read + Send>,
    /// Data.
    pub stdout: &'a mut dyn Write,
    /// Everything else.
    pub stderr: &'a mut dyn Write,
}

/// An output whose reader may leave before the end: what becomes of the rows does not depend on it.
pub(super) struct Optional<W>(pub(super) W);

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
