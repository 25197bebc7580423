//! Holds rows of which the ledger knows nothing against the list, and enters what is found.

use std::cell::Cell;
use std::collections::BTreeMap;

use tokio::sync::OnceCell;

use super::listing::{Keeps, Listed, ListedRecord, Listing, address_id};
use crate::api::OperationName;
use crate::clock::Clock;
use crate::http::transport::Transport;
use crate::ledger::{Entry, Event, LedgerError, RecordId, Window};
use crate::report::counts::Stopped;
use crate::sync::feed::plan::{MatchDigester, PlannedRow};
use crate::sync::settling::settle::{confirms, identities_of};
use crate::sync::settling::walk::walk;
use crate::sync::shared::context::Context;

/// How often a walk that broke off is begun again.
const WALKS: u32 = 5;

/// Finds the records of rows that the ledger does not know. The list is walked over when the first such row comes.
pub(crate) struct Adoption<'c> {
    keeps: Keeps,
    /// The creation times that are searched; none: all of them.
    windows: Vec<Window>,
    listing: OnceCell<Listing<'c>>,
    /// How many records of the list were read.
    read: &'c Cell<u64>,
    adopted: Cell<u64>,
}

/// What was found for a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowFinding {
    /// Its record is in the ledger now.
    Adopted,
    /// The ledger knew it already, or has a create of it that is not settled; or it is not looked for.
    Known,
    /// The list does not have it.
    Absent,
    /// Several records have its identity.
    Several,
    /// Another row's entry holds the record.
    Held,
    /// The record shows another value for an identity of the row.
    Contradicted,
}

impl<'c> Adoption<'c> {
    pub(crate) fn new(keeps: Keeps, windows: Vec<Window>, read: &'c Cell<u64>) -> Self {
        Self { keeps, windows, listing: OnceCell::new(), read, adopted: Cell::new(0) }
    }

    /// How many records of the list were read.
    pub(crate) fn read(&self) -> u64 {
        self.read.get()
    }

    /// How many records were entered.
    pub(crate) fn adopted(&self) -> u64 {
        self.adopted.get()
    }

    /// Finds the records of rows, and puts those that it finds among `entries`, which has what is known of each row. None
    /// where the run stops before that.
    pub(crate) async fn adopt<T: Transport, C: Clock + Copy>(
        &self,
        context: &Context<'_, T, C>,
        rows: &[&PlannedRow],
        entries: &mut [Option<Entry>],
    ) -> Option<Vec<RowFinding>> {
        let looked_for = |(row, entry): (&&PlannedRow, &Option<Entry>)| {
            let unknown = entry
                .as_ref()
                .is_none_or(|entry| entry.exists_since.is_none() && entry.open_create().is_none());
            unknown && (self.keeps == Keeps::All || row.derived)
        };
        let looked_for: Vec<bool> = rows.iter().zip(entries.iter()).map(looked_for).collect();
        if !looked_for.contains(&true) {
            return Some(vec![RowFinding::Known; rows.len()]);
        }
        let listing = self.listing(context).await?;
        match enter(context, listing, rows, &looked_for, entries).await {
            Ok(findings) => {
                let adopted = findings.iter().filter(|finding| **finding == RowFinding::Adopted).count();
                self.adopted.set(self.adopted.get() + adopted as u64);
                Some(findings)
            }
            Err(error) => {
                context.stop(Stopped::because(error.to_string()));
                None
            }
        }
    }

    /// The list; none where the run stops before it is read.
    async fn listing<T: Transport, C: Clock + Copy>(
        &self,
        context: &Context<'_, T, C>,
    ) -> Option<&Listing<'c>> {
        let read = self.listing.get_or_try_init(|| async {
            let walked = async {
                tokio::select! {
                    listing = self.walk(context) => listing,
                    () = context.out_of_patience() => {
                        context.give_up();
                        None
                    }
                }
            };
            context.unless_stopping(walked).await.flatten().ok_or(())
        });
        read.await.ok()
    }

    async fn walk<T: Transport, C: Clock + Copy>(&self, context: &Context<'_, T, C>) -> Option<Listing<'c>> {
        let stop = |message: String| {
            context.stop(Stopped::because(message));
            None
        };
        let mut listing = match Listing::new(self.keeps, self.read, context.clock.epoch_milliseconds()).await
        {
            Ok(listing) => listing,
            Err(error) => return stop(error.to_string()),
        };
        let mut broken = 0;
        // What is read twice is kept once.
        while let Err(reason) = walk(context, &mut listing, &self.windows).await {
            broken += 1;
            context.note_broken_walk(&reason);
            if context.is_stopping() {
                return None;
            }
            if broken == WALKS {
                return stop(format!("the list cannot be read to its end: {}", reason.reason));
            }
            let pause = context.wire.backoff().trouble(broken, None);
            context.clock.sleep(pause).await;
        }
        Some(listing)
    }
}

