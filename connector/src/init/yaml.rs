//! Texts as YAML has them: plain where they can mean nothing else, quoted where they could.

use std::fmt::Write as _;

use crate::text::printable::is_hidden;

/// Words that are no text to some reader of YAML.
const WORDS: [&str; 11] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"];

/// A text as a value or a key, in a list or a block of any style.
pub(super) fn quoted(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if is_hidden(c) => {
                // Writing to a String cannot fail.
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn is_plain(text: &str) -> bool {
    let ends = |c: char| c.is_ascii_alphanumeric() || matches!(c, ')' | '.' | '_');
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.ends_with(ends)
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '(' | ')' | '.' | '/' | '-'))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// A comment, at most so wide, with so many blanks before it.
pub(super) fn comment(indent: usize, text: &str) -> String {
    const WIDTH: usize = 110;
    let before = format!("{:indent$}#", "");
    let (mut lines, mut line) = (String::new(), before.clone());
    for word in text.split_whitespace() {
        if line.len() > before.len() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push_str(&line);
            lines.push('\n');
            line.clone_from(&before);
        }
        line.push(' ');
        // Nothing of others may begin a line of its own.
        line.extend(word.chars().filter(|c| !is_hidden(*c)));
    }
    lines.push_str(&line);
    lines.push('\n');
    lines
}
