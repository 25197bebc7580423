//! The records of a text: finds out its encoding and its format, then reads record by record.

use std::io::{self, Read};

use encoding_rs::UTF_8;

use super::array::reader::ArrayReader;
use super::array::wrapped;
use super::buffer::Buffer;
use super::csv::dialect;
use super::csv::reader::CsvReader;
use super::decode;
use super::decode::Charset;
use super::lines::LineReader;
use super::sniff::format as sniff;
use crate::row::Record;
use crate::source::error::SourceError;
use crate::source::format::Format;
use crate::source::input::SourceOptions;
use crate::source::item::RecordFault;

/// The records of a text, whichever format it has.
pub(in crate::source) enum TextRecords {
    Csv(Box<CsvReader>),
    Lines(LineReader),
    Array(ArrayReader),
}

/// What was stated about a text, with every name understood.
pub(in crate::source) struct Stated {
    format: Option<Format>,
    delimiter: Option<u8>,
    encoding: Option<&'static encoding_rs::Encoding>,
    records: Option<String>,
    whole: bool,
}

impl Stated {
    /// Refuses a delimiter or an encoding that is none.
    pub(in crate::source) fn of(options: &SourceOptions) -> Result<Self, SourceError> {
        Ok(Self {
            format: options.format,
            records: options.records.clone(),
            whole: options.whole,
            encoding: options.encoding.as_deref().map(decode::named).transpose()?,
            delimiter: options.delimiter.as_deref().map(dialect::named).transpose()?,
        })
    }
}

impl TextRecords {
    /// Finds out what was not stated, and reads the header of a CSV file. `by_name` is the format that the name of the
    /// file tells.
    pub(in crate::source) fn open(
        reader: Box<dyn Read + Send>,
        name: &str,
        stated: &Stated,
        by_name: Option<Format>,
    ) -> Result<Self, SourceError> {
        let failed = |source| SourceError::reading(name, 0, source);
        let mut raw = Buffer::new(reader);
        sniff::refuse_binary(&mut raw, name)?;
        let encoding = match decode::mark(&mut raw).map_err(failed)? {
            Some(encoding) => encoding,
            // A failures file is UTF-8, whatever was stated about the source that it came from.
            None if sniff::is_failures(&mut raw).map_err(failed)? => UTF_8,
            None => {
                decode::refuse_utf8(&mut raw, stated.encoding, name)?;
                stated.encoding.unwrap_or(UTF_8)
            }
        };
        let mut bytes = decode::to_utf8(raw, encoding);
        decode::pass_marks(&mut bytes).map_err(failed)?;
        sniff::refuse_other_text(&mut bytes, name)?;

        let charset = Charset::of(encoding);
        if sniff::is_failures(&mut bytes).map_err(failed)? {
            return Ok(Self::Lines(LineReader::new(bytes, charset, true)));
        }
        if let Some(path) = &stated.records {
            let wrong =
                |reason: String| SourceError::NoRecords { name: name.to_owned(), path: path.clone(), reason };
            if matches!(stated.format.or(by_name), Some(Format::Csv | Format::Ndjson)) {
                return Err(wrong("only a JSON document has records inside of it".to_owned()));
            }
            let at = wrapped::find(&mut bytes, path).map_err(failed)?.map_err(wrong)?;
            return Ok(Self::Array(ArrayReader::inside(bytes, charset, at)));
        }
        Ok(match sniff::format(&mut bytes, stated.format.or(by_name), name)? {
            Format::Csv => {
                Self::Csv(Box::new(CsvReader::open(bytes, name, stated.delimiter, charset, stated.whole)?))
            }
            Format::Ndjson => Self::Lines(LineReader::new(bytes, charset, false)),
            Format::Json => Self::Array(ArrayReader::new(bytes, charset)),
        })
    }

    /// The format that is read.
    pub(in crate::source) fn format(&self) -> Format {
        match self {
            Self::Csv(_) => Format::Csv,
            Self::Lines(_) => Format::Ndjson,
            Self::Array(_) => Format::Json,
        }
    }

    /// The text is a failures file of an earlier run.
    pub(in crate::source) fn is_failures(&self) -> bool {
        match self {
            Self::Csv(csv) => csv.failures(),
            Self::Lines(lines) => lines.failures(),
            Self::Array(_) => false,
        }
    }

    /// The columns of a CSV header.
    pub(in crate::source) fn columns(&self) -> Option<&[String]> {
        match self {
            Self::Csv(csv) => Some(csv.columns()),
            Self::Lines(_) | Self::Array(_) => None,
        }
    }

    /// The line of a CSV text that looks more like its header than the first one.
    pub(in crate::source) fn header_below(&self, is_wanted: impl Fn(&str) -> bool) -> Option<u64> {
        match self {
            Self::Csv(csv) => csv.header_below(is_wanted),
            Self::Lines(_) | Self::Array(_) => None,
        }
    }

    /// The last record that was read may be cut off: nothing shows where it ends.
    pub(in crate::source) fn is_unended(&self) -> bool {
        matches!(self, Self::Csv(csv) if csv.is_unended())
    }

    /// The id of the entry that the last record is, in a failures file.
    pub(in crate::source) fn take_entry(&mut self) -> Option<Box<str>> {
        match self {
            Self::Csv(reader) => reader.take_entry(),
            Self::Lines(reader) => reader.take_entry(),
            Self::Array(_) => None,
        }
    }

    /// The next record; nothing at the end.
    pub(in crate::source) fn read(&mut self) -> io::Result<Option<Result<Record, RecordFault>>> {
        match self {
            Self::Csv(reader) => reader.read(),
            Self::Lines(reader) => reader.read(),
            Self::Array(reader) => reader.read(),
        }
    }
}
