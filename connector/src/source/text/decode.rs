//! Character sets: byte order marks, `--encoding`, and the way to UTF-8.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};

use super::buffer::Buffer;
use crate::source::error::SourceError;
use crate::text::names::near;

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

/// The encoding of a label.
pub(super) fn named(label: &str) -> Result<&'static Encoding, SourceError> {
    Encoding::for_label_no_replacement(label.as_bytes())
        .ok_or_else(|| SourceError::UnknownEncoding { label: label.to_owned(), near: near(label, &LABELS) })
}

/// Consumes a byte order mark and says what it means.
pub(super) fn mark(raw: &mut Buffer) -> io::Result<Option<&'static Encoding>> {
    let found = Encoding::for_bom(raw.look_ahead(3)?);
    if let Some((_, length)) = found {
        raw.consume(length);
    }
    Ok(found.map(|(encoding, _)| encoding))
}

/// The same source in UTF-8. UTF-8 itself passes as it is: its records are judged one by one.
pub(super) fn to_utf8(raw: Buffer, encoding: &'static Encoding) -> Buffer {
    if encoding == UTF_8 {
        return raw;
    }
    let decoder = encoding.new_decoder_without_bom_handling();
    Buffer::new(Box::new(Transcoder { raw, decoder, broken: false, ended: false }))
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
