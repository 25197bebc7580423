//! How far a sync has come, and what it waits for.

use std::time::Duration;

use crate::report::counts::Report;
use crate::source::Total;

/// How far a sync has come.
pub struct Progress<'p> {
    /// What became of the rows so far.
    pub report: &'p Report,
    /// Since the sync began.
    pub elapsed: Duration,
    /// How many rows it has to do with, as far as that can be told.
    pub total: Option<Total>,
    /// Requests a minute that it may send.
    pub quota: u64,
    /// Why nothing goes on, where that is so.
    pub waiting: Option<WaitReason>,
}

/// Why nothing goes on for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// The API, or another process of this machine that it told so, asked to wait so long.
    Asked(Duration),
    /// One write after the other came to nothing: one at a time tries the way.
    Outage,
    /// So many rows are sent, and it is not known yet whether they arrived.
    Settling(usize),
    /// Requests are on their way, and nothing has come back for so long.
    Answer(Duration),
    /// There is nothing to do before the source has more.
    Source,
    /// Rows of earlier runs whose outcome is open are looked up.
    Leftovers,
}
