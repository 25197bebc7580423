//! The bytes of a source, in chunks, with as much look-ahead as a reader asks for.

use std::io::{self, ErrorKind, Read};

/// How much is read at once, and held unless a reader looks further ahead.
const CHUNK: usize = 64 * 1024;
/// The least room that a reader is given: a decoder cannot write half a character.
const ROOM: usize = 1024;

/// What was read and is not consumed yet.
pub(super) struct Buffer {
    reader: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
}

impl Buffer {
    pub(super) fn new(reader: Box<dyn Read + Send>) -> Self {
        Self { reader, bytes: vec![0; CHUNK], start: 0, end: 0, ended: false }
    }

    pub(super) fn unread(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// The source has no more than what is unread.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
    }

    /// Adds to what is unread; `false` at the end of the source.
    pub(super) fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        self.make_room();
        loop {
            match self.reader.read(self.bytes.get_mut(self.end..).unwrap_or_default()) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(false);
                }
                Ok(count) => {
                    self.end = self.bytes.len().min(self.end + count);
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads until `count` bytes are unread, or fewer at the end of the source.
    pub(super) fn look_ahead(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.unread().len() < count && self.fill()? {}
        Ok(self.unread())
    }

    /// The place of the first wanted byte in what is unread, from `from` on; reads on until about `limit` bytes are
    /// unread.
    pub(super) fn find(
        &mut self,
        from: usize,
        limit: usize,
        wanted: impl Fn(u8) -> bool,
    ) -> io::Result<Option<usize>> {
        let mut from = from;
        loop {
            let rest = self.unread().get(from..).unwrap_or_default();
            if let Some(found) = rest.iter().position(|byte| wanted(*byte)) {
                return Ok(Some(from + found));
            }
            from = from.max(self.unread().len());
            if from >= limit || !self.fill()? {
                return Ok(None);
            }
        }
    }

    fn make_room(&mut self) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            // The room that a long record took is given back.
            self.bytes.truncate(CHUNK);
            self.bytes.shrink_to(CHUNK);
        } else if self.bytes.len() - self.end < ROOM {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            if self.bytes.len() - self.end < ROOM {
                self.bytes.resize(self.bytes.len() * 2, 0);
            }
        }
    }
}
