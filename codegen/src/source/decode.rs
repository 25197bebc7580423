//! From bytes to a text.

use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::Report;
use crate::diagnostic::sentence;
use crate::text::place::Place;
use crate::text::source_text::SourceText;
use crate::text::span::Span;

/// The bytes of a file as a text. Where they are not UTF-8 the report points at the first wrong byte.
pub fn decode(path: &str, bytes: &[u8]) -> Result<SourceText, Report> {
    // Offsets count without a byte order mark, as the text does.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(SourceText::new(path, text)),
        Err(error) => error,
    };
    let start = error.valid_up_to();
    let wrong = bytes.get(start).copied().unwrap_or_default();
    // What can be read is shown, with the replacement character for each byte that is wrong.
    let source = SourceText::new(path, &String::from_utf8_lossy(bytes));
    let place = Place::part(&source, Span { start, end: start + '\u{fffd}'.len_utf8() });
    Err(Diagnostic::new(place, sentence::not_utf8(wrong)).into())
}
