//! Looks for places in the lines of a text.

use crate::text::place::Place;
use crate::text::source_text::SourceText;
use crate::text::span::Span;

/// The tab that indents the line of a position, or a line after it, up to the next one that is not blank.
pub(super) fn tab_near(text: &str, at: usize) -> Option<usize> {
    let mut start = text.get(..at)?.rfind('\n').map_or(0, |at| at + 1);
    for (index, line) in text.get(start..)?.split_inclusive('\n').enumerate() {
        let said = line.trim_start();
        let indentation = line.get(..line.len() - said.len())?;
        if let Some(tab) = indentation.find('\t') {
            return Some(start + tab);
        }
        if index > 0 && !said.is_empty() && !said.starts_with('#') {
            return None;
        }
        start += line.len();
    }
    None
}

/// The place of one character.
pub(super) fn character(source: &SourceText, start: usize) -> Place {
    let length = source.text().get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
    Place::part(source, Span { start, end: start + length })
}

/// Where the last line before `end` begins that is not blank.
pub(super) fn last_text(text: &str, end: usize) -> Option<usize> {
    let mut start = end;
    for line in text.get(..end)?.split_inclusive('\n').rev() {
        start -= line.len();
        let said = line.trim_start();
        if !said.is_empty() && !said.starts_with('#') {
            return Some(start + line.len() - said.len());
        }
    }
    None
}
