//! Takes private texts out of a message, in whatever form a server may repeat them.
//!
//! A text is found regardless of case, split over lines, with invisible characters in between, and escaped as JSON, URLs
//! and HTML do it, one in the other too.

use std::borrow::Cow;

use serde_json::Value;

use super::escapes::{Letter, unescaped};
use super::printable::is_hidden;
use super::search::{PrivateText, Search, folded};

/// Shorter texts are likely to be parts of words, so they are found as whole words only.
const SHORTEST_PART: usize = 3;
/// Numbers up to so many digits are not private: messages have such numbers of their own, as a status or a count.
const LONGEST_COUNT: usize = 3;
/// So many characters of a message are looked at, and none beyond them is shown.
const LOOKED_AT: usize = 4000;
/// How many escapes one in the other are seen through.
const DEPTH: usize = 3;

/// Private texts, and what stands for each in a message.
#[derive(Default)]
pub struct Private {
    texts: Vec<PrivateText>,
}

impl Private {
    /// Adds the value of something that has a name: `<NAME>` stands for it.
    pub fn add_value(&mut self, value: &str, name: &str) {
        let value = value.trim();
        let count = value.len() <= LONGEST_COUNT && value.bytes().all(|byte| byte.is_ascii_digit());
        let short = value.chars().count() < SHORTEST_PART;
        if count || (short && !value.chars().any(char::is_alphanumeric)) {
            return;
        }
        self.add(value, format!("<{name}>"), short);
    }

    /// Adds the texts and numbers of a JSON value, however deep.
    pub fn add_values(&mut self, value: &Value, name: &str) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.add_values(item, name)),
            Value::Object(entries) => entries.values().for_each(|entry| self.add_values(entry, name)),
            Value::String(text) => self.add_value(text, name),
            Value::Number(number) => self.add_value(&number.to_string(), name),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Adds a secret: stars stand for it. `common`: it may be a word, so that it is found as a whole word only.
    pub fn add_secret(&mut self, secret: &str, common: bool) {
        self.add(secret, "***".to_owned(), common);
    }

    fn add(&mut self, text: &str, instead: String, whole_words: bool) {
        let mut letters: Vec<char> = Vec::with_capacity(text.len());
        for c in text.trim().chars().filter(|c| !is_hidden(*c) || c.is_whitespace()) {
            if !c.is_whitespace() {
                letters.extend(folded(c));
            } else if letters.last() != Some(&' ') {
                letters.push(' ');
            }
        }
        if !letters.is_empty() {
            self.texts.push(PrivateText { letters, instead, whole_words });
        }
    }

    /// There is nothing to take out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The message without them. Of a very long one only the beginning is left.
    #[must_use]
    pub fn take_out<'m>(&self, message: &'m str) -> Cow<'m, str> {
        if self.is_surely_absent(message) {
            return Cow::Borrowed(message);
        }
        Cow::Owned(self.searched(message))
    }

    fn searched(&self, message: &str) -> String {
        let mut letters: Vec<Letter> = message.char_indices().take(LOOKED_AT).map(Letter::of).collect();
        let end = letters.last().map_or(0, |letter| letter.end);
        let cut = end < message.len();
        let mut found = Vec::new();
        for _ in 0..=DEPTH {
            self.find(&letters, cut, message, &mut found);
            match unescaped(&letters) {
                Some(plain) => letters = plain,
                None => break,
            }
        }
        replaced(message.get(..end).unwrap_or_default(), found)
    }

    /// Each text has a letter that the message lacks. Only a message without escapes and hidden characters can be judged
    /// so; most are such messages, and every string of every answer is looked at.
    fn is_surely_absent(&self, message: &str) -> bool {
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'\\' | b'%' | b'&');
        if message.len() > LOOKED_AT || !message.bytes().all(is_plain) {
            return self.is_empty();
        }
        let bit = |byte: u8| 1_u128 << (byte & 127);
        let there = message.bytes().fold(0, |there, byte| there | bit(byte.to_ascii_lowercase()));
        // A blank can be written in several ways.
        let lacks = |letter: char| {
            letter != ' '
                && u8::try_from(letter).map_or(true, |byte| !byte.is_ascii() || there & bit(byte) == 0)
        };
        self.texts.iter().all(|text| text.letters.iter().any(|letter| lacks(*letter)))
    }

    /// Where in the message the texts are.
    fn find<'p>(&'p self, letters: &[Letter], cut: bool, message: &str, found: &mut Vec<Hit<'p>>) {
        let line: Vec<(char, usize)> = letters
            .iter()
            .enumerate()
            .flat_map(|(place, letter)| folded(letter.c).map(move |c| (c, place)))
            .collect();
        let mut order: Vec<&PrivateText> = self.texts.iter().collect();
        order.sort_by_key(|text| &text.letters);
        let search = Search { line: &line, order: &order, cut };
        for start in 0..line.len() {
            for (text, last) in search.from(start) {
                let place = |at: usize| line.get(at).and_then(|(_, place)| letters.get(*place));
                if let (Some(first), Some(last)) = (place(start), place(last)) {
                    let hit = Hit { start: first.start, end: last.end, instead: &text.instead };
                    // What stands for a text already stays.
                    if !self.is_stand_in(message, &hit) {
                        found.push(hit);
                    }
                }
            }
        }
    }

    fn is_stand_in(&self, message: &str, found: &Hit<'_>) -> bool {
        let before = message.get(..found.start).unwrap_or_default();
        let after = message.get(found.end..).unwrap_or_default();
        let (Some(open), Some(close)) = (before.rfind('<'), after.find('>')) else { return false };
        let whole = message.get(open..=found.end + close).unwrap_or_default();
        self.texts.iter().any(|text| text.instead == whole)
    }
}

