//! From the spec as meant to Markdown that people read: an overview, and a page for each object. Like `emit`, it judges
//! nothing and cannot fail.

mod markdown;
mod object;
mod overview;
mod sources;

use crate::emit::OutputFile;
use crate::model::{Spec, Support};
use crate::reference::markdown::{Page, yes_or_no};

/// All pages: the overview, then one for each object.
pub(crate) fn pages(spec: &Spec) -> Vec<OutputFile> {
    let mut pages = vec![OutputFile { name: OVERVIEW.to_owned(), text: overview::page(spec) }];
    for object in &spec.objects {
        pages.push(OutputFile { name: page_name(&object.name), text: object::page(spec, object) });
    }
    pages
}

/// The mode matrix alone, without links, in aligned columns.
pub(crate) fn matrix(spec: &Spec) -> String {
    let mut rows = vec![["object", "insert", "update", "upsert"].map(str::to_owned).to_vec()];
    for object in &spec.objects {
        let mut row = vec![object.name.clone()];
        let offered = object.modes.iter().map(|mode| matches!(mode.support, Support::Steps(_)));
        row.extend(offered.map(|offered| yes_or_no(offered).to_lowercase()));
        rows.push(row);
    }
    markdown::aligned(&rows)
}

/// The name under which a folder shows its overview.
const OVERVIEW: &str = "README.md";

fn page_name(object: &str) -> String {
    format!("{object}.md")
}

/// A page that says where it comes from.
fn begin(title: &str) -> Page {
    Page::new(
        title,
        "Generated from the spec by `cargo spec accept`: edit the YAML files there, not this one.",
    )
}
