//! Checks all files of a spec.

use super::unique::check_unique;
use super::{field, hint, object, reference, source};
use crate::diagnostic::report::{Diagnostics, Report};
use crate::lower::spec::Documents;
use crate::model::{Object, Spec};
use crate::source::document::Cursor;

/// Reports what is well formed but makes no sense.
pub(crate) fn check(spec: &Spec, documents: &Documents) -> Result<(), Report> {
    let mut found = Diagnostics::default();
    let api = documents.api.cursor();
    let objects: Vec<(&Object, Cursor<'_>)> =
        spec.objects.iter().zip(documents.objects.iter().map(|document| document.cursor())).collect();

    source::check(spec, api, &objects, &mut found);
    let hints = spec.api.hints.iter().enumerate();
    let hints = hints.map(|(index, hint)| (hint.name.as_str(), api.key("hints").index(index).key("name")));
    check_unique("hints", hints, &mut found);
    hint::check(spec, api.key("hints"), &mut found);

    reference::check(spec, &objects, &mut found);
    let singulars = objects.iter().map(|(object, at)| (object.singular.as_str(), at.key("singular")));
    check_unique("objects with the singular", singulars, &mut found);
    for (object, at) in objects {
        field::check(object, at.key("fields"), &mut found);
        object::check(object, at, &mut found);
    }
    found.into_result(())
}
