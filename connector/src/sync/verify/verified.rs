//! What came of verifying the rows of a source.

use std::time::Duration;

use crate::report::counts::{Report, Stopped};
use crate::report::outcome::Outcome;

/// What came of verifying the rows of a source.
#[derive(Debug, Default)]
pub struct Verified {
    /// Rows whose records were entered into the ledger.
    pub adopted: u64,
    /// Rows whose records the ledger knew, or has to settle.
    pub known: u64,
    /// Rows whose records the list does not have.
    pub absent: u64,
    /// Rows with an identity that several records have.
    pub several: u64,
    /// Rows whose record belongs to another row.
    pub held: u64,
    /// Rows whose record shows another value for one of their identities.
    pub contradicted: u64,
    /// Rows that the sync does not take.
    pub filtered: u64,
    /// Rows that cannot be read or sent, by reason.
    pub invalid: Report,
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
        self.adopted + self.known + self.absent + self.ambiguous() + self.filtered + self.invalid()
    }

    /// Rows that may have a record, but it cannot be told which.
    #[must_use]
    pub fn ambiguous(&self) -> u64 {
        self.several + self.held + self.contradicted
    }

    /// Rows that cannot be read or sent.
    #[must_use]
    pub fn invalid(&self) -> u64 {
        self.invalid.of(Outcome::Invalid)
    }
}
