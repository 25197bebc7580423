//! Names as people write them: when two are the same, and which is near.

use std::borrow::Cow;

use super::printable::printable;

/// Says whether two names are the same, regardless of case, blanks, `-` and `_`.
fn same_name(one: &str, other: &str) -> bool {
    letters_of(one).eq(letters_of(other))
}

/// A name in the one way that all names have which are the same.
#[must_use]
pub fn plain_name(name: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.';
    if name.bytes().all(plain) { Cow::Borrowed(name) } else { Cow::Owned(letters_of(name).collect()) }
}

fn letters_of(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_')).flat_map(char::to_lowercase)
}

/// The nearest of some names, or all of them.
#[must_use]
pub fn near(name: &str, known: &[&str]) -> String {
    let score = |candidate: &&&str| {
        let same = same_name(candidate, name);
        if same { 0 } else { strsim::damerau_levenshtein(&candidate.to_lowercase(), &name.to_lowercase()) }
    };
    match known.iter().min_by_key(score) {
        Some(nearest) if score(&nearest) <= 1 + name.chars().count() / 4 => {
            format!("did you mean `{nearest}`?")
        }
        Some(_) => format!(
            "there is {}",
            known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        ),
        None => "there is none".to_owned(),
    }
}

/// The nearest of the columns of a source. A first line that looks like data is not repeated: it may be personal data.
#[must_use]
pub fn near_column(name: &str, columns: &[String]) -> String {
    if columns.iter().any(|column| column.contains('@')) {
        return "the first line of the source looks like data; it has to be a header, which names the columns".to_owned();
    }
    let named: Vec<&str> = columns.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    printable(&near(name, &named))
}

/// Says whether the text has these words in it, regardless of case, blanks, `-` and `_`.
#[must_use]
pub fn has_words(text: &str, words: &str) -> bool {
    let (text, words): (String, String) = (letters_of(text).collect(), letters_of(words).collect());
    text.contains(&words)
}
