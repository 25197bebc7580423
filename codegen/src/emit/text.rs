//! Literals and doc comments.

use proc_macro2::{Literal, Punct, Spacing, TokenStream};
use quote::{ToTokens, quote};

/// `Some(value)` or `None`.
pub(super) fn option<T: ToTokens>(value: Option<T>) -> TokenStream {
    value.map_or_else(|| quote! { None }, |value| quote! { Some(#value) })
}

/// `&["a", "b"]`.
pub(super) fn list<T: ToTokens>(items: impl IntoIterator<Item = T>) -> TokenStream {
    let items = items.into_iter();
    quote! { &[#(#items),*] }
}

/// A number with `_` between its thousands, as people write it.
pub(super) fn number(number: i64) -> TokenStream {
    let digits = number.unsigned_abs().to_string();
    let literal = if digits.len() > 4 { group(&digits).parse().ok() } else { None };
    let literal = literal.unwrap_or_else(|| Literal::u64_unsuffixed(number.unsigned_abs()));
    let minus = (number < 0).then(|| Punct::new('-', Spacing::Alone));
    quote! { #minus #literal }
}

/// `50_000`.
pub(crate) fn group(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    grouped
}

/// The lines of a doc comment, without the slashes.
pub(super) fn doc(text: &str) -> TokenStream {
    let lines = wrap(&markdown(text)).into_iter().map(|line| format!(" {line}"));
    quote! { #(#[doc = #lines])* }
}

/// The same as text, for what is put together without tokens.
pub(super) fn doc_lines(text: &str) -> String {
    let lines: Vec<String> = wrap(&markdown(text)).into_iter().map(|line| format!("/// {line}")).collect();
    lines.join("\n")
}

/// A sentence that ends, of a text that may not.
pub(super) fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?', ')', ':']) { text.to_owned() } else { format!("{text}.") }
}

/// The text with a capital letter in front.
pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default() + chars.as_str()
}

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

/// Lines of at most a hundred characters.
fn wrap(text: &str) -> Vec<String> {
    const WIDTH: usize = 100;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
