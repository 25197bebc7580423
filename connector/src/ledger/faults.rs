//! Rows that did not arrive, as the ledger knows them: by digests of what they say, and of their record keys.

use super::digest::{FaultId, RecordId};

/// How it stands with a row that did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultState {
    /// It is to be done, and failed last in the run of this number.
    Open(i64),
    /// A later version of it has arrived: the row is not to be sent any more.
    Replaced,
    /// It arrived itself, or a person has dismissed it. It is judged anew where a source has it again.
    Closed,
}

/// A row that did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedRow {
    /// What it says.
    pub id: FaultId,
    /// The digest of its record key, where it has one.
    pub record: Option<RecordId>,
    /// What became of it.
    pub outcome: &'static str,
    /// The run.
    pub run: i64,
    /// The row in that run.
    pub row: u64,
    /// When, in epoch milliseconds.
    pub at: i64,
    /// The status of the answer, where there was one.
    pub status: Option<u16>,
    /// Why, without values of the row.
    pub message: String,
}

/// What happens to rows that did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultChange {
    /// A row did not arrive.
    Failed(Box<FailedRow>),
    /// The record of a row is as the row says.
    Arrived {
        /// The record.
        record: RecordId,
        /// What the row says.
        id: Option<FaultId>,
        /// It was sent now, or is the correction of an entry: what failed of the record before is older.
        later: bool,
        /// The row was an entry of a failures file, which it corrects.
        corrects: Option<FaultId>,
    },
    /// A person wants no more of it.
    Dismissed(FaultId),
}

/// A row that did not arrive, as a history shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedFault {
    /// The object.
    pub object: String,
    /// The name of the sync whose run it was.
    pub sync: Option<String>,
    /// The id of its entry.
    pub id: FaultId,
    /// It is still to be done.
    pub open: bool,
    /// What became of it.
    pub outcome: String,
    /// The run.
    pub run: i64,
    /// The row in that run.
    pub row: u64,
    /// When, in epoch milliseconds.
    pub at: i64,
    /// The status of the answer, where there was one.
    pub status: Option<u16>,
    /// Why, without values of the row.
    pub message: String,
}
