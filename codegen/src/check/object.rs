//! Judges an object as a whole: roles of its fields, groups, lookups, bodies.

use super::unique::{check_unique, note_second};
use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::model::Object;
use crate::source::document::Cursor;
use crate::syntax::field::FieldType;
use crate::syntax::operation::OperationName;

/// Notes what makes no sense; `at` is the file of the object.
pub(super) fn check(object: &Object, at: Cursor<'_>, found: &mut Diagnostics) {
    check_roles(object, at, found);
    check_constraints(object, at.key("constraints"), at.key("fields"), found);
    check_lookup(object, at, found);
    check_bodies(object, at.key("operations"), found);
}

/// The fields with a role (key, creation time, identity) have the type for it, and a create can send them.
fn check_roles(object: &Object, at: Cursor<'_>, found: &mut Diagnostics) {
    let field = |index: usize| object.fields.get(index);
    if let Some(key) = object.key_field.and_then(field)
        && key.kind != FieldType::String
    {
        found.note(
            at.key("key").key("field").place(),
            sentence::wrong_role(&key.name, key.kind.key(), "string"),
        );
    }
    if let Some(created) = object.created_field.and_then(field) {
        let at = at.key("created_field");
        if created.kind != FieldType::Timestamp {
            found.note(at.place(), sentence::wrong_role(&created.name, created.kind.key(), "timestamp"));
        } else if !created.writable.contains(&OperationName::Create) {
            found.note(at.place(), sentence::not_created(&created.name));
        }
    }
    let place = |index: usize| at.key("identity").index(index).key("field");
    let names = object.identity.iter().enumerate();
    let names =
        names.filter_map(|(index, identity)| Some((field(identity.field)?.name.as_str(), place(index))));
    check_unique("identity fields", names, found);
    for (index, identity) in object.identity.iter().enumerate() {
        if let Some(field) = field(identity.field)
            && !field.writable.contains(&OperationName::Create)
            && object.key_field != Some(identity.field)
        {
            found.note(place(index).place(), sentence::lost_identity(&field.name));
        }
    }
}

/// A create can carry exactly one field of a group.
fn check_constraints(object: &Object, at: Cursor<'_>, fields: Cursor<'_>, found: &mut Diagnostics) {
    let mut seen: Vec<(usize, Cursor<'_>)> = Vec::new();
    for (group_index, group) in object.constraints.iter().enumerate() {
        let at = at.index(group_index).key("exactly_one_of");
        if group.exactly_one_of.len() < 2 {
            found.note(at.place(), sentence::small_group());
        }
        for (place, index) in group.exactly_one_of.iter().enumerate() {
            let at = at.index(place);
            let Some(field) = object.fields.get(*index) else { continue };
            if let Some((_, first)) = seen.iter().find(|(seen, _)| seen == index) {
                note_second(sentence::two_groups(&field.name), at, *first, found);
            }
            seen.push((*index, at));
            let filled = [
                ("required", field.required),
                ("derive", field.derive),
                ("when_absent", field.when_absent.is_some()),
            ];
            if let Some((key, _)) = filled.into_iter().find(|(_, filled)| *filled) {
                let declared = fields.index(*index).key(key).key_place();
                let diagnostic = Diagnostic::new(at.place(), sentence::always_there(&field.name, key));
                found.push(diagnostic.with(declared, "it always has one because of this"));
            } else if !field.writable.contains(&OperationName::Create) {
                found.note(at.place(), sentence::not_created(&field.name));
            }
        }
    }
}

/// A create is looked up after a lost answer, if its records can be found.
fn check_lookup(object: &Object, at: Cursor<'_>, found: &mut Diagnostics) {
    if let (Some(create), Some(_)) =
        (object.operation(OperationName::Create), object.operation(OperationName::List))
        && create.lookup.is_none()
        && !object.identity.is_empty()
    {
        let place = at.key("operations").key(OperationName::Create.key()).key_place();
        let diagnostic = Diagnostic::new(place, sentence::identity_not_looked_up());
        found.push(diagnostic.with(at.key("identity").key_place(), "records could be found by this"));
    }
}

/// Every operation that writes has a field to send.
fn check_bodies(object: &Object, at: Cursor<'_>, found: &mut Diagnostics) {
    for operation in &object.operations {
        if operation.name != OperationName::List && object.body(operation.name).next().is_none() {
            found.note(at.key(operation.name.key()).key_place(), sentence::empty_body(operation.name.key()));
        }
    }
}
