//! Notes what is there twice and must not be.

use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::diagnostic::sentence::Sentence;
use crate::source::document::Cursor;

/// Notes every name that is used again, with the place of its first use.
pub(super) fn check_unique<'s>(
    what: &str,
    names: impl Iterator<Item = (&'s str, Cursor<'s>)>,
    found: &mut Diagnostics,
) {
    let mut seen: Vec<(&str, Cursor<'_>)> = Vec::new();
    for (name, at) in names {
        match seen.iter().find(|(first, _)| *first == name) {
            Some((_, first)) => note_second(sentence::duplicate(what, name), at, *first, found),
            None => seen.push((name, at)),
        }
    }
}

/// Notes a second of what there may be one of, with the place of the first.
pub(super) fn note_second(sentence: Sentence, at: Cursor<'_>, first: Cursor<'_>, found: &mut Diagnostics) {
    found.push(Diagnostic::new(at.place(), sentence).with(first.place(), "first declared here"));
}
