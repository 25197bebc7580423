//! All pages of the reference, and the mode matrix by itself.

use super::markdown::{aligned, yes_or_no};
use super::page::{OVERVIEW, page_name};
use super::{object, overview};
use crate::model::{Spec, Support};
use crate::output::output_file::OutputFile;

/// All pages: the overview, then one for each object.
pub(crate) fn pages(spec: &Spec) -> Vec<OutputFile> {
    let mut pages = vec![OutputFile { name: OVERVIEW.to_owned(), text: overview::page(spec) }];
    for object in &spec.objects {
        pages.push(OutputFile { name: page_name(&object.name), text: object::page(spec, object) });
    }
    pages
}

/// The mode matrix by itself, without links, in aligned columns.
pub(crate) fn matrix(spec: &Spec) -> String {
    let mut rows = vec![["object", "insert", "update", "upsert"].map(str::to_owned).to_vec()];
    for object in &spec.objects {
        let mut row = vec![object.name.clone()];
        let offered = object.modes.iter().map(|mode| matches!(mode.support, Support::Steps(_)));
        row.extend(offered.map(|offered| yes_or_no(offered).to_lowercase()));
        rows.push(row);
    }
    aligned(&rows)
}
