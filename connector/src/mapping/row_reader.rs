//! What a row brings, field by field: read by generated code, with every fault kept.

use std::borrow::Cow;
use std::ops::Range;

use super::cast::Cast;
use super::columns::{Fed, Mapping};
use super::transform::transforms::Transformed;
use crate::api::{FieldSpec, FieldType, ObjectSpec, Operation, OperationName};
use crate::row::Row;
use crate::row::fault::{Fault, Faults};
use crate::row::plain_key;
use crate::row::value::{Cell, FromCell};

/// The values of a row by field, written in the one way in which they are compared, in one piece of text.
#[derive(Default)]
pub(crate) struct Values {
    text: String,
    /// By the field's place in its object.
    places: Vec<Option<(&'static FieldSpec, Range<usize>)>>,
}

impl Values {
    /// All of them, in the order of the fields.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static FieldSpec, &str)> {
        self.places.iter().flatten().map(|(field, place)| (*field, self.at(place)))
    }

    /// The value of the field at a place in its object.
    pub(crate) fn get(&self, index: usize) -> Option<&str> {
        self.places.get(index)?.as_ref().map(|(_, place)| self.at(place))
    }

    fn at(&self, place: &Range<usize>) -> &str {
        self.text.get(place.clone()).unwrap_or_default()
    }

    /// Forgets all of them and keeps their memory, so that it is allocated once and not for each row.
    fn clear(&mut self, fields: usize) {
        self.text.clear();
        self.places.clear();
        self.places.resize(fields, None);
    }

    fn add(&mut self, field: &'static FieldSpec, value: &impl FromCell) {
        if let Some(place @ None) = self.places.get_mut(field.index) {
            let start = self.text.len();
            value.write_canonical(&mut self.text);
            *place = Some((field, start..self.text.len()));
        }
    }

    /// No text is written like this.
    fn add_null(&mut self, field: &'static FieldSpec) {
        if let Some(place @ None) = self.places.get_mut(field.index) {
            let start = self.text.len();
            self.text.push_str("\u{0}null");
            *place = Some((field, start..self.text.len()));
        }
    }

    fn forget(&mut self, field: &FieldSpec) {
        if let Some(place) = self.places.get_mut(field.index) {
            *place = None;
        }
    }
}

/// What replaces the cell that the mapping feeds.
enum Put<'r> {
    Fed(Fed<'r>),
    /// There is none, the API gets a null.
    Null,
    /// It cannot be sent; why is noted.
    Faulty,
}

/// What a row brings, read field by field by generated code; keeps the faults that are found.
pub struct RowReader<'r> {
    object: &'static ObjectSpec,
    mapping: &'r Mapping,
    row: &'r Row,
    /// Cells that replace what the mapping feeds; most rows have none.
    put: Vec<(&'static FieldSpec, Put<'r>)>,
    entries: Vec<(&'static FieldSpec, &'r str, Fed<'r>)>,
    /// The values that were read, where they will be compared.
    values: Option<Values>,
    placeholders: Vec<&'static FieldSpec>,
    left_out: Vec<&'static FieldSpec>,
    /// The operation that the row is read for.
    operation: Option<&'static Operation>,
    /// What is wrong with the row.
    pub faults: Faults,
}

impl<'r> RowReader<'r> {
    /// A row, as the mapping feeds it to the fields.
    #[must_use]
    pub fn bind(mapping: &'r Mapping, row: &'r Row) -> Self {
        let mut reader = Self {
            object: mapping.object(),
            mapping,
            row,
            put: Vec::new(),
            entries: Vec::new(),
            values: None,
            placeholders: Vec::new(),
            left_out: Vec::new(),
            operation: None,
            faults: Faults::default(),
        };
        reader.entries.extend(mapping.entries(row));
        for (field, entry, made, cast) in mapping.made(row) {
            reader.take_made(field, entry, made, cast);
        }
        for (field, entry, cell) in mapping.named(row) {
            match entry {
                Some(entry) => reader.entries.push((field, entry, Fed { cell, cast: None })),
                None => reader.put_by_name(field, cell),
            }
        }
        reader
    }

    /// The value of a field that must have one; a placeholder where there is a fault.
    pub fn required<T: FromCell>(&mut self, field: &'static FieldSpec) -> T {
        self.optional(field).unwrap_or_else(|| {
            self.faults.note(field.name, "required", "is required: it needs a value in every row");
            T::default()
        })
    }

