//! From a row to what the engine needs of it: its key, its requests, and the digests of its values.

use std::borrow::Cow;

use super::key_order::RowOrder;
use super::row_text::RowTexts;
use crate::api::{FieldSpec, OperationName};
use crate::ledger::{Digest, Digester, FaultId, FieldDigester, FieldDigests, FieldId, RecordId};
use crate::mapping::record_key::{RecordKey, comparable};
use crate::mapping::row_reader::{RowReader, Values};
use crate::request::prepare::{PreparedRequest, requests};
use crate::row::Row;
use crate::row::fault::{FieldError, RowError};
use crate::row::value::{Cell, FromCell};
use crate::sync::setup::job::Job;

/// A row that can be sent.
pub(crate) struct PlannedRow {
    /// The row itself, for the failures file.
    pub(crate) row: Row,
    /// Its record key as people name it.
    pub(crate) shown_key: String,
    /// Its record key may be personal data, which the ledger does not keep.
    personal: bool,
    /// The digest of its record key.
    pub(crate) id: RecordId,
    /// What it concerns; rows that share one run in order.
    pub(crate) order: RowOrder,
    /// The requests of its mode's steps.
    pub(crate) requests: Vec<PreparedRequest>,
    /// The digests of what a create sends of it; none where the ledger has nothing to compare them with.
    pub(crate) create: FieldDigests,
    /// The digests of what an update sends of it.
    pub(crate) update: FieldDigests,
    /// The digest of the identity field that finds its record, where the row has no key.
    pub(crate) matched: Option<Digest>,
    /// The creation time that its create asks for, in epoch milliseconds.
    pub(crate) created: Option<i64>,
    /// Its amount, where a guard asks for it.
    pub(crate) money: Option<Money>,
    /// The key that its create sends is derived from the record key.
    pub(crate) derived: bool,
    /// Recommended fields that it lacks.
    pub(crate) lacking: Vec<&'static FieldSpec>,
    /// Its id as one that did not arrive, where rows of this object did not.
    pub(crate) fault: Option<FaultId>,
    /// It did not arrive in an earlier run, or another row of its record did not.
    pub(crate) listed: bool,
}

/// An amount.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Money {
    pub(crate) cents: i64,
    /// The code of its currency, where the row has one.
    pub(crate) currency: Option<[u8; 3]>,
}

impl PlannedRow {
    /// Its record key as the ledger may keep it.
    pub(crate) fn stored_key(&self) -> Option<String> {
        self.public_key().map(str::to_owned)
    }

    /// Its record key, where that is no personal data.
    pub(crate) fn public_key(&self) -> Option<&str> {
        (!self.personal).then_some(self.shown_key.as_str())
    }

    /// What it lacks, where neither it nor the ledger says which record an update means.
    pub(crate) fn missing_address(&self) -> FieldError {
        let field =
            self.request(OperationName::Update).and_then(|request| request.operation.path_fields.first());
        FieldError {
            field: field.map_or_else(String::new, |field| field.name.to_owned()),
            rule: "required",
            message: "is required: it says which record the row means, and the ledger does not know it"
                .to_owned(),
            found: None,
        }
    }

    /// Its request of that operation, where its mode has one.
    pub(crate) fn request(&self, name: OperationName) -> Option<&PreparedRequest> {
        self.requests.iter().find(|request| request.operation.name == name)
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
    /// Its id as one that did not arrive.
    pub(crate) fault: FaultId,
    /// The digest of its record key, where it has one.
    pub(crate) record: Option<RecordId>,
}

/// Plans the rows of one sync.
pub(crate) struct Planner {
    digester: Digester,
    /// In the order of their digests.
    fields: Vec<PlannedField>,
    matches: Vec<MatchDigester>,
    recommended: Vec<&'static FieldSpec>,
    /// The amount that guards look at.
    amount: Option<&'static FieldSpec>,
    /// There is nothing that rows could be compared with.
    blank: bool,
    /// Room for the values of a row.
    values: Values,
    texts: RowTexts,
    /// The ledger knows rows that did not arrive: every row is held against them.
    faults_known: bool,
}

struct PlannedField {
    /// The field's place in its object.
    index: usize,
    digester: FieldDigester,
    created: bool,
    updated: bool,
}

/// Digests the values of an identity field for lookups, where they are compared as the spec says.
#[derive(Clone)]
pub(crate) struct MatchDigester {
    /// Its place among the object's identities.
    pub(crate) identity: &'static crate::api::IdentitySpec,
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
    pub(crate) fn field(&self) -> FieldId {
        self.digester.field()
    }

