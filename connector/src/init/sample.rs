//! The header and the first rows of a source, column by column.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::column::Column;
use crate::error::SetupError;
use crate::row::Record;
use crate::source::{Format, Input, Source, SourceError, SourceItem, SourceOptions};

/// The most rows that are read.
const ROWS: usize = 1000;
/// The most bytes of cells that are kept.
const BYTES: usize = 64 << 20;
/// The most columns that the records of a JSON source are spread over.
const COLUMNS: usize = 2000;
/// What a spreadsheet on Windows writes.
const WINDOWS: &str = "windows-1252";

/// What was read of a source.
pub(super) struct Sample {
    pub(super) columns: Vec<Column>,
    /// How many rows there are, of those that could be read.
    pub(super) rows: usize,
    /// The source has no more rows than that.
    pub(super) whole: bool,
    /// How many rows could not be read.
    pub(super) unreadable: usize,
    /// What had to be said to read it.
    pub(super) options: SourceOptions,
}

impl Sample {
    /// Reads the header and a thousand rows, with what it takes to read them.
    pub(super) fn read(path: &Path) -> Result<Self, SetupError> {
        let mut options = SourceOptions::default();
        let mut read = Self::read_with(path, &options);
        if let Err(SourceError::Wrapped { path: records, .. }) = &read {
            options.records = Some(records.trim_start_matches('.').to_owned());
            read = Self::read_with(path, &options);
        }
        let foreign = match &read {
            Err(SourceError::HeaderEncoding { .. }) => true,
            Ok((_, wrong_bytes)) => *wrong_bytes > 0,
            Err(_) => false,
        };
        if foreign {
            let other = SourceOptions { encoding: Some(WINDOWS.to_owned()), ..options.clone() };
            if let Ok((sample, 0)) = Self::read_with(path, &other) {
                return Ok(sample);
            }
        }
        read.map(|(sample, _)| sample).map_err(|error| SetupError::new(error.to_string()))
    }

    /// The sample, and how many rows have bytes of another encoding.
    fn read_with(path: &Path, options: &SourceOptions) -> Result<(Self, usize), SourceError> {
        let mut source = Source::open(Input::File(path.to_owned()), options)?;
        let mut table = Table::of(source.columns().unwrap_or_default());
        let (mut unreadable, mut wrong_bytes, mut whole) = (0, 0, false);
        while table.rows < ROWS && table.bytes < BYTES && unreadable < ROWS {
            match source.read()? {
                None => {
                    whole = true;
                    break;
                }
                Some(SourceItem::Row(row)) => table.add(&row.record),
                Some(SourceItem::Unreadable(record)) => {
                    unreadable += 1;
                    wrong_bytes += usize::from(record.rule == "encoding");
                }
            }
        }
        let mut options = options.clone();
        // A `.json` file with an object on each line is found out again.
        options.format = None::<Format>;
        let Table { mut columns, rows, .. } = table;
        for column in &mut columns {
            column.cells.resize(rows, String::new());
        }
        columns.retain(|column| !column.name.is_empty());
        Ok((Self { columns, rows, whole, unreadable, options }, wrong_bytes))
    }
}

/// Columns that grow row by row.
struct Table {
    columns: Vec<Column>,
    /// The places of JSON's names.
    places: HashMap<String, usize>,
    rows: usize,
    bytes: usize,
}

impl Table {
    fn of(header: &[String]) -> Self {
        let column = |name: &String| Column { name: name.clone(), cells: Vec::new() };
        Self { columns: header.iter().map(column).collect(), places: HashMap::new(), rows: 0, bytes: 0 }
    }

    fn add(&mut self, record: &Record) {
        self.bytes += record.size();
        match record {
            Record::Cells(cells) => {
                for (column, cell) in self.columns.iter_mut().zip(cells.iter()) {
                    column.cells.resize(self.rows, String::new());
                    column.cells.push(cell.to_owned());
                }
            }
            Record::Object(object) => self.add_object("", object),
        }
        self.rows += 1;
    }

    /// Objects inside are spread over columns with dotted names; lists are no columns.
    fn add_object(&mut self, before: &str, object: &Map<String, Value>) {
        for (name, value) in object {
            let name = format!("{before}{name}");
            let cell = match value {
                Value::Object(inside) => {
                    self.add_object(&format!("{name}."), inside);
                    continue;
                }
                Value::Array(_) => continue,
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                Value::Bool(_) | Value::Number(_) => value.to_string(),
            };
            self.put(name, cell);
        }
    }

    fn put(&mut self, name: String, cell: String) {
        let (columns, rows) = (&mut self.columns, self.rows);
        let place = match self.places.get(&name) {
            Some(place) => *place,
            None if columns.len() >= COLUMNS => return,
            None => {
                columns.push(Column { name: name.clone(), cells: Vec::new() });
                self.places.insert(name, columns.len() - 1);
                columns.len() - 1
            }
        };
        if let Some(column) = columns.get_mut(place) {
            column.cells.resize(rows, String::new());
            column.cells.push(cell);
        }
    }
}
