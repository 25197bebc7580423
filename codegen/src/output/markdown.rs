//! A text of the spec as Markdown.

/// The text as rustdoc and clippy want it: names of code in backticks, nothing that could be a link or HTML.
pub(crate) fn markdown(text: &str) -> String {
    // A backtick without a partner is no code.
    let text =
        if text.matches('`').count().is_multiple_of(2) { text.to_owned() } else { text.replace('`', "'") };
    let mut in_code = false;
    let words = text.split_whitespace().map(|word| {
        let quotes = word.matches('`').count();
        let was_in_code = in_code;
        in_code ^= quotes % 2 == 1;
        if was_in_code || quotes > 0 { word.to_owned() } else { plain_word(word) }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn plain_word(word: &str) -> String {
    let is_edge = |c: char| !c.is_alphanumeric() && !matches!(c, '_' | '/' | '{' | '}' | '.');
    let inner = word.trim_matches(is_edge);
    // Three dots are part of `part_...`, one ends a sentence.
    let inner =
        if inner.ends_with("...") { inner } else { inner.trim_end_matches('.').trim_end_matches(is_edge) };
    if is_code(inner)
        && let Some((before, after)) = word.split_once(inner)
    {
        return format!("{before}`{inner}`{after}");
    }
    word.replace('[', "\\[").replace(']', "\\]").replace('<', "\\<").replace('*', "\\*")
}

/// A name of a program, a path or an address rather than a word.
fn is_code(word: &str) -> bool {
    const NAMES: &[&str] = &["PartnerStack", "TypeScript", "YAML", "NDJSON"];
    let word = word.trim_end_matches("'s");
    let mut capitals = word.char_indices().filter(|(_, c)| c.is_uppercase());
    let inner_capital = capitals.any(|(at, _)| at > 0) && word.contains(|c: char| c.is_lowercase());
    let code =
        word.contains(['_', '{', '}']) || word.starts_with('/') || word.contains("::") || word.contains("//");
    code || (inner_capital && !NAMES.contains(&word))
}
