//! What is said about a run: a summary for people, a line of JSON for programs.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::plan;
use crate::api::Hint;
use crate::api::mode::Mode;
use crate::generated::API;
use crate::report::counts::{Reason, Report};
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
}

/// The line for programs.
pub(super) fn json_line(subject: &Subject<'_>, report: &Report) -> Value {
    let mut line = json!({
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
        "error": subject.error,
    });
    if let (Some(plan), Some(line)) = (&report.plan, line.as_object_mut()) {
        line.insert("plan".to_owned(), plan::json(plan));
    }
    line
}

/// The summary for people.
pub(super) fn print(subject: &Subject<'_>, report: &Report, out: &mut dyn Write) -> io::Result<()> {
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
        writeln!(
            out,
            "  {:<10} {:>9}  {}",
            outcome.name(),
            report.of(outcome),
            meaning(outcome, subject.dry_run)
        )?;
    }
    if let Some(plan) = &report.plan {
        plan::print(plan, out)?;
    } else {
        writeln!(
            out,
            "  {} requests, {} sent again, {} throttled",
            report.requests, report.retries, report.throttled
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
        print_reason(reason, out)?;
    }
    if report.other_reasons > 0 {
        writeln!(out, "\n{} for further reasons", rows(report.other_reasons))?;
    }
    if let Some(stopped) = &report.stopped {
        writeln!(out, "\nstopped: {}", stopped.message)?;
        print_hint(stopped.hint, out)?;
    }
    let throttled = Situation { status: Some(429), ..Situation::default() };
    if report.throttled > 0 {
        writeln!(
            out,
            "\nthe API said {} times that it takes no more for now; no row was lost by it",
            report.throttled
        )?;
        print_hint(hint::choose(&API, &throttled), out)?;
    }
    if report.test_records > 0 && !subject.sandbox {
        writeln!(out, "\n{} of the records are test records", report.test_records)?;
        print_hint(hint::choose(&API, &Situation { test_records: true, ..Situation::default() }), out)?;
    }
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
        writeln!(
            out,
            "Correct them there or in the source and sync again; the file is itself a valid --source."
        )?;
    }
    Ok(())
}

pub(super) fn print_reason(reason: &Reason, out: &mut dyn Write) -> io::Result<()> {
    let status = reason.status.map_or_else(String::new, |status| format!(" (HTTP {status})"));
    let example = if reason.count == 1 {
        format!("row {}", reason.example)
    } else {
        format!("the first is row {}", reason.example)
    };
    writeln!(out, "\n{} {}{status}, {example}:", rows(reason.count), reason.outcome.name())?;
    match reason.messages.as_slice() {
        [] | [_] => writeln!(out, "  {}", reason.message)?,
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
    print_hint(reason.hint, out)
}

pub(super) fn print_hint(hint: Option<&Hint>, out: &mut dyn Write) -> io::Result<()> {
    match hint {
        Some(hint) => writeln!(out, "  hint: {}", hint.text),
        None => Ok(()),
    }
}

pub(super) fn rows(count: u64) -> String {
    let mut text = count.to_string();
    let _ = text.write_str(if count == 1 { " row" } else { " rows" });
    text
}

fn meaning(outcome: Outcome, dry_run: bool) -> &'static str {
    match outcome {
        Outcome::Created => "new records",
        Outcome::Updated => "records changed",
        Outcome::Unchanged => "as they are already, nothing sent",
        Outcome::Skipped => "differ, but this mode cannot change them",
        Outcome::Invalid => "cannot be sent as they are",
        Outcome::Rejected => "refused by the API",
        Outcome::Uncertain => "sent, but nobody knows whether they arrived",
        Outcome::Pending if dry_run => "would be sent",
        Outcome::Pending => "not decided: run the same command again",
        Outcome::Filtered => "not taken by `where`, nothing sent",
        Outcome::Blocked => "not sent: a row that they need did not arrive",
    }
}