    /// The value of a field, if it has one.
    pub fn optional<T: FromCell>(&mut self, field: &'static FieldSpec) -> Option<T> {
        if !self.may_have(field) || self.is_withheld(field) {
            return None;
        }
        if let (Some(Put::Null), Some(values)) = (find(&self.put, field), &mut self.values) {
            values.add_null(field);
            return None;
        }
        let mut value = match self.cell(field) {
            None => None,
            Some(Ok(cell)) => self.keep_fault(field, T::from_cell(cell, field)),
            Some(Err(fault)) => self.keep_fault(field, Err(fault)),
        };
        if !self.entries.is_empty() {
            self.add_entries(field, &mut value);
        }
        if let (Some(value), Some(values)) = (&value, &mut self.values)
            && !self.left_out.contains(&field)
        {
            values.add(field, value);
        }
        value
    }

    /// Adds what the mapping feeds to entries of the field.
    fn add_entries<T: FromCell>(&mut self, field: &'static FieldSpec, value: &mut Option<T>) {
        let mut entries = Vec::new();
        for (_, name, fed) in self.entries.iter().filter(|(of, ..)| of.index == field.index) {
            let cell = match fed.cast {
                Some(cast) => cast.apply(&fed.cell, FieldType::String, None),
                None => Ok(fed.cell.clone()),
            };
            match cell {
                Ok(cell) => entries.push((*name, cell)),
                Err(fault) => {
                    let message = format!("has an entry `{name}` that {}", fault.message);
                    self.faults.add(field.name, Fault { message, ..fault });
                }
            }
        }
        if !entries.is_empty() {
            value.get_or_insert_with(T::default).add_entries(entries);
        }
    }

    /// What is wrong with the row, in the order of the fields; what concerns no field is last.
    pub fn take_faults(&mut self) -> Faults {
        let mut faults = std::mem::take(&mut self.faults);
        faults.sort_by_key(|name| self.object.field(name).map_or(usize::MAX, |field| field.index));
        faults
    }

    /// Notes what keeps a value from being a key, of every field that can tell a record from others or address it.
    pub(crate) fn judge_keys(&mut self) {
        let object = self.object;
        let identity = object.identity.iter().map(|identity| identity.field);
        let addresses = object.operations.iter().flat_map(|operation| operation.path_fields.iter().copied());
        let addresses = addresses.filter(|field| !identity.clone().any(|known| known == *field));
        for field in identity.clone().chain(addresses) {
            if !self.may_have(field) {
                continue;
            }
            let Some(text) = self.text(field) else { continue };
            if let Err(fault) = plain_key::judge(&text, || "map it with `as: trim`".to_owned()) {
                self.faults.add(field.name, fault);
            }
        }
    }

    /// Gives a placeholder to each of these fields that the row has no value for.
    pub(crate) fn put_placeholders(&mut self, fields: &[&'static FieldSpec]) {
        for field in fields.iter().filter(|field| !self.has(field)).copied().collect::<Vec<_>>() {
            self.placeholders.push(field);
            self.put(
                field,
                Cell::Text(Cow::Owned("x".repeat(field.min_length.unwrap_or(1).max(1) as usize))),
            );
        }
    }

    /// Takes the placeholders of these fields out again.
    pub(crate) fn remove_placeholders(&mut self, fields: &[&'static FieldSpec]) {
        for field in fields {
            if let Some(place) = self.placeholders.iter().position(|known| known == field) {
                self.placeholders.swap_remove(place);
                if let Some(values) = &mut self.values {
                    values.forget(field);
                }
                self.put.retain(|(of, _)| of != field);
            }
        }
    }

    /// The value of the field is not the row's own, so it is not compared with what was sent before.
    pub(crate) fn leave_out(&mut self, field: &'static FieldSpec) {
        self.left_out.push(field);
    }

    /// The operation that the row is read for from now on.
    pub(crate) fn read_for(&mut self, operation: &'static Operation) {
        self.operation = Some(operation);
    }

    /// A value that is not the row's own only serves to find what a create made. In an update it would overwrite the
    /// value that the record already has.
    fn is_withheld(&self, field: &'static FieldSpec) -> bool {
        let needs = |operation: &Operation| {
            operation.name == OperationName::Create || operation.path_fields.contains(&field)
        };
        self.left_out.contains(&field) && !self.operation.is_none_or(needs)
    }

    /// The cell of a field, after its cast.
    pub(crate) fn cell_of(&self, field: &'static FieldSpec) -> Option<(&'static FieldSpec, Cell<'r>)> {
        Some((field, self.cell(field)?.ok()?))
    }

    /// Keeps the values that are read from now on, in the memory of others that are no longer needed.
    pub(crate) fn keep_values(&mut self, mut room: Values) {
        room.clear(self.object.fields.len());
        self.values = Some(room);
    }

    /// The values that were read since, if they were to be kept.
    pub(crate) fn take_values(&mut self) -> Option<Values> {
        self.values.take()
    }

    /// The row has a value for the field.
    #[must_use]
    pub fn has(&self, field: &FieldSpec) -> bool {
        matches!(find(&self.put, field), Some(Put::Faulty))
            || self.fed(field).is_some()
            || self.entries.iter().any(|(of, ..)| *of == field)
    }

    /// The field may have a value. Most fields are fed by nothing, which is known at once.
    fn may_have(&self, field: &FieldSpec) -> bool {
        self.mapping.feeds_whole(field) || !self.put.is_empty() || !self.entries.is_empty()
    }

    /// The cell, unless it stands for no value.
    pub(super) fn present<'c>(&self, cell: Cell<'c>) -> Option<Cell<'c>> {
        self.mapping.nulls().present(cell)
    }

