//! Judges what the server has, and what it was asked, against the rows: nothing lost, nothing doubled, order kept.

use std::collections::BTreeMap;

use crate::server::{Call, Kind, Record, Server};
use serde_json::Value;

use crate::rows::{Row, Rows};

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// A row did not arrive.
    Lost(String),
    /// A record is there more than once.
    Doubled(String),
    /// A record does not hold what its last row says.
    Wrong(String),
    /// A record that no row asks for.
    Stray(String),
    /// In one run, a row's values were written after those of a later row of the same record.
    Disorder(String),
    /// In one run, two writes about one record were under way at a time.
    Beside(String),
}

/// Everything that must not be: in the records of a server, which have to be what `rows` say, and in its journal, where
/// each run has to keep to the rows that it was given.
pub fn judge<'a>(server: &Server, rows: &Rows, given: impl Fn(u64) -> &'a Rows) -> Vec<Finding> {
    let mut findings = judge_records(&server.records(rows.object), rows);
    findings.extend(judge_calls(server.calls(), rows, given));
    findings
}

/// Everything that must not be in the journal of a server.
pub fn judge_calls<'a>(calls: Vec<Call>, rows: &Rows, given: impl Fn(u64) -> &'a Rows) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut runs: BTreeMap<u64, Vec<Call>> = BTreeMap::new();
    for call in calls.into_iter().filter(|call| call.writes() && call.object() == rows.object) {
        runs.entry(call.run).or_default().push(call);
    }
    for (run, writes) in &runs {
        findings.extend(judge_order(writes, given(*run)));
    }
    findings
}

fn judge_records(records: &[Record], rows: &Rows) -> Vec<Finding> {
    let mut last: BTreeMap<&str, &Row> = BTreeMap::new();
    last.extend(rows.each.iter().filter(|row| row.good()).map(|row| (row.label.as_str(), row)));
    let mut held: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in records {
        held.entry(&record.label).or_default().push(record);
    }

    let mut findings = Vec::new();
    for (label, row) in &last {
        match held.get(label).map(Vec::as_slice) {
            None | Some([]) => findings.push(Finding::Lost((*label).to_owned())),
            Some([record]) => {
                let fields = Value::Object(record.fields.clone());
                if !agree(&row.sent, |name| fields.get(name)) {
                    findings.push(Finding::Wrong(format!("{label}: {fields} instead of {}", row.sent)));
                }
            }
            Some(doubles) => findings.push(Finding::Doubled(format!("{label}, {} times", doubles.len()))),
        }
    }
    let strays = held.keys().filter(|label| !last.contains_key(*label));
    findings.extend(strays.map(|label| Finding::Stray((*label).to_owned())));
    findings
}

/// Whether every field of a row that something else has is the same there, and there is one.
fn agree<'a>(sent: &Value, other: impl Fn(&str) -> Option<&'a Value>) -> bool {
    let fields = sent.as_object().into_iter().flatten();
    let mut both = fields.filter_map(|(name, value)| Some((value, other(name)?))).peekable();
    both.peek().is_some() && both.all(|(value, other)| value == other)
}

/// Judges the writes of one run.
fn judge_order(writes: &[Call], rows: &Rows) -> Vec<Finding> {
    let mut by_label: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows.each.iter().filter(|row| row.good()) {
        by_label.entry(&row.label).or_default().push(row);
    }
    let mut writes_about: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
    for call in writes {
        writes_about.entry(&call.about).or_default().push(call);
    }

    let mut findings = Vec::new();
    for (label, calls) in &writes_about {
        for pair in calls.windows(2) {
            let (earlier, later) = (pair[0], pair[1]);
            // Where the client may have left, or been cut off, nothing is under way any more.
            let over =
                earlier.fault == Some(Kind::Hang) || earlier.ended.is_none_or(|ended| ended <= later.at);
            if !over {
                findings.push(Finding::Beside(format!("{label}: {earlier:?} and {later:?}")));
            }
        }
        let Some(rows) = by_label.get(label) else { continue };
        let mut applied: Vec<&Call> = calls.iter().copied().filter(|call| call.applied.is_some()).collect();
        applied.sort_by_key(|call| call.applied.as_ref().map(|applied| applied.order));
        let mut reached = 0;
        for call in applied {
            let says = |row: &&Row| agree(&row.sent, |name| call.body.get(name));
            match rows.iter().skip(reached).position(says) {
                Some(place) => reached += place,
                None => {
                    findings.push(Finding::Disorder(format!("{label} in run {}: {}", call.run, call.body)));
                }
            }
        }
    }
    findings
}
