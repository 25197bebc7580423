//! From a row to what the engine needs of it: its key, its requests, and the digests of its values.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::error::RowError;
use crate::fields::{RowReader, Values};
use crate::lanes::Lane;
use crate::ledger::{Digest, Digester, Field, FieldDigester, FieldDigests, RecordId};
use crate::prepare::{PreparedRequest, requests};
use crate::record_key::{RecordKey, comparable};
use crate::row::Row;
use crate::spec::{FieldSpec, OperationName};
use crate::sync::Job;
use crate::value::{Cell, FromCell};

/// A row that can be sent.
pub(crate) struct Item {
    /// The row itself, for the failures file.
    pub(crate) row: Row,
    /// Its record key as people name it.
    pub(crate) shown_key: String,
    /// Its record key may be personal data, which the ledger does not keep.
    personal: bool,
    /// The digest of its record key.
    pub(crate) id: RecordId,
    /// What it concerns; rows that share one run in order.
    pub(crate) lanes: Vec<Lane>,
    /// The requests of its mode's steps.
    pub(crate) requests: Vec<PreparedRequest>,
    planner: Arc<Planner>,
    values: Values,
    identity: Option<(usize, String)>,
    digests: OnceCell<Digests>,
    /// The digest of the identity field that finds its record, where the row has no key.
    pub(crate) matched: Option<Digest>,
    /// The creation time that its create asks for, in epoch milliseconds.
    pub(crate) created: Option<i64>,
    /// Recommended fields that it lacks.
    pub(crate) lacking: Vec<&'static FieldSpec>,
}

struct Digests {
    create: FieldDigests,
    update: FieldDigests,
}

impl Item {
    /// Its record key as the ledger may keep it.
    pub(crate) fn stored_key(&self) -> Option<String> {
        (!self.personal).then(|| self.shown_key.clone())
    }

    /// The digests of what a create sends of it.
    pub(crate) fn create(&self) -> &FieldDigests {
        &self.digests().create
    }

    /// The digests of what an update sends of it.
    pub(crate) fn update(&self) -> &FieldDigests {
        &self.digests().update
    }

    /// Made when they are asked for: a dry run of new rows has nothing to compare them with.
    fn digests(&self) -> &Digests {
        self.digests.get_or_init(|| self.planner.digests(&self.values, self.identity.as_ref()))
    }
}

/// A row that cannot be sent.
pub(crate) struct Faulty {
    /// The row itself.
    pub(crate) row: Row,
    /// Its record key, where it has one.
    pub(crate) key: Option<String>,
    /// What is wrong with it.
    pub(crate) error: RowError,
}

/// Plans the rows of one sync.
pub(crate) struct Planner {
    digester: Digester,
    /// By the field's place in its object.
    fields: Vec<PlannedField>,
    matches: Vec<MatchDigester>,
}

struct PlannedField {
    digester: FieldDigester,
    created: bool,
    updated: bool,
}

/// Digests the values of an identity field for lookups, where they are compared as the spec says.
#[derive(Clone)]
pub(crate) struct MatchDigester {
    /// Its place among the object's identities.
    pub(crate) identity: &'static crate::spec::IdentitySpec,
    digester: FieldDigester,
}

impl MatchDigester {
    /// One for each identity field of an object, the strongest first.
    pub(crate) fn of(job: &Job, digester: &Digester) -> Vec<Self> {
        let digester = |name: &str| digester.field(&format!("match {name}"));
        job.object
            .identity
            .iter()
            .map(|identity| Self { identity, digester: digester(identity.field.name) })
            .collect()
    }

    /// How digests of attempts name it.
    pub(crate) fn field(&self) -> Field {
        self.digester.field()
    }

    /// The digest of a value, as it is compared.
    pub(crate) fn value(&self, text: &str) -> Digest {
        self.digester.value(comparable(text, self.identity.compare))
    }
}

