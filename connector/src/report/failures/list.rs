//! The failures file: a list of the rows that did not arrive, kept over runs. The only place that holds rows.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::begin::{Form, OWN_COLUMNS};
use super::entry::{FailureEntry, write_csv};
use super::read::{EntryLine, FailuresReader};
use crate::files::output::Output;
use crate::files::spool::Spool;
use crate::report::outcome::Failure;
use crate::row::Row;
use crate::source::SourceOptions;

/// A failures file that is written. It is put in its place at the end, so that it is always complete: what it had before
/// and is still to be done, then what this run adds.
pub struct FailuresFile {
    output: Output,
    form: Form,
    columns: Vec<String>,
    /// What it is read with before it is replaced.
    stated: SourceOptions,
    /// What this run adds, until it is known what is still to be done; none where the run keeps nothing.
    spool: Option<Spool>,
    /// What was there before is kept.
    keeps: bool,
    /// The header of a file in CSV was written.
    begun: bool,
}

impl FailuresFile {
    /// A file for rows of these columns. `keeps`: what it has already is kept.
    pub fn new(path: &Path, columns: &[String], keeps: bool, stated: SourceOptions) -> io::Result<Self> {
        let form = Form::of(path);
        let output = Output::at(path, form.is_own())?;
        let keeps = keeps && !output.is_stream();
        let columns = columns.iter().filter(|name| !name.is_empty()).cloned().collect();
        Ok(Self { output, form, columns, stated, spool: None, keeps, begun: false })
    }

    /// Where it is written.
    #[must_use]
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// The same, to claim it.
    pub fn output_mut(&mut self) -> &mut Output {
        &mut self.output
    }

    /// Adds an entry.
    pub fn write(&mut self, failure: &Failure, columns: &[String], row: Option<&Row>) -> io::Result<()> {
        let entry = FailureEntry::of(failure, columns, row);
        if !self.keeps {
            return self.put_entry(&entry);
        }
        let spool = match &mut self.spool {
            Some(spool) => spool,
            empty => empty.insert(Spool::beside(self.output.path())?),
        };
        entry.write_line(spool.writer())
    }

    fn put_entry(&mut self, entry: &FailureEntry) -> io::Result<()> {
        let first = !std::mem::replace(&mut self.begun, true);
        let writer = self.output.writer()?;
        if self.form == Form::Ndjson {
            return entry.write_line(writer);
        }
        if first {
            write_csv(writer, OWN_COLUMNS.into_iter().chain(self.columns.iter().map(String::as_str)))?;
        }
        entry.write_cells(&self.columns, writer)
    }

    /// Keeps an entry of an earlier run, or of this one.
    pub fn keep(&mut self, entry: &EntryLine) -> io::Result<()> {
        if self.form == Form::Csv {
            return self.put_entry(&serde_json::from_slice(&entry.line)?);
        }
        self.begun = true;
        let writer = self.output.writer()?;
        writer.write_all(&entry.line)?;
        writer.write_all(b"\n")
    }

    /// What it has from earlier runs, if it keeps that.
    pub fn earlier(&mut self) -> io::Result<Option<FailuresReader>> {
        if !self.keeps || !self.output.is_there()? {
            return Ok(None);
        }
        let reader = FailuresReader::open(self.output.path(), &self.stated)?;
        for name in reader.iter().flat_map(FailuresReader::columns) {
            if !name.is_empty() && !self.columns.contains(name) {
                self.columns.push(name.clone());
            }
        }
        Ok(reader)
    }

    /// Puts what this run has added behind that. An entry whose record has arrived since leaves it with the next run.
    pub fn keep_added(&mut self) -> io::Result<()> {
        let Some(spool) = self.spool.as_mut().map(Spool::reader).transpose()? else { return Ok(()) };
        let mut added = FailuresReader::of_lines(spool);
        while let [entry] = added.read(1)?.as_slice() {
            self.keep(entry)?;
        }
        Ok(())
    }

    /// Puts the file in its place, or takes it away where nothing is left to do. Says where it is.
    ///
    /// Where nothing is kept, a run that did not come to the end of its source takes nothing away.
    pub fn finish(self, to_the_end: bool) -> io::Result<Option<PathBuf>> {
        if self.begun {
            let path = self.output.path().to_owned();
            return self.output.put().map(|()| Some(path));
        }
        if self.keeps || to_the_end {
            self.output.remove()?;
        }
        Ok(None)
    }
}
