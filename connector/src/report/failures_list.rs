//! The failures file: a line for every row that did not arrive. The only place that holds rows.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};

use super::failures_begin::{self, OWN_COLUMNS};
use super::outcome::Failure;
use crate::files::output::{IsOwn, Output};
use crate::row::fault::FieldError;
use crate::row::{Record, Row};
use crate::text::spreadsheet::safe;

/// How the file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A JSON object on each line; itself a source.
    Ndjson,
    /// Row, outcome, message and hint, then the columns of the source.
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
    fn is_own(self) -> IsOwn {
        match self {
            Self::Ndjson => failures_begin::is_ndjson,
            Self::Csv => failures_begin::is_csv,
        }
    }
}

/// Writes the failures of a run. A file is put in its place at the end, so that it is always complete.
pub struct FailuresFile {
    path: PathBuf,
    output: Output,
    form: Form,
    columns: Vec<String>,
    is_source: bool,
    /// A line was written.
    begun: bool,
}

impl FailuresFile {
    /// A file for a source of these columns, which may be the file itself.
    pub fn new(path: PathBuf, columns: &[String], is_source: bool) -> io::Result<Self> {
        let form = Form::of(&path);
        let output = Output::at(&path, form.is_own())?;
        Ok(Self { path, output, form, columns: columns.to_vec(), is_source, begun: false })
    }

    /// As it was named.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The files that are written, replaced or removed.
    #[must_use]
    pub fn files(&self) -> Vec<&Path> {
        self.output.files()
    }

    /// Finds out whether the file can be written, before the first row fails.
    pub fn check(&mut self) -> io::Result<()> {
        self.output.check()
    }

    /// Keeps other runs from writing it.
    pub fn claim(&mut self) -> io::Result<()> {
        self.output.claim()
    }

    /// Adds a line.
    pub fn write(&mut self, failure: &Failure, row: Option<&Row>) -> io::Result<()> {
        let first = !std::mem::replace(&mut self.begun, true);
        let Self { output, form, columns, .. } = self;
        let writer = output.writer()?;
        match form {
            Form::Ndjson => write_line(writer, columns, failure, row),
            Form::Csv => write_cells(writer, columns, first, failure, row),
        }
    }

    /// Puts the file in its place, or takes away that of an earlier run where nothing failed. Says where it is.
    ///
    /// A run that did not come to the end of its source takes nothing away: the rows that it left may be nowhere else.
    pub fn finish(self, to_the_end: bool) -> io::Result<Option<PathBuf>> {
        match (self.begun, to_the_end) {
            (true, false) if self.is_source => Ok(Some(self.path)),
            (true, _) => self.output.put().map(|()| Some(self.path)),
            (false, false) => Ok(None),
            (false, true) => self.output.remove().map(|()| None),
        }
    }
}

fn write_line(
    writer: &mut impl Write,
    columns: &[String],
    failure: &Failure,
    row: Option<&Row>,
) -> io::Result<()> {
    let line = FailureLine {
        row: failure.row,
        key: failure.key.as_deref(),
        outcome: failure.outcome.name(),
        operation: failure.operation.map(crate::api::OperationName::name),
        status: failure.status,
        message: &failure.message,
        hint: failure.hint.map(|hint| hint.text),
        errors: failure.faults.iter().map(|(fault, _)| FaultLine::of(fault)).collect(),
        record: row.map(|row| record(columns, row)),
    };
    serde_json::to_writer(&mut *writer, &line)?;
    writer.write_all(b"\n")
}

fn record(columns: &[String], row: &Row) -> Value {
    match &row.record {
        Record::Object(object) => Value::Object(object.clone()),
        Record::Cells(cells) => {
            // An empty cell is absent; in JSON, where "" is a text like any other, null says so.
            let value = |cell: &str| if cell.is_empty() { Value::Null } else { Value::from(cell) };
            let named = columns.iter().zip(cells.iter()).filter(|(name, _)| !name.is_empty());
            Value::Object(named.map(|(name, cell)| (name.clone(), value(cell))).collect::<Map<_, _>>())
        }
    }
}

fn write_cells(
    writer: &mut impl Write,
    columns: &[String],
    first: bool,
    failure: &Failure,
    row: Option<&Row>,
) -> io::Result<()> {
    if first {
        write_csv(writer, OWN_COLUMNS.into_iter().chain(columns.iter().map(String::as_str)))?;
    }
    let number = failure.row.to_string();
    let hint = failure.hint.map_or("", |hint| hint.text);
    let said = [number.as_str(), failure.outcome.name(), &failure.message, hint].into_iter();
    match row.map(|row| &row.record) {
        Some(Record::Cells(cells)) => write_csv(writer, said.chain(cells.iter())),
        _ => write_csv(writer, said.chain(columns.iter().map(|_| ""))),
    }
}

#[derive(Serialize)]
struct FailureLine<'a> {
    row: u64,
    key: Option<&'a str>,
    outcome: &'static str,
    operation: Option<&'static str>,
    status: Option<u16>,
    message: &'a str,
    hint: Option<&'static str>,
    errors: Vec<FaultLine<'a>>,
    record: Option<Value>,
}

#[derive(Serialize)]
struct FaultLine<'a> {
    field: Option<&'a str>,
    rule: &'static str,
    message: String,
}

impl<'a> FaultLine<'a> {
    fn of(fault: &'a FieldError) -> Self {
        let field = Some(fault.field.as_str()).filter(|field| !field.is_empty());
        Self { field, rule: fault.rule, message: fault.with_value() }
    }
}

fn write_csv<'a>(writer: &mut impl Write, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
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
