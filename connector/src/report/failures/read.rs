//! Reads a failures file entry by entry, in either form.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use serde::Deserialize;

use super::begin::{Form, OWN_COLUMNS};
use super::entry::FailureEntry;
use crate::ledger::FaultId;
use crate::row::{Record, Row};
use crate::source::{Input, Source, SourceItem, SourceOptions};

/// More than a line can have that this program has written.
const LONGEST: u64 = 16 << 20;

/// An entry as a line of JSON, and its id where it has one.
pub struct EntryLine {
    /// The id of the entry.
    pub id: Option<FaultId>,
    /// The line, without its end.
    pub line: Vec<u8>,
}

/// Reads the entries of a failures file.
pub struct FailuresReader(EntrySource);

enum EntrySource {
    Lines(Box<dyn BufRead + Send>),
    Cells(Box<Source>, Vec<String>),
}

impl FailuresReader {
    /// Those of a file, if there is one. `stated`: what was stated about it as a source.
    pub fn open(path: &Path, stated: &SourceOptions) -> io::Result<Option<Self>> {
        match path.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
            Ok(found) if found.len() == 0 => return Ok(None),
            Ok(_) => {}
        }
        if Form::of(path) == Form::Ndjson {
            return Ok(Some(Self::of_lines(File::open(path)?)));
        }
        let options = SourceOptions { whole: true, records: None, ..stated.clone() };
        let source = Source::open(Input::File(path.to_owned()), &options).map_err(io::Error::other)?;
        let columns = source.columns().unwrap_or_default().iter().skip(OWN_COLUMNS.len()).cloned().collect();
        Ok(Some(Self(EntrySource::Cells(Box::new(source), columns))))
    }

    /// Entries that are lines of JSON.
    pub(super) fn of_lines(reader: impl Read + Send + 'static) -> Self {
        Self(EntrySource::Lines(Box::new(BufReader::new(reader))))
    }

    /// The columns of the rows, in CSV.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        match &self.0 {
            EntrySource::Lines(_) => &[],
            EntrySource::Cells(_, columns) => columns,
        }
    }

    /// The next entries, at most `count`; none at the end.
    pub fn read(&mut self, count: usize) -> io::Result<Vec<EntryLine>> {
        let mut entries = Vec::new();
        while entries.len() < count
            && let Some(entry) = self.next()?
        {
            entries.push(entry);
        }
        Ok(entries)
    }

    fn next(&mut self) -> io::Result<Option<EntryLine>> {
        match &mut self.0 {
            EntrySource::Lines(lines) => loop {
                let mut line = Vec::new();
                if lines.take(LONGEST).read_until(b'\n', &mut line)? == 0 {
                    return Ok(None);
                }
                while line.last().is_some_and(u8::is_ascii_whitespace) {
                    line.pop();
                }
                if !line.is_empty() {
                    return Ok(Some(EntryLine { id: id_of(&line), line }));
                }
            },
            EntrySource::Cells(source, columns) => match source.read().map_err(io::Error::other)? {
                None => Ok(None),
                Some(SourceItem::Row(row)) => entry_of(&row, columns).map(Some),
                // It is not replaced by what has lost a row.
                Some(SourceItem::Unreadable(fault)) => Err(io::Error::other(fault.message)),
            },
        }
    }
}

/// The id of a line. One that a person has broken has none, and is kept.
fn id_of(line: &[u8]) -> Option<FaultId> {
    #[derive(Deserialize)]
    struct Id {
        id: String,
    }
    serde_json::from_slice::<Id>(line).ok()?.id.parse().ok()
}

fn entry_of(row: &Row, columns: &[String]) -> io::Result<EntryLine> {
    let Record::Cells(cells) = &row.record else { return Err(io::Error::other("it is not CSV")) };
    let own = |position: usize| cells.get(position).unwrap_or_default().to_owned();
    let given = || cells.iter().skip(OWN_COLUMNS.len());
    let is_read = given().any(|cell| !cell.is_empty());
    let named = columns.iter().zip(given()).filter(|(name, _)| !name.is_empty());
    let value = |cell: &str| if cell.is_empty() { serde_json::Value::Null } else { cell.into() };
    let entry = FailureEntry {
        row: own(0).parse().unwrap_or_default(),
        outcome: own(1),
        message: own(2),
        hint: Some(own(3)).filter(|hint| !hint.is_empty()),
        id: own(4),
        record: is_read.then(|| named.map(|(name, cell)| (name.clone(), value(cell))).collect()),
        ..FailureEntry::default()
    };
    Ok(EntryLine { id: entry.id.parse().ok(), line: serde_json::to_vec(&entry)? })
}