    /// The digest of a value, as it is compared.
    pub(crate) fn value(&self, text: &str) -> Digest {
        self.digester.value(comparable(text, self.identity.compare).as_bytes())
    }
}

impl Planner {
    /// `blank`: the ledger knows nothing that rows could be compared with.
    pub(crate) fn new(job: &Job, digester: Digester, blank: bool) -> Self {
        let takes = |field: &'static FieldSpec, name: OperationName| {
            let addresses =
                job.object.operation(name).is_some_and(|operation| operation.path_fields.contains(&field));
            field.writable.contains(&name) && !addresses
        };
        let fields = job.object.fields.iter().copied();
        let mut planned: Vec<_> = fields
            .clone()
            .map(|field| PlannedField {
                index: field.index,
                digester: digester.field(field.name),
                created: takes(field, OperationName::Create),
                updated: takes(field, OperationName::Update),
            })
            .collect();
        planned.sort_by_key(|field| field.digester.field());
        Self {
            fields: planned,
            matches: MatchDigester::of(job, &digester),
            recommended: fields.filter(|field| field.recommended.is_some()).collect(),
            amount: job.limits.guards.amount_of(job.object),
            blank,
            values: Values::default(),
            texts: RowTexts::of(job, &digester),
            faults_known: false,
            digester,
        }
    }

    /// The same where the ledger knows rows that did not arrive.
    pub(crate) fn with_faults(mut self, known: bool) -> Self {
        self.faults_known = known;
        self
    }

    /// A row that cannot be sent, for what is known before it is planned.
    pub(crate) fn faulty(&self, job: &Job, row: Row, error: RowError) -> Box<Faulty> {
        Box::new(Faulty { fault: self.texts.id(job, &row), row, key: None, error, record: None })
    }

    /// Plans one row.
    pub(crate) fn plan(&mut self, job: &Job, row: Row) -> Result<Box<PlannedRow>, Box<Faulty>> {
        let content = if job.keys.by_content() { content_of(job, &row) } else { String::new() };
        let mut reader = RowReader::bind(&job.mapping, &row);
        if !self.blank {
            reader.keep_values(std::mem::take(&mut self.values));
        }
        let key = job.keys.key(&row, &mut reader, Cow::Owned(content));
        let mut derived = false;
        if let (Some(key), Some(field), true) = (&key, job.object.derive_field, job.limits.derive_key)
            && !reader.has(field)
        {
            reader.put(field, Cell::Text(key.derived(&job.account, job.object.name).into()));
            reader.leave_out(field);
            derived = true;
        }
        let (key, requests) = match (key, requests(job.steps(), row.number, &mut reader)) {
            (Some(key), Ok(requests)) => (key, requests),
            (key, Err(error)) => {
                // The content of a row that cannot be read is no key.
                let key = key.filter(|_| !job.keys.by_content());
                let record = key.as_ref().map(|key| self.digester.record(key.kind, &key.parts));
                let key = key.map(RecordKey::into_shown);
                return Err(Box::new(Faulty { key, record, ..*self.faulty(job, row, error) }));
            }
            (None, Ok(_)) => {
                let error = RowError { row: Some(row.number), faults: vec![job.keys.missing()] };
                return Err(self.faulty(job, row, error));
            }
        };
        // With nothing to compare, nothing is looked up either.
        let id = if self.blank { RecordId::NONE } else { self.digester.record(key.kind, &key.parts) };
        let (create, update) = self.digests(&mut reader);
        let matched = job.match_on.and_then(|field| {
            let digester = self.matches.iter().find(|digester| digester.identity.field == field)?;
            let text = reader.text(field)?;
            let compared = comparable(text.trim(), digester.identity.compare);
            let order = self.digester.record("match", &[compared.as_ref()]).to_bytes();
            Some((digester.value(&compared), order))
        });
        let created = job
            .object
            .created_field
            .and_then(|field| reader.cell_of(field))
            .and_then(|(field, cell)| i64::from_cell(cell, field).ok());
        let money = self.amount.and_then(|field| money(field, &reader));
        let lacking = self.recommended.iter().copied().filter(|field| !reader.has(field)).collect();
        let (matched, matched_order) = matched.unzip();
        let order = RowOrder::new(id.to_bytes(), self.address(&requests), matched_order);
        let (personal, shown_key) = (key.personal, key.into_shown());
        drop(reader);
        let known = self.faults_known || row.entry.is_some();
        Ok(Box::new(PlannedRow {
            fault: known.then(|| self.texts.id(job, &row)),
            listed: false,
            row,
            shown_key,
            personal,
            id,
            order,
            requests,
            create,
            update,
            matched,
            created,
            money,
            derived,
            lacking,
        }))
    }

