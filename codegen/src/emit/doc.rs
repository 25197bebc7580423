//! Doc comments.

use proc_macro2::TokenStream;
use quote::quote;

use crate::output::markdown::markdown;

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
