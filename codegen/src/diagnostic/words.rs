//! Words within a sentence: quotations, lists, and the word that was probably meant.

/// A text of a file between backticks, in one short line.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().count() > LONGEST {
        format!("`{}...`", line.chars().take(LONGEST).collect::<String>().trim_end())
    } else {
        format!("`{line}`")
    }
}

/// `a`, `b` or `c`.
pub(crate) fn list(words: &[&str], last: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., end] => format!("{} {last} {end}", before.join(", ")),
    }
}

/// The one of `known` that was probably meant.
#[must_use]
pub fn nearest<'k>(found: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let plain = |name: &str| name.to_lowercase().replace(['-', ' '], "_");
    let found = plain(found);
    let near = known.into_iter().map(|name| (strsim::osa_distance(&found, &plain(name)), name));
    // One wrong letter in three is close enough.
    near.filter(|(distance, name)| distance * 3 <= name.chars().count().max(3)).min().map(|(_, name)| name)
}

/// The nearest word as a question, or else all known words.
pub(super) fn alternatives(found: &str, known: &[&str], introduction: &str, last: &str) -> String {
    match nearest(found, known.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if known.is_empty() => "there is none".to_owned(),
        None => format!("{introduction} {}", list(known, last)),
    }
}
