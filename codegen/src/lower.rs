//! From the spec as written to the spec as meant: local judgement, and names resolved within an object.

mod api;
mod field;
mod object;
mod operation;

use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::{Diagnostics, Report};
use crate::diagnostic::sentence;
use crate::model::Spec;
use crate::source::{Cursor, Document};
use crate::{names, syntax};

/// The files of a spec, read.
pub(crate) struct Written {
    pub(crate) api: (syntax::Api, Document),
    /// Each with the stem of its file's name.
    pub(crate) objects: Vec<(syntax::Object, Document, String)>,
}

/// Where the parts of a spec are written; objects stand in the order of the model.
pub(crate) struct Documents {
    pub(crate) api: Document,
    pub(crate) objects: Vec<Document>,
}

/// Lowers a spec, and keeps its files so that later stages can point into them.
pub(crate) fn lower(written: Written) -> Result<(Spec, Documents), Report> {
    let mut found = Diagnostics::default();
    let (api, api_document) = written.api;
    judge_texts(None, api_document.cursor(), &mut found);
    api::judge(&api, api_document.cursor(), &mut found);

    judge_files(&written.objects, &mut found);
    let mut lowered = Vec::new();
    for (object, document, _) in written.objects {
        judge_texts(None, document.cursor(), &mut found);
        lowered.push((object::lower(object, document.cursor(), &mut found), document));
    }
    lowered.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
    let (objects, documents) = lowered.into_iter().unzip();
    found.into_result((Spec { api, objects }, Documents { api: api_document, objects: documents }))
}

/// Each object has a name of its own, which is that of its file.
fn judge_files(objects: &[(syntax::Object, Document, String)], found: &mut Diagnostics) {
    for (index, (object, document, stem)) in objects.iter().enumerate() {
        let place = document.cursor().key("name").place();
        // The one whose file is called like it has the older claim.
        let named_here = |other: &&(syntax::Object, Document, String)| other.0.name == object.name;
        let first = objects.iter().enumerate().filter(|(_, other)| named_here(other));
        let first = first.min_by_key(|(place, (_, _, stem))| (*stem != object.name, *place));
        match first {
            Some((first, (_, other, _))) if first != index => {
                let diagnostic = Diagnostic::new(place, sentence::duplicate("objects", &object.name));
                found.push(diagnostic.with(other.cursor().key("name").place(), "first declared here"));
            }
            _ if object.name != *stem && names::is_snake_case(&object.name) => {
                found.note(place, sentence::other_stem(&object.name, stem));
            }
            _ => {}
        }
    }
}

/// What holds for every text of a spec, whatever it stands for.
fn judge_texts(key: Option<&str>, at: Cursor<'_>, found: &mut Diagnostics) {
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
        // Only texts and numbers can be compared at a glance; blocks have names of their own.
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

/// Notes a list that has to have something in it.
fn judge_not_empty<T>(list: &[T], key: &str, at: Cursor<'_>, found: &mut Diagnostics) {
    if list.is_empty() {
        found.note(at.place(), sentence::empty_list(key));
    }
}

/// Notes statuses that no answer has.
fn judge_statuses(statuses: &[u16], at: Cursor<'_>, found: &mut Diagnostics) {
    for (index, status) in statuses.iter().enumerate() {
        if !(100..=599).contains(status) {
            found.note(at.index(index).place(), sentence::bad_status(*status));
        }
    }
}
