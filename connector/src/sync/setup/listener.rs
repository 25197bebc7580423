//! What is told about a sync while it goes on.

use std::io;
use std::time::Duration;

use crate::api::{FieldSpec, OperationName};
use crate::report::differences::RowDifference;
use crate::report::outcome::Failure;
use crate::report::plan::PlannedLine;
use crate::request::prepare::PreparedRequest;
use crate::row::Row;
use crate::sync::setup::progress::Progress;

/// What is told about a run while it goes on.
pub trait Listener {
    /// A row did not arrive. `row` is none where it could not be read.
    fn failed(&mut self, failure: &Failure, row: Option<&Row>) -> io::Result<()>;
    /// What a run would do with a row, in a dry run.
    fn planned(&mut self, _line: &PlannedLine<'_>) -> io::Result<()> {
        Ok(())
    }
    /// What a verification finds that is not equal, or cannot be told.
    fn differs(&mut self, _difference: &RowDifference<'_>) -> io::Result<()> {
        Ok(())
    }
    /// A first request of its operation was prepared in a dry run.
    fn example(&mut self, _request: &PreparedRequest) {}
    /// A row without a value for a recommended field will create a record; said once for each field.
    fn recommended(&mut self, _field: &'static FieldSpec, _row: u64) {}
    /// Fields that a JSON record brings by name cannot be written by an operation; said once for each field.
    fn left_out(&mut self, _fields: &[(&'static FieldSpec, OperationName)]) {}
    /// A name of a JSON record feeds nothing; said once for each name, up to a limit.
    fn unmapped(&mut self, _name: &str) {}
    /// The row of this number is the last of a stream, which has no line end: it may be cut off.
    fn cut_off(&mut self, _row: u64) {}
    /// These names of JSON records are wanted, and no row had them; said once, at the end.
    fn never_seen(&mut self, _names: &[String]) {}
    /// Something is worth knowing; said once.
    fn warn(&mut self, _warning: &str) {}
    /// Time has passed, and this number of records of the list was read.
    fn listed(&mut self, _records: u64) {}
    /// How often it wants to hear of the progress.
    fn every(&self) -> Duration {
        Duration::from_secs(10)
    }
    /// Time has passed, whether anything moved or not.
    fn progress(&mut self, _progress: &Progress<'_>) {}
}

/// Hears nothing.
impl Listener for () {
    fn failed(&mut self, _failure: &Failure, _row: Option<&Row>) -> io::Result<()> {
        Ok(())
    }
}