    /// The text of a field after its cast, where it is text or a number.
    #[must_use]
    pub fn text(&self, field: &'static FieldSpec) -> Option<Cow<'r, str>> {
        self.cell(field)?.ok()?.into_text()
    }

    #[inline]
    fn cell(&self, field: &'static FieldSpec) -> Option<Result<Cell<'r>, Fault>> {
        let Fed { cell, cast } = self.fed(field)?;
        let Some(cast) = cast else { return Some(Ok(cell)) };
        let currency = match (cast, field.currency_field) {
            (Cast::Cents { .. }, Some(currency)) => self.text(currency),
            _ => None,
        };
        Some(cast.apply(&cell, field.kind, currency.as_deref()))
    }

    #[inline]
    fn fed(&self, field: &FieldSpec) -> Option<Fed<'r>> {
        // Most rows have none, and are read without a call.
        if self.put.is_empty() {
            return self.mapping.whole(field, self.row);
        }
        match find(&self.put, field) {
            Some(Put::Fed(fed)) => Some(fed.clone()),
            Some(Put::Null | Put::Faulty) => None,
            None => self.mapping.whole(field, self.row),
        }
    }

    fn keep_fault<T>(&mut self, field: &FieldSpec, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.faults.add(field.name, fault)).ok()
    }

    /// A cell for a field, which replaces what the mapping feeds.
    pub(crate) fn put(&mut self, field: &'static FieldSpec, cell: Cell<'r>) {
        // A null gives way to it.
        if matches!(find(&self.put, field), Some(Put::Null)) {
            self.put.retain(|(of, _)| *of != field);
        }
        self.put.push((field, Put::Fed(Fed { cell, cast: None })));
    }

    /// The fields for which the API gets a null.
    pub(crate) fn nulls(&self) -> impl Iterator<Item = &'static FieldSpec> {
        self.put.iter().filter(|(_, put)| matches!(put, Put::Null)).map(|(field, _)| *field)
    }

    fn take_made(
        &mut self,
        field: &'static FieldSpec,
        entry: Option<&'r str>,
        made: Transformed<'r>,
        cast: Option<&'r Cast>,
    ) {
        match (made, entry) {
            (Transformed::Nothing, _) => {}
            (Transformed::Value(cell), None) => self.put.push((field, Put::Fed(Fed { cell, cast }))),
            (Transformed::Value(cell), Some(entry)) => self.entries.push((field, entry, Fed { cell, cast })),
            (Transformed::Null, None) => self.put.push((field, Put::Null)),
            (Transformed::Null, Some(entry)) => {
                let cell = Cell::Json(Cow::Owned(serde_json::Value::Null));
                self.entries.push((field, entry, Fed { cell, cast: None }));
            }
            (Transformed::Faulty(fault), None) => {
                self.faults.add(field.name, fault);
                self.put.push((field, Put::Faulty));
            }
            (Transformed::Faulty(fault), Some(entry)) => {
                let message = format!("has an entry `{entry}` that {}", fault.message);
                self.faults.add(field.name, Fault { message, ..fault });
            }
        }
    }

    /// A JSON record may spell one name in two ways; taking either would be a guess.
    fn put_by_name(&mut self, field: &'static FieldSpec, cell: Cell<'r>) {
        if self.put.iter().any(|(of, _)| *of == field) {
            self.faults.note(field.name, "map", "is given twice, under two spellings of its name");
        }
        self.put(field, cell);
    }
}

#[inline]
fn find<'p, 'r>(put: &'p [(&'static FieldSpec, Put<'r>)], field: &FieldSpec) -> Option<&'p Put<'r>> {
    put.iter().find(|(of, _)| *of == field).map(|(_, put)| put)
}
