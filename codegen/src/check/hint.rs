//! Judges the conditions of hints: each names what exists.

use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::model::{Object, Spec};
use crate::source::document::Cursor;
use crate::syntax::api::HintCondition;

/// Notes conditions that name what does not exist; `at` is the list of hints.
pub(super) fn check(spec: &Spec, at: Cursor<'_>, found: &mut Diagnostics) {
    for (hint_index, hint) in spec.api.hints.iter().enumerate() {
        let at = at.index(hint_index).key("when");
        for (index, condition) in hint.when.iter().enumerate() {
            check_condition(spec, condition, at.index(index), found);
        }
    }
}

fn check_condition(spec: &Spec, condition: &HintCondition, at: Cursor<'_>, found: &mut Diagnostics) {
    let meant = |object: &&Object| condition.object.as_ref().is_none_or(|name| object.name == *name);
    let objects: Vec<&Object> = spec.objects.iter().filter(meant).collect();
    if let (Some(name), []) = (&condition.object, objects.as_slice()) {
        let names: Vec<&str> = spec.objects.iter().map(|object| object.name.as_str()).collect();
        found.note(at.key("object").place(), sentence::no_such_object(name, &names));
        return;
    }
    if let Some(operation) = condition.operation
        && !objects.iter().any(|object| object.operation(operation).is_some())
    {
        let mut known: Vec<&str> = objects
            .iter()
            .flat_map(|object| &object.operations)
            .map(|operation| operation.name.key())
            .collect();
        known.sort_unstable();
        known.dedup();
        found.note(at.key("operation").place(), sentence::no_such_operation(operation.key(), &known));
    }
    if let Some(field) = &condition.field
        && !objects.iter().any(|object| object.fields.iter().any(|known| known.name == *field))
    {
        let mut known: Vec<&str> =
            objects.iter().flat_map(|object| &object.fields).map(|field| field.name.as_str()).collect();
        known.sort_unstable();
        known.dedup();
        found.note(at.key("field").place(), sentence::no_such_field(field, &known));
    }
}
