//! Finds many texts in a message at once, in any case and over line ends.

use super::printable::is_hidden;

/// A private text, and what stands for it.
pub(super) struct PrivateText {
    /// As it is compared: in folded case, every blank one space.
    pub(super) letters: Vec<char>,
    pub(super) instead: String,
    pub(super) whole_words: bool,
}

/// A search for all texts at once: a row may have very many values.
pub(super) struct Search<'s, 'p> {
    pub(super) line: &'s [(char, usize)],
    /// The texts in the order of their letters: those that begin alike lie together.
    pub(super) order: &'s [&'p PrivateText],
    /// The message may end in the middle of a text.
    pub(super) cut: bool,
}

/// A part of the way through a text: which texts it may still be, and how far they and the message were read.
struct Prefix<'s, 'p> {
    texts: &'s [&'p PrivateText],
    depth: usize,
    next: usize,
    last: usize,
}

impl<'p> Search<'_, 'p> {
    /// The texts that begin at this place, each with the place of its last letter.
    pub(super) fn from(&self, start: usize) -> Vec<(&'p PrivateText, usize)> {
        let mut found = Vec::new();
        let mut ways = vec![Prefix { texts: self.order, depth: 0, next: start, last: start }];
        while let Some(Prefix { texts, depth, next, last }) = ways.pop() {
            let complete = texts.partition_point(|text| text.letters.len() <= depth);
            let (whole, longer) = texts.split_at_checked(complete).unwrap_or_default();
            found.extend(
                whole.iter().filter(|text| self.may_end(text, start, last)).map(|text| (*text, last)),
            );
            let Some(c) = self.at(next) else {
                // What is cut begins like some text; which one does not matter.
                found.extend(longer.first().filter(|_| self.cut && depth > 0).map(|text| (*text, last)));
                continue;
            };
            if !c.is_whitespace() {
                let texts = with_letter(longer, depth, c);
                ways.push(Prefix { texts, depth: depth + 1, next: next + 1, last: next });
            }
            if c.is_whitespace() || is_hidden(c) || c == '+' {
                // A blank may have become a line end, several blanks, or the plus sign of a form.
                let texts = with_letter(longer, depth, ' ');
                ways.push(Prefix { texts, depth: depth + 1, next: self.after_blanks(next + 1), last });
            }
            if depth > 0 && is_hidden(c) {
                // Lines are broken, and the next one may be indented.
                ways.push(Prefix { texts: longer, depth, next: self.after_blanks(next + 1), last });
            }
            ways.retain(|way| !way.texts.is_empty());
        }
        found
    }

    fn at(&self, place: usize) -> Option<char> {
        self.line.get(place).map(|(c, _)| *c)
    }

    fn after_blanks(&self, mut place: usize) -> usize {
        while self.at(place).is_some_and(|c| c.is_whitespace() || is_hidden(c)) {
            place += 1;
        }
        place
    }

    /// A short text is none within a word.
    fn may_end(&self, text: &PrivateText, start: usize, last: usize) -> bool {
        let before = start.checked_sub(1).and_then(|place| self.at(place));
        let after = self.at(last + 1);
        !text.whole_words || !before.into_iter().chain(after).any(is_of_word)
    }
}

/// Of texts that are equal up to a letter, those with this letter there.
fn with_letter<'s, 'p>(texts: &'s [&'p PrivateText], depth: usize, c: char) -> &'s [&'p PrivateText] {
    let letter = |text: &&PrivateText| text.letters.get(depth).copied();
    let from = texts.partition_point(|text| letter(text) < Some(c));
    let rest = texts.get(from..).unwrap_or_default();
    let to = rest.partition_point(|text| letter(text) == Some(c));
    rest.get(..to).unwrap_or_default()
}

/// Whether a character beside a text makes both one word. Scripts that are written without blanks have no such words.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() && c < '\u{2e80}'
}

/// The case in which texts are compared: that of `ß` and `ss`, of `ς` and `σ` is the same.
pub(super) fn folded(c: char) -> impl Iterator<Item = char> {
    let ascii = c.is_ascii().then(|| c.to_ascii_lowercase());
    let others =
        (!c.is_ascii()).then(|| c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase));
    ascii.into_iter().chain(others.into_iter().flatten())
}
