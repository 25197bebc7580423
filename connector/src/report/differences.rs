//! What a verification finds that is not equal, and the file of it: a line for each finding. It holds names of fields, and
//! nothing that a row or a record holds.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::failures::begin::begins_with;
use crate::files::output::Output;

/// The first keys of each line; no other file of ours has them.
const OWN_KEYS: [&str; 3] = ["finding", "row", "key"];

/// What is not equal, or cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceKind {
    /// The record of the row shows other values.
    Different,
    /// No record is that of the row.
    Missing,
    /// Several records are that of the row.
    Twice,
    /// An earlier row has the same record key, and only one can create the record.
    Repeated,
    /// The record of the row is that of another row.
    Held,
    /// The record of the row shows another value for an identity that tells more.
    Contradicted,
    /// The row has nothing by which its record could be found.
    Unidentified,
    /// The row cannot be read or sent.
    Invalid,
    /// A record that no row has.
    NotInSource,
}

impl DifferenceKind {
    /// The name in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Different => "different",
            Self::Missing => "missing",
            Self::Twice => "twice",
            Self::Repeated => "repeated",
            Self::Held => "held",
            Self::Contradicted => "contradicted",
            Self::Unidentified => "unidentified",
            Self::Invalid => "invalid",
            Self::NotInSource => "not_in_source",
        }
    }
}

/// A line of the file.
#[derive(Debug)]
pub struct RowDifference<'d> {
    /// What it is about.
    pub finding: DifferenceKind,
    /// The number of the row; none for a record without one.
    pub row: Option<u64>,
    /// The record key of the row, or its digest where that may be personal data.
    pub key: Option<&'d str>,
    /// The system's keys of the records.
    pub records: &'d [&'d str],
    /// The names of the fields that differ, or that the row breaks a rule of.
    pub fields: &'d [&'d str],
}

/// Writes the differences. The file is put in its place at the end, so that it is always complete.
pub struct DifferencesFile {
    output: Output,
}

impl DifferencesFile {
    /// A file at a path.
    pub fn new(path: &Path) -> io::Result<Self> {
        Ok(Self { output: Output::at(path, is_own)? })
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

    /// Adds a line.
    pub fn write(&mut self, difference: &RowDifference<'_>) -> io::Result<()> {
        let writer = self.output.writer()?;
        let RowDifference { finding, row, key, records, fields } = difference;
        serde_json::to_writer(
            &mut *writer,
            &DifferenceLine { finding: finding.name(), row: *row, key: *key, records, fields },
        )?;
        writer.write_all(b"\n")
    }

    /// Puts the file in its place. What broke off has not found all differences, and leaves what was there.
    pub fn finish(self, whole: bool) -> io::Result<()> {
        if whole { self.output.put() } else { Ok(()) }
    }
}

fn is_own(file: &mut File) -> io::Result<bool> {
    begins_with(file, OWN_KEYS)
}

#[derive(Serialize)]
struct DifferenceLine<'l> {
    finding: &'static str,
    row: Option<u64>,
    key: Option<&'l str>,
    records: &'l [&'l str],
    fields: &'l [&'l str],
}
