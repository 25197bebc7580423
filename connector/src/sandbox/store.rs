//! What the sandbox keeps: the records of an object by creation time, found by what they are known by.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use crate::api::{ApiSpec, Compare, FieldSpec, ObjectSpec, OperationName};

/// A record as it is shown.
pub(super) type StoredRecord = Map<String, Value>;

/// The position of a record in a list: its creation time, and among equals the order in which they were made.
pub(super) type RecordPosition = (i64, u64);

/// The records of one object.
pub(super) struct Records {
    /// The property that holds the creation time.
    created: &'static str,
    /// As text: it takes a tenth of the memory of trees, and a page is parsed fast enough.
    by_time: BTreeMap<RecordPosition, Box<str>>,
    indexes: Vec<PropertyIndex>,
    made: u64,
}

impl Records {
    pub(super) fn new(api: &ApiSpec, object: &'static ObjectSpec) -> Self {
        let mut indexes: Vec<PropertyIndex> = Vec::new();
        let mut add = |property, compare| {
            if indexes.iter().all(|index| index.property != property) {
                indexes.push(PropertyIndex { property, compare, positions: HashMap::new() });
            }
        };
        for identity in object.identity {
            add(identity.property, identity.compare);
        }
        for field in object.operation(OperationName::Update).map_or(&[][..], |update| update.path_fields) {
            add(property(object, field), Compare::Exact);
        }
        add(api.answers.key, Compare::Exact);
        add(api.lists.cursor_property, Compare::Exact);
        Self { created: api.answers.created, by_time: BTreeMap::new(), indexes, made: 0 }
    }

    /// Adds a new record.
    pub(super) fn add(&mut self, record: &StoredRecord) {
        let sequence = self.made;
        self.made += 1;
        self.put(sequence, record);
    }

    /// Takes a record out, changes it and puts it back.
    pub(super) fn change(
        &mut self,
        position: RecordPosition,
        change: impl FnOnce(&mut StoredRecord),
    ) -> Option<StoredRecord> {
        let mut record = parse(&self.by_time.remove(&position)?);
        for index in &mut self.indexes {
            index.remove(&record, position);
        }
        change(&mut record);
        self.put(position.1, &record);
        Some(record)
    }

    /// The positions of the records whose property shows this text, those made first at the front.
    pub(super) fn find(&self, property: &str, text: &str) -> &[RecordPosition] {
        let index = self.indexes.iter().find(|index| index.property == property);
        index.and_then(|index| index.positions.get(&normal(index.compare, text))).map_or(&[], Vec::as_slice)
    }

    /// The records from a position up to, but not with, another one, newest first.
    pub(super) fn newest_first(
        &self,
        from: RecordPosition,
        before: RecordPosition,
    ) -> impl Iterator<Item = Value> {
        // An empty window can end before it begins, which a range must not.
        self.by_time.range(from..before.max(from)).rev().map(|(_, text)| Value::Object(parse(text)))
    }

    /// Every record, in the order in which they were made.
    pub(super) fn in_order(&self) -> Vec<Value> {
        let mut records: Vec<_> = self.by_time.iter().map(|((_, sequence), text)| (sequence, text)).collect();
        records.sort_unstable_by_key(|(sequence, _)| *sequence);
        records.into_iter().map(|(_, text)| Value::Object(parse(text))).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.by_time.len()
    }

    fn put(&mut self, sequence: u64, record: &StoredRecord) {
        let created = record.get(self.created).and_then(Value::as_i64).unwrap_or_default();
        let position = (created, sequence);
        for index in &mut self.indexes {
            index.insert(record, position);
        }
        let text = serde_json::to_string(record).unwrap_or_default();
        self.by_time.insert(position, text.into_boxed_str());
    }
}

/// The property of a record that shows a field.
pub(super) fn property(object: &'static ObjectSpec, field: &'static FieldSpec) -> &'static str {
    object
        .identity
        .iter()
        .find(|identity| identity.field.name == field.name)
        .map_or(field.name, |identity| identity.property)
}

/// Records by the text of one property.
struct PropertyIndex {
    property: &'static str,
    compare: Compare,
    positions: HashMap<String, Vec<RecordPosition>>,
}

impl PropertyIndex {
    fn insert(&mut self, record: &StoredRecord, position: RecordPosition) {
        if let Some(text) = self.text(record) {
            let positions = self.positions.entry(text).or_default();
            let place = positions.partition_point(|other| other.1 < position.1);
            positions.insert(place, position);
        }
    }

    fn remove(&mut self, record: &StoredRecord, position: RecordPosition) {
        let Some(text) = self.text(record) else { return };
        if let Some(positions) = self.positions.get_mut(&text) {
            positions.retain(|other| *other != position);
            if positions.is_empty() {
                self.positions.remove(&text);
            }
        }
    }

    fn text(&self, record: &StoredRecord) -> Option<String> {
        text(record.get(self.property)?).map(|text| normal(self.compare, &text))
    }
}

/// The text by which a value is found.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn normal(compare: Compare, text: &str) -> String {
    match compare {
        Compare::Exact => text.to_owned(),
        Compare::IgnoreCase => text.to_lowercase(),
    }
}

fn parse(text: &str) -> StoredRecord {
    serde_json::from_str(text).unwrap_or_default()
}