/// Enters the records of those rows that are looked for and found.
async fn enter<T, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    listing: &Listing<'_>,
    rows: &[&PlannedRow],
    looked_for: &[bool],
    entries: &mut [Option<Entry>],
) -> Result<Vec<RowFinding>, LedgerError> {
    let ids: Vec<Vec<RecordId>> = rows
        .iter()
        .zip(looked_for)
        .map(|(row, looked_for)| if *looked_for { ids_of(context, row) } else { Vec::new() })
        .collect();
    let mut listed = listing.find(&ids.concat()).await?.into_iter();
    let mut found: Vec<Option<Listed>> = Vec::with_capacity(rows.len());
    for ids in &ids {
        // The strongest identity under which there is something.
        let of_row: Vec<Option<Listed>> = listed.by_ref().take(ids.len()).collect();
        found.push(of_row.into_iter().flatten().next());
    }
    let keys = found.iter().flatten().filter_map(|listed| match listed {
        Listed::One(record) => Some(record.key.clone()),
        Listed::Several => None,
    });
    let held = context.ledger.holders(keys.collect()).await?;
    let mut holders: BTreeMap<String, RecordId> = held.into_iter().collect();
    let mut new: BTreeMap<RecordId, Entry> = BTreeMap::new();
    let mut adopted = Vec::with_capacity(rows.len());
    for (((row, looked_for), found), entry) in rows.iter().zip(looked_for).zip(found).zip(entries.iter()) {
        adopted.push(match found {
            // The first of several rows of a record has entered it.
            _ if !looked_for || new.contains_key(&row.id) => RowFinding::Known,
            None => RowFinding::Absent,
            Some(Listed::Several) => RowFinding::Several,
            Some(Listed::One(record)) if contradicts(context, row, &record) => RowFinding::Contradicted,
            Some(Listed::One(record)) => {
                if *holders.entry(record.key.clone()).or_insert(row.id) == row.id {
                    let mut entry = entry.clone().unwrap_or_else(|| Entry::new(row.id, row.stored_key()));
                    match entry.apply(event(context, row, record)) {
                        Ok(()) => {
                            new.insert(row.id, entry);
                            RowFinding::Adopted
                        }
                        Err(_) => RowFinding::Known,
                    }
                } else {
                    RowFinding::Held
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
    Ok(adopted)
}

/// By what a row can be found: the system's key that it brings, then the identities that its create sends, the strongest
/// first.
fn ids_of<T, C: Clock + Copy>(context: &Context<'_, T, C>, row: &PlannedRow) -> Vec<RecordId> {
    let brought = context.job.object.key_field.and(row.request(OperationName::Update));
    let own = brought
        .filter(|update| update.addressed)
        .map(|update| address_id(context.ledger.digester(), &update.path));
    let identities = identities_of(&context.matches, &row.create);
    let of_identities = identities.into_iter().map(|(place, digest)| RecordId::of_identity(place, digest));
    own.into_iter().chain(of_identities).collect()
}

/// The record shows another value for an identity of the row.
fn contradicts<T, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    row: &PlannedRow,
    record: &ListedRecord,
) -> bool {
    context.matches.iter().map(MatchDigester::field).any(|field| {
        let (sent, shown) = (row.create.get(field), record.fields.get(field));
        sent.zip(shown).is_some_and(|(sent, shown)| sent != shown)
    })
}

fn event<T, C: Clock + Copy>(context: &Context<'_, T, C>, row: &PlannedRow, record: ListedRecord) -> Event {
    let mut sent = row.create.clone();
    sent.merge(&row.update);
    let shown: Vec<_> = record.fields.iter().map(|(field, digest)| (field, Some(digest))).collect();
    let confirmed = confirms(context, &sent, &shown);
    let now = context.clock.epoch_milliseconds();
    let at = record.created.map_or(now, |created| created.min(now));
    Event::Adopted { system_key: record.key, at, confirmed }
}
