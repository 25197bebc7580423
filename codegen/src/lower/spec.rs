//! Lowers all files of a spec.

use super::text::judge_texts;
use super::{api, object};
use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::{Diagnostics, Report};
use crate::diagnostic::sentence;
use crate::model::Spec;
use crate::source::document::Document;
use crate::{names, syntax};

/// The files of a spec, read.
pub(crate) struct Written {
    pub(crate) api: (syntax::Api, Document),
    /// Each with the stem of its file's name.
    pub(crate) objects: Vec<(syntax::Object, Document, String)>,
}

/// Where the parts of a spec are written; objects are in the order of the model.
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

/// Each object has the name of its file, and no two have the same.
fn judge_files(objects: &[(syntax::Object, Document, String)], found: &mut Diagnostics) {
    for (index, (object, document, stem)) in objects.iter().enumerate() {
        let place = document.cursor().key("name").place();
        // Of two objects with one name, the one in the file of that name counts as the first.
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
