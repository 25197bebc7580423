//! The fields that names of columns mean, found at the cost of the name alone: a record may have tens of thousands of names.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::api::{FieldSpec, FieldType, ObjectSpec};
use crate::text::names::plain_name;

/// The fields of an object by their plain names.
#[derive(Debug)]
pub(super) struct FieldNames {
    fields: HashMap<Cow<'static, str>, &'static FieldSpec>,
}

impl FieldNames {
    pub(super) fn of(object: &'static ObjectSpec) -> Self {
        let fields = object.fields.iter().rev().map(|field| (plain_name(field.name), *field));
        Self { fields: fields.collect() }
    }

    /// The field, or the entry of one, that a name means: regardless of case, blanks, `-` and `_`.
    pub(super) fn target<'n>(&self, name: &'n str) -> Option<(&'static FieldSpec, Option<&'n str>)> {
        if let Some(field) = self.named(name) {
            return Some((field, None));
        }
        let (field, entry) = name.split_once('.')?;
        let field = self.named(field).filter(|known| has_entries(known))?;
        (!entry.is_empty()).then_some((field, Some(entry)))
    }

    fn named(&self, name: &str) -> Option<&'static FieldSpec> {
        self.fields.get(&plain_name(name)).copied()
    }
}

/// The entries of the field can be fed one by one.
pub(super) fn has_entries(field: &FieldSpec) -> bool {
    matches!(field.kind, FieldType::Map | FieldType::CustomFields)
}
