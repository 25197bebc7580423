//! Reads a text as a tree.

use super::join::join;
use super::lines::{character, tab_near};
use super::node::Node;
use super::plain::PlainValue;
use super::scan::scan;
use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::{Diagnostics, Report};
use crate::diagnostic::sentence;
use crate::text::place::Place;
use crate::text::source_text::SourceText;

/// The tree of a file, and what is wrong with it but does not keep it from being read.
pub(in crate::source) fn read(source: &SourceText) -> Result<(Node, Diagnostics), Report> {
    let marks = scan(source)?;
    let value = serde_yaml::from_str::<PlainValue>(source.text()).map_err(|error| {
        let place = match error.location() {
            Some(location) => {
                let start = location.index();
                if let Some(tab) = tab_near(source.text(), start) {
                    return Diagnostic::new(character(source, tab), sentence::tab()).into();
                }
                character(source, start)
            }
            // It does not always say where: then it is about all that is written.
            None => Place::part(source, marks.span),
        };
        Report::from(Diagnostic::new(place, sentence::not_yaml("its structure is unclear")))
    })?;
    join(source, marks, value)
}
