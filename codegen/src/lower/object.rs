//! Lowers one object: its names can be names in Rust, and what refers to its fields is resolved.

use super::list::judge_not_empty;
use super::resolve::{resolve, resolve_all};
use super::{field, mode, operation};
use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::model::{Constraint, Identity, Object, Operation};
use crate::names;
use crate::source::document::Cursor;
use crate::syntax;
use crate::syntax::operation::OperationName;

/// Lowers an object.
pub(super) fn lower(object: syntax::Object, at: Cursor<'_>, found: &mut Diagnostics) -> Object {
    judge_names(&object, at, found);
    judge_not_empty(&object.fields, "fields", at.key("fields"), found);

    let names: Vec<String> = object.fields.iter().map(|field| field.name.clone()).collect();
    let lookup = |name: Option<String>, at: Cursor<'_>, found: &mut Diagnostics| {
        name.and_then(|name| resolve(&name, &names, at.place(), found))
    };
    let key_field = lookup(object.key.field, at.key("key").key("field"), found);
    let created_field = lookup(object.created_field, at.key("created_field"), found);
    let kinds: Vec<_> = object.fields.iter().map(|field| field.kind).collect();
    let scope = operation::Scope { names: &names, kinds: &kinds, identity: !object.identity.is_empty() };
    let operations = operation::lower(object.operations, &scope, at.key("operations"), found);
    let modes = mode::lower(object.modes, &operations, at.key("modes"), found);

    let (routes, mut fields) = (at.key("operations"), Vec::new());
    for (index, written) in object.fields.into_iter().enumerate() {
        let at = at.key("fields").index(index);
        let writable = writable(&written, index, &operations, (at.key("writable"), routes), found);
        fields.push(field::lower(written, &names, writable, at, found));
    }
    let mut constraints = Vec::new();
    for (index, written) in object.constraints.into_iter().enumerate() {
        let at = at.key("constraints").index(index).key("exactly_one_of");
        constraints.push(Constraint {
            exactly_one_of: resolve_all(&written.exactly_one_of, &names, at, found),
            description: written.description,
            source: written.source,
        });
    }
    let mut identity = Vec::new();
    for (index, written) in object.identity.into_iter().enumerate() {
        let at = at.key("identity").index(index).key("field");
        identity.extend(resolve(&written.field, &names, at.place(), found).map(|field| Identity {
            field,
            property: written.property.unwrap_or(written.field),
            compare: written.compare,
        }));
    }
    Object {
        name: object.name,
        singular: object.singular,
        title: object.title,
        description: object.description,
        key_prefix: object.key.prefix,
        key_field,
        created_field,
        fields,
        constraints,
        identity,
        operations,
        modes,
        not_offered: object.not_offered,
        open: object.open,
    }
}

fn judge_names(object: &syntax::Object, at: Cursor<'_>, found: &mut Diagnostics) {
    judge_name(&object.name, at.key("name"), found);
    judge_name(&object.singular, at.key("singular"), found);
    if names::is_taken_object(&object.singular) {
        found.note(at.key("singular").place(), sentence::taken_name(&object.singular));
    }
    for (index, field) in object.fields.iter().enumerate() {
        judge_name(&field.name, at.key("fields").index(index).key("name"), found);
    }
}

fn judge_name(name: &str, at: Cursor<'_>, found: &mut Diagnostics) {
    if name.trim().is_empty() {
        // An empty text is noted elsewhere.
    } else if !names::is_snake_case(name) {
        found.note(at.place(), sentence::bad_name(name, names::to_snake_case(name)));
    } else if names::is_forbidden(name) {
        found.note(at.place(), sentence::keyword(name));
    }
}

/// The operations whose body takes a field: those that are named, else all that have a body. An operation with the field
/// in its path is left out.
fn writable(
    field: &syntax::Field,
    index: usize,
    operations: &[Operation],
    (at, routes): (Cursor<'_>, Cursor<'_>),
    found: &mut Diagnostics,
) -> Vec<OperationName> {
    let find = |name: OperationName| operations.iter().find(|operation| operation.name == name);
    let in_path = |operation: &Operation| operation.path_fields().any(|field| field == index);
    for (place, name) in field.writable.iter().flatten().enumerate() {
        let at = at.index(place);
        match find(*name) {
            _ if *name == OperationName::List => found.note(at.place(), sentence::no_body()),
            None => found.note(at.place(), operation::missing(*name, operations)),
            Some(operation) if in_path(operation) => {
                let path = routes.key(name.key()).key("path").part(&format!("{{{}}}", field.name));
                let sentence = sentence::in_its_path(&field.name, name.key());
                found.push(Diagnostic::new(at.place(), sentence).with(path, "it is here"));
            }
            Some(_) => {}
        }
    }
    let bodies =
        operations.iter().filter(|operation| operation.name != OperationName::List && !in_path(operation));
    let bodies = bodies.map(|operation| operation.name);
    bodies.filter(|name| field.writable.as_ref().is_none_or(|writable| writable.contains(name))).collect()
}
