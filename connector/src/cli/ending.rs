//! What is said when a sync has ended, or did not start: to people on standard error, to programs as a line of JSON.

use std::ffi::OsString;
use std::io;

use serde_json::Value;

use super::screen::look::Look;
use super::screen::streams::Desk;
use super::summary::{self, Subject};
use crate::config::sync_file;
use crate::error::SetupError;
use crate::report::counts::{Report, Stopped};
use crate::report::outcome::Outcome;
use crate::run::exit::{SETUP, of_signal};
use crate::run::not_ready::GoOn;

/// Says what became of a sync, to people and to programs.
pub(super) fn report(
    subject: &Subject<'_>,
    report: &Report,
    json: bool,
    look: &Look,
    streams: &mut Desk<'_>,
) -> io::Result<()> {
    let line = summary::json_line(subject, report);
    let calm = report.failed() + report.of(Outcome::Uncertain) == 0 && report.stopped.is_none();
    let told = match &line {
        Value::Object(line) => streams.stderr.event("finished", line.clone())?,
        _ => false,
    };
    if !(told || look.quiet && calm) {
        summary::print(subject, report, look, streams.stderr)?;
    }
    if json {
        writeln!(streams.stdout, "{line}")?;
    }
    Ok(())
}

/// Says why nothing was started, to people and to programs.
pub(super) fn refuse(
    error: &SetupError,
    json: bool,
    subject: Subject<'_>,
    streams: &mut Desk<'_>,
) -> io::Result<u8> {
    if json {
        print_refusal(&error.to_string(), subject, streams)?;
    }
    print_error(error, streams)?;
    Ok(SETUP)
}

/// Prints every fault by itself, each under the line of the sync file that it is about where that is known.
pub(super) fn print_error(error: &SetupError, streams: &mut Desk<'_>) -> io::Result<()> {
    for fault in error.each() {
        match sync_file::carets(&fault) {
            Some(carets) => writeln!(streams.stderr, "{carets}")?,
            None => writeln!(streams.stderr, "error: {fault}")?,
        }
    }
    error.notes().iter().try_for_each(|note| writeln!(streams.stderr, "note: {note}"))
}

/// Says that the run was told to stop before there was anything to read.
pub(super) fn say_interrupted(
    signal: i32,
    json: bool,
    subject: Subject<'_>,
    look: &Look,
    streams: &mut Desk<'_>,
) -> io::Result<u8> {
    let stopped = Stopped::by(signal);
    let subject = Subject { error: Some(stopped.message.clone()), ..subject };
    let mut nothing = Report::default();
    nothing.stopped = Some(stopped);
    report(&subject, &nothing, json, look, streams)?;
    Ok(of_signal(signal))
}

/// The line for programs where nothing was started.
pub(super) fn print_refusal(error: &str, subject: Subject<'_>, streams: &mut Desk<'_>) -> io::Result<()> {
    let subject = Subject { error: Some(error.trim_end().to_owned()), ..subject };
    writeln!(streams.stdout, "{}", summary::json_line(&subject, &Report::default()))
}

const ACCOUNT: &str = "--account";
const ROTATED_KEY: &str = "--rotated-key";

/// The error with the one command to go on with, if there is one.
pub(super) fn with_command(error: SetupError, go_on: Option<&GoOn>, arguments: &[OsString]) -> SetupError {
    let Some(go_on) = go_on else { return error };
    error.help(format_args!("go on with: {}", command(go_on, arguments)))
}

fn command(go_on: &GoOn, arguments: &[OsString]) -> String {
    let GoOn { account, rotated_key } = go_on;
    let mut words = vec!["partnerstack".to_owned()];
    let mut given = arguments.iter().skip(1).map(|argument| argument.to_string_lossy());
    while let Some(word) = given.next() {
        if word == ACCOUNT {
            given.next();
        } else if word != ROTATED_KEY && !word.starts_with("--account=") {
            words.push(quoted(&word));
        }
    }
    words.extend([ACCOUNT.to_owned(), quoted(account)]);
    words.extend(rotated_key.then(|| ROTATED_KEY.to_owned()));
    words.join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,%+@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
