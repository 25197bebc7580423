//! The forms of a failures file, and how it begins: by this a file of ours is told from what other programs wrote.

use std::cell::Cell;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use crate::files::output::IsOwn;

/// The first columns of a failures file in CSV.
pub(super) const OWN_COLUMNS: [&str; 5] = ["row", "outcome", "message", "hint", "failure_id"];
/// The first keys of each line of a failures file in NDJSON.
const OWN_KEYS: [&str; 3] = ["row", "key", "outcome"];

/// How the file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A JSON object on each line; itself a source.
    Ndjson,
    /// Id, row, outcome, message and hint, then the columns of the source.
    Csv,
}

impl Form {
    /// The form for the extension of a path.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        if csv { Self::Csv } else { Self::Ndjson }
    }

    /// What tells a failures file of this form from other files.
    pub(super) fn is_own(self) -> IsOwn {
        match self {
            Self::Ndjson => is_ndjson,
            Self::Csv => is_csv,
        }
    }
}

/// The most that is read to tell: more than a record key can have.
const BEGINNING: u64 = 4 << 20;
/// More than the first columns take.
const HEADER: u64 = 200;
/// What Windows programs write before text.
const MARK: [u8; 3] = *b"\xEF\xBB\xBF";

/// A failures file in CSV. A spreadsheet that has saved it may have written another delimiter, and quotes.
pub(super) fn is_csv(file: &mut File) -> io::Result<bool> {
    let mut line = Vec::new();
    without_mark(file)?.take(HEADER).read_to_end(&mut line)?;
    let end = line.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(line.len());
    let line = line.get(..end).unwrap_or_default();
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let Some(delimiter) = line.strip_prefix(OWN_COLUMNS.first().copied().unwrap_or_default().as_bytes())
    else {
        return Ok(false);
    };
    let delimiter = delimiter.strip_prefix(b"\"").unwrap_or(delimiter);
    let Some(delimiter @ (b',' | b';' | b'\t' | b'|')) = delimiter.first() else { return Ok(false) };
    let names = line.split(|byte| byte == delimiter).map(<[u8]>::trim_ascii);
    let names = names.map(|name| name.strip_prefix(b"\"").unwrap_or(name));
    let mut names = names.map(|name| name.strip_suffix(b"\"").unwrap_or(name));
    Ok(OWN_COLUMNS.iter().all(|own| names.next() == Some(own.as_bytes())))
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
