//! The records of a list by their identities, kept in a ledger that is thrown away: memory does not grow with the list.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::api::OperationName;
use crate::clock::Clock;
use crate::http::answer::response::text_of;
use crate::ledger::{
    Digester, Entry, FieldDigests, Ledger, LedgerError, LedgerPlace, OpenOptions, RecordId, Scope, ScopeName,
};
use crate::mapping::record_key::DERIVED;
use crate::request::path::with_parameter;
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
    scope: Scope,
    /// It ends with this.
    _ledger: Ledger,
    keeps: Keeps,
    /// How many records were read.
    read: &'c Cell<u64>,
}

/// What a list has under one identity.
pub(crate) enum Listed {
    One(ListedRecord),
    Several,
}

/// A record of a list.
pub(crate) struct ListedRecord {
    /// The system's key.
    pub(crate) key: String,
    /// When it was created, in epoch milliseconds.
    pub(crate) created: Option<i64>,
    /// What it shows, identities among them.
    pub(crate) fields: FieldDigests,
}

impl<'c> Listing<'c> {
    /// An empty one.
    pub(crate) async fn new(keeps: Keeps, read: &'c Cell<u64>, now: i64) -> Result<Self, LedgerError> {
        let place = LedgerPlace::Temporary;
        let ledger = Ledger::open(OpenOptions {
            place,
            digest_key_file: None,
            require: false,
            read_only: false,
            now,
        })?;
        let (base_url, account, object) = Default::default();
        let scope = ledger.scope(ScopeName { base_url, account, object }).await?;
        Ok(Self { scope, _ledger: ledger, keeps, read })
    }

    /// What it has under each of these ids.
    pub(crate) async fn find(&self, ids: &[RecordId]) -> Result<Vec<Option<Listed>>, LedgerError> {
        let listed = |Entry { system_key, exists_since, confirmed, .. }: Entry| match system_key {
            Some(key) => Listed::One(ListedRecord { key, created: exists_since, fields: confirmed }),
            None => Listed::Several,
        };
        let entries = self.scope.fetch(ids).await?;
        Ok(entries.into_iter().map(|entry| entry.map(listed)).collect())
    }

    /// Under which ids a record is kept, if it is.
    fn ids<T, C: Clock + Copy>(
        &self,
        record: &Value,
        candidate: &Candidate,
        context: &Context<'_, T, C>,
    ) -> Vec<RecordId> {
        let identities = context.matches.iter().zip(&candidate.shown.identities).enumerate();
        let kept = identities.filter(|(_, (known, _))| match self.keeps {
            Keeps::All => true,
            Keeps::Derived => {
                let value = record.get(known.identity.property).and_then(text_of);
                context.job.object.derive_field == Some(known.identity.field)
                    && value.is_some_and(|value| value.starts_with(DERIVED))
            }
        });
        let of_identities =
            kept.filter_map(|(place, (_, digest))| digest.map(|digest| RecordId::of_identity(place, digest)));
        let own = candidate.shown.key.as_deref().filter(|_| self.keeps == Keeps::All);
        let own = own.and_then(|key| own_id(context.job, context.ledger.digester(), key));
        of_identities.chain(own).collect()
    }

    /// Takes the records of a page in.
    async fn add(&self, found: Vec<(RecordId, Candidate)>) -> Result<(), LedgerError> {
        let ids: Vec<RecordId> = found.iter().map(|(id, _)| *id).collect();
        let known = self.scope.fetch(&ids).await?.into_iter().flatten();
        let mut known: BTreeMap<RecordId, Entry> = known.map(|entry| (entry.id, entry)).collect();
        let mut changed: BTreeMap<RecordId, Entry> = BTreeMap::new();
        for (id, Candidate { shown, fields }) in found {
            let Some(mut entry) = changed.remove(&id).or_else(|| known.remove(&id)) else {
                let mut entry = Entry::new(id, None);
                (entry.system_key, entry.exists_since) = (shown.key, shown.created);
                entry.confirmed =
                    fields.into_iter().filter_map(|(field, digest)| Some((field, digest?))).collect();
                changed.insert(id, entry);
                continue;
            };
            // A page may be read twice.
            if entry.system_key != shown.key {
                entry.system_key = None;
            }
            changed.insert(id, entry);
        }
        self.scope.write(changed.into_values().collect()).await.map(drop)
    }
}

impl<T, C: Clock + Copy> Visitor<T, C> for Listing<'_> {
    async fn visit(&mut self, records: &[Value], context: &Context<'_, T, C>) -> Result<(), Broken> {
        let mut found = Vec::with_capacity(records.len());
        for record in records {
            let (shown, _) = shown(record, &context.matches, &context.job.api.answers);
            let candidate = Candidate::of(record, shown, context);
            for id in self.ids(record, &candidate, context) {
                found.push((id, candidate.clone()));
            }
        }
        self.read.set(self.read.get().saturating_add(records.len() as u64));
        self.add(found).await.map_err(|error| Broken { reason: error.to_string(), no_list: false })
    }
}

/// The id of a record by the system's own key, where rows can bring it: they bring it in the path of an update.
fn own_id(job: &Job, digester: &Digester, key: &str) -> Option<RecordId> {
    let update = job.object.operation(OperationName::Update)?;
    let brought = job.object.key_field.is_some_and(|field| update.path_fields.contains(&field));
    brought.then(|| address_id(digester, &with_parameter(update.path, key)))
}

/// The id of a record by the path that an update of it has.
pub(crate) fn address_id(digester: &Digester, path: &str) -> RecordId {
    digester.record("address", &[path])
}
