//! Foreign text, made safe to show.

/// The most characters of a message that are kept.
const MESSAGE_LIMIT: usize = 500;

/// A text of the server, safe to show: it cannot control a terminal, and it stays one line.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len().min(MESSAGE_LIMIT));
    for c in text.trim().chars().take(MESSAGE_LIMIT) {
        // Bidirectional marks change what a reader sees, as escape sequences do.
        if c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    safe.chars().take(MESSAGE_LIMIT).collect()
}
