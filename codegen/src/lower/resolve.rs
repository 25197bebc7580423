//! From the names of fields to their indices.

use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::source::document::Cursor;
use crate::text::place::Place;

/// The index of a field, or a diagnostic with the nearest name.
pub(super) fn resolve(name: &str, names: &[String], place: Place, found: &mut Diagnostics) -> Option<usize> {
    let index = names.iter().position(|field| field == name);
    if index.is_none() {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        found.note(place, sentence::no_such_field(name, &names));
    }
    index
}

/// The indices of the fields in a list; `at` is the list.
pub(super) fn resolve_all(
    wanted: &[String],
    names: &[String],
    at: Cursor<'_>,
    found: &mut Diagnostics,
) -> Vec<usize> {
    let resolved =
        wanted.iter().enumerate().map(|(index, name)| resolve(name, names, at.index(index).place(), found));
    resolved.flatten().collect()
}
