//! Text of others, made safe to show: file names, column names, cells, the words of a server.

use std::fmt::Write as _;

/// The most characters of a message that are kept.
pub(crate) const MESSAGE_LIMIT: usize = 500;

/// A text of others, safe to show: it cannot control a terminal, it hides nothing, it stays one line, and it has at most
/// 500 characters.
#[must_use]
pub fn printable(text: &str) -> String {
    let text = text.trim();
    let mut safe = String::with_capacity(text.len().min(MESSAGE_LIMIT));
    for c in text.chars().take(MESSAGE_LIMIT) {
        push(&mut safe, c, Escapes::Rust);
    }
    safe.chars().take(MESSAGE_LIMIT).collect()
}

/// A text of others in one line, safe to show, however long it is: the path of a file.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    text.chars().for_each(|c| push(&mut safe, c, Escapes::Rust));
    safe
}

/// A text as one word of a command: as it is, or in quotes where a shell would take it apart.
#[must_use]
pub fn shell_word(text: &str) -> String {
    let is_plain =
        |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | ':' | '@' | '%' | '\\');
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A character that a reader does not see, or that changes how the others are shown: a control character, a bidirectional
/// mark, or one that has no width.
///
/// Of Unicode's properties these are: the category `Cc`, `Bidi_Control`, `Default_Ignorable_Code_Point`, and what breaks
/// or annotates lines.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// How a hidden character is written.
#[derive(Clone, Copy)]
pub enum Escapes {
    /// As people know it: `\u{202e}`.
    Rust,
    /// As JSON has it: what was JSON still is, and says the same.
    Json,
}

/// Adds a character, escaped if it is hidden.
pub fn push(safe: &mut String, c: char, escapes: Escapes) {
    match escapes {
        _ if !is_hidden(c) => safe.push(c),
        Escapes::Rust => safe.extend(c.escape_default()),
        // Writing to a String cannot fail.
        Escapes::Json => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
            let _ = write!(safe, "\\u{unit:04x}");
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str, escapes: Escapes) -> String {
        let mut safe = String::new();
        text.chars().for_each(|c| push(&mut safe, c, escapes));
        safe
    }

    #[test]
    fn nothing_hidden_is_shown() {
        let controls = ('\u{0}'..'\n').chain('\u{b}'..' ').chain('\u{7f}'..='\u{9f}');
        let others = "\u{ad}\u{200b}\u{200d}\u{200e}\u{202a}\u{202e}\u{2028}\u{2060}\u{2066}\u{2069}\u{61c}\u{feff}\u{fe0f}\
                      \u{e0041}\u{e0100}\u{3164}";
        for c in controls.chain(others.chars()) {
            let text = format!("a{c}b");
            let code = u32::from(c);
            assert!(!printable(&text).contains(c), "U+{code:04X}");
            assert!(!escaped(&text, Escapes::Rust).contains(c), "U+{code:04X}");
            let json = serde_json::Value::from(text).to_string();
            let shown = escaped(&json, Escapes::Json);
            assert!(!shown.contains(c), "U+{code:04X}");
            assert_eq!(
                serde_json::from_str::<String>(&shown).unwrap(),
                serde_json::from_str::<String>(&json).unwrap()
            );
        }
        assert_eq!(printable("\n José: 王, 😀\n"), "José: 王, 😀");
    }
}
