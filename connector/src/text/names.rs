//! Names as people write them: when two are the same, and which is near.

use std::borrow::Cow;

use super::printable::{is_hidden, printable};

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
    let counts =
        |c: &char| !c.is_whitespace() && !matches!(c, '-' | '_') && (c.is_ascii_graphic() || !is_hidden(*c));
    name.chars().filter(counts).flat_map(char::to_lowercase)
}

/// A name as people see it: without characters that show nothing, with plain blanks, and none at either end.
#[must_use]
pub fn visible_name(name: &str) -> Cow<'_, str> {
    let name = name.trim();
    if name.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return Cow::Borrowed(name);
    }
    let shown = name.chars().filter_map(|c| match c {
        c if c.is_whitespace() => Some(' '),
        c if is_hidden(c) => None,
        c => Some(c),
    });
    Cow::Owned(shown.collect::<String>().trim().to_owned())
}

/// The name of a property of JSON records without what shows nothing, such as a byte order mark. A mapping can name all
/// else.
#[must_use]
pub fn property_name(name: &str) -> Cow<'_, str> {
    let shows_nothing = |c: char| !c.is_ascii() && !c.is_whitespace() && is_hidden(c);
    if name.is_ascii() || !name.contains(shows_nothing) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.replace(shows_nothing, ""))
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
    if looks_like_data(columns) {
        return NO_HEADER.to_owned();
    }
    let named: Vec<&str> = columns.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    printable(&near(name, &named))
}

const NO_HEADER: &str =
    "the first line of the source looks like data; it has to be a header, which names the columns";

/// The most columns that are listed, and the most characters of each.
const LISTED: (usize, usize) = (60, 60);

/// Which columns were found, unless the first line looks like data.
#[must_use]
pub fn columns_found(columns: &[String]) -> String {
    if looks_like_data(columns) {
        return NO_HEADER.to_owned();
    }
    let (most, length) = LISTED;
    let named = columns.iter().filter(|name| !name.is_empty());
    let mut shown: Vec<String> = named
        .clone()
        .take(most)
        .map(|name| format!("`{}`", printable(&name.chars().take(length).collect::<String>())))
        .collect();
    if let more @ 1.. = named.count().saturating_sub(most) {
        shown.push(format!("and {more} more"));
    }
    match shown.as_slice() {
        [only] => {
            format!("the only column is {only}; if its cells are several, say what divides them: --delimiter")
        }
        shown => format!("the columns are {}", shown.join(", ")),
    }
}

/// A line with an address in it, or with many numbers or days, is no header.
fn looks_like_data(columns: &[String]) -> bool {
    let is_number = |name: &&String| {
        name.bytes().any(|byte| byte.is_ascii_digit()) && !name.chars().any(|c| c.is_alphabetic() || c == '#')
    };
    columns.iter().any(|column| column.contains('@'))
        || columns.iter().filter(is_number).count() * 4 > columns.len()
}

/// Says whether the text has these words in it, regardless of case, blanks, `-` and `_`.
#[must_use]
pub fn has_words(text: &str, words: &str) -> bool {
    let (text, words): (String, String) = (letters_of(text).collect(), letters_of(words).collect());
    text.contains(&words)
}
