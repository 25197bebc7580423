//! The records of a list by their identities, kept where memory does not grow with them.

use std::cell::Cell;

use serde_json::Value;

use crate::api::OperationName;
use crate::clock::Clock;
use crate::http::answer::response::text_of;
use crate::ledger::{
    Digest, Digester, FoundRecords, LedgerError, ListedRecord, ListedRecords, RecordId, ToKeep,
};
use crate::mapping::record_key::DERIVED;
use crate::request::path::with_parameter;
use crate::sync::feed::plan::PlannedRow;
use crate::sync::settling::settle::identities_of;
use crate::sync::settling::walk::{Broken, Candidate, Visitor};
use crate::sync::setup::job::Job;
use crate::sync::shared::context::Context;
use crate::sync::shared::shown::shown;

/// Which records of a list are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// All of them.
    All,
    /// Those that bear a key which this tool has derived from a record key.
    Derived,
}

/// The records of a list.
pub(crate) struct Listing<'c> {
    pub(crate) records: ListedRecords,
    keeps: Keeps,
    /// How many records were read.
    read: &'c Cell<u64>,
}

impl<'c> Listing<'c> {
    /// An empty one.
    pub(crate) async fn new(keeps: Keeps, read: &'c Cell<u64>, now: i64) -> Result<Self, LedgerError> {
        Ok(Self { records: ListedRecords::open(now).await?, keeps, read })
    }

    /// What it has under each of these lists of ids.
    pub(crate) async fn find(
        &self,
        ids: Vec<Vec<RecordId>>,
    ) -> Result<Vec<Option<FoundRecords>>, LedgerError> {
        self.records.find(ids).await
    }

    /// Under which ids a record is kept, if it is: that of its key, then what rows look for.
    fn ids<T, C: Clock + Copy>(
        &self,
        record: &Value,
        candidate: &Candidate,
        key: &str,
        context: &Context<'_, T, C>,
    ) -> Vec<RecordId> {
        let digester = context.ledger.digester();
        let identities = context.matches.iter().zip(&candidate.shown.identities).enumerate();
        let kept = identities.filter(|(_, (known, _))| match self.keeps {
            Keeps::All => true,
            Keeps::Derived => {
                let value = record.get(known.identity.property).and_then(text_of);
                context.job.object.derive_field == Some(known.identity.field)
                    && value.is_some_and(|value| value.starts_with(DERIVED))
            }
        });
        let mut of_identities: Vec<RecordId> = kept
            .filter_map(|(place, (_, digest))| digest.map(|digest| RecordId::of_identity(place, digest)))
            .collect();
        if of_identities.is_empty() && self.keeps == Keeps::Derived {
            return Vec::new();
        }
        if self.keeps == Keeps::All {
            of_identities.extend(own_id(context.job, digester, key));
        }
        std::iter::once(key_id(digester, key)).chain(of_identities).collect()
    }
}

/// Several walks over parts of a list share it.
impl<T, C: Clock + Copy> Visitor<T, C> for &Listing<'_> {
    async fn visit(&mut self, records: &[Value], context: &Context<'_, T, C>) -> Result<(), Broken> {
        let broken = |reason: String| Broken { reason, no_list: false };
        let mut kept = Vec::with_capacity(records.len());
        for record in records {
            let (shown, _) = shown(record, &context.matches, &context.job.api.answers);
            let candidate = Candidate::of(record, shown, context);
            let Some(key) = candidate.shown.key.clone() else {
                return Err(broken("a record of the list has no key".to_owned()));
            };
            let ids = self.ids(record, &candidate, &key, context);
            if ids.is_empty() {
                continue;
            }
            let values = candidate.fields.into_iter().filter_map(|(field, digest)| Some((field, digest?)));
            let without = context.shown_fields.without_value(record, &context.matches);
            let shown = without.map(|field| (field, Digest::NO_VALUE)).chain(values).collect();
            let record =
                ListedRecord { number: None, key, created: candidate.shown.created, shown, claim: None };
            kept.push(ToKeep { record, ids });
        }
        self.read.set(self.read.get().saturating_add(records.len() as u64));
        self.records.keep(kept).await.map_err(|error| broken(error.to_string()))
    }
}

/// By what a row can be found: the system's key that it brings, then the identities that its create sends, the strongest
/// first.
pub(crate) fn ids_of<T, C: Clock + Copy>(context: &Context<'_, T, C>, row: &PlannedRow) -> Vec<RecordId> {
    let brought = context.job.object.key_field.and(row.request(OperationName::Update));
    let own = brought
        .filter(|update| update.addressed)
        .map(|update| address_id(context.ledger.digester(), &update.path));
    let identities = identities_of(&context.matches, &row.create);
    let of_identities = identities.into_iter().map(|(place, digest)| RecordId::of_identity(place, digest));
    own.into_iter().chain(of_identities).collect()
}

/// The id of a record by the system's own key.
pub(crate) fn key_id(digester: &Digester, key: &str) -> RecordId {
    digester.record("listed", &[key])
}

/// The same, where rows can bring the key: they bring it in the path of an update.
fn own_id(job: &Job, digester: &Digester, key: &str) -> Option<RecordId> {
    let update = job.object.operation(OperationName::Update)?;
    let brought = job.object.key_field.is_some_and(|field| update.path_fields.contains(&field));
    brought.then(|| address_id(digester, &with_parameter(update.path, key)))
}

/// The id of a record by the path that an update of it has.
fn address_id(digester: &Digester, path: &str) -> RecordId {
    digester.record("address", &[path])
}
