//! Notes what there may be only one of.

use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::diagnostic::sentence::Sentence;
use crate::source::document::Cursor;

/// Notes names that stand twice, each time with the first place.
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

/// Notes something that there may be only one of.
pub(super) fn note_second(sentence: Sentence, at: Cursor<'_>, first: Cursor<'_>, found: &mut Diagnostics) {
    found.push(Diagnostic::new(at.place(), sentence).with(first.place(), "first declared here"));
}
