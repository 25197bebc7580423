//! The stages in a row.

use std::path::Path;

use crate::check::spec::check;
use crate::diagnostic::report::{Diagnostics, Report};
use crate::emit::files::emit;
use crate::lower::spec::{Written, lower};
use crate::model::Spec;
use crate::output::output_file::OutputFile;
use crate::reference::pages::{matrix, pages};
use crate::source::folder::Folder;
use crate::source::parse::parse;
use crate::syntax::api::Api;
use crate::syntax::object::Object;
use crate::text::source_text::SourceText;

/// Reads the spec in a folder and generates Rust from it. The report holds all mistakes of the first stage that finds
/// any.
pub fn generate(folder: &Path) -> Result<Vec<OutputFile>, Report> {
    generate_from(&Folder::read(folder)?)
}

/// Generates Rust from a spec that has been read: a pure function.
pub fn generate_from(folder: &Folder) -> Result<Vec<OutputFile>, Report> {
    Ok(emit(&judged(folder)?))
}

/// The reference of a spec that has been read, as Markdown: an overview in `README.md`, and a page for each object.
pub fn reference_from(folder: &Folder) -> Result<Vec<OutputFile>, Report> {
    Ok(pages(&judged(folder)?))
}

/// The mode matrix of a spec that has been read, as a table of Markdown.
pub fn matrix_from(folder: &Folder) -> Result<String, Report> {
    Ok(matrix(&judged(folder)?))
}

/// The spec as meant, checked.
fn judged(folder: &Folder) -> Result<Spec, Report> {
    let (spec, documents) = lower(parse_all(folder)?)?;
    check(&spec, &documents)?;
    Ok(spec)
}

/// The files as they are written. A mistake in one does not keep the others from being read.
fn parse_all(folder: &Folder) -> Result<Written, Report> {
    let mut found = Diagnostics::default();
    let api = parse::<Api>(&folder.api).map_err(|report| found.absorb(report)).ok();
    let mut objects = Vec::new();
    for source in &folder.objects {
        match parse::<Object>(source) {
            Ok((object, document)) => objects.push((object, document, stem(source))),
            Err(report) => found.absorb(report),
        }
    }
    match api {
        Some(api) => found.into_result(Written { api, objects }),
        None => Err(found.into()),
    }
}

fn stem(source: &SourceText) -> String {
    Path::new(source.path()).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}
