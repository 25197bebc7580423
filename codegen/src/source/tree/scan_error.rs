//! What the parser says about a file that is no YAML, in words of our own and at the place that a person has to change.

use super::lines::{character, last_text, tab_near};
use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::sentence;
use crate::text::place::Place;
use crate::text::source_text::SourceText;
use crate::text::span::Span;

/// What the parser says, in the catalogue's words. `start` is where it stopped, `open` where the lists and blocks begin
/// that were not closed by then.
pub(super) fn explain(source: &SourceText, start: usize, open: &[usize], info: &str) -> Diagnostic {
    let text = source.text();
    let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let line = text.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let has = |words: &[&str]| words.iter().any(|word| info.contains(word));
    let next_tab = || text.get(start..).and_then(|rest| rest.find('\t')).map(|at| start + at);
    let tab = tab_near(text, start).or_else(|| has(&["tab"]).then(next_tab)?);
    let bracket = open
        .iter()
        .rev()
        .copied()
        .find(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(['[', '{'])));
    let (start, sentence) = match (tab, bracket) {
        (Some(tab), _) => (tab, sentence::tab()),
        _ if has(&["escape"]) => (start, sentence::escape()),
        _ if has(&["quoted scalar"]) && !has(&["trailing"]) => (start, sentence::open_quote()),
        _ if has(&["trailing content"]) => (start, sentence::after_quote()),
        _ if has(&["misplaced bracket"]) => (start, sentence::bracket()),
        _ if has(&["scanning a tag", "parsing a tag"]) => (start, sentence::tag()),
        _ if has(&["scanning an anchor"]) => (start, sentence::anchor()),
        _ if has(&["unknown anchor"]) => (start, sentence::alias()),
        (_, Some(bracket)) => (bracket, sentence::open_bracket()),
        _ if has(&["mapping values are not allowed", "':'"]) && !has(&["simple key"]) => {
            let key = line.len() - line.trim_start_matches([' ', '-']).len();
            let before = text.get(line_start + key..start).unwrap_or_default();
            if !before.contains(':') {
                return explain_indentation(source, line_start + key);
            }
            (start, sentence::second_colon())
        }
        _ if has(&["comment intercepting"]) => (start, sentence::comment_in_text()),
        _ if has(&[
            "unexpected character",
            "directive",
            "node content",
            "keys are not allowed",
            "comments must",
        ]) =>
        {
            (start, sentence::reserved())
        }
        _ if has(&["sequence entries are not allowed", "only valid inside a block"]) => {
            (start, sentence::list_on_key_line())
        }
        _ if has(&["simple key"]) => (last_text(text, line_start).unwrap_or(start), sentence::no_colon()),
        _ if has(&["block scalar"]) => (start, sentence::block_text()),
        _ if has(&["'-' indicator", "expected key", "indent", "<document start>"]) => {
            (start, sentence::indentation())
        }
        _ => (start, sentence::not_yaml(info)),
    };
    Diagnostic::new(Place::part(source, Span { start, end: start + 1 }), sentence)
}

/// A key at the beginning of a line that YAML reads as a continuation of the line above.
fn explain_indentation(source: &SourceText, start: usize) -> Diagnostic {
    let text = source.text();
    let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let diagnostic = Diagnostic::new(character(source, start), sentence::indentation());
    match last_text(text, line_start) {
        Some(above) => {
            let place = Place::part(source, Span { start: above, end: start });
            diagnostic.with(place, "it is read as a continuation of this")
        }
        None => diagnostic,
    }
}
