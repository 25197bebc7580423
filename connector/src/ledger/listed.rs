//! A record of a list, and the row that has it.

use crate::ledger::digest::{Digest, FieldDigests, RecordId};

/// A record of a list.
#[derive(Clone, Debug)]
pub(crate) struct ListedRecord {
    /// Its place among those that were kept; none before it is kept.
    pub(crate) number: Option<i64>,
    /// The system's key.
    pub(crate) key: String,
    /// When it was created, in epoch milliseconds.
    pub(crate) created: Option<i64>,
    /// What it shows, identities among them.
    pub(crate) shown: FieldDigests,
    /// The row that has it.
    pub(crate) claim: Option<Claim>,
}

/// A row that has a record of the list.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    /// The number of the row.
    pub(crate) row: u64,
    /// The digest of its record key.
    pub(crate) id: RecordId,
    /// Its record key, where that is no personal data.
    pub(crate) key: Option<String>,
    /// How the two compare.
    pub(crate) compared: Compared,
}

/// How a row compares with its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    /// The record shows the values of the row.
    Equal,
    /// It shows others in these fields.
    Different(Vec<String>),
    /// It is one of several that the row has.
    Twice,
}

/// A record that is to be kept, and under which ids it is found.
pub(crate) struct ToKeep {
    pub(crate) record: ListedRecord,
    pub(crate) ids: Vec<RecordId>,
}

/// What was found for a list of ids, the strongest first.
pub(crate) struct FoundRecords {
    /// The place in the list of the first id under which there is something.
    pub(crate) place: usize,
    /// The records under it, the first ten.
    pub(crate) records: Vec<ListedRecord>,
}

impl FoundRecords {
    /// The record, if there is only one. Several that bear one key are one to all who look for it.
    pub(crate) fn only(&self) -> Option<&ListedRecord> {
        let (first, others) = self.records.split_first()?;
        others.iter().all(|other| other.key == first.key).then_some(first)
    }
}

impl Digest {
    /// In place of a value: the record shows that it has none.
    pub(crate) const NO_VALUE: Self = Self([0; 8]);
}
