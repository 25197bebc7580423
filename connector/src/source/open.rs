//! A source: opened once, then read row by row.

use super::error::SourceError;
use super::format::Format;
use super::input::{Input, SourceOptions};
use super::item::SourceItem;
use super::meter::{Meter, Metered};
use super::text::records::{Stated, TextRecords};
use super::wait::{Announcing, Hook};
use super::watch::Watch;
use crate::row::Row;

/// The rows of a file or a stream, one after the other, in a few MiB of memory.
pub struct Source {
    name: String,
    records: TextRecords,
    number: u64,
    waits: Hook,
    watch: Option<Watch>,
    meter: Meter,
}

impl Source {
    /// Opens the input, finds out what was not stated, and reads the header of a CSV file.
    pub fn open(input: Input, options: &SourceOptions) -> Result<Self, SourceError> {
        let stated = Stated::of(options)?;
        let opened = input.open()?;
        let waits = Hook::default();
        let meter = Meter::of(opened.watch.as_ref().map(Watch::size));
        let reader = Metered { reader: opened.reader, meter: meter.clone() };
        let reader = Box::new(Announcing { reader, hook: Hook::clone(&waits) });
        let records = TextRecords::open(reader, &opened.name, &stated, opened.format)?;
        Ok(Self { name: opened.name, records, number: 0, waits, watch: opened.watch, meter })
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
        self.records.format()
    }

    /// The source is a failures file of an earlier run.
    #[must_use]
    pub fn is_failures(&self) -> bool {
        self.records.is_failures()
    }

    /// The columns of a CSV header, trimmed, `""` for those without a name. The records of other formats each bring
    /// their own.
    #[must_use]
    pub fn columns(&self) -> Option<&[String]> {
        self.records.columns()
    }

    /// The line of a CSV source that looks more like its header than the first one, by names that are wanted: titles and
    /// comments stand above some headers. Nothing is read for it.
    #[must_use]
    pub fn header_below(&self, is_wanted: impl Fn(&str) -> bool) -> Option<u64> {
        self.records.header_below(is_wanted)
    }

    /// Calls a function before each read of the file or the stream, because that read may have to wait. Only the first
    /// function that is given counts.
    pub fn before_waiting(&self, hook: impl Fn() + Send + Sync + 'static) {
        // An error means that there is one already.
        let _ = self.waits.set(Box::new(hook));
    }

    /// How far it has been read, from any thread.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Reads the next record; nothing at the end. After an error nothing more can be read.
    pub fn read(&mut self) -> Result<Option<SourceItem>, SourceError> {
        let read =
            self.records.read().map_err(|source| SourceError::reading(&self.name, self.number, source))?;
        let Some(record) = read else {
            self.meter.end();
            return self.end().map(|()| None);
        };
        self.number += 1;
        let number = self.number;
        self.meter.reached(number);
        let entry = self.records.take_entry();
        Ok(Some(match record {
            Ok(record) => SourceItem::Row(Row { number, record, entry }),
            Err(fault) => SourceItem::Unreadable(fault.of(number, entry)),
        }))
    }

    /// The stream has ended without a line end, so its last row may be cut off. People write files like that, programs do not.
    #[must_use]
    pub fn may_be_cut_off(&self) -> bool {
        self.watch.is_none() && self.records.is_unended()
    }

    /// No more of it is read. An error where the file is not what it was when it was opened.
    pub fn end(&self) -> Result<(), SourceError> {
        if self.watch.as_ref().is_some_and(Watch::has_changed) {
            return Err(SourceError::Changed { name: self.name.clone(), row: self.number });
        }
        Ok(())
    }
}
