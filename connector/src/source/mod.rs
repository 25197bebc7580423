//! Where rows come from: CSV, NDJSON or a JSON array, from a file or standard input.

mod array;
mod buffer;
mod csv;
mod decode;
mod dialect;
mod error;
mod fault;
mod input;
mod json;
mod lines;
mod sniff;
mod wait;

use std::fmt;
use std::str::FromStr;

use encoding_rs::UTF_8;

use self::buffer::Buffer;
pub use self::error::SourceError;
use self::fault::Fault;
pub use self::input::Input;
use self::wait::{Announcing, Hook};
use crate::row::Row;
use crate::text::names::near;

/// The most that one record may hold, in bytes.
pub const RECORD_LIMIT: usize = 1 << 20;

/// The rows of a file or a stream, one after the other, in a few MiB of memory.
pub struct Source {
    name: String,
    rows: Rows,
    number: u64,
    waits: Hook,
}

enum Rows {
    Csv(Box<csv::Reader>),
    Lines(lines::Reader),
    Array(array::Reader),
}

/// What was stated about a source; what was not is found in it.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--format`
    pub format: Option<Format>,
    /// `--delimiter`: one character, or `tab`, `comma`, `semicolon`, `pipe`. Only CSV looks at it.
    pub delimiter: Option<String>,
    /// `--encoding`: a label of the WHATWG Encoding Standard. A byte order mark knows better.
    pub encoding: Option<String>,
}

/// One data record.
pub enum Item {
    /// It could be read.
    Row(Row),
    /// It could not; those after it can, unless its message says otherwise.
    Unreadable(Unreadable),
}

/// A data record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Its number among the data records, from 1.
    pub number: u64,
    /// The rule that it breaks: `encoding`, `json`, `quote`, `ragged`, `record` or `size`.
    pub rule: &'static str,
    /// What is wrong, where, and what to do; never what the record holds.
    pub message: String,
}

impl Source {
    /// Opens what shall be read, finds out what was not stated, and reads the header of a CSV file.
    pub fn open(input: Input, options: &Options) -> Result<Self, SourceError> {
        let label = options.encoding.as_deref().map(decode::named).transpose()?;
        let delimiter = options.delimiter.as_deref().map(dialect::named).transpose()?;
        let opened = input.open()?;
        let name = opened.name;
        let failed = |source| SourceError::reading(&name, 0, source);

        let waits = Hook::default();
        let mut raw = Buffer::new(Box::new(Announcing { reader: opened.reader, hook: Hook::clone(&waits) }));
        sniff::refuse_binary(&mut raw, &name)?;
        let encoding = match decode::mark(&mut raw).map_err(failed)? {
            Some(encoding) => encoding,
            // A failures file is UTF-8, whatever was stated about the source that it came from.
            None if sniff::is_failures(&mut raw).map_err(failed)? => UTF_8,
            None => label.unwrap_or(UTF_8),
        };
        let mut bytes = decode::to_utf8(raw, encoding);
        sniff::refuse_utf16(&mut bytes, &name)?;

        let encoding = encoding.name();
        let rows = if sniff::is_failures(&mut bytes).map_err(failed)? {
            Rows::Lines(lines::Reader::new(bytes, encoding, true))
        } else {
            let stated = options.format.or(opened.format);
            match sniff::format(&mut bytes, stated, &name)? {
                Format::Csv => Rows::Csv(Box::new(csv::Reader::open(bytes, &name, delimiter, encoding)?)),
                Format::Ndjson => Rows::Lines(lines::Reader::new(bytes, encoding, false)),
                Format::Json => Rows::Array(array::Reader::new(bytes, encoding)),
            }
        };
        Ok(Self { name, rows, number: 0, waits })
    }

    /// How messages call it: the path in backticks, or `standard input`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The format that is read, which may be another than the one that was stated: a `.json` file with an object on
    /// each line is NDJSON, and so is a failures file.
    #[must_use]
    pub fn format(&self) -> Format {
        match self.rows {
            Rows::Csv(_) => Format::Csv,
            Rows::Lines(_) => Format::Ndjson,
            Rows::Array(_) => Format::Json,
        }
    }

    /// The source is a failures file of an earlier run.
    #[must_use]
    pub fn is_failures(&self) -> bool {
        matches!(&self.rows, Rows::Lines(lines) if lines.failures())
    }

    /// The columns of a CSV header, trimmed, `""` for those without a name. The records of other formats each bring
    /// their own.
    #[must_use]
    pub fn columns(&self) -> Option<&[String]> {
        match &self.rows {
            Rows::Csv(csv) => Some(csv.columns()),
            Rows::Lines(_) | Rows::Array(_) => None,
        }
    }

    /// Has something done before each read of the file or the stream, which may wait for as long as it likes. Only the
    /// first to ask is heard.
    pub fn before_waiting(&self, hook: impl Fn() + Send + Sync + 'static) {
        // An error means that somebody has asked before.
        let _ = self.waits.set(Box::new(hook));
    }

    /// Reads the next record; nothing at the end. After an error nothing more can be read.
    pub fn read(&mut self) -> Result<Option<Item>, SourceError> {
        let read = match &mut self.rows {
            Rows::Csv(reader) => reader.read(),
            Rows::Lines(reader) => reader.read(),
            Rows::Array(reader) => reader.read(),
        };
        let read = read.map_err(|source| SourceError::reading(&self.name, self.number, source))?;
        let Some(record) = read else {
            return Ok(None);
        };
        self.number += 1;
        let number = self.number;
        Ok(Some(match record {
            Ok(record) => Item::Row(Row { number, record }),
            Err(Fault { rule, message }) => Item::Unreadable(Unreadable { number, rule, message }),
        }))
    }
}

/// How the records of a source are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A header, and a record of cells on each line.
    Csv,
    /// A JSON object on each line.
    Ndjson,
    /// A JSON array of objects.
    Json,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Ndjson, Self::Json];

    /// The name on the command line and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|format| format.name() == text);
        found.ok_or_else(|| SourceError::UnknownFormat {
            text: text.to_owned(),
            near: near(text, &Self::ALL.map(Self::name)),
        })
    }
}
