//! What is told about a sync while it runs.

use std::io::{self, Write};

use super::Streams;
use crate::api::{FieldSpec, OperationName};
use crate::report::counts::Report;
use crate::report::failures_list::FailuresFile;
use crate::report::outcome::Failure;
use crate::request::prepare::PreparedRequest;
use crate::row::Row;
use crate::sync::Listener;

/// Tells people what happens while it happens.
pub(super) struct Teller<'t, 's> {
    pub(super) streams: &'t mut Streams<'s>,
    pub(super) failures: Option<FailuresFile>,
    pub(super) json: bool,
    pub(super) rows_told: u64,
}

impl Listener for Teller<'_, '_> {
    fn failed(&mut self, failure: &Failure, row: Option<&Row>) -> io::Result<()> {
        match &mut self.failures {
            Some(file) => file.write(failure, row),
            None => Ok(()),
        }
    }

    fn example(&mut self, request: &PreparedRequest) {
        // With --json, standard output is for the one line.
        if !self.json {
            let body =
                request.body.as_deref().and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default();
            let _ = writeln!(
                self.streams.stdout,
                "{} {}\n{body}\n",
                request.operation.method.name(),
                request.path
            );
        }
    }

    fn recommended(&mut self, field: &'static FieldSpec, row: u64) {
        let why = field.recommended.unwrap_or_default();
        let _ = writeln!(
            self.streams.stderr,
            "warning: row {row} and perhaps others have no `{}`: {why}",
            field.name
        );
    }

    fn left_out(&mut self, fields: &[(&'static FieldSpec, OperationName)]) {
        let _ = warn_left_out(fields, self.streams.stderr);
    }

    fn unmapped(&mut self, name: &str) {
        let name = crate::text::printable::printable(name);
        let _ = writeln!(self.streams.stderr, "warning: `{name}` feeds no field and is not sent");
    }

    fn progress(&mut self, report: &Report) {
        let read = report.read();
        if read > self.rows_told {
            self.rows_told = read;
            let failed = report.failed();
            let _ = writeln!(
                self.streams.stderr,
                "{read} rows read, {failed} failed, {} requests",
                report.requests
            );
        }
    }
}

/// Names the fields that operations cannot write, in one warning.
pub(super) fn warn_left_out(fields: &[(&FieldSpec, OperationName)], out: &mut dyn Write) -> io::Result<()> {
    let of = |operation: OperationName| {
        let names: Vec<String> = fields
            .iter()
            .filter(|(_, by)| *by == operation)
            .map(|(field, _)| format!("`{}`", field.name))
            .collect();
        (!names.is_empty()).then(|| format!("{}: {}", operation.name(), names.join(", ")))
    };
    let parts: Vec<String> =
        [OperationName::Update, OperationName::Create].into_iter().filter_map(of).collect();
    writeln!(out, "warning: left out where the API does not take them: {}", parts.join("; "))
}
