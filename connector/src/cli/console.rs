//! What people are told about a sync: warnings before it, and what happens while it runs.

use std::cell::RefCell;
use std::io::{self, Write};
use std::path::Path;

use super::streams::Streams;
use crate::api::{FieldSpec, OperationName};
use crate::clock::Clock;
use crate::config::environment::Environment;
use crate::mapping::columns::PLACEHOLDER;
use crate::report::counts::Report;
use crate::report::outcome::Failure;
use crate::request::prepare::PreparedRequest;
use crate::row::Row;
use crate::run::ledger::choice::UsedLedger;
use crate::run::prepare::Run;
use crate::run::warning::Warning;
use crate::sync::Listener;
use crate::text::printable::printable;

/// Tells people what happens while it happens.
pub(super) struct Console<'c, 's, 't> {
    streams: &'c RefCell<&'s mut Streams<'t>>,
    /// Standard output is for one line of JSON.
    json: bool,
    rows_told: u64,
    listed_told: u64,
}

impl<'c, 's, 't> Console<'c, 's, 't> {
    pub(super) fn new(streams: &'c RefCell<&'s mut Streams<'t>>, json: bool) -> Self {
        Self { streams, json, rows_told: 0, listed_told: 0 }
    }

    /// What cannot be told keeps no row from arriving.
    fn tell(&self, line: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.streams.borrow_mut().stderr, "{line}");
    }
}

impl Listener for Console<'_, '_, '_> {
    fn failed(&mut self, _failure: &Failure, _row: Option<&Row>) -> io::Result<()> {
        Ok(())
    }

    fn example(&mut self, request: &PreparedRequest) {
        if !self.json {
            let body =
                request.body.as_deref().and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default();
            let (method, path) = (request.operation.method.name(), &request.path);
            let _ = writeln!(self.streams.borrow_mut().stdout, "{method} {path}\n{body}\n");
        }
    }

    fn recommended(&mut self, field: &'static FieldSpec, row: u64) {
        let why = field.recommended.unwrap_or_default();
        self.tell(format_args!("warning: row {row} and perhaps others have no `{}`: {why}", field.name));
    }

    fn left_out(&mut self, fields: &[(&'static FieldSpec, OperationName)]) {
        self.tell(format_args!("{}", left_out(fields)));
    }

    fn unmapped(&mut self, name: &str) {
        self.tell(format_args!("warning: `{}` feeds no field and is not sent", printable(name)));
    }

    fn cut_off(&mut self, row: u64) {
        self.tell(format_args!(
            "warning: row {row}, the last, has no line end: if what wrote it broke off, a value of it may be cut"
        ));
    }

    fn never_seen(&mut self, names: &[String]) {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        self.tell(format_args!("warning: no row had {}: is it spelt right?", printable(&names.join(", "))));
    }

    fn warn(&mut self, warning: &str) {
        self.tell(format_args!("warning: {warning}"));
    }

    fn listed(&mut self, records: u64) {
        if records > self.listed_told {
            self.listed_told = records;
            self.tell(format_args!("{records} records of the list read"));
        }
    }

    fn progress(&mut self, report: &Report) {
        let read = report.read();
        if read > self.rows_told {
            self.rows_told = read;
            let (failed, requests) = (report.failed(), report.requests);
            self.tell(format_args!("{read} rows read, {failed} failed, {requests} requests"));
        }
    }
}

/// Says which ledger a run uses, and whether it knows anything.
pub(super) fn say_ledger<C: Clock + Copy>(run: &Run<'_, C>, out: &mut dyn Write) -> io::Result<()> {
    let UsedLedger { path, new } = run.ledger();
    let Some(path) = path else {
        return writeln!(out, "ledger: one that is thrown away (nothing is known of earlier runs)");
    };
    let first = run.syncs().iter().filter(|sync| sync.is_first());
    let first: Vec<&str> = first.map(|sync| sync.settings().object.name).collect();
    let known = match (new, first.as_slice()) {
        (true, _) => " (new: nothing is known of earlier runs)".to_owned(),
        (false, []) => String::new(),
        (false, names) => format!(" (it knows none of the {} yet)", names.join(", ")),
    };
    writeln!(out, "ledger: {}{known}", path.display())
}

/// Prints what is worth knowing about the keys.
pub(super) fn warn_of_keys(
    environment: &Environment,
    digest_key_file: Option<&Path>,
    out: &mut dyn Write,
) -> io::Result<()> {
    environment
        .key_warnings(digest_key_file)
        .iter()
        .try_for_each(|warning| writeln!(out, "warning: {warning}"))
}

/// Prints what is worth knowing before the first row.
pub(super) fn warn(warnings: &[Warning], out: &mut dyn Write) -> io::Result<()> {
    for warning in warnings {
        match warning {
            Warning::RateAboveQuota { rate, quota } => writeln!(
                out,
                "warning: --rate {rate} is more than the {quota} requests a minute that the API takes"
            )?,
            Warning::Unwritten(names) => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                writeln!(
                    out,
                    "warning: {PLACEHOLDER} stands in for the value of {}: write it before you go live",
                    printable(&names.join(", "))
                )?;
            }
            Warning::UnusedColumns(names) => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let names = printable(&names.join(", "));
                writeln!(out, "warning: these columns feed no field and are not sent: {names}")?;
            }
            Warning::LeftOut(fields) => writeln!(out, "{}", left_out(fields))?,
        }
    }
    Ok(())
}

/// Names the fields that operations cannot write, in one warning.
fn left_out(fields: &[(&FieldSpec, OperationName)]) -> String {
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
    format!("warning: left out where the API does not take them: {}", parts.join("; "))
}
