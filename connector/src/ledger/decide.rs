//! What to do with a row, given what is known of its record.

use super::digest::{FieldDigests, FieldId};
use super::entry::Entry;

/// What to do with a row whose record is in this state.
///
/// | the record | the row | update and create | update only | create only |
/// |---|---|---|---|---|
/// | has an open create | any | settle first | settle first | settle first |
/// | is not known to exist | with a key | update, then create | update | create |
/// | is not known to exist | without a key | create | update (refused: it needs a key) | create |
/// | exists | equals what is known | unchanged | unchanged | unchanged |
/// | exists | differs where an update can write | update, then create | update | skip |
/// | exists | differs only elsewhere | skip | skip | skip |
/// | exists under no known key | differs, without a key | skip | skip | skip |
///
/// Where no update can follow, a value that the create sent counts as known although no list shows it. With `full`, the fields that an update can write count as differing.
#[must_use]
pub fn decide(entry: Option<&Entry>, row: &RowFacts<'_>) -> Decision {
    if entry.is_some_and(|entry| entry.open_create().is_some()) {
        return Decision::SettleFirst;
    }
    let Some(entry) = entry.filter(|entry| entry.exists_since.is_some()) else {
        return match (row.updatable, row.creates) {
            (Some(_), true) if row.has_key => Decision::UpdateThenCreate,
            (_, true) => Decision::Create,
            (Some(_), false) => Decision::Update,
            (None, false) => Decision::Skip,
        };
    };
    let writable = |field| row.updatable.is_some_and(|fields| fields.contains(&field));
    let (mut differs, mut sendable) = (false, false);
    for (field, digest) in row.mapped.iter() {
        let known = entry.known(field).or_else(|| entry.unseen(field).filter(|_| row.updatable.is_none()));
        if known != Some(digest) || (row.full && writable(field)) {
            differs = true;
            sendable |= writable(field);
        }
    }
    let addressed = row.has_key || entry.system_key.is_some();
    match (differs, sendable && addressed, row.creates) {
        (false, _, _) => Decision::Unchanged,
        (true, false, _) => Decision::Skip,
        (true, true, true) => Decision::UpdateThenCreate,
        (true, true, false) => Decision::Update,
    }
}

/// What a row says, and what its mode may do.
#[derive(Clone, Copy, Debug)]
pub struct RowFacts<'a> {
    /// The digests of every mapped field of the row.
    pub mapped: &'a FieldDigests,
    /// The fields that an update can write; none if this object and mode have no update.
    pub updatable: Option<&'a [FieldId]>,
    /// The mode creates records.
    pub creates: bool,
    /// The row has a key that an update can be addressed with.
    pub has_key: bool,
    /// Unchanged rows are sent again.
    pub full: bool,
}

/// What to do with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: the system has all of its values.
    Unchanged,
    /// Nothing: it differs, but this object and mode cannot change it.
    Skip,
    /// Create it.
    Create,
    /// Update it; if it is not found, the row is rejected.
    Update,
    /// Update it; if it is not found, create it.
    UpdateThenCreate,
    /// Look up the result of the open create, then decide again.
    SettleFirst,
}
