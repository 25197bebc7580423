//! Text of others, made safe to show: file names, column names, cells, the words of a server.

use std::fmt::Write as _;
use std::io::{self, Write};

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
pub(crate) enum Escapes {
    /// As people know it: `\u{202e}`.
    Rust,
    /// As JSON has it: what was JSON still is, and says the same.
    Json,
}

/// An output for text of others: hidden characters are escaped, line ends stay.
///
/// It stands around standard output and standard error, so that no message has to remember it.
pub(crate) struct Printable<W> {
    inner: W,
    escapes: Escapes,
    /// The beginning of a character whose other bytes have not come yet.
    begun: Vec<u8>,
}

impl<W: Write> Printable<W> {
    pub(crate) fn new(inner: W, escapes: Escapes) -> Self {
        Self { inner, escapes, begun: Vec::new() }
    }

    fn write_text(&mut self, text: &str) -> io::Result<()> {
        if !text.chars().any(|c| is_hidden(c) && c != '\n') {
            return self.inner.write_all(text.as_bytes());
        }
        let mut safe = String::with_capacity(text.len() + 16);
        for c in text.chars() {
            if c == '\n' { safe.push(c) } else { push(&mut safe, c, self.escapes) }
        }
        self.inner.write_all(safe.as_bytes())
    }
}

impl<W: Write> Write for Printable<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut joined = std::mem::take(&mut self.begun);
        joined.extend_from_slice(bytes);
        let mut rest = joined.as_slice();
        loop {
            let (valid, after) = match str::from_utf8(rest) {
                Ok(text) => {
                    self.write_text(text)?;
                    return Ok(bytes.len());
                }
                Err(error) => rest.split_at(error.valid_up_to()),
            };
            self.write_text(str::from_utf8(valid).unwrap_or_default())?;
            match str::from_utf8(after).err().and_then(|error| error.error_len()) {
                Some(bad) => {
                    self.write_text("\u{fffd}")?;
                    rest = after.get(bad..).unwrap_or_default();
                }
                None => {
                    self.begun = after.to_vec();
                    return Ok(bytes.len());
                }
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn push(safe: &mut String, c: char, escapes: Escapes) {
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

    fn written(pieces: &[&[u8]], escapes: Escapes) -> String {
        let mut bytes = Vec::new();
        let mut out = Printable::new(&mut bytes, escapes);
        pieces.iter().for_each(|piece| out.write_all(piece).unwrap());
        String::from_utf8(bytes).unwrap()
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
            assert!(!written(&[text.as_bytes()], Escapes::Rust).contains(c), "U+{code:04X}");
            let json = serde_json::Value::from(text).to_string();
            let shown = written(&[json.as_bytes()], Escapes::Json);
            assert!(!shown.contains(c), "U+{code:04X}");
            assert_eq!(
                serde_json::from_str::<String>(&shown).unwrap(),
                serde_json::from_str::<String>(&json).unwrap()
            );
        }
        assert_eq!(printable("\n José: 王, 😀\n"), "José: 王, 😀");
    }

    #[test]
    fn a_character_may_come_in_two_pieces() {
        let text = "é\u{202e}€\n";
        for cut in 0..=text.len() {
            let (one, other) = text.as_bytes().split_at(cut);
            assert_eq!(written(&[one, other], Escapes::Rust), "é\\u{202e}€\n", "cut at {cut}");
        }
        assert_eq!(written(&[b"a\xffb"], Escapes::Rust), "a\u{fffd}b");
    }
}
