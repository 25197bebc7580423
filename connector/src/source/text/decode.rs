//! Character sets: byte order marks, `--encoding`, and the way to UTF-8.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::buffer::Buffer;
use super::position::Lines;
use crate::source::error::SourceError;
use crate::source::item::RecordFault;
use crate::text::names::{near, plain_name};

/// Replaces bytes that mean nothing in the source's encoding. UTF-8 has no such byte, so the check of each record
/// finds it.
const BROKEN: u8 = 0xFF;

/// The labels that people write most, to find a near one.
const LABELS: [&str; 27] = [
    "utf-8",
    "utf-16le",
    "utf-16be",
    "latin1",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-5",
    "iso-8859-7",
    "iso-8859-9",
    "iso-8859-15",
    "macintosh",
    "koi8-r",
    "shift_jis",
    "euc-jp",
    "gbk",
    "gb18030",
    "big5",
    "euc-kr",
];

/// What the standard's encodings are called elsewhere.
const OTHER_NAMES: [(&str, &str); 9] = [
    ("macroman", "macintosh"),
    ("macosroman", "macintosh"),
    ("applemacintosh", "macintosh"),
    ("ansi", "windows-1252"),
    ("win1252", "windows-1252"),
    ("western", "windows-1252"),
    ("winlatin1", "windows-1252"),
    ("utf16", "utf-16le"),
    ("cp932", "shift_jis"),
];

/// The encoding of a label.
pub(super) fn named(label: &str) -> Result<&'static Encoding, SourceError> {
    Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(|| {
        let meant = OTHER_NAMES.iter().find(|(other, _)| plain_name(label) == *other);
        let near = match meant {
            Some((_, label)) => format!("did you mean `{label}`?"),
            None if plain_name(label).contains("32") || plain_name(label).contains("ucs4") => {
                "there is no encoding of four bytes a character".to_owned()
            }
            None => near(label, &LABELS),
        };
        SourceError::UnknownEncoding { label: label.to_owned(), near }
    })
}

/// Consumes a byte order mark and says what it means.
pub(super) fn mark(raw: &mut Buffer) -> io::Result<Option<&'static Encoding>> {
    let found = Encoding::for_bom(raw.look_ahead(3)?);
    if let Some((_, length)) = found {
        raw.consume(length);
    }
    Ok(found.map(|(encoding, _)| encoding))
}

/// Consumes more byte order marks: a program that did not know the first one may have written another.
pub(super) fn pass_marks(bytes: &mut Buffer) -> io::Result<()> {
    while bytes.look_ahead(3)?.starts_with(b"\xEF\xBB\xBF") {
        bytes.consume(3);
    }
    Ok(())
}

/// The same source in UTF-8. UTF-8 itself passes as it is: its records are judged one by one.
pub(super) fn to_utf8(raw: Buffer, encoding: &'static Encoding) -> Buffer {
    if encoding == UTF_8 {
        return raw;
    }
    let decoder = encoding.new_decoder_without_bom_handling();
    Buffer::new(Box::new(Transcoder { raw, decoder, broken: false, ended: false }))
}

/// Refuses a stated encoding of two bytes a character where the text has one.
pub(super) fn refuse_utf8(
    raw: &mut Buffer,
    stated: Option<&'static Encoding>,
    name: &str,
) -> Result<(), SourceError> {
    let Some(encoding) = stated.filter(|stated| [UTF_16LE, UTF_16BE].contains(stated)) else { return Ok(()) };
    let start = raw.look_ahead(2).map_err(|source| SourceError::reading(name, 0, source))?;
    // The end of what was read may split a character.
    let valid = str::from_utf8(start).map_or_else(|error| error.valid_up_to() + 3 >= start.len(), |_| true);
    if start.is_empty() || start.contains(&0) || !valid {
        return Ok(());
    }
    Err(SourceError::IsUtf8 { name: name.to_owned(), stated: encoding.name() })
}

/// The encoding of a text, and whether another one would spoil what is fine in it.
pub(super) struct Charset {
    name: &'static str,
    /// A record had characters beyond ASCII.
    beyond_ascii: bool,
    /// What comes next has them in UTF-8, as far as it was looked at.
    ahead: Option<bool>,
}

impl Charset {
    pub(super) fn of(encoding: &'static Encoding) -> Self {
        Self { name: encoding.name(), beyond_ascii: false, ahead: None }
    }

    /// A record could be read.
    pub(super) fn note(&mut self, text: &[u8]) {
        self.beyond_ascii = self.beyond_ascii || !text.is_ascii();
    }

    /// Why a record has bytes that mean nothing, with a cure for it and the records that follow.
    pub(super) fn fault(&mut self, lines: Lines, record: &[u8], unread: &[u8]) -> RecordFault {
        let others = self.beyond_ascii
            || is_mostly_utf8(record)
            || *self.ahead.get_or_insert_with(|| is_mostly_utf8(unread));
        RecordFault::encoding(lines, self.name, others)
    }
}

/// There are characters beyond ASCII, and more of them are UTF-8 than not.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut characters, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        characters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    characters > broken
}

struct Transcoder {
    raw: Buffer,
    decoder: Decoder,
    broken: bool,
    ended: bool,
}

impl Read for Transcoder {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.ended {
            if self.broken
                && let Some(first) = out.first_mut()
            {
                *first = BROKEN;
                self.broken = false;
                return Ok(1);
            }
            let last = self.raw.unread().is_empty() && !self.raw.fill()?;
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(self.raw.unread(), out, last);
            self.raw.consume(read);
            match result {
                DecoderResult::InputEmpty => self.ended = last,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.broken = true,
            }
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}
