//! What is said about a run: a summary for people, a line of JSON for programs.

use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::plan;
use super::screen::figures::{counted, number, rows};
use super::screen::look::Look;
use super::screen::paint::{Paint, Screen};
use super::screen::wrapping::wrapped;
use crate::api::Hint;
use crate::api::mode::Mode;
use crate::generated::API;
use crate::report::counts::{Reason, Report, Unread};
use crate::report::hint::{self, Situation};
use crate::report::outcome::Outcome;
use crate::text::printable::one_line;

/// What a summary is about.
#[derive(Clone, Default)]
pub(super) struct Subject<'a> {
    pub(super) object: &'a str,
    pub(super) mode: &'a str,
    pub(super) dry_run: bool,
    pub(super) sandbox: bool,
    pub(super) failures: Option<PathBuf>,
    pub(super) error: Option<String>,
    /// The number that the ledger gave the run; 0 where nothing is noted.
    pub(super) run: i64,
    pub(super) account: &'a str,
    pub(super) ledger: Option<PathBuf>,
}

/// Raised with every change of the line that a program could notice, other than a new property.
const SCHEMA_VERSION: u32 = 1;

/// The line for programs.
pub(super) fn json_line(subject: &Subject<'_>, report: &Report) -> Value {
    let mut line = json!({
        "schema_version": SCHEMA_VERSION,
        "run": Some(subject.run).filter(|run| *run > 0),
        "account": Some(subject.account).filter(|name| !name.is_empty()),
        "ledger": subject.ledger.as_ref().map(|path| path.display().to_string()),
        "object": Some(subject.object).filter(|name| !name.is_empty()),
        "mode": Some(subject.mode).filter(|name| !name.is_empty()),
        "dry_run": subject.dry_run,
        "rows": report.rows(),
        "unsettled_before": report.unsettled_before,
        "requests": report.requests,
        "lookups": report.lookups,
        "retries": report.retries,
        "throttled": report.throttled,
        "test_records": report.test_records,
        "duration_ms": u64::try_from(report.duration.as_millis()).unwrap_or(u64::MAX),
        "failures": subject.failures.as_ref().map(|path| path.display().to_string()),
        "reasons": report.reasons.iter().map(reason_json).collect::<Vec<_>>(),
        "other_reasons": report.other_reasons,
        "unread": report.unread.map(|unread| unread.rows),
        "error": subject.error,
    });
    if let (Some(plan), Some(line)) = (&report.plan, line.as_object_mut()) {
        line.insert("plan".to_owned(), plan::json(plan));
    }
    line
}

/// A reason that rows failed for, for programs.
fn reason_json(reason: &Reason) -> Value {
    let (field, rule) = reason.rule.as_ref().map(|(field, rule)| (field.as_str(), *rule)).unzip();
    json!({
        "outcome": reason.outcome.name(),
        "rows": reason.count,
        "status": reason.status,
        "field": field.filter(|field| !field.is_empty()),
        "rule": rule,
        "message": reason.message,
        "hint": reason.hint.map(|hint| hint.text),
        "first_row": reason.example,
    })
}

/// The summary for people.
pub(super) fn print(
    subject: &Subject<'_>,
    report: &Report,
    look: &Look,
    out: &mut dyn Screen,
) -> io::Result<()> {
    let width = look.width;
    let place = match (subject.dry_run, subject.sandbox) {
        (true, _) => " (dry run: nothing was sent)",
        (false, true) => " (sandbox)",
        (false, false) => "",
    };
    let seconds = report.duration.as_secs_f64();
    writeln!(
        out,
        "\n{} {}: {} read in {seconds:.1} s{place}",
        subject.mode,
        subject.object,
        rows(report.read())
    )?;
    for outcome in Outcome::ALL.into_iter().filter(|outcome| report.of(*outcome) > 0) {
        out.paint(
            Paint::of(outcome),
            &format!("  {:<10} {:>11}", outcome.name(), number(report.of(outcome))),
        )?;
        writeln!(out, "  {}", meaning(outcome, subject.dry_run))?;
    }
    if let Some(plan) = &report.plan {
        plan::print(plan, out)?;
    } else {
        let requests = counted(report.requests, "request");
        writeln!(
            out,
            "  {requests}, {} sent again, {} throttled",
            number(report.retries),
            number(report.throttled)
        )?;
    }
    if report.replaced > 0 {
        writeln!(out, "  {} skipped: a later version of the row has arrived already", rows(report.replaced))?;
    }
    if report.adopted > 0 {
        writeln!(
            out,
            "  {} had arrived in an earlier run: found in the list by the key that is derived from theirs",
            rows(report.adopted)
        )?;
    }
    if report.repeated > 0 && subject.mode != Mode::Insert.name() {
        let rows = rows(report.repeated);
        writeln!(
            out,
            "warning: {rows} with the record key of an earlier row of this run: sent in order, so that the last one counts"
        )?;
    }
    for reason in &report.reasons {
        print_reason(reason, width, out)?;
    }
    if report.other_reasons > 0 {
        writeln!(out, "\n{} for further reasons", rows(report.other_reasons))?;
    }
    if let Some(stopped) = &report.stopped {
        writeln!(out)?;
        writeln!(out, "{}", wrapped(&format!("stopped: {}", stopped.message), "", width))?;
        if let Some(unread) = report.unread {
            writeln!(out, "  {}", not_read(unread))?;
        }
        print_hint(stopped.hint, width, out)?;
    }
    if let Some(guards) = &report.guards {
        writeln!(out, "\na run would stop before its first request: {guards}")?;
    }
    print_throttled_and_test(subject, report, width, out)?;
    if subject.dry_run && subject.failures.is_none() && report.failed() > 0 {
        writeln!(
            out,
            "\nTo see each row that cannot be sent, with its reasons, name a file for them: --failures PATH"
        )?;
    }
    if let Some(path) = &subject.failures {
        writeln!(
            out,
            "\nThe rows that did not arrive, each with its reason: {}",
            one_line(&path.display().to_string())
        )?;
        let cure = "Correct them there or in the source and sync again; the file is itself a valid --source.";
        writeln!(out, "{}", wrapped(cure, "", width))?;
    }
    match next(subject, report) {
        Some(next) => writeln!(out, "\n{}", wrapped(next, "", width)),
        None => Ok(()),
    }
}

