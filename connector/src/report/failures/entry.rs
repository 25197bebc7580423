//! An entry of a failures file: what is written of a row that did not arrive, and what is read of it again.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::api::OperationName;
use crate::ledger::FaultId;
use crate::report::outcome::Failure;
use crate::row::fault::FieldError;
use crate::row::{Record, Row};
use crate::text::spreadsheet::safe;

/// An entry of a failures file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FailureEntry {
    /// The row's number in that run.
    pub row: u64,
    /// Its record key, where it has one.
    pub key: Option<String>,
    /// What became of it.
    pub outcome: String,
    /// Its id, the same in every run that has the row.
    pub id: String,
    /// The operation that failed; none where nothing was sent.
    pub operation: Option<String>,
    /// The status of the answer, where there was one.
    pub status: Option<u16>,
    /// Why, in the API's words or ours.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Every fault of a row that cannot be sent.
    pub errors: Vec<EntryFault>,
    /// The row as it came in; none where it could not be read.
    pub record: Option<Map<String, Value>>,
}

/// A fault of a row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EntryFault {
    /// The field, where it is one's.
    pub field: Option<String>,
    /// The rule that it breaks.
    pub rule: String,
    /// What is wrong.
    pub message: String,
}

impl EntryFault {
    fn of(fault: &FieldError) -> Self {
        let field = Some(fault.field.clone()).filter(|field| !field.is_empty());
        Self { field, rule: fault.rule.to_owned(), message: fault.with_value() }
    }
}

impl FailureEntry {
    /// That of a failure. `columns` are those of the source, where its rows are cells.
    #[must_use]
    pub fn of(failure: &Failure, columns: &[String], row: Option<&Row>) -> Self {
        Self {
            row: failure.row,
            key: failure.key.clone(),
            outcome: failure.outcome.name().to_owned(),
            id: failure.id.as_ref().map(FaultId::to_string).unwrap_or_default(),
            operation: failure.operation.map(OperationName::name).map(str::to_owned),
            status: failure.status,
            message: failure.message.clone(),
            hint: failure.hint.map(|hint| hint.text.to_owned()),
            errors: failure.faults.iter().map(|(fault, _)| EntryFault::of(fault)).collect(),
            record: row.map(|row| record(columns, row)),
        }
    }

    /// Writes it as a line of JSON.
    pub fn write_line(&self, writer: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer(&mut *writer, self)?;
        writer.write_all(b"\n")
    }

    /// Writes it as a line of CSV: its own cells, then those of the row under these columns.
    pub fn write_cells(&self, columns: &[String], writer: &mut impl Write) -> io::Result<()> {
        let row = self.row.to_string();
        let hint = self.hint.as_deref().unwrap_or_default();
        let own = [&row, self.outcome.as_str(), &self.message, hint, &self.id];
        let cells: Vec<String> = columns.iter().map(|name| self.cell(name)).collect();
        write_csv(writer, own.into_iter().chain(cells.iter().map(String::as_str)))
    }

    fn cell(&self, column: &str) -> String {
        match self.record.as_ref().and_then(|record| record.get(column)) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    }
}

fn record(columns: &[String], row: &Row) -> Map<String, Value> {
    match &row.record {
        Record::Object(object) => object.clone(),
        Record::Cells(cells) => {
            // An empty cell is absent; in JSON, where "" is a text like any other, null says so.
            let value = |cell: &str| if cell.is_empty() { Value::Null } else { Value::from(cell) };
            let named = columns.iter().zip(cells.iter()).filter(|(name, _)| !name.is_empty());
            named.map(|(name, cell)| (name.clone(), value(cell))).collect()
        }
    }
}

/// Writes a line of CSV that a spreadsheet opens without running a cell.
pub(super) fn write_csv<'a>(writer: &mut impl Write, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
    for (position, cell) in cells.enumerate() {
        if position > 0 {
            writer.write_all(b",")?;
        }
        let cell = safe(cell);
        if cell.contains(['"', ',', '\n', '\r']) {
            write!(writer, "\"{}\"", cell.replace('"', "\"\""))?;
        } else {
            writer.write_all(cell.as_bytes())?;
        }
    }
    writer.write_all(b"\n")
}
