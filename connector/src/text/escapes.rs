//! Takes escapes off a text, letter by letter, without losing where each letter stands: those of JSON, URLs and HTML.

/// A character of the message, and the bytes that say it: an escape has several.
#[derive(Clone, Copy)]
pub(super) struct Letter {
    pub(super) c: char,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Letter {
    pub(super) fn of((start, c): (usize, char)) -> Self {
        Self { c, start, end: start + c.len_utf8() }
    }
}

/// The letters with one layer of escapes taken off; none where there is none.
pub(super) fn unescaped(letters: &[Letter]) -> Option<Vec<Letter>> {
    let mut plain = Vec::with_capacity(letters.len());
    let (mut rest, mut changed) = (letters, false);
    while let Some((first, after)) = rest.split_first() {
        let escape = match first.c {
            '\\' => backslash(rest),
            '%' => percent(rest),
            '&' => entity(rest),
            _ => None,
        };
        if let Some((decoded, length)) = escape {
            plain.extend(decoded);
            rest = rest.get(length..).unwrap_or_default();
            changed = true;
        } else {
            plain.push(*first);
            rest = after;
        }
    }
    changed.then_some(plain)
}

/// What an escape says, and how many letters it has.
type Escape = Option<(Vec<Letter>, usize)>;

fn escape(letters: &[Letter], length: usize, c: char) -> Escape {
    let (start, end) = (letters.first()?.start, letters.get(length.checked_sub(1)?)?.end);
    Some((vec![Letter { c, start, end }], length))
}

fn text_of(letters: &[Letter], from: usize, length: usize) -> Option<String> {
    letters.get(from..from + length).map(|letters| letters.iter().map(|letter| letter.c).collect())
}

fn hex(letters: &[Letter], from: usize, length: usize) -> Option<u32> {
    let text = text_of(letters, from, length)?;
    text.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(&text, 16).ok()).flatten()
}

/// `\u0061`, `\u{61}`, `\x61`, `\/`, `\n`.
fn backslash(letters: &[Letter]) -> Escape {
    match letters.get(1)?.c {
        'u' if letters.get(2)?.c == '{' => {
            let length = letters.get(3..)?.iter().take(7).position(|letter| letter.c == '}')?;
            escape(letters, length + 4, char::from_u32(hex(letters, 3, length)?)?)
        }
        'u' => {
            let unit = hex(letters, 2, 4)?;
            if let Some(c) = char::from_u32(unit) {
                return escape(letters, 6, c);
            }
            let low = (text_of(letters, 6, 2)? == r"\u").then(|| hex(letters, 8, 4)).flatten()?;
            let pair = [u16::try_from(unit).ok()?, u16::try_from(low).ok()?];
            escape(letters, 12, char::decode_utf16(pair).next()?.ok()?)
        }
        'x' => escape(letters, 4, char::from_u32(hex(letters, 2, 2)?)?),
        'n' => escape(letters, 2, '\n'),
        'r' => escape(letters, 2, '\r'),
        't' => escape(letters, 2, '\t'),
        c if c.is_ascii_punctuation() => escape(letters, 2, c),
        _ => None,
    }
}

/// `%40`, and several of them for a character beyond ASCII.
fn percent(letters: &[Letter]) -> Escape {
    let mut bytes = Vec::with_capacity(4);
    while bytes.len() < 4 && letters.get(bytes.len() * 3).is_some_and(|letter| letter.c == '%') {
        bytes.push(u8::try_from(hex(letters, bytes.len() * 3 + 1, 2)?).ok()?);
        if let Ok(text) = str::from_utf8(&bytes) {
            return escape(letters, bytes.len() * 3, text.chars().next()?);
        }
    }
    None
}

/// `&amp;`, `&#64;`, `&#x40;`.
fn entity(letters: &[Letter]) -> Escape {
    let length = letters.get(1..)?.iter().take(9).position(|letter| letter.c == ';')?;
    let name = text_of(letters, 1, length)?;
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
        None => match name.as_str() {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            "nbsp" => '\u{a0}',
            "commat" => '@',
            "period" => '.',
            "plus" => '+',
            "lowbar" => '_',
            "sol" => '/',
            "colon" => ':',
            _ => return None,
        },
    };
    escape(letters, length + 2, c)
}
