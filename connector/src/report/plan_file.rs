//! The plan file of a dry run: a line for every row, in the order of the source. It holds nothing that a row holds.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::failures::begin::begins_with;
use super::plan::PlannedLine;
use crate::files::output::Output;

/// The first keys of each line. A failures file has others, so neither is taken for the other.
const OWN_KEYS: [&str; 3] = ["row", "outcome", "operation"];

/// Writes the plan of a dry run. It is put in its place at the end, so that it is always complete.
pub struct PlanFile {
    output: Output,
}

impl PlanFile {
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
    pub fn write(&mut self, line: &PlannedLine<'_>) -> io::Result<()> {
        let writer = self.output.writer()?;
        let written = WrittenLine {
            row: line.row,
            outcome: line.outcome.name(),
            operation: line.operation.map(crate::api::OperationName::name),
            key: line.key,
            changed: line.changed.as_deref(),
        };
        serde_json::to_writer(&mut *writer, &written)?;
        writer.write_all(b"\n")
    }

    /// Puts the file in its place. A run that broke off has no whole plan, and leaves what was there.
    pub fn finish(self, whole: bool) -> io::Result<()> {
        if whole { self.output.put() } else { Ok(()) }
    }
}

fn is_own(file: &mut File) -> io::Result<bool> {
    begins_with(file, OWN_KEYS)
}

#[derive(Serialize)]
struct WrittenLine<'l> {
    row: u64,
    outcome: &'static str,
    operation: Option<&'static str>,
    key: Option<&'l str>,
    changed: Option<&'l [&'static str]>,
}
