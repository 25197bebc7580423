//! Entries of a failures file by reason, in the memory of a few examples.

use std::io::{self, Write};

use crate::cli::screen::figures::rows;
use crate::report::failures::entry::FailureEntry;
use crate::text::printable::one_line;

/// The most reasons that are told apart.
const REASONS: usize = 50;
/// The entries of a reason that are shown.
const EXAMPLES: usize = 5;

/// Entries by reason.
#[derive(Default)]
pub(super) struct Groups {
    /// How many there are.
    pub(super) count: u64,
    reasons: Vec<Group>,
    /// Those that are no entries of ours any more, and those of further reasons.
    others: u64,
}

struct Group {
    outcome: String,
    status: Option<u16>,
    /// The fields and rules that the rows break; the message where there are none.
    reason: String,
    hint: Option<String>,
    count: u64,
    examples: Vec<FailureEntry>,
}

impl Groups {
    /// Adds an entry; none: a line that is no entry.
    pub(super) fn add(&mut self, entry: Option<FailureEntry>) {
        self.count += 1;
        let Some(mut entry) = entry else {
            self.others += 1;
            return;
        };
        let rules: Vec<String> = entry
            .errors
            .iter()
            .map(|fault| format!("{} {}", fault.field.as_deref().unwrap_or("the row:"), fault.rule))
            .collect();
        let reason = if rules.is_empty() { entry.message.clone() } else { rules.join(", ") };
        entry.record = None;
        let is_it = |group: &&mut Group| {
            (group.outcome.as_str(), group.status, group.reason.as_str())
                == (entry.outcome.as_str(), entry.status, reason.as_str())
        };
        if let Some(group) = self.reasons.iter_mut().find(is_it) {
            group.count += 1;
            if group.examples.len() < EXAMPLES {
                group.examples.push(entry);
            }
        } else if self.reasons.len() < REASONS {
            let (outcome, status, hint) = (entry.outcome.clone(), entry.status, entry.hint.clone());
            self.reasons.push(Group { outcome, status, reason, hint, count: 1, examples: vec![entry] });
        } else {
            self.others += 1;
        }
    }

    /// Prints them, with the values of the first of each reason.
    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        for group in &self.reasons {
            let status = group.status.map_or_else(String::new, |status| format!(" (HTTP {status})"));
            writeln!(
                out,
                "\n  {} {}{status}: {}",
                rows(group.count),
                one_line(&group.outcome),
                one_line(&group.reason)
            )?;
            for entry in &group.examples {
                let key =
                    entry.key.as_deref().map_or_else(String::new, |key| format!(", key {}", one_line(key)));
                writeln!(out, "    {}  row {}{key}: {}", entry.id, entry.row, one_line(&entry.message))?;
            }
            let more = group.count.saturating_sub(group.examples.len() as u64);
            if more > 0 {
                writeln!(out, "    and {more} more")?;
            }
            if let Some(hint) = &group.hint {
                writeln!(out, "    hint: {}", one_line(hint))?;
            }
        }
        if self.others > 0 {
            writeln!(out, "\n  {} for other reasons", rows(self.others))?;
        }
        writeln!(out)
    }
}