    /// The digests of what a create and of what an update sends.
    fn digests(&mut self, reader: &mut RowReader<'_>) -> (FieldDigests, FieldDigests) {
        let Some(values) = reader.take_values() else { return Default::default() };
        let (mut create, mut update) = (Vec::with_capacity(self.fields.len()), Vec::new());
        for planned in &self.fields {
            let Some(text) = values.get(planned.index) else { continue };
            let pair = (planned.digester.field(), planned.digester.value(text));
            if planned.created {
                create.push(pair);
            }
            if planned.updated {
                update.push(pair);
            }
        }
        self.values = values;
        let mut create = FieldDigests::from_sorted(create);
        // What a lookup finds the row's create by: the identity fields that it sends.
        for digester in &self.matches {
            let field = digester.identity.field;
            let sent = field.writable.contains(&OperationName::Create);
            if let Some(text) = sent.then(|| reader.text(field)).flatten() {
                create.set(digester.field(), digester.value(text.trim()));
            }
        }
        (create, FieldDigests::from_sorted(update))
    }

    /// The order key of the address that the path of a request names. Every operation that names one names it in
    /// the same way.
    fn address(&self, requests: &[PreparedRequest]) -> Option<[u8; 16]> {
        let mut addressed = requests.iter().filter(|request| request.addressed);
        let request = addressed.find(|request| !request.operation.path_fields.is_empty())?;
        Some(self.digester.record("address", &[&request.path]).to_bytes())
    }
}

/// What a row has in an amount and in the field of its currency.
fn money(field: &'static FieldSpec, reader: &RowReader<'_>) -> Option<Money> {
    let (_, cell) = reader.cell_of(field)?;
    let cents = i64::from_cell(cell, field).ok()?;
    let currency = field.currency_field.and_then(|currency| reader.text(currency));
    let currency = currency.and_then(|code| code.as_bytes().try_into().ok());
    Some(Money { cents, currency })
}

/// Everything that a row says, in the one way in which it is compared.
fn content_of(job: &Job, row: &Row) -> String {
    let mut reader = RowReader::bind(&job.mapping, row);
    reader.keep_values(Values::default());
    // What is wrong with the row is found again, and reported, when it is read with its key.
    let _ = requests(job.steps(), row.number, &mut reader);
    let values = reader.take_values().unwrap_or_default();
    let mut values: Vec<_> = values.iter().collect();
    values.sort_by_key(|(field, _)| field.name);
    // As JSON, which never changes; how Rust shows a text may.
    let text =
        |(field, text): (&FieldSpec, &str)| format!("{}={}", field.name, serde_json::Value::from(text));
    let texts: Vec<String> = values.into_iter().map(text).collect();
    texts.join(",")
}