impl Planner {
    pub(crate) fn new(job: &Job, digester: Digester) -> Self {
        let takes = |field: &'static FieldSpec, name: OperationName| {
            let addresses =
                job.object.operation(name).is_some_and(|operation| operation.path_fields.contains(&field));
            field.writable.contains(&name) && !addresses
        };
        let fields = job.object.fields.iter().copied();
        let fields = fields
            .map(|field| PlannedField {
                digester: digester.field(field.name),
                created: takes(field, OperationName::Create),
                updated: takes(field, OperationName::Update),
            })
            .collect();
        Self { fields, matches: MatchDigester::of(job, &digester), digester }
    }

    /// Plans one row.
    pub(crate) fn plan(self: &Arc<Self>, job: &Job, row: Row) -> Result<Box<Item>, Box<Faulty>> {
        let content = if job.keys.by_content() { content_of(job, &row) } else { String::new() };
        let mut reader = job.mapping.bind(&row);
        let key = job.keys.key(&row, &mut reader, &content);
        if let (Some(key), Some(field), true) = (&key, job.object.derive_field, job.derive_key)
            && !reader.has(field)
        {
            reader.put(field, None, Cell::Text(key.derived(&job.account, job.object.name).into()), None);
            reader.leave_out(field);
        }
        let (key, requests) = match (key, requests(job.steps, row.number, &mut reader)) {
            (Some(key), Ok(requests)) => (key, requests),
            (key, Err(error)) => {
                // The content of a row that cannot be read is no key.
                let key = key.filter(|_| !job.keys.by_content()).map(RecordKey::into_shown);
                return Err(Box::new(Faulty { row, key, error }));
            }
            (None, Ok(_)) => {
                let error = RowError { row: Some(row.number), faults: vec![job.keys.missing()] };
                return Err(Box::new(Faulty { row, key: None, error }));
            }
        };
        let id = self.digester.record(&key.kind, &key.parts);
        let (values, identity) = (reader.take_values(), self.identity_of(&reader));
        let matched = job.match_on.and_then(|field| {
            let digester = self.matches.iter().find(|digester| digester.identity.field == field)?;
            Some(digester.value(&reader.text(field)?))
        });
        let created = job
            .object
            .created_field
            .and_then(|field| reader.cell_of(field))
            .and_then(|(field, cell)| i64::from_cell(cell, field).ok());
        let lacking = job
            .object
            .fields
            .iter()
            .copied()
            .filter(|field| field.recommended.is_some() && !reader.has(field))
            .collect();
        let lanes = self.lanes(&requests, id);
        let (personal, shown_key) = (key.personal, key.into_shown());
        drop(reader);
        Ok(Box::new(Item {
            row,
            shown_key,
            personal,
            id,
            lanes,
            requests,
            planner: Arc::clone(self),
            values,
            identity,
            digests: OnceCell::new(),
            matched,
            created,
            lacking,
        }))
    }

    /// The digests of what a create and of what an update sends.
    fn digests(&self, values: &Values, identity: Option<&(usize, String)>) -> Digests {
        let (mut create, mut update) = (Vec::with_capacity(8), Vec::new());
        for (field, text) in values.iter() {
            let Some(planned) = self.fields.get(field.index) else { continue };
            let pair = (planned.digester.field(), planned.digester.value(text));
            if planned.created {
                create.push(pair);
            }
            if planned.updated {
                update.push(pair);
            }
        }
        let matches = identity.and_then(|(place, text)| Some((self.matches.get(*place)?, text)));
        create.extend(matches.map(|(digester, text)| (digester.field(), digester.value(text))));
        Digests { create: create.into_iter().collect(), update: update.into_iter().collect() }
    }

    /// What a lookup finds the row's create by: the strongest identity field that it sends.
    fn identity_of(&self, reader: &RowReader<'_>) -> Option<(usize, String)> {
        self.matches.iter().enumerate().find_map(|(place, digester)| {
            let field = digester.identity.field;
            let sent = field.writable.contains(&OperationName::Create);
            Some((place, sent.then(|| reader.text(field))??))
        })
    }

    fn lanes(&self, requests: &[PreparedRequest], id: RecordId) -> Vec<Lane> {
        let mut lanes = vec![id.to_bytes()];
        // Every operation that names a record in its path names it in the same way.
        if let Some(addressed) =
            requests.iter().find(|request| request.addressed && !request.operation.path_fields.is_empty())
        {
            lanes.push(self.digester.record("address", &[&addressed.path]).to_bytes());
        }
        lanes
    }
}

/// Everything that a row says, in the one way in which it is compared.
fn content_of(job: &Job, row: &Row) -> String {
    let mut reader = job.mapping.bind(row);
    // What is wrong with the row is found again, and reported, when it is read with its key.
    let _ = requests(job.steps, row.number, &mut reader);
    let values = reader.take_values();
    let mut values: Vec<_> = values.iter().collect();
    values.sort_by_key(|(field, _)| field.name);
    // As JSON, which will be the same for ever; how Rust shows a text may change.
    let text =
        |(field, text): (&FieldSpec, &str)| format!("{}={}", field.name, serde_json::Value::from(text));
    let texts: Vec<String> = values.into_iter().map(text).collect();
    texts.join(",")
}
