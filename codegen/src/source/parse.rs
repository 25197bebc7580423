//! From a text to a `T`, and the tree of the file.

use serde::de::DeserializeOwned;

use super::document::Document;
use super::tree::read::read;
use super::typed::rounds::read_as;
use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::Report;
use crate::diagnostic::sentence;
use crate::text::place::Place;
use crate::text::source_text::SourceText;

/// Reads a file as a `T`, and keeps its tree so that later stages can point into it. All mistakes are reported at once.
///
/// Structs take no key that they do not name, whether or not they deny unknown fields.
pub fn parse<T: DeserializeOwned>(source: &SourceText) -> Result<(T, Document), Report> {
    let (root, mut found) = read(source)?;
    let made = read_as(source, &root, &mut found);
    match made {
        Some(made) if found.is_empty() => Ok((made, Document::new(source.clone(), root))),
        None if found.is_empty() => {
            Err(Diagnostic::new(Place::file(source), sentence::no_such_form()).into())
        }
        _ => Err(found.into()),
    }
}
