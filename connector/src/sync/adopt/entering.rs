//! Enters records of the list into the ledger, as those of rows.

use std::collections::BTreeMap;

use crate::clock::Clock;
use crate::ledger::{Digest, Entry, Event, LedgerError, ListedRecord, RecordId};
use crate::sync::feed::plan::PlannedRow;
use crate::sync::settling::settle::confirms;
use crate::sync::shared::context::Context;

/// What came of a row's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entered {
    /// It is in the ledger now.
    Yes,
    /// An earlier row of the same record has entered it, or the ledger takes none.
    Known,
    /// Another row's entry holds it.
    Held,
    /// There was none to enter.
    None,
}

/// The ledger knows nothing of a record, and has no create of it that may have made it.
pub(crate) fn is_unknown(entry: Option<&Entry>) -> bool {
    entry.is_none_or(|entry| entry.exists_since.is_none() && entry.open_create().is_none())
}

/// Enters the records of rows, and puts what is known of them then among `entries`.
pub(crate) async fn enter<T, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    rows: &[&PlannedRow],
    found: &[Option<ListedRecord>],
    entries: &mut [Option<Entry>],
) -> Result<Vec<Entered>, LedgerError> {
    let keys: Vec<String> = found.iter().flatten().map(|record| record.key.clone()).collect();
    if keys.is_empty() {
        return Ok(vec![Entered::None; rows.len()]);
    }
    let mut holders: BTreeMap<String, RecordId> = context.ledger.holders(keys).await?.into_iter().collect();
    let mut new: BTreeMap<RecordId, Entry> = BTreeMap::new();
    let mut entered = Vec::with_capacity(rows.len());
    for ((row, found), entry) in rows.iter().zip(found).zip(entries.iter()) {
        entered.push(match found {
            None => Entered::None,
            Some(_) if new.contains_key(&row.id) => Entered::Known,
            Some(record) if *holders.entry(record.key.clone()).or_insert(row.id) != row.id => Entered::Held,
            Some(record) => {
                let mut entry = entry.clone().unwrap_or_else(|| Entry::new(row.id, row.stored_key()));
                match entry.apply(event(context, row, record)) {
                    Ok(()) => {
                        new.insert(row.id, entry);
                        Entered::Yes
                    }
                    Err(_) => Entered::Known,
                }
            }
        });
    }
    let stored = context.ledger.write(new.into_values().collect()).await?;
    let stored: BTreeMap<RecordId, Entry> = stored.into_iter().map(|entry| (entry.id, entry)).collect();
    for (row, entry) in rows.iter().zip(entries) {
        if let Some(stored) = stored.get(&row.id) {
            *entry = Some(stored.clone());
        }
    }
    Ok(entered)
}

fn event<T, C: Clock + Copy>(context: &Context<'_, T, C>, row: &PlannedRow, record: &ListedRecord) -> Event {
    let mut sent = row.create.clone();
    sent.merge(&row.update);
    let value = |digest| Some(digest).filter(|digest| *digest != Digest::NO_VALUE);
    let shown: Vec<_> = record.shown.iter().map(|(field, digest)| (field, value(digest))).collect();
    let confirmed = confirms(context, &sent, &shown);
    let now = context.clock.epoch_milliseconds();
    let at = record.created.map_or(now, |created| created.min(now));
    Event::Adopted { system_key: record.key.clone(), at, confirmed }
}
