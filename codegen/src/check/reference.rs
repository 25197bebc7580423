//! Judges what fields refer to.

use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::model::{Object, Spec};
use crate::source::document::Cursor;

/// Notes references to properties that an object does not show. What is no object has the properties that it is said to have.
pub(super) fn check(spec: &Spec, objects: &[(&Object, Cursor<'_>)], found: &mut Diagnostics) {
    for (object, at) in objects {
        for (index, field) in object.fields.iter().enumerate() {
            let Some(reference) = &field.refers_to else { continue };
            let at = at.key("fields").index(index).key("refers_to");
            let meant = objects.iter().find(|(other, _)| other.name == reference.list);
            let Some((meant, _)) = meant else {
                if objects.iter().any(|(other, _)| other.singular == reference.list) {
                    let names: Vec<&str> = objects.iter().map(|(object, _)| object.name.as_str()).collect();
                    found.note(at.key("list").place(), sentence::no_such_object(&reference.list, &names));
                }
                continue;
            };
            let shown = properties(spec, meant);
            if !shown.contains(&reference.property.as_str()) {
                found.note(at.key("property").place(), sentence::no_such_field(&reference.property, &shown));
            }
        }
    }
}

/// By which properties a record of the object can be found.
fn properties<'s>(spec: &'s Spec, object: &'s Object) -> Vec<&'s str> {
    let identity = object.identity.iter().map(|identity| identity.property.as_str());
    let mut properties: Vec<&str> = identity.chain([spec.api.answers.key.as_str()]).collect();
    properties.dedup();
    properties
}
