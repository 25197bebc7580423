//! Basic authentication, as the server reads it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::reply::ErrorReply;

/// Checks the value of an `Authorization` header; without a wanted pair, any pair that is not empty will do.
pub(super) fn check(header: Option<&[u8]>, wanted: Option<&(String, String)>) -> Result<(), ErrorReply> {
    let pair = header.and_then(decode).filter(|pair| match wanted {
        Some(wanted) => pair == wanted,
        None => !pair.0.is_empty() && !pair.1.is_empty(),
    });
    pair.map(drop).ok_or_else(|| ErrorReply::new(401, "Unauthorized"))
}

/// User name and password of `Basic base64(name:password)`.
fn decode(header: &[u8]) -> Option<(String, String)> {
    let (scheme, encoded) = str::from_utf8(header).ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, password) = decoded.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}
