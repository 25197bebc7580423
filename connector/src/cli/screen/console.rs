//! What people are told about a sync: warnings before it, and what happens while it runs.

use std::cell::RefCell;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::block::Block;
use super::figures::counted;
use super::look::Look;
use super::progress_text::{self, Speed};
use super::streams::Desk;
use crate::api::{FieldSpec, OperationName};
use crate::clock::{Clock, SystemClock};
use crate::config::environment::Environment;
use crate::mapping::columns::PLACEHOLDER;
use crate::report::outcome::{Failure, Outcome};
use crate::request::prepare::PreparedRequest;
use crate::row::Row;
use crate::run::ledger::choice::UsedLedger;
use crate::run::prepare::Run;
use crate::run::warning::Warning;
use crate::source::Total;
use crate::sync::{Listener, Progress, WaitReason};
use crate::text::printable::printable;

/// How often a terminal is told of progress, and how often anything else is.
const LIVE: Duration = Duration::from_millis(200);
const LINES: Duration = Duration::from_secs(10);

/// Tells people what happens while it happens.
pub(in crate::cli) struct Console<'c, 's, 't> {
    desk: &'c RefCell<&'s mut Desk<'t>>,
    /// Standard output is for one line of JSON.
    json: bool,
    look: Look,
    clock: SystemClock,
    /// The live block, once there is something to show.
    block: Option<Block>,
    speed: Speed,
    listed_told: u64,
}

impl<'c, 's, 't> Console<'c, 's, 't> {
    pub(in crate::cli) fn new(desk: &'c RefCell<&'s mut Desk<'t>>, json: bool, look: Look) -> Self {
        Self {
            desk,
            json,
            look,
            clock: SystemClock::default(),
            block: None,
            speed: Speed::default(),
            listed_told: 0,
        }
    }

    /// What cannot be told keeps no row from arriving.
    fn tell(&self, line: std::fmt::Arguments<'_>) {
        let write = || writeln!(self.desk.borrow_mut().stderr, "{line}");
        let _ = match &self.block {
            Some(block) => block.aside(write),
            None => write(),
        };
    }

    /// A line about how far the sync has come, with the time of day.
    fn tell_progress(&self, progress: &Progress<'_>) {
        let outcomes: Vec<String> = progress_text::outcomes(progress).map(|(_, text)| text).collect();
        let mut parts = vec![progress_text::rows(progress, &self.speed)];
        parts.extend((!outcomes.is_empty()).then(|| outcomes.join(", ")));
        parts.push(progress_text::speed(progress, &self.speed));
        parts.extend(progress.waiting.map(progress_text::waiting));
        let now = Timestamp::from_millisecond(self.clock.epoch_milliseconds()).unwrap_or_default();
        let time = now.to_zoned(TimeZone::system());
        self.tell(format_args!("{} {}", time.strftime("%H:%M:%S"), parts.join("; ")));
    }
}

/// How far the sync has come, for programs.
fn properties(progress: &Progress<'_>) -> Map<String, Value> {
    let report = progress.report;
    let counts =
        Outcome::ALL.into_iter().map(|outcome| (outcome.name().to_owned(), report.of(outcome).into()));
    let mut rows: Map<String, Value> = counts.collect();
    rows.insert("read".to_owned(), report.read().into());
    let properties = json!({
        "rows": rows,
        "total": progress.total.map(Total::rows),
        "requests": report.requests,
        "elapsed_ms": u64::try_from(progress.elapsed.as_millis()).unwrap_or(u64::MAX),
        "waiting": progress.waiting.map(progress_text::waiting),
    });
    if let Value::Object(properties) = properties { properties } else { Map::new() }
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
            let write = || writeln!(self.desk.borrow_mut().stdout, "{method} {path}\n{body}\n");
            let _ = match &self.block {
                Some(block) => block.aside(write),
                None => write(),
            };
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
        if records > self.listed_told && !self.look.quiet {
            self.listed_told = records;
            self.tell(format_args!("{} of the list read", counted(records, "record")));
        }
    }

    fn every(&self) -> Duration {
        if self.look.live { LIVE } else { LINES }
    }

    fn progress(&mut self, progress: &Progress<'_>) {
        self.speed.note(progress);
        if self.look.quiet {
            return;
        }
        if self.look.live {
            let block = self.block.get_or_insert_with(|| Block::new(self.look.colour));
            block.show(progress, &self.speed);
            return;
        }
        // Most runs have none of them, and are at their end.
        if progress.waiting == Some(WaitReason::Leftovers) {
            return;
        }
        if !self.look.json_log {
            self.tell_progress(progress);
            return;
        }
        let _ = self.desk.borrow_mut().stderr.event("progress", properties(progress));
    }
}

/// Says which ledger a run uses, and whether it knows anything.
pub(in crate::cli) fn say_ledger<C: Clock + Copy>(run: &Run<'_, C>, out: &mut dyn Write) -> io::Result<()> {
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
pub(in crate::cli) fn warn_of_keys(
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
pub(in crate::cli) fn warn(warnings: &[Warning], out: &mut dyn Write) -> io::Result<()> {
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
