//! Judgement across fields, objects and files, on a spec in which every name within an object is resolved.

mod field;
mod hint;

use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::{Diagnostics, Report};
use crate::diagnostic::sentence;
use crate::diagnostic::sentence::Sentence;
use crate::lower::Documents;
use crate::model::{Object, Spec};
use crate::source::Cursor;
use crate::syntax::{FieldType, OperationName};

/// Reports everything that is well formed, but cannot be meant.
pub(crate) fn check(spec: &Spec, documents: &Documents) -> Result<(), Report> {
    let mut found = Diagnostics::default();
    let api = documents.api.cursor();
    let objects: Vec<(&Object, Cursor<'_>)> =
        spec.objects.iter().zip(documents.objects.iter().map(|document| document.cursor())).collect();

    check_sources(spec, api, &objects, &mut found);
    let hints = spec.api.hints.iter().enumerate();
    let hints = hints.map(|(index, hint)| (hint.name.as_str(), api.key("hints").index(index).key("name")));
    check_unique("hints", hints, &mut found);
    hint::check(spec, api.key("hints"), &mut found);

    let singulars = objects.iter().map(|(object, at)| (object.singular.as_str(), at.key("singular")));
    check_unique("objects with the singular", singulars, &mut found);
    for (object, at) in objects {
        field::check(object, at.key("fields"), &mut found);
        check_roles(object, at, &mut found);
        check_constraints(object, at.key("constraints"), at.key("fields"), &mut found);
        check_lookup(object, at, &mut found);
        check_bodies(object, at.key("operations"), &mut found);
    }
    found.into_result(())
}

/// Notes names that stand twice, each time with the first place.
fn check_unique<'s>(what: &str, names: impl Iterator<Item = (&'s str, Cursor<'s>)>, found: &mut Diagnostics) {
    let mut seen: Vec<(&str, Cursor<'_>)> = Vec::new();
    for (name, at) in names {
        match seen.iter().find(|(first, _)| *first == name) {
            Some((_, first)) => note_second(sentence::duplicate(what, name), at, *first, found),
            None => seen.push((name, at)),
        }
    }
}

/// Notes something that there may be only one of.
fn note_second(sentence: Sentence, at: Cursor<'_>, first: Cursor<'_>, found: &mut Diagnostics) {
    found.push(Diagnostic::new(at.place(), sentence).with(first.place(), "first declared here"));
}

/// Every fact names an entry of the source list.
fn check_sources(spec: &Spec, api: Cursor<'_>, objects: &[(&Object, Cursor<'_>)], found: &mut Diagnostics) {
    let names: Vec<&str> = spec.api.sources.iter().map(|source| source.name.as_str()).collect();
    let places = names.iter().enumerate();
    let places = places.map(|(index, name)| (*name, api.key("sources").index(index).key("name")));
    check_unique("sources", places, found);
    for at in std::iter::once(api).chain(objects.iter().map(|(_, at)| *at)) {
        check_references(at, &names, found);
    }
}

fn check_references(at: Cursor<'_>, names: &[&str], found: &mut Diagnostics) {
    for (key, child) in at.children() {
        // In every block of the grammar, `source` is a reference to that list.
        if let (Some("source"), Some(name)) = (key, child.text())
            && !names.contains(&name)
        {
            found.note(child.place(), sentence::no_such_source(name, names));
        }
        check_references(child, names, found);
    }
}

/// Fields that the object gives a role can play it.
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
                found.push(diagnostic.with(declared, "it has one because of this"));
            } else if !field.writable.contains(&OperationName::Create) {
                found.note(at.place(), sentence::not_created(&field.name));
            }
        }
    }
}

/// Where records can be found again after a lost answer, they are.
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

/// What writes has something to write.
fn check_bodies(object: &Object, at: Cursor<'_>, found: &mut Diagnostics) {
    for operation in &object.operations {
        if operation.name != OperationName::List && object.body(operation.name).next().is_none() {
            found.note(at.key(operation.name.key()).key_place(), sentence::empty_body(operation.name.key()));
        }
    }
}
