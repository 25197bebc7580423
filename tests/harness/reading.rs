//! Sources made of text, and everything that they give.

use std::io::{self, Read};

use partnerstack_connector::row::Record;
use partnerstack_connector::source::{Format, Input, Source, SourceError, SourceItem, SourceOptions};
use serde_json::{Map, Value};

/// Everything that a source gave.
pub struct Reading {
    /// The format that was found.
    pub format: Format,
    /// The columns; none where the source has no header.
    pub columns: Vec<String>,
    /// The source has no header.
    pub no_columns: bool,
    /// The rows, and what could not be read.
    pub items: Vec<SourceItem>,
}

impl Reading {
    /// Reads a source to its end.
    pub fn of(source: &mut Source) -> Self {
        let columns = source.columns().map(<[String]>::to_vec);
        let mut items = Vec::new();
        while let Some(item) = source.read().unwrap() {
            items.push(item);
        }
        let no_columns = columns.is_none();
        Self { format: source.format(), columns: columns.unwrap_or_default(), no_columns, items }
    }

    fn records(&self) -> impl Iterator<Item = &Record> {
        self.items.iter().filter_map(|item| match item {
            SourceItem::Row(row) => Some(&row.record),
            SourceItem::Unreadable(_) => None,
        })
    }

    /// How many rows could be read.
    pub fn rows(&self) -> usize {
        self.records().count()
    }

    /// The cells of each row.
    pub fn cells(&self) -> Vec<Vec<String>> {
        let cells = self.records().map(|record| match record {
            Record::Cells(cells) => cells.iter().map(str::to_owned).collect(),
            Record::Object(_) => panic!("expected cells"),
        });
        cells.collect()
    }

    /// The object of each row.
    pub fn objects(&self) -> Vec<Map<String, Value>> {
        let objects = self.records().map(|record| match record {
            Record::Object(object) => object.clone(),
            Record::Cells(_) => panic!("expected an object"),
        });
        objects.collect()
    }

    /// The number of each row, readable or not.
    pub fn numbers(&self) -> Vec<u64> {
        let numbers = self.items.iter().map(|item| match item {
            SourceItem::Row(row) => row.number,
            SourceItem::Unreadable(unreadable) => unreadable.number,
        });
        numbers.collect()
    }

    /// The number and message of each row that could not be read.
    pub fn faults(&self) -> Vec<(u64, String)> {
        let faults = self.items.iter().filter_map(|item| match item {
            SourceItem::Row(_) => None,
            SourceItem::Unreadable(unreadable) => Some((unreadable.number, unreadable.message.clone())),
        });
        faults.collect()
    }

    /// The rule of each row that could not be read.
    pub fn rules(&self) -> Vec<&'static str> {
        let rules = self.items.iter().filter_map(|item| match item {
            SourceItem::Row(_) => None,
            SourceItem::Unreadable(unreadable) => Some(unreadable.rule),
        });
        rules.collect()
    }
}

/// Opens a text as standard input.
pub fn open(text: impl AsRef<[u8]>, options: &SourceOptions) -> Result<Source, SourceError> {
    Source::open(Input::Stdin(Box::new(io::Cursor::new(text.as_ref().to_vec()))), options)
}

/// Reads a text with default options.
pub fn read(text: impl AsRef<[u8]>) -> Reading {
    read_with(text, &SourceOptions::default())
}

/// Reads a text.
pub fn read_with(text: impl AsRef<[u8]>, options: &SourceOptions) -> Reading {
    Reading::of(&mut open(text, options).unwrap())
}

/// Reads a stream.
pub fn read_stream(reader: impl Read + Send + 'static, options: &SourceOptions) -> Reading {
    Reading::of(&mut Source::open(Input::Stdin(Box::new(reader)), options).unwrap())
}

/// Why a text is refused.
pub fn refused(text: impl AsRef<[u8]>, options: &SourceOptions) -> SourceError {
    open(text, options).err().expect("a source that is refused")
}

/// Options that state the format.
pub fn stated(format: Format) -> SourceOptions {
    SourceOptions { format: Some(format), ..SourceOptions::default() }
}

/// Options that state the delimiter.
pub fn delimited(delimiter: &str) -> SourceOptions {
    SourceOptions { delimiter: Some(delimiter.to_owned()), ..SourceOptions::default() }
}

/// Options that state the encoding.
pub fn encoded(label: &str) -> SourceOptions {
    SourceOptions { encoding: Some(label.to_owned()), ..SourceOptions::default() }
}
