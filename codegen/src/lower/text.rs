//! Judges what holds for every text and every list of a spec, whatever its key.

use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::source::document::Cursor;

/// Notes empty texts, blanks at their edges, and items that are in a list twice.
pub(super) fn judge_texts(key: Option<&str>, at: Cursor<'_>, found: &mut Diagnostics) {
    if let Some(text) = at.text() {
        if text.trim().is_empty() {
            let what = key.map_or_else(|| "this item".to_owned(), |key| format!("`{key}`"));
            found.note(at.place(), sentence::empty_text(&what));
        } else if text.trim() != text {
            found.note(at.place(), sentence::blank_edge());
        }
    }
    let mut seen: Vec<(String, Cursor<'_>)> = Vec::new();
    for (child_key, child) in at.children() {
        // Only texts and numbers are compared; blocks are told apart by their names.
        if let (None, Some(scalar)) = (child_key, child.scalar()) {
            match seen.iter().find(|(first, _)| *first == scalar) {
                Some((_, first)) => {
                    let diagnostic = Diagnostic::new(child.place(), sentence::listed_twice(&scalar));
                    found.push(diagnostic.with(first.place(), "listed here first"));
                }
                None => seen.push((scalar, child)),
            }
        }
        judge_texts(child_key, child, found);
    }
}
