//! Which record a row has.

use crate::api::OperationName;
use crate::clock::Clock;
use crate::ledger::{Digest, Entry, FoundRecords, ListedRecord, RecordId};
use crate::sync::adopt::listing::{ids_of, key_id};
use crate::sync::feed::plan::{MatchDigester, PlannedRow};
use crate::sync::settling::settle::identities_of;
use crate::sync::shared::context::Context;

/// What was found for a row.
pub(crate) enum FoundRecord {
    /// Nothing that it could be found by.
    Unidentified,
    /// No record.
    Missing,
    /// One record.
    One(ListedRecord),
    /// One record, which shows another value for an identity that tells more.
    Contradicted(ListedRecord),
    /// Several records.
    Several(FoundRecords),
}

/// By what the record of a row can be found, the strongest first: the system's key that it brings, the identities that its
/// create sends, the system's key that the ledger knows.
pub(crate) fn sought<T, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    row: &PlannedRow,
    entry: Option<&Entry>,
) -> Vec<RecordId> {
    let mut ids = ids_of(context, row);
    let known = entry.and_then(|entry| entry.system_key.as_deref());
    ids.extend(known.map(|key| key_id(context.ledger.digester(), key)));
    ids
}

impl FoundRecord {
    /// What is under the ids of a row.
    pub(crate) fn of<T, C: Clock + Copy>(
        context: &Context<'_, T, C>,
        row: &PlannedRow,
        sought: usize,
        found: Option<FoundRecords>,
    ) -> Self {
        let Some(mut found) = found else {
            return if sought == 0 { Self::Unidentified } else { Self::Missing };
        };
        if found.records.len() > 1 {
            return Self::Several(found);
        }
        match found.records.pop() {
            None => Self::Missing,
            Some(record) if contradicts(context, row, &record, found.place) => Self::Contradicted(record),
            Some(record) => Self::One(record),
        }
    }

    /// The record that can be entered into the ledger.
    pub(crate) fn only(&self) -> Option<&ListedRecord> {
        match self {
            Self::One(record) => Some(record),
            Self::Several(found) => found.only(),
            Self::Unidentified | Self::Missing | Self::Contradicted(_) => None,
        }
    }
}

/// The record was found by an identity, and shows another value for one that tells more.
fn contradicts<T, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    row: &PlannedRow,
    record: &ListedRecord,
    place: usize,
) -> bool {
    let identities = identities_of(&context.matches, &row.create);
    let brought = ids_of(context, row).len() - identities.len();
    let Some((found_by, _)) = place.checked_sub(brought).and_then(|place| identities.get(place)) else {
        return false;
    };
    context.matches.iter().take(*found_by).map(MatchDigester::field).any(|field| {
        let shown = record.shown.get(field).filter(|shown| *shown != Digest::NO_VALUE);
        row.create.get(field).zip(shown).is_some_and(|(sent, shown)| sent != shown)
    })
}

/// The mode can change records.
pub(crate) fn changes<T, C: Clock + Copy>(context: &Context<'_, T, C>) -> bool {
    context.job.steps().iter().any(|step| step.operation.name == OperationName::Update)
}
