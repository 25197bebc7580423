//! How a failures file begins: by this a file of ours is told from what other programs wrote.

use std::cell::Cell;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};

/// The first columns of a failures file in CSV.
pub(super) const OWN_COLUMNS: [&str; 4] = ["row", "outcome", "message", "hint"];
/// The first keys of each line of a failures file in NDJSON.
const OWN_KEYS: [&str; 3] = ["row", "key", "outcome"];

/// The most that is read to tell: more than a record key can have.
const BEGINNING: u64 = 4 << 20;
/// What Windows programs write before text.
const MARK: [u8; 3] = *b"\xEF\xBB\xBF";

/// A failures file in CSV.
pub(super) fn is_csv(file: &mut File) -> io::Result<bool> {
    let own = OWN_COLUMNS.join(",");
    let mut line = Vec::new();
    without_mark(file)?.take(own.len() as u64 + 1).read_to_end(&mut line)?;
    Ok(line.strip_prefix(own.as_bytes()).is_some_and(|rest| matches!(rest, [] | [b',' | b'\r' | b'\n'])))
}

/// A failures file in NDJSON. One that a person has corrected may have other blanks, and one that a killed run has left
/// may be cut off.
pub(super) fn is_ndjson(file: &mut File) -> io::Result<bool> {
    begins_with(file, OWN_KEYS)
}

/// The first line of a file is an object whose first keys are these.
pub(crate) fn begins_with(file: &mut File, keys: [&'static str; 3]) -> io::Result<bool> {
    let found = Cell::new(false);
    let mut reader = serde_json::Deserializer::from_reader(without_mark(file)?);
    match reader.deserialize_map(FirstKeys { keys, found: &found }) {
        Err(error) if error.is_io() && !found.get() => Err(error.into()),
        // Any other error comes behind the keys that count, or there are other keys.
        _ => Ok(found.get()),
    }
}

fn without_mark(file: &mut File) -> io::Result<impl Read> {
    let mut start = Vec::new();
    Read::by_ref(file).take(MARK.len() as u64).read_to_end(&mut start)?;
    if start == MARK {
        start.clear();
    }
    Ok(io::Cursor::new(start).chain(BufReader::new(file)).take(BEGINNING))
}

struct FirstKeys<'f> {
    keys: [&'static str; 3],
    found: &'f Cell<bool>,
}

impl<'de> Visitor<'de> for FirstKeys<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        for own in self.keys {
            if map.next_key::<String>()?.as_deref() != Some(own) {
                return Ok(());
            }
            map.next_value::<IgnoredAny>()?;
        }
        self.found.set(true);
        Ok(())
    }
}
