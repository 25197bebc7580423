//! What a source gives, one data record after the other: a row, or why it could not be read.

use crate::row::Row;

/// The most that one record may hold, in bytes.
pub const RECORD_LIMIT: usize = 1 << 20;

/// One data record.
pub enum SourceItem {
    /// It could be read.
    Row(Row),
    /// It could not; those after it can, unless its message says otherwise.
    Unreadable(Unreadable),
}

/// A data record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Its number among the data records, from 1.
    pub number: u64,
    /// The rule that it breaks: `encoding`, `json`, `quote`, `ragged`, `record` or `size`.
    pub rule: &'static str,
    /// What is wrong, where, and what to do; never what the record holds.
    pub message: String,
    /// The id of the entry that it is, in a failures file.
    pub entry: Option<Box<str>>,
}

/// What is wrong with a record, before it has its number.
pub(super) struct RecordFault {
    pub(super) rule: &'static str,
    pub(super) message: String,
}

impl RecordFault {
    /// The same, of the record of that number, and of that entry of a failures file.
    pub(super) fn of(self, number: u64, entry: Option<Box<str>>) -> Unreadable {
        Unreadable { number, rule: self.rule, message: self.message, entry }
    }
}
