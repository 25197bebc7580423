//! Sources made of text, and everything that they give.

use std::io::{self, Read};

use partnerstack_connector::row::Record;
use partnerstack_connector::source::{Format, Input, Source, SourceError, SourceItem, SourceOptions};
use serde_json::{Map, Value};

/// Everything that a source gave.
pub(super) struct Reading {
    pub(super) format: Format,
    pub(super) columns: Vec<String>,
    pub(super) no_columns: bool,
    pub(super) items: Vec<SourceItem>,
}

impl Reading {
    pub(super) fn of(source: &mut Source) -> Self {
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

    pub(super) fn rows(&self) -> usize {
        self.records().count()
    }

    pub(super) fn cells(&self) -> Vec<Vec<String>> {
        let cells = self.records().map(|record| match record {
            Record::Cells(cells) => cells.iter().map(str::to_owned).collect(),
            Record::Object(_) => panic!("expected cells"),
        });
        cells.collect()
    }

    pub(super) fn objects(&self) -> Vec<Map<String, Value>> {
        let objects = self.records().map(|record| match record {
            Record::Object(object) => object.clone(),
            Record::Cells(_) => panic!("expected an object"),
        });
        objects.collect()
    }

    pub(super) fn numbers(&self) -> Vec<u64> {
        let numbers = self.items.iter().map(|item| match item {
            SourceItem::Row(row) => row.number,
            SourceItem::Unreadable(unreadable) => unreadable.number,
        });
        numbers.collect()
    }

    pub(super) fn faults(&self) -> Vec<(u64, String)> {
        let faults = self.items.iter().filter_map(|item| match item {
            SourceItem::Row(_) => None,
            SourceItem::Unreadable(unreadable) => Some((unreadable.number, unreadable.message.clone())),
        });
        faults.collect()
    }

    pub(super) fn rules(&self) -> Vec<&'static str> {
        let rules = self.items.iter().filter_map(|item| match item {
            SourceItem::Row(_) => None,
            SourceItem::Unreadable(unreadable) => Some(unreadable.rule),
        });
        rules.collect()
    }
}

pub(super) fn open(text: impl AsRef<[u8]>, options: &SourceOptions) -> Result<Source, SourceError> {
    Source::open(Input::Stdin(Box::new(io::Cursor::new(text.as_ref().to_vec()))), options)
}

pub(super) fn read(text: impl AsRef<[u8]>) -> Reading {
    read_with(text, &SourceOptions::default())
}

pub(super) fn read_with(text: impl AsRef<[u8]>, options: &SourceOptions) -> Reading {
    Reading::of(&mut open(text, options).unwrap())
}

pub(super) fn read_stream(reader: impl Read + Send + 'static, options: &SourceOptions) -> Reading {
    Reading::of(&mut Source::open(Input::Stdin(Box::new(reader)), options).unwrap())
}

pub(super) fn refused(text: impl AsRef<[u8]>, options: &SourceOptions) -> SourceError {
    open(text, options).err().expect("a source that is refused")
}

pub(super) fn stated(format: Format) -> SourceOptions {
    SourceOptions { format: Some(format), ..SourceOptions::default() }
}

pub(super) fn delimited(delimiter: &str) -> SourceOptions {
    SourceOptions { delimiter: Some(delimiter.to_owned()), ..SourceOptions::default() }
}

pub(super) fn encoded(label: &str) -> SourceOptions {
    SourceOptions { encoding: Some(label.to_owned()), ..SourceOptions::default() }
}
