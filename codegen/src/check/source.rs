//! Judges the source list, and what names its entries.

use super::unique::check_unique;
use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::model::{Object, Spec};
use crate::source::document::Cursor;

/// Every fact names an entry of the source list.
pub(super) fn check(
    spec: &Spec,
    api: Cursor<'_>,
    objects: &[(&Object, Cursor<'_>)],
    found: &mut Diagnostics,
) {
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
