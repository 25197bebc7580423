//! Judges the fields of an object by its operations, and against each other.

use super::unique::{check_unique, note_second};
use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::model::{Field, Object};
use crate::source::document::Cursor;
use crate::syntax::field::{FieldType, Format};
use crate::syntax::operation::OperationName;

/// Notes what makes no sense in fields; `at` is their list.
pub(super) fn check(object: &Object, at: Cursor<'_>, found: &mut Diagnostics) {
    let named = object
        .fields
        .iter()
        .enumerate()
        .map(|(index, field)| (field.name.as_str(), at.index(index).key("name")));
    check_unique("fields", named.clone(), found);
    check_headers(named, found);
    check_derived(object, at, found);
    for (index, field) in object.fields.iter().enumerate() {
        check_reach(object, index, field, at.index(index), found);
        check_currency(object, field, at.index(index).key("currency_field"), found);
    }
}

/// Columns match fields regardless of case, blanks, `-` and `_`, so two fields must differ in more than that.
fn check_headers<'s>(named: impl Iterator<Item = (&'s str, Cursor<'s>)>, found: &mut Diagnostics) {
    let mut seen: Vec<(String, &str, Cursor<'_>)> = Vec::new();
    for (name, at) in named {
        let header: String = name.chars().filter(|c| *c != '_').collect();
        match seen.iter().find(|(first, _, _)| *first == header) {
            // The same name twice is noted elsewhere.
            Some((_, first, place)) if *first != name => {
                note_second(sentence::same_header(name, first), at, *place, found);
            }
            Some(_) => {}
            None => seen.push((header, name, at)),
        }
    }
}

/// At most one field is derived from the record key: a text that every create sends.
fn check_derived(object: &Object, at: Cursor<'_>, found: &mut Diagnostics) {
    let mut first: Option<Cursor<'_>> = None;
    for (index, field) in object.fields.iter().enumerate().filter(|(_, field)| field.derive) {
        let at = at.index(index).key("derive");
        if field.kind != FieldType::String {
            found.note(at.place(), sentence::wrong_role(&field.name, field.kind.key(), "string"));
        } else if !field.writable.contains(&OperationName::Create) {
            found.note(at.place(), sentence::not_created(&field.name));
        }
        match first {
            Some(first) => note_second(sentence::second_derived(&field.name), at, first, found),
            None => first = Some(at),
        }
    }
}

/// An amount names the field of its currency, and that holds one.
fn check_currency(object: &Object, field: &Field, at: Cursor<'_>, found: &mut Diagnostics) {
    let Some(currency) = field.currency.and_then(|index| object.fields.get(index)) else { return };
    if field.unit.is_none() {
        found.note(at.key_place(), sentence::no_amount());
    } else if currency.format != Some(Format::Currency) || currency.kind != FieldType::String {
        found.note(at.place(), sentence::no_currency(&currency.name));
    }
}

/// Each field can be sent, at least where its keys require it.
fn check_reach(object: &Object, index: usize, field: &Field, at: Cursor<'_>, found: &mut Diagnostics) {
    let in_path = |name: OperationName| {
        object.operation(name).is_some_and(|operation| operation.path_fields().any(|field| field == index))
    };
    let created = field.writable.contains(&OperationName::Create) || in_path(OperationName::Create);
    if field.writable.is_empty() && !OperationName::ALL.into_iter().any(in_path) {
        // An object without operations that write is noted elsewhere.
        if object.operations.iter().any(|operation| operation.name != OperationName::List) {
            found.note(at.key("name").place(), sentence::unreachable_field(&field.name));
        }
    } else if field.required && !created && object.operation(OperationName::Create).is_some() {
        found.note(at.key("required").place(), sentence::not_created(&field.name));
    } else if field.when_absent.is_some() && !field.writable.contains(&OperationName::Create) {
        found.note(at.key("when_absent").key_place(), sentence::not_created(&field.name));
    }
}