/// How often the API asked to wait, and whether the keys were those for tests.
fn print_throttled_and_test(
    subject: &Subject<'_>,
    report: &Report,
    width: Option<usize>,
    out: &mut dyn Screen,
) -> io::Result<()> {
    let throttled = Situation { status: Some(429), ..Situation::default() };
    if report.throttled > 0 {
        writeln!(
            out,
            "\nthe API said {} that it takes no more for now; no row was lost by it",
            counted(report.throttled, "time")
        )?;
        print_hint(hint::choose(&API, &throttled), width, out)?;
    }
    if report.test_records > 0 && !subject.sandbox {
        let are = if report.test_records == 1 { "is a test record" } else { "are test records" };
        writeln!(out, "\n{} of the records {are}", number(report.test_records))?;
        print_hint(
            hint::choose(&API, &Situation { test_records: true, ..Situation::default() }),
            width,
            out,
        )?;
    }
    Ok(())
}

/// What to do next, where that is not correcting rows.
fn next(subject: &Subject<'_>, report: &Report) -> Option<&'static str> {
    let open = report.of(Outcome::Uncertain) + report.of(Outcome::Pending) + report.unsettled_before;
    match &report.stopped {
        Some(stopped) if stopped.person => Some(
            "next: act on why it stopped, then run the same command again; what arrived is not sent again",
        ),
        Some(_) => Some("next: run the same command again; what arrived is not sent again"),
        None if open > 0 && !subject.dry_run => Some(
            "next: run the same command again, in a quarter of an hour or later; what arrived is not sent again",
        ),
        None => None,
    }
}

fn not_read(unread: Unread) -> String {
    let about = if unread.about { "about " } else { "" };
    match unread.rows {
        0 => "all rows of the source were read".to_owned(),
        1 => format!("{about}1 row of the source was not read"),
        count => format!("{about}{} of the source were not read", rows(count)),
    }
}

pub(super) fn print_reason(reason: &Reason, width: Option<usize>, out: &mut dyn Screen) -> io::Result<()> {
    let status = reason.status.map_or_else(String::new, |status| format!(" (HTTP {status})"));
    let example = if reason.count == 1 {
        format!("row {}", number(reason.example))
    } else {
        format!("the first is row {}", number(reason.example))
    };
    writeln!(out)?;
    out.paint(Paint::of(reason.outcome), &format!("{} {}", rows(reason.count), reason.outcome.name()))?;
    writeln!(out, "{status}, {example}:")?;
    match reason.messages.as_slice() {
        [] | [_] => writeln!(out, "{}", wrapped(&reason.message, "  ", width))?,
        messages => {
            for (message, count) in messages {
                writeln!(out, "  {}: {message}", rows(*count))?;
            }
            let more = reason.count - messages.iter().map(|(_, count)| count).sum::<u64>();
            if more > 0 {
                writeln!(out, "  {}: other values", rows(more))?;
            }
        }
    }
    print_hint(reason.hint, width, out)
}

pub(super) fn print_hint(hint: Option<&Hint>, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    match hint {
        Some(hint) => writeln!(out, "{}", wrapped(&format!("hint: {}", hint.text), "  ", width)),
        None => Ok(()),
    }
}

fn meaning(outcome: Outcome, dry_run: bool) -> &'static str {
    match outcome {
        Outcome::Created => "new records",
        Outcome::Updated => "records changed",
        Outcome::Unchanged => "as they are already, nothing sent",
        Outcome::Skipped => "differ, but this mode cannot change them",
        Outcome::Invalid => "cannot be sent as they are",
        Outcome::Rejected => "refused by the API",
        Outcome::Uncertain => "sent, and not known yet whether they arrived",
        Outcome::Pending if dry_run => "would be sent",
        Outcome::Pending => "not decided: run the same command again",
        Outcome::Filtered => "not taken by `where`, nothing sent",
        Outcome::Blocked => "not sent: a row that they need did not arrive",
    }
}
