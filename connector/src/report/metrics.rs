//! Counts of a run for a monitor, in the text form of `OpenMetrics` (<https://prometheus.io/docs/specs/om/open_metrics_spec/>),
//! as `node_exporter`'s textfile collector reads it. It holds nothing that a row holds.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use super::counts::Report;
use super::outcome::Outcome;
use crate::files::output::Output;

/// What the file begins with.
const BEGINNING: &str = "# TYPE partnerstack_";
/// The end of the last run that finished with exit code 0. It outlives runs that do not.
const LAST_SUCCESS: &str = "partnerstack_last_success_timestamp_seconds";
/// The most of an earlier file that is read.
const MOST: u64 = 1 << 20;

/// What a monitor is told of one sync.
pub struct SyncMetrics<'m> {
    /// The sync's name.
    pub name: &'m str,
    /// Its object.
    pub object: &'m str,
    /// The account.
    pub account: &'m str,
    /// What became of its rows.
    pub report: &'m Report,
    /// Its exit code.
    pub code: u8,
}

/// Writes the file. It is put in its place at the end, so that a monitor never reads half of it.
pub struct MetricsFile {
    output: Output,
}

impl MetricsFile {
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

    /// Writes what is told of the syncs of a run that ended at `now`, in epoch milliseconds, and puts it in its place.
    pub fn put(mut self, syncs: &[SyncMetrics<'_>], now: i64) -> io::Result<()> {
        let before = earlier(self.output.path()).unwrap_or_default();
        let text = text(syncs, now, &before);
        self.output.writer()?.write_all(text.as_bytes())?;
        self.output.put()
    }
}

fn is_own(file: &mut File) -> io::Result<bool> {
    let mut begun = Vec::new();
    file.take(BEGINNING.len() as u64).read_to_end(&mut begun)?;
    Ok(begun == BEGINNING.as_bytes())
}

/// The lines of an earlier file that say when a run was last a success.
fn earlier(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    if !file.metadata()?.is_file() || !is_own(&mut file)? {
        return Ok(String::new());
    }
    let mut text = String::new();
    file.take(MOST).read_to_string(&mut text)?;
    Ok(text)
}

/// The whole file.
fn text(syncs: &[SyncMetrics<'_>], now: i64, before: &str) -> String {
    let mut text = String::new();
    let mut family = |name: &str, unit: &str, help: &str, samples: Vec<String>| {
        let _ = writeln!(text, "# TYPE partnerstack_{name} gauge");
        if !unit.is_empty() {
            let _ = writeln!(text, "# UNIT partnerstack_{name} {unit}");
        }
        let _ = writeln!(text, "# HELP partnerstack_{name} {help}");
        text.extend(samples);
    };
    let each = |name: &str, value: fn(&SyncMetrics<'_>) -> String| -> Vec<String> {
        syncs
            .iter()
            .map(|sync| format!("partnerstack_{name}{{{}}} {}\n", labels(sync), value(sync)))
            .collect()
    };
    let rows = syncs.iter().flat_map(|sync| {
        Outcome::ALL.into_iter().map(|outcome| {
            let (labels, count) = (labels(sync), sync.report.of(outcome));
            format!("partnerstack_rows{{{labels},outcome=\"{}\"}} {count}\n", outcome.name())
        })
    });
    family("rows", "", "Rows of the last run, by what became of them.", rows.collect());
    family(
        "requests",
        "",
        "Requests of the last run, lookups included.",
        each("requests", |sync| sync.report.requests.to_string()),
    );
    family(
        "lookups",
        "",
        "Requests of the last run that found out what became of others.",
        each("lookups", |sync| sync.report.lookups.to_string()),
    );
    family(
        "retries",
        "",
        "Requests of the last run that were sent once more.",
        each("retries", |sync| sync.report.retries.to_string()),
    );
    family(
        "throttled",
        "",
        "Answers of the last run that said to wait.",
        each("throttled", |sync| sync.report.throttled.to_string()),
    );
    family(
        "unsettled_before",
        "",
        "Rows of earlier runs that are still uncertain.",
        each("unsettled_before", |sync| sync.report.unsettled_before.to_string()),
    );
    family(
        "duration_seconds",
        "seconds",
        "How long the last run took.",
        each("duration_seconds", |sync| format!("{:.3}", sync.report.duration.as_secs_f64())),
    );
    family(
        "exit_code",
        "",
        "The exit code of the last run.",
        each("exit_code", |sync| sync.code.to_string()),
    );
    let ended = seconds(now);
    let last = |name: &str| -> Vec<String> {
        syncs.iter().map(|sync| format!("{name}{{{}}} {ended}\n", labels(sync))).collect()
    };
    family(
        "last_run_timestamp_seconds",
        "seconds",
        "When the last run ended.",
        last("partnerstack_last_run_timestamp_seconds"),
    );
    let successes = syncs.iter().filter_map(|sync| {
        let series = format!("{LAST_SUCCESS}{{{}}}", labels(sync));
        if sync.code == 0 {
            return Some(format!("{series} {ended}\n"));
        }
        let known = before
            .lines()
            .find(|line| line.strip_prefix(&series).is_some_and(|rest| rest.starts_with(' ')))?;
        Some(format!("{known}\n"))
    });
    family(
        "last_success_timestamp_seconds",
        "seconds",
        "When a run last ended with exit code 0.",
        successes.collect(),
    );
    text.push_str("# EOF\n");
    text
}

fn seconds(now: i64) -> String {
    format!("{}.{:03}", now.div_euclid(1000), now.rem_euclid(1000))
}

fn labels(sync: &SyncMetrics<'_>) -> String {
    let SyncMetrics { name, object, account, .. } = sync;
    format!("sync=\"{}\",object=\"{}\",account=\"{}\"", escaped(name), escaped(object), escaped(account))
}

/// The value of a label, as the format asks for it.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
