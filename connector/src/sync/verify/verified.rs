//! What came of verifying the rows of a source.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::report::counts::{Report, Stopped};
use crate::report::outcome::Outcome;

/// What came of verifying the rows of a source.
#[derive(Debug, Default)]
pub struct Verified {
    /// Rows whose record shows the same values.
    pub equal: u64,
    /// Rows whose record shows other values.
    pub different: u64,
    /// Rows whose record the list does not have.
    pub missing: u64,
    /// Rows that have several records.
    pub twice: u64,
    /// Rows with the record key of another row: of those that can change a record the last counts, of the others the first.
    pub repeated: u64,
    /// The repeated rows could create a record a second time.
    pub repeats_create: bool,
    /// Rows whose record is that of another row.
    pub held: u64,
    /// Rows whose record shows another value for an identity that tells more.
    pub contradicted: u64,
    /// Rows that have nothing by which a record could be found.
    pub unidentified: u64,
    /// Rows that the sync does not take.
    pub filtered: u64,
    /// Rows that cannot be read or sent, by reason.
    pub invalid: Report,
    /// How many rows differ in each field.
    pub differing: BTreeMap<String, u64>,
    /// Fields that rows have and their records do not show: in how many rows.
    pub not_compared: BTreeMap<&'static str, u64>,
    /// Records that no row has, created between the first and the last of those that rows have; none where that cannot be
    /// told, because not all rows were read.
    pub not_in_source: Option<u64>,
    /// Records that no row has, created at another time.
    pub outside: u64,
    /// Rows whose records were entered into the ledger.
    pub adopted: u64,
    /// Records of the list that were read.
    pub listed: u64,
    /// Requests that were sent, all of which only read.
    pub requests: u64,
    /// How long it took.
    pub duration: Duration,
    /// Why it stopped before the end.
    pub stopped: Option<Stopped>,
}

impl Verified {
    /// How many rows were read.
    #[must_use]
    pub fn read(&self) -> u64 {
        let compared = self.equal + self.different + self.missing + self.twice + self.repeated;
        compared + self.unclear() + self.filtered + self.invalid()
    }

    /// Rows that may have a record, but it cannot be told which.
    #[must_use]
    pub fn unclear(&self) -> u64 {
        self.held + self.contradicted + self.unidentified
    }

    /// Rows that cannot be read or sent.
    #[must_use]
    pub fn invalid(&self) -> u64 {
        self.invalid.of(Outcome::Invalid)
    }

    /// What is known to differ: rows, and records that no row has.
    #[must_use]
    pub fn differences(&self) -> u64 {
        let repeated = if self.repeats_create { self.repeated } else { 0 };
        let rows = self.different + self.missing + self.twice + repeated + self.invalid();
        rows + self.not_in_source.unwrap_or_default()
    }

    /// Everything was read, and all of it is equal.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.stopped.is_none() && self.unclear() + self.differences() == 0
    }
}
