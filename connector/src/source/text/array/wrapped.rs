//! Finds the array of records inside of an object, by the names on the way: what stands before it is passed, not held.

use std::io;

use crate::source::text::buffer::Buffer;
use crate::source::text::position::Position;
use crate::text::names::near;

/// The most bytes of a name.
const NAME: usize = 4096;
/// The most names that are told where one is missing.
const NAMES: usize = 20;

/// Passes what stands before the array at a dotted path, such as `data.items`. Says where the array begins, or what is
/// found instead.
pub(in crate::source::text) fn find(bytes: &mut Buffer, path: &str) -> io::Result<Result<Position, String>> {
    let mut walk = Walk { bytes, at: Position::START };
    for name in path.split('.') {
        if let Err(wrong) = walk.enter(name)? {
            return Ok(Err(wrong));
        }
    }
    Ok(match walk.next()? {
        Some(b'[') => Ok(walk.at),
        _ => Err("what is there is no array".to_owned()),
    })
}

struct Walk<'b> {
    bytes: &'b mut Buffer,
    at: Position,
}

impl Walk<'_> {
    /// Goes to the value of a name of the object that comes next.
    fn enter(&mut self, name: &str) -> io::Result<Result<(), String>> {
        if self.next()? != Some(b'{') {
            return Ok(Err(format!("there is no object to look for `{name}` in")));
        }
        self.consume(1);
        let mut names: Vec<String> = Vec::new();
        loop {
            match self.next()? {
                Some(b',') => self.consume(1),
                Some(b'"') => {
                    let Some(found) = self.name()? else { return Ok(Err("the JSON is broken".to_owned())) };
                    if self.next()? != Some(b':') {
                        return Ok(Err("the JSON is broken".to_owned()));
                    }
                    self.consume(1);
                    if found == name {
                        return Ok(Ok(()));
                    }
                    // A name of other characters may be personal data.
                    let plain = found.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                    if plain && names.len() < NAMES {
                        names.push(found);
                    }
                    self.pass_value()?;
                }
                _ => {
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    return Ok(Err(format!("there is no `{name}`; {}", near(name, &names))));
                }
            }
        }
    }

    /// The name whose quote comes next; none where it is broken, or too long.
    fn name(&mut self) -> io::Result<Option<String>> {
        let mut escape = false;
        for length in 1..NAME {
            let Some(byte) = self.bytes.look_ahead(length + 1)?.get(length).copied() else { return Ok(None) };
            if byte == b'"' && !escape {
                let text = self.bytes.unread().get(..=length).unwrap_or_default();
                let name = serde_json::from_slice(text).ok();
                self.consume(length + 1);
                return Ok(name);
            }
            escape = byte == b'\\' && !escape;
        }
        Ok(None)
    }

    /// Passes a value, up to the comma or bracket behind it.
    fn pass_value(&mut self) -> io::Result<()> {
        let (mut depth, mut string, mut escape) = (0_usize, false, false);
        loop {
            let mut passed = 0;
            let mut ended = false;
            for byte in self.bytes.unread() {
                match byte {
                    _ if escape => escape = false,
                    b'\\' if string => escape = true,
                    b'"' => string = !string,
                    _ if string => {}
                    b'{' | b'[' => depth += 1,
                    b',' | b'}' | b']' if depth == 0 => {
                        ended = true;
                        break;
                    }
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                passed += 1;
            }
            self.consume(passed);
            if ended || !self.bytes.fill()? {
                return Ok(());
            }
        }
    }

    /// Passes blanks and says which byte follows them.
    fn next(&mut self) -> io::Result<Option<u8>> {
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
}
