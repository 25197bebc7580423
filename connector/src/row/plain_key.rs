//! What a text needs to be a key: two keys that look the same are the same, and no program has changed it on its way.

use super::fault::Fault;
use crate::text::printable::is_hidden;

/// What spreadsheets write in place of a value that they could not compute. `#N` and a blank may follow in other languages.
const ERRORS: [&str; 26] = [
    "#N/A",
    "#N/A!",
    "#NV",
    "#N/D",
    "#REF!",
    "#BEZUG!",
    "#VALUE!",
    "#WERT!",
    "#VALEUR!",
    "#VALOR!",
    "#DIV/0!",
    "#NAME?",
    "#NOM?",
    "#NULL!",
    "#NUM!",
    "#ZAHL!",
    "#NOMBRE!",
    "#SPILL!",
    "#CALC!",
    "#ERROR!",
    "#FIELD!",
    "#BLOCKED!",
    "#CONNECT!",
    "#UNKNOWN!",
    "#BUSY!",
    "#GETTING_DATA",
];

/// A character that a reader takes for the edge of a text: a blank, or one that shows nothing.
pub(crate) fn is_edge(c: char) -> bool {
    c.is_whitespace() || is_hidden(c)
}

/// The text without such characters at either end.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(is_edge)
}

/// What keeps a text from being a key. `trim` is how a user takes blanks off its ends.
pub(crate) fn judge(text: &str, trim: impl FnOnce() -> String) -> Result<(), Fault> {
    if is_plain_at_a_glance(text) {
        return Ok(());
    }
    match fault_of(text, trim) {
        Some(message) => Err(Fault::new("key", message).of(text)),
        None => Ok(()),
    }
}

fn fault_of(text: &str, trim: impl FnOnce() -> String) -> Option<String> {
    let plain = trimmed(text);
    if plain.is_empty() {
        let character = text.chars().next().map(named)?;
        return Some(format!(
            "is a key and has nothing but {character} in it: write the key, or leave the cell empty"
        ));
    }
    let hidden = plain.chars().find(|c| c.is_control() || (is_hidden(*c) && !is_variation(*c)));
    if let Some(c) = hidden {
        return Some(format!(
            "is a key and has {} in it, which nobody sees: take it out where the row comes from",
            named(c)
        ));
    }
    if plain.len() < text.len() {
        let (place, c) = match text.chars().next().filter(|c| is_edge(*c)) {
            Some(first) => ("begins", first),
            None => ("ends", text.chars().next_back()?),
        };
        return Some(format!("is a key and {place} with {}: {}, or take it out", named(c), trim()));
    }
    if is_error(text) {
        return Some(
            "is a key, and the cell holds an error of a spreadsheet: mend the formula there".to_owned(),
        );
    }
    if text.starts_with("=\"") && text.ends_with('"') {
        return Some(
            "is a key, and the cell holds the formula `=\"...\"`: format the column as text, and export it again".to_owned(),
        );
    }
    is_shortened(text).then(|| {
        "is a key, and a spreadsheet has shortened it to a rounded number such as 2.02512E+11: format the column as text, and \
         export it again"
            .to_owned()
    })
}

/// Nothing but letters, digits and signs of ASCII, which no spreadsheet has written in place of them: most keys.
fn is_plain_at_a_glance(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_number = |first: &u8| first.is_ascii_digit() || matches!(first, b'-' | b'+');
    bytes
        .first()
        .is_some_and(|first| !matches!(first, b'#' | b'=') && (!is_number(first) || !is_shortened(text)))
        && bytes.iter().all(u8::is_ascii_graphic)
}

/// Chooses how the character before it looks.
fn is_variation(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// A character as people can look for it.
pub(crate) fn named(c: char) -> String {
    let code = u32::from(c);
    let name = match c {
        ' ' => "a blank",
        '\t' => "a tab",
        '\n' | '\r' => "a line end",
        '\u{a0}' => "a no-break space",
        '\u{feff}' => "a byte order mark",
        '\0' => "a NUL character",
        c if c.is_whitespace() => "a blank",
        c if c.is_control() => "a control character",
        _ => "an invisible character",
    };
    format!("{name} (U+{code:04X})")
}

fn is_error(text: &str) -> bool {
    text.starts_with('#')
        && (ERRORS.iter().any(|error| error.eq_ignore_ascii_case(text))
            || text.bytes().all(|byte| byte == b'#'))
}

/// One digit, decimals, and an exponent with a sign and two digits or more: `2.02512E+11`. `12E4` is a text like others.
fn is_shortened(text: &str) -> bool {
    let Some((number, exponent)) = text.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.strip_prefix(['-', '+']).unwrap_or(number);
    let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or_default();
    whole.len() == 1
        && digits(whole)
        && !decimals.is_empty()
        && digits(decimals)
        && exponent.len() >= 2
        && digits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_spreadsheets_change_is_no_key() {
        let shortened = ["2.02512E+11", "1.23E+15", "1E+15", "1,23E+15", "-1.2e-05"];
        for text in shortened {
            assert!(judge(text, String::new).is_err_and(|fault| fault.message.contains("as text")), "{text}");
        }
        for text in ["#N/A", "#n/a", "#REF!", "####", "=\"0012\"", "=\"\""] {
            assert!(judge(text, String::new).is_err(), "{text}");
        }
        for text in ["12E4", "1E5", "12.5E+11", "E+11", "1.E+11", "1E+1", "#1", "#", "a#N/A", "=1", "0012"] {
            assert_eq!(judge(text, String::new).is_ok(), text != "#", "{text}");
        }
    }

    #[test]
    fn the_character_is_named() {
        for (text, words) in [
            ("a ", "ends with a blank (U+0020)"),
            ("\u{a0}a", "begins with a no-break space (U+00A0)"),
            ("\u{feff}a", "U+FEFF"),
            ("a\u{200b}", "U+200B"),
            ("a\u{200d}b", "U+200D"),
            ("a\0b", "a NUL character (U+0000)"),
            ("a\u{7f}b", "U+007F"),
            (" \t", "nothing but"),
        ] {
            let fault = judge(text, String::new).unwrap_err();
            assert!(fault.message.contains(words), "{text:?}: {}", fault.message);
        }
        for text in ["a b", "a\u{a0}b", "\u{2764}\u{fe0f}b", "jos\u{e9}"] {
            assert!(judge(text, String::new).is_ok(), "{text}");
        }
    }
}
