//! What a record of the API shows, as digests that are compared with what was sent.

use serde_json::Value;

use crate::api::{AnswerSpec, FieldSpec, FieldType, TextFormat};
use crate::http::answer::response::text_of;
use crate::ledger::{Digest, Digester, FieldDigester, FieldId};
use crate::row::value::{Cell, Date, FromCell};
use crate::sync::feed::plan::MatchDigester;
use crate::sync::setup::job::Job;

/// What a record of the list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The system's key.
    pub(crate) key: Option<String>,
    /// Its identities, by their place in the spec; none where it has no value.
    pub(crate) identities: Vec<Option<Digest>>,
    /// When it was created, in epoch milliseconds.
    pub(crate) created: Option<i64>,
}

impl Shown {
    /// Every identity that was sent and is shown is equal, and at least one is.
    pub(crate) fn has_identity(&self, sent: &[(usize, Digest)]) -> bool {
        let mut equal = false;
        for (place, digest) in sent {
            match self.identities.get(*place).copied().flatten() {
                Some(shown) if shown != *digest => return false,
                Some(_) => equal = true,
                None => {}
            }
        }
        equal
    }
}

/// Digests what records show of the fields of an object.
pub(crate) struct ShownFields {
    fields: Vec<(&'static FieldSpec, FieldDigester)>,
}

impl ShownFields {
    /// Fields whose shown value can be held against the one that was sent: one value, in one way to be written. Lists and
    /// maps come back in other forms, e-mails in another case, creation times less exact.
    pub(crate) fn of(job: &Job, digester: &Digester) -> Self {
        let comparable = |field: &&FieldSpec| {
            let single = !matches!(field.kind, FieldType::Strings | FieldType::Map | FieldType::CustomFields);
            single && field.format != Some(TextFormat::Email) && job.object.created_field != Some(*field)
        };
        let fields = job.object.fields.iter().copied().filter(comparable);
        Self { fields: fields.map(|field| (field, digester.field(field.name))).collect() }
    }

    /// The fields that a record shows, each with the digest of its value; none where it cannot be that of the field.
    pub(crate) fn digests(&self, record: &Value) -> Vec<(FieldId, Option<Digest>)> {
        let shown = |(field, digester): &(&'static FieldSpec, FieldDigester)| {
            let value = record.get(field.name)?;
            let cell = Cell::from_json(value)?;
            Some((digester.field(), canonical(cell, field).map(|text| digester.value(text))))
        };
        self.fields.iter().filter_map(shown).collect()
    }

    /// The fields that a record shows without a value.
    pub(crate) fn without_value<'r>(
        &'r self,
        record: &'r Value,
        matches: &'r [MatchDigester],
    ) -> impl Iterator<Item = FieldId> + 'r {
        let is_empty = |name: &str| record.get(name).is_some_and(|value| Cell::from_json(value).is_none());
        let identities = matches.iter().filter(move |known| is_empty(known.identity.property));
        let fields = self.fields.iter().filter(move |(field, _)| is_empty(field.name));
        identities.map(MatchDigester::field).chain(fields.map(|(_, digester)| digester.field()))
    }

    /// The field of this name, as digests name it, and the digest of a value that is shown for it.
    pub(crate) fn digest(&self, name: &str, value: &Value) -> Option<(FieldId, Option<Digest>)> {
        let (field, digester) = self.fields.iter().find(|(field, _)| field.name == name)?;
        let cell = Cell::from_json(value)?;
        Some((digester.field(), canonical(cell, field).map(|text| digester.value(text))))
    }
}

/// The value in the one way in which it is compared.
fn canonical(cell: Cell<'_>, field: &'static FieldSpec) -> Option<String> {
    fn text<T: FromCell>(cell: Cell<'_>, field: &'static FieldSpec) -> Option<String> {
        let mut text = String::new();
        T::from_cell(cell, field).ok()?.write_canonical(&mut text);
        Some(text)
    }
    match field.kind {
        FieldType::String => text::<String>(cell, field),
        FieldType::Integer | FieldType::Timestamp => text::<i64>(cell, field),
        FieldType::Boolean => text::<bool>(cell, field),
        FieldType::Date => text::<Date>(cell, field),
        FieldType::Strings | FieldType::Map | FieldType::CustomFields => None,
    }
}

/// What a record of a list shows of itself, with the identities that are compared. None in place of an identity: the
/// record does not have that property at all.
pub(crate) fn shown(record: &Value, matches: &[MatchDigester], answers: &AnswerSpec) -> (Shown, Vec<bool>) {
    let mut has = Vec::with_capacity(matches.len());
    let mut identities = Vec::with_capacity(matches.len());
    for digester in matches {
        let value = record.get(digester.identity.property);
        has.push(value.is_some());
        identities.push(value.and_then(text_of).map(|text| digester.value(text.trim())));
    }
    let key = record.get(answers.key).and_then(text_of);
    let created = record.get(answers.created).and_then(Value::as_i64);
    (Shown { key, identities, created }, has)
}
