//! Holds rows of which the ledger knows nothing against the list, and enters what is found under a key that is derived from
//! theirs.

use std::cell::Cell;

use tokio::sync::OnceCell;

use super::entering::{Entered, enter, is_unknown};
use super::listing::{Keeps, Listing, ids_of};
use super::reading::read_list;
use crate::clock::Clock;
use crate::http::transport::Transport;
use crate::ledger::{Digest, Entry, FoundRecords, LedgerError, ListedRecord, Window};
use crate::report::counts::Stopped;
use crate::sync::feed::plan::{MatchDigester, PlannedRow};
use crate::sync::shared::context::Context;

/// Finds the records of rows that the ledger does not know. The list is walked over when the first such row comes.
pub(crate) struct Adoption<'c> {
    /// The creation times that are searched; none: all of them.
    windows: Vec<Window>,
    listing: OnceCell<Listing<'c>>,
    /// How many records of the list were read.
    read: &'c Cell<u64>,
    adopted: Cell<u64>,
}

impl<'c> Adoption<'c> {
    pub(crate) fn new(windows: Vec<Window>, read: &'c Cell<u64>) -> Self {
        Self { windows, listing: OnceCell::new(), read, adopted: Cell::new(0) }
    }

    /// How many records of the list were read.
    pub(crate) fn read(&self) -> u64 {
        self.read.get()
    }

    /// How many records were entered.
    pub(crate) fn adopted(&self) -> u64 {
        self.adopted.get()
    }

    /// Finds the records of rows, and puts those that it finds among `entries`, which has what is known of each row.
    pub(crate) async fn adopt<T: Transport, C: Clock + Copy>(
        &self,
        context: &Context<'_, T, C>,
        rows: &[&PlannedRow],
        entries: &mut [Option<Entry>],
    ) {
        let looked_for: Vec<bool> = rows
            .iter()
            .zip(entries.iter())
            .map(|(row, entry)| row.derived && is_unknown(entry.as_ref()))
            .collect();
        if !looked_for.contains(&true) {
            return;
        }
        // Where it cannot be read, that has stopped the run.
        let Some(listing) = self.listing(context).await else { return };
        match enter_found(context, listing, rows, &looked_for, entries).await {
            Ok(adopted) => self.adopted.set(self.adopted.get() + adopted),
            Err(error) => context.stop(Stopped::because(error.to_string())),
        }
    }

    /// The list; none where the run stops before it is read.
    async fn listing<T: Transport, C: Clock + Copy>(
        &self,
        context: &Context<'_, T, C>,
    ) -> Option<&Listing<'c>> {
        let read = || async { read_list(context, Keeps::Derived, &self.windows, self.read).await.ok_or(()) };
        self.listing.get_or_try_init(read).await.ok()
    }
}

/// Enters the records of those rows that are looked for and found.
async fn enter_found<T, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    listing: &Listing<'_>,
    rows: &[&PlannedRow],
    looked_for: &[bool],
    entries: &mut [Option<Entry>],
) -> Result<u64, LedgerError> {
    let ids = rows.iter().zip(looked_for);
    let ids = ids.map(|(row, looked_for)| if *looked_for { ids_of(context, row) } else { Vec::new() });
    let found = listing.find(ids.collect()).await?;
    let only = |(row, found): (&&PlannedRow, Option<FoundRecords>)| {
        let found = found?;
        let only = found.only()?;
        (!contradicts(context, row, only)).then(|| only.clone())
    };
    let found: Vec<Option<ListedRecord>> = rows.iter().zip(found).map(only).collect();
    let entered = enter(context, rows, &found, entries).await?;
    Ok(entered.iter().filter(|entered| **entered == Entered::Yes).count() as u64)
}

/// The record shows another value for an identity of the row.
fn contradicts<T, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    row: &PlannedRow,
    record: &ListedRecord,
) -> bool {
    context.matches.iter().map(MatchDigester::field).any(|field| {
        let shown = record.shown.get(field).filter(|shown| *shown != Digest::NO_VALUE);
        row.create.get(field).zip(shown).is_some_and(|(sent, shown)| sent != shown)
    })
}
