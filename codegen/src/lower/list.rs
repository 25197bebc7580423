//! Judges lists that have to hold something, and lists of statuses.

use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::source::document::Cursor;

/// Notes a list that is empty.
pub(super) fn judge_not_empty<T>(list: &[T], key: &str, at: Cursor<'_>, found: &mut Diagnostics) {
    if list.is_empty() {
        found.note(at.place(), sentence::empty_list(key));
    }
}

/// Notes statuses that no answer has.
pub(super) fn judge_statuses(statuses: &[u16], at: Cursor<'_>, found: &mut Diagnostics) {
    for (index, status) in statuses.iter().enumerate() {
        if !(100..=599).contains(status) {
            found.note(at.index(index).place(), sentence::bad_status(*status));
        }
    }
}