/// Where a text was found: bytes of the message; and what stands for it.
struct Hit<'p> {
    start: usize,
    end: usize,
    instead: &'p str,
}

/// The message with stand-ins. Where texts overlap, all of it goes, and the longest stands for it.
fn replaced(message: &str, mut found: Vec<Hit<'_>>) -> String {
    found.sort_by_key(|found| (found.start, std::cmp::Reverse(found.end)));
    let mut merged: Vec<(Hit<'_>, usize)> = Vec::new();
    for next in found {
        let length = next.end - next.start;
        match merged.last_mut() {
            Some((last, longest)) if next.start < last.end => {
                last.end = last.end.max(next.end);
                if length > *longest {
                    (last.instead, *longest) = (next.instead, length);
                }
            }
            _ => merged.push((next, length)),
        }
    }
    let (mut kept, mut end) = (String::with_capacity(message.len()), 0);
    for (found, _) in merged {
        kept.push_str(message.get(end..found.start).unwrap_or_default());
        kept.push_str(found.instead);
        end = found.end;
    }
    kept.push_str(message.get(end..).unwrap_or_default());
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn private(values: &[&str]) -> Private {
        let mut private = Private::default();
        for value in values {
            private.add_value(value, "v");
        }
        private
    }

    #[test]
    fn a_value_is_found_in_every_form() {
        for (value, message) in [
            ("ada@example.com", "ada@example.com"),
            ("ada@example.com", "ADA@Example.COM"),
            ("  ada@example.com ", "ada@example.com"),
            ("ada@example.com", "ada%40example.com"),
            ("ada@example.com", "ada%2540example%2ecom"),
            ("ada@example.com", r"\u0061da@example.com"),
            ("ada@example.com", r"ada\u0040example.com"),
            ("ada@example.com", "ada&#64;example.com"),
            ("ada@example.com", "ada&#x40;example.com"),
            ("ada@example.com", "ada&amp;#x40;example.com"),
            ("ada@example.com", "ada@exam\r\n ple.com"),
            ("ada@example.com", "ada@exam\u{200b}ple.com"),
            ("ada@exam\u{200b}ple.com", "ada@example.com"),
            ("a/b&c", r"a\/b&amp;c"),
            ("Müller", "MÜLLER"),
            ("Müller", "M%C3%BCller"),
            ("Müller", r"M\u00fcller"),
            ("Straße", "STRASSE"),
            ("STRASSE", "straße"),
            ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
            ("Ada Lovelace", "ada+lovelace"),
            ("Ada Lovelace", "Ada\nLovelace"),
            ("Ada  Lovelace", "Ada\u{a0}Lovelace"),
            ("+49 +30", "+49 +30"),
            ("😀😀😀", r"\ud83d\ude00\ud83d\ude00\ud83d\ude00"),
            ("100%", "100%"),
            ("a%41b", "a%41b"),
            ("Bo", "BO"),
            ("王", "王"),
        ] {
            assert_eq!(
                private(&[value]).take_out(&format!("so {message}.")),
                "so <v>.",
                "{value} in {message}"
            );
        }
    }

    #[test]
    fn what_is_not_searched_has_nothing_to_find() {
        let mut random = fastrand::Rng::with_seed(7);
        let (mut skipped, mut replaced) = (0, 0);
        for _ in 0..20_000 {
            let letters = ["a", "B", "c", " ", "+", "_", "%41", "&#97;", "\\u0062", "\n", "ä", "\u{200b}"];
            let mut text = |most: usize| -> String {
                (0..=random.usize(..most)).map(|_| letters[random.usize(..letters.len())]).collect()
            };
            let (private, message) = (private(&[&text(4), &text(4)]), text(12));
            let searched = private.searched(&message);
            skipped += usize::from(private.is_surely_absent(&message));
            replaced += usize::from(searched != message);
            assert_eq!(private.take_out(&message), searched, "{message:?}");
        }
        assert!(skipped > 500 && replaced > 500, "{skipped} {replaced}");
    }

    #[test]
    fn a_short_value_blanks_no_words() {
        let message = "Al is already a member (HTTP 404)";
        assert_eq!(private(&["al"]).take_out(message), "<v> is already a member (HTTP 404)");
        assert_eq!(private(&["e"]).take_out(message), message);
        assert_eq!(private(&["-", ".", "(", "404", "7"]).take_out(message), message);
    }

    #[test]
    fn overlapping_values_all_go() {
        let private = |values: &[(&str, &str)]| {
            let mut private = Private::default();
            for (value, name) in values {
                private.add_value(value, name);
            }
            private
        };
        let two = private(&[("x ada", "one"), ("ada@example.com", "two")]);
        assert_eq!(two.take_out("x ada@example.com!"), "<two>!");
        // What stands for a value is no value, even where a value is called so.
        let named = private(&[("email", "name"), ("ada@example.com", "email")]);
        let once = named.take_out("email ada@example.com");
        assert_eq!(once, "<name> <email>");
        assert_eq!(named.take_out(&once), once);
    }

    #[test]
    fn what_is_cut_shows_no_beginning_of_a_value() {
        let private = private(&["ada@example.com"]);
        for before in LOOKED_AT - 20..LOOKED_AT + 5 {
            let message = format!("{}ada@example.com and more", "x".repeat(before));
            let left = private.take_out(&message);
            assert!(!left.contains("ada"), "{before}");
        }
    }

    #[test]
    fn a_secret_becomes_stars() {
        let mut secrets = Private::default();
        secrets.add_secret("sk/live~1", false);
        secrets.add_secret("key", true);
        assert_eq!(secrets.take_out(r"sk\/live~1, sk%2Flive%7E1, xsk/live~1x"), "***, ***, x***x");
        assert_eq!(secrets.take_out("keys: key"), "keys: ***");
    }

    /// One after the other they would take minutes.
    #[test]
    fn very_many_values_are_looked_for_at_once() {
        let values: Vec<String> = (0..20_000).map(|n| format!("value {n} of a row")).collect();
        let private = private(&values.iter().map(String::as_str).collect::<Vec<_>>());
        let message = format!("value 19999 of a row, {}", "valu ".repeat(700));
        assert!(private.take_out(&message).starts_with("<v>, valu"));
    }
}
