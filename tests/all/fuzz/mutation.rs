//! Good bytes become bad ones.

use fastrand::Rng;

/// What breaks parsers of any kind.
const TOKENS: &[&[u8]] = &[
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\r\n",
    b"\n",
    b"\r",
    b"\t",
    b" ",
    "\u{2028}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{1f600}".as_bytes(),
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"-",
    b"#",
    b"0",
    b"-1",
    b"1e999",
    b"-0.0",
    b"NaN",
    b"255",
    b"65536",
    b"4294967296",
    b"9223372036854775807",
    b"9223372036854775808",
    b"-9223372036854775808",
    b"18446744073709551615",
    b"18446744073709551616",
    b"99999999999999999999999999999999999999999999999999",
    b"null",
    b"true",
    b"false",
    b"\"\"",
    b"[]",
    b"{}",
];

/// The most bytes, but for what nesting and repeating add once.
const MOST: usize = 1 << 16;

/// One of the good documents after one change or several. `tokens` are words that mean something to who reads them.
pub(super) fn mutated(rng: &mut Rng, good: &[Vec<u8>], tokens: &[&[u8]]) -> Vec<u8> {
    let mut bytes = good[rng.usize(..good.len())].clone();
    while {
        change(rng, &mut bytes, good, tokens);
        bytes.len() < MOST && rng.u8(..5) < 2
    } {}
    bytes
}

fn change(rng: &mut Rng, bytes: &mut Vec<u8>, good: &[Vec<u8>], tokens: &[&[u8]]) {
    let at = rng.usize(..=bytes.len());
    match rng.u8(..16) {
        0 => flip(rng, bytes),
        1 => drop(bytes.drain(range(rng, bytes.len(), 64))),
        2 if rng.u8(..4) == 0 => bytes.truncate(at),
        3 => {
            let other = &good[rng.usize(..good.len())];
            let part = other[range(rng, other.len(), 200)].to_vec();
            replace(bytes, at..at, &part);
        }
        4 => {
            let part = bytes[range(rng, bytes.len(), 100)].to_vec();
            let times = if rng.u8(..50) == 0 { rng.usize(..2000) } else { 1 + rng.usize(..4) };
            replace(bytes, at..at, &part.repeat(times));
        }
        5..8 => replace(bytes, at..at, token(rng, tokens)),
        8..13 => {
            let word = word(rng, bytes);
            replace(bytes, word, token(rng, tokens));
        }
        13 => {
            // Somewhere a word, and elsewhere the same.
            let (from, to) = (word(rng, bytes), word(rng, bytes));
            let from = bytes[from].to_vec();
            replace(bytes, to, &from);
        }
        14 if rng.u8(..8) == 0 => nest(rng, bytes, at),
        15 if rng.u8(..4) == 0 => {
            replace(bytes, 0..0, [&b"\xef\xbb\xbf"[..], b"\xff\xfe", b"\n\n "][rng.usize(..3)]);
        }
        _ => {
            let word = word(rng, bytes);
            let number = rng.u64(..) >> rng.u32(..64);
            replace(bytes, word, number.to_string().as_bytes());
        }
    }
}

/// One bit, or a whole byte.
pub(super) fn flip(rng: &mut Rng, bytes: &mut [u8]) {
    if let Some(at) = rng.choice(0..bytes.len()) {
        bytes[at] = if rng.bool() { bytes[at] ^ (1 << rng.u32(..8)) } else { rng.u8(..) };
    }
}

/// Part of so many bytes.
pub(super) fn range(rng: &mut Rng, length: usize, most: usize) -> std::ops::Range<usize> {
    let start = rng.usize(..=length);
    start..(start + rng.usize(..=most)).min(length)
}

fn token<'t>(rng: &mut Rng, tokens: &[&'t [u8]]) -> &'t [u8] {
    if !tokens.is_empty() && rng.bool() {
        return tokens[rng.usize(..tokens.len())];
    }
    TOKENS[rng.usize(..TOKENS.len())]
}

/// A word with its quotes, a number or an empty place.
fn word(rng: &mut Rng, bytes: &[u8]) -> std::ops::Range<usize> {
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.\"%@/".contains(byte);
    let start = rng.usize(..=bytes.len());
    let start = start + bytes[start..].iter().position(inner).unwrap_or_default();
    let begin = start - bytes[..start].iter().rev().take_while(|byte| inner(byte)).count();
    begin..start + bytes[start..].iter().take_while(|byte| inner(byte)).count()
}

fn nest(rng: &mut Rng, bytes: &mut Vec<u8>, at: usize) {
    let depth = if rng.bool() { rng.usize(..200) } else { rng.usize(..4000) };
    let (open, close): (&[u8], &[u8]) =
        [(&b"["[..], &b"]"[..]), (b"{\"data\":", b"}"), (b"{a: ", b"}"), (b"- ", b""), (b"", b"]")]
            [rng.usize(..5)];
    let end = at + rng.usize(..=bytes.len() - at);
    replace(bytes, end..end, &close.repeat(depth));
    replace(bytes, at..at, &open.repeat(depth));
}

fn replace(bytes: &mut Vec<u8>, part: std::ops::Range<usize>, with: &[u8]) {
    drop(bytes.splice(part, with.iter().copied()));
}
