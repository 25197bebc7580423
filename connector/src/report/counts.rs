//! What a run did: counts, and failures grouped by reason.

use std::time::Duration;

use serde_json::Value;

use super::outcome::{Failure, Outcome};
use super::plan::Plan;
use super::redact::redact;
use crate::api::Hint;
use crate::mapping::transform::UNTRANSLATED;
use crate::row::Row;

/// The most reasons that are told apart, and messages of one reason; more would be no summary.
const REASONS: usize = 20;

/// What a run did.
#[derive(Debug, Default)]
pub struct Report {
    counts: [u64; Outcome::ALL.len()],
    /// Requests that were sent, lookups included.
    pub requests: u64,
    /// Requests that were spent on finding out what became of others.
    pub lookups: u64,
    /// Requests that were sent once more.
    pub retries: u64,
    /// Answers that said to wait.
    pub throttled: u64,
    /// Records that the API marked as test records.
    pub test_records: u64,
    /// Rows of earlier runs that this input does not have and that are still uncertain.
    pub unsettled_before: u64,
    /// Rows whose records were found in the list and entered into the ledger, because an earlier one may be lost.
    pub adopted: u64,
    /// How long it took.
    pub duration: Duration,
    /// Rows that were skipped although nothing else would send their values.
    pub lost: u64,
    /// Rows that were skipped because a later version of each has arrived.
    pub replaced: u64,
    /// Rows whose record key an earlier row of this run has too.
    pub repeated: u64,
    /// Failures by reason, the first seen first.
    pub reasons: Vec<Reason>,
    /// Failures whose reason is none of these, because there were too many reasons.
    pub other_reasons: u64,
    /// What a run would do; none if this was one.
    pub plan: Option<Plan>,
    /// The guards that a run would go beyond; none if this was one, because it stops then.
    pub guards: Option<String>,
    /// Why the run stopped before the end.
    pub stopped: Option<Stopped>,
    /// How much of the source was not read then, as far as that can be told.
    pub unread: Option<Unread>,
}

/// Rows of a source that were not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread {
    /// How many.
    pub rows: u64,
    /// They were not counted: so many if they are as long as those before them.
    pub about: bool,
}

/// A reason that rows failed for.
#[derive(Debug)]
pub struct Reason {
    /// What became of the rows.
    pub outcome: Outcome,
    /// The status of the answer.
    pub status: Option<u16>,
    /// The field and the rule that the rows break, where that is the reason.
    pub rule: Option<(String, &'static str)>,
    /// Why, in the words of the first; without anything that the rows held.
    pub message: String,
    /// What to do about it.
    pub hint: Option<&'static Hint>,
    /// How many rows.
    pub count: u64,
    /// How often each message was seen, where it names a value that has no translation; the first in the order of rows.
    pub messages: Vec<(String, u64)>,
    /// The first of them.
    pub example: u64,
}

/// Why a run stopped before the end.
#[derive(Debug, Clone)]
pub struct Stopped {
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub hint: Option<&'static Hint>,
    /// The signal that stopped it, where it was one.
    pub signal: Option<i32>,
    /// To run it again is of no use before a person has acted.
    pub person: bool,
}

impl Stopped {
    /// A signal stopped it.
    #[must_use]
    pub fn by(signal: i32) -> Self {
        Self { signal: Some(signal), ..Self::because("interrupted") }
    }

    /// Something else stopped it.
    #[must_use]
    pub fn because(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, signal: None, person: false }
    }
}

impl Report {
    /// Counts a row.
    pub fn count(&mut self, outcome: Outcome) {
        self.count_rows(outcome, 1);
    }

    /// Counts rows that ended in one way.
    pub fn count_rows(&mut self, outcome: Outcome, rows: u64) {
        if let Some(count) = self.counts.get_mut(outcome as usize) {
            *count += rows;
        }
    }

    /// How many rows ended so.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.counts.get(outcome as usize).copied().unwrap_or_default()
    }

    /// How many rows were read, and how many of them ended in each way, as programs are told.
    #[must_use]
    pub fn rows(&self) -> Value {
        let counts = Outcome::ALL.into_iter().map(|outcome| (outcome.name(), self.of(outcome)));
        let counts = std::iter::once(("read", self.read())).chain(counts);
        Value::Object(counts.map(|(name, count)| (name.to_owned(), count.into())).collect())
    }

    /// How many rows were read.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Rows that need a person: invalid, rejected, or skipped for good.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.of(Outcome::Invalid) + self.of(Outcome::Rejected) + self.lost
    }

    /// Adds a failure to its reason. What the row held is taken out of the message, so that rows that failed for one
    /// reason are counted together, and nothing personal leaves the failures file.
    pub fn add_reason(&mut self, failure: &Failure, row: Option<&Row>, columns: Option<&[String]>) {
        let Failure { row: example, outcome, status, hint, .. } = *failure;
        if failure.faults.is_empty() {
            let message = match row {
                Some(row) => redact(&failure.message, row, columns),
                None => failure.message.clone(),
            };
            let messages = Vec::new();
            self.add(Reason { outcome, status, rule: None, message, hint, count: 1, messages, example });
        }
        for (fault, hint) in &failure.faults {
            let rule = Some((fault.field.clone(), fault.rule));
            let told = fault.rule == UNTRANSLATED;
            let messages = if told { vec![(fault.to_string(), 1)] } else { Vec::new() };
            self.add(Reason {
                outcome,
                status,
                rule,
                message: fault.to_string(),
                hint: *hint,
                count: 1,
                messages,
                example,
            });
        }
    }

    fn add(&mut self, new: Reason) {
        // Rows that break one rule of one field are one reason, whatever line or number the message names.
        let same = |reason: &&mut Reason| {
            (reason.outcome, reason.status, &reason.rule) == (new.outcome, new.status, &new.rule)
                && (new.rule.is_some() || reason.message == new.message)
        };
        if let Some(reason) = self.reasons.iter_mut().find(same) {
            reason.count += 1;
            reason.add_messages(new.messages);
        } else if self.reasons.len() < REASONS {
            self.reasons.push(new);
        } else {
            self.other_reasons += 1;
        }
    }
}

impl Reason {
    fn add_messages(&mut self, messages: Vec<(String, u64)>) {
        for (message, count) in messages {
            let room = self.messages.len() < REASONS;
            match self.messages.iter_mut().find(|(known, _)| *known == message) {
                Some((_, known)) => *known += count,
                None if room => self.messages.push((message, count)),
                None => {}
            }
        }
    }
}
