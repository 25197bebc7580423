//! How a diagnostic is shown: one line for cargo, or the line of the file with a caret for a person.

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Renderer, Snippet};

use super::mistake::Diagnostic;
use super::sentence::Sentence;
use crate::text::place::Place;

/// `file:line:column: S012: message; help`.
pub(super) fn line(diagnostic: &Diagnostic) -> String {
    let sentence = &diagnostic.sentence;
    let code = if sentence.code().is_empty() { String::new() } else { format!("{}: ", sentence.code()) };
    let labels = diagnostic.labels.iter().map(|(place, label)| format!(" ({label}: {place})"));
    let labels: String = labels.collect();
    let help = sentence.help().map(|help| format!("; {help}")).unwrap_or_default();
    // Cargo reads one line at a time.
    format!("{}: {code}{}{labels}{help}", diagnostic.place, sentence.message()).replace(['\r', '\n'], " ")
}

/// A sentence about a place, with the line of the file and a caret under it, as rustc shows it.
///
/// ```
/// use partnerstack_codegen::diagnostic::carets;
/// use partnerstack_codegen::text::{Place, SourceText, Span};
///
/// let source = SourceText::new("sync.yaml", "object: things\nmode: insrt\n");
/// let place = Place::part(&source, Span { start: 21, end: 26 });
/// let shown = carets(&place, "there is no mode `insrt`", Some("did you mean `insert`?"), false);
/// assert!(shown.contains("2 | mode: insrt"));
/// ```
#[must_use]
pub fn carets(place: &Place, message: &str, help: Option<&str>, colour: bool) -> String {
    let sentence = Sentence::new(message, help.map(str::to_owned));
    render(&[Diagnostic::new(place.clone(), sentence)], colour)
}

/// Diagnostics with their lines and carets, one after the other.
pub(super) fn render(diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let texts: Vec<String> =
        diagnostics.iter().map(|diagnostic| renderer.render(&[group(diagnostic)])).collect();
    texts.join("\n\n")
}

/// `3 mistakes in 2 files`.
pub(super) fn count(diagnostics: &[Diagnostic]) -> String {
    let mut files: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.place.path()).collect();
    files.dedup();
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    format!("{} in {}", plural(diagnostics.len(), "mistake"), plural(files.len(), "file"))
}

fn group(diagnostic: &Diagnostic) -> Group<'_> {
    let mut title = Level::ERROR.primary_title(diagnostic.sentence.message());
    if !diagnostic.sentence.code().is_empty() {
        title = title.id(diagnostic.sentence.code());
    }
    let mut group = title.elements(snippets(diagnostic));
    if let Some(help) = diagnostic.sentence.help() {
        group = group.element(Level::HELP.message(help));
    }
    group
}

/// One snippet for each file, that of the mistake first.
fn snippets(diagnostic: &Diagnostic) -> Vec<Element<'_>> {
    let primary = &diagnostic.place;
    let Some(span) = primary.span() else {
        return vec![annotate_snippets::Origin::path(primary.path()).into()];
    };
    let (here, elsewhere): (Vec<_>, Vec<_>) =
        diagnostic.labels.iter().partition(|(place, _)| place.path() == primary.path());
    let annotations = here.into_iter().filter_map(|(place, label)| context(place, label));
    let snippet = Snippet::source(primary.source().text())
        .path(primary.path())
        .annotation(AnnotationKind::Primary.span(span.start..span.end))
        .annotations(annotations);
    let others = elsewhere.into_iter().map(|(place, label)| {
        Snippet::source(place.source().text()).path(place.path()).annotations(context(place, label)).into()
    });
    std::iter::once(snippet.into()).chain(others).collect()
}

fn context<'d>(place: &'d Place, label: &'static str) -> Option<Annotation<'d>> {
    place.span().map(|span| AnnotationKind::Context.span(span.start..span.end).label(label))
}
