//! JSON looked at in another way than the connector does it: nothing is read but the text at one place.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// The text of what stands at a place, without what surrounds it. Of names that come twice the last counts.
pub(super) fn raw_at(text: &str, place: &[&str]) -> Option<String> {
    let Some((first, rest)) = place.split_first() else { return Some(text.trim().to_owned()) };
    let mut entries: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text).ok()?;
    raw_at(entries.remove(*first)?.get(), rest)
}

/// What an answer says, without a byte order mark.
pub(super) fn text_of(bytes: &[u8]) -> String {
    // Of bytes that are no UTF-8 the rest may count.
    String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).into_owned()
}

/// It is a text that is not empty.
pub(super) fn is_text(raw: &str) -> bool {
    raw.starts_with('"') && raw.len() > 2
}

/// It is an integer, as digits.
pub(super) fn is_integer(raw: &str) -> bool {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}
