//! The runs of a ledger: what each was, and how it ended.

use super::account::ScopeName;

/// How a run of a sync ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunEnd {
    /// Its mode.
    pub mode: &'static str,
    /// The exit code of its sync.
    pub exit_code: u8,
    /// How many rows ended in each way, as a JSON object.
    pub rows: String,
}

/// A run of a sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRun {
    /// Its number.
    pub number: i64,
    /// The name of the sync.
    pub sync: String,
    /// What it was about.
    pub scope: ScopeName,
    /// When it began, in epoch milliseconds.
    pub started_at: i64,
    /// When it ended; none: it goes on, or it was killed.
    pub finished_at: Option<i64>,
    /// Its mode; this and what follows are known of syncs that came to their end.
    pub mode: Option<String>,
    /// The exit code of its sync.
    pub exit_code: Option<u8>,
    /// How many rows ended in each way, as a JSON object.
    pub rows: Option<String>,
}
