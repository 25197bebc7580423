//! The failures file: a line for every row that did not arrive. The only place that holds rows.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};

use super::outcome::Failure;
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
}

/// Writes a file beside the real one and renames it at the end, so that the file is always complete.
pub struct FailuresFile {
    path: PathBuf,
    partial: PathBuf,
    form: Form,
    columns: Vec<String>,
    is_source: bool,
    writer: Option<BufWriter<File>>,
}

impl FailuresFile {
    /// A file for a source of these columns, which may be the file itself. Nothing is written before the first failure.
    #[must_use]
    pub fn new(path: PathBuf, columns: &[String], is_source: bool) -> Self {
        let mut partial = path.clone().into_os_string();
        partial.push(".partial");
        let form = Form::of(&path);
        Self { path, partial: partial.into(), form, columns: columns.to_vec(), is_source, writer: None }
    }

    /// Tries whether the file can be written, before the first row fails.
    pub fn check(&self) -> io::Result<()> {
        create(&self.partial)?;
        fs::remove_file(&self.partial)
    }

    /// Adds a line.
    pub fn write(&mut self, failure: &Failure, row: Option<&Row>) -> io::Result<()> {
        let first = self.writer.is_none();
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => BufWriter::new(create(&self.partial)?),
        };
        match self.form {
            Form::Ndjson => self.write_line(&mut writer, failure, row),
            Form::Csv => self.write_cells(&mut writer, first, failure, row),
        }?;
        self.writer = Some(writer);
        Ok(())
    }

    /// Puts the file in its place, or takes away that of an earlier run where nothing failed. Says where it is.
    ///
    /// A run that did not come to the end of its source takes nothing away: the rows that it left may be nowhere else.
    pub fn finish(self, to_the_end: bool) -> io::Result<Option<PathBuf>> {
        match self.writer {
            Some(_) if self.is_source && !to_the_end => {
                fs::remove_file(&self.partial).map(|()| Some(self.path))
            }
            None if !to_the_end => Ok(None),
            Some(writer) => {
                writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
                fs::rename(&self.partial, &self.path)?;
                Ok(Some(self.path))
            }
            None => match fs::remove_file(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(None),
            },
        }
    }

    fn write_line(&self, writer: &mut impl Write, failure: &Failure, row: Option<&Row>) -> io::Result<()> {
        let line = FailureLine {
            row: failure.row,
            key: failure.key.as_deref(),
            outcome: failure.outcome.name(),
            operation: failure.operation.map(crate::api::OperationName::name),
            status: failure.status,
            message: &failure.message,
            hint: failure.hint.map(|hint| hint.text),
            errors: failure.faults.iter().map(|(fault, _)| FaultLine::of(fault)).collect(),
            record: row.map(|row| self.record(row)),
        };
        serde_json::to_writer(&mut *writer, &line)?;
        writer.write_all(b"\n")
    }

    fn record(&self, row: &Row) -> Value {
        match &row.record {
            Record::Object(object) => Value::Object(object.clone()),
            Record::Cells(cells) => {
                // An empty cell is absent; in JSON, where "" is a text like any other, null says so.
                let value = |cell: &str| if cell.is_empty() { Value::Null } else { Value::from(cell) };
                let named = self.columns.iter().zip(cells.iter()).filter(|(name, _)| !name.is_empty());
                Value::Object(named.map(|(name, cell)| (name.clone(), value(cell))).collect::<Map<_, _>>())
            }
        }
    }

    fn write_cells(
        &self,
        writer: &mut impl Write,
        first: bool,
        failure: &Failure,
        row: Option<&Row>,
    ) -> io::Result<()> {
        if first {
            let names = ["row", "outcome", "message", "hint"].into_iter();
            write_csv(writer, names.chain(self.columns.iter().map(String::as_str)))?;
        }
        let number = failure.row.to_string();
        let hint = failure.hint.map_or("", |hint| hint.text);
        let said = [number.as_str(), failure.outcome.name(), &failure.message, hint].into_iter();
        match row.map(|row| &row.record) {
            Some(Record::Cells(cells)) => write_csv(writer, said.chain(cells.iter())),
            _ => write_csv(writer, said.chain(self.columns.iter().map(|_| ""))),
        }
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
    message: &'a str,
}

impl<'a> FaultLine<'a> {
    fn of(fault: &'a FieldError) -> Self {
        let field = Some(fault.field.as_str()).filter(|field| !field.is_empty());
        Self { field, rule: fault.rule, message: &fault.message }
    }
}

/// A new file that only its owner can read: it holds personal data.
fn create(path: &Path) -> io::Result<File> {
    // One that a killed run has left could have other permissions.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
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
