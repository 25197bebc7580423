//! Basic authentication, as the server reads it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::reply::ErrorReply;

/// Whose records a pair sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// Test records.
    Test,
    /// Those of production.
    Production,
}

/// The pairs that are taken; without one for test, any that is not empty will do there.
pub(super) struct Pairs {
    pub(super) test: Option<(String, String)>,
    pub(super) production: Option<(String, String)>,
}

impl Pairs {
    /// Whose records the pair of an `Authorization` header sees.
    pub(super) fn side_of(&self, header: Option<&[u8]>) -> Result<Side, ErrorReply> {
        let pair = header.and_then(decode).ok_or_else(refused)?;
        if self.production.as_ref() == Some(&pair) {
            return Ok(Side::Production);
        }
        let is_taken = match &self.test {
            Some(wanted) => pair == *wanted,
            None => !pair.0.is_empty() && !pair.1.is_empty(),
        };
        if is_taken { Ok(Side::Test) } else { Err(refused()) }
    }
}

fn refused() -> ErrorReply {
    ErrorReply::new(401, "Unauthorized")
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
