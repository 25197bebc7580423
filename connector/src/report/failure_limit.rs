//! Limits on failures: when a run stops, and when it counts as a success all the same.

use std::str::FromStr;

use super::counts::Report;

/// A share says nothing about fewer rows than this.
const FEWEST_ROWS: u64 = 100;

/// The most rows that a limit may name.
const MOST_ROWS: u64 = 1_000_000_000_000;

/// A number of failed rows, or their share of the rows read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FailureLimit {
    /// This number of rows.
    Rows(u64),
    /// This share of the rows, in percent.
    Percent(f64),
}

impl FailureLimit {
    /// The failures of a finished run are within the limit.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share of rows needs no more than 52 bits")]
    pub fn allows(self, report: &Report) -> bool {
        match self {
            Self::Rows(most) => report.failed() <= most,
            Self::Percent(most) => report.failed() as f64 * 100.0 <= most * report.read() as f64,
        }
    }

    /// The failures of a run that goes on are beyond the limit. A share is judged from a hundred rows on.
    #[must_use]
    pub fn is_passed(self, report: &Report) -> bool {
        let enough = matches!(self, Self::Rows(_)) || report.read() >= FEWEST_ROWS;
        enough && !self.allows(report)
    }
}

impl FromStr for FailureLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault = || "write a number of rows such as 10, or a share such as 5%".to_owned();
        match text.strip_suffix('%') {
            None => match text.parse() {
                Ok(rows) if rows <= MOST_ROWS => Ok(Self::Rows(rows)),
                Ok(_) => Err(format!("write a number of rows from 0 to {MOST_ROWS}")),
                Err(_) => Err(fault()),
            },
            Some(share) => match share.trim().parse::<f64>() {
                Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(Self::Percent(percent)),
                _ => Err(fault()),
            },
        }
    }
}
