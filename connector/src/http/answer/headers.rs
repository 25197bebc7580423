//! What the headers of an answer say about time and form.

use std::time::Duration;

use http::HeaderMap;
use http::header::{AGE, CONTENT_ENCODING, DATE, RETRY_AFTER};

/// The longest wait that a server can ask for.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// How long the server asks to wait: seconds, whole or not, or the time until a date. `now` is in epoch milliseconds.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: i64) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        let seconds = if seconds.is_nan() { 0.0 } else { seconds.clamp(0.0, LONGEST.as_secs_f64()) };
        return Some(Duration::from_secs_f64(seconds));
    }
    // The server's own clock tells how far its date is away; this machine's has to do where it does not say.
    let from = date(headers).unwrap_or(now);
    let wait = parse(text)?.saturating_sub(from).max(0);
    Some(Duration::from_millis(wait.unsigned_abs()).min(LONGEST))
}

/// The server's clock, to the second, in epoch milliseconds. One that has an age comes from a cache, and is none.
#[must_use]
pub fn date(headers: &HeaderMap) -> Option<i64> {
    if headers.contains_key(AGE) {
        return None;
    }
    parse(headers.get(DATE)?.to_str().ok()?)
}

/// The body is compressed, although that was not asked for.
#[must_use]
pub fn is_gzip(headers: &HeaderMap) -> bool {
    let encoding = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    encoding.is_some_and(|name| ["gzip", "x-gzip"].iter().any(|gzip| name.trim().eq_ignore_ascii_case(gzip)))
}

fn parse(date: &str) -> Option<i64> {
    Some(jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn wait(retry_after: &str, date: Option<&str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(retry_after).unwrap());
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_str(date).unwrap());
        }
        super::retry_after(&headers, 1_767_225_600_000)
    }

    #[test]
    fn a_wait_is_a_number_or_a_date() {
        assert_eq!(wait("30", None), Some(Duration::from_secs(30)));
        assert_eq!(wait(" 1.5 ", None), Some(Duration::from_millis(1500)));
        assert_eq!(wait("-5", None), Some(Duration::ZERO));
        assert_eq!(wait("nan", None), Some(Duration::ZERO));
        assert_eq!(wait("18446744073709551615", None), Some(LONGEST));
        assert_eq!(wait("Thu, 01 Jan 2026 00:00:20 GMT", None), Some(Duration::from_secs(20)));
        let an_hour_behind = Some("Wed, 31 Dec 2025 23:00:00 GMT");
        assert_eq!(wait("Wed, 31 Dec 2025 23:00:07 GMT", an_hour_behind), Some(Duration::from_secs(7)));
        assert_eq!(wait("Wed, 31 Dec 2025 00:00:00 GMT", None), Some(Duration::ZERO));
        assert_eq!(wait("soon", None), None);
    }

    #[test]
    fn a_date_out_of_a_cache_is_none() {
        let mut headers = HeaderMap::new();
        headers.insert(DATE, HeaderValue::from_static("Thu, 01 Jan 2026 00:00:00 GMT"));
        assert_eq!(date(&headers), Some(1_767_225_600_000));
        headers.insert(AGE, HeaderValue::from_static("86400"));
        assert_eq!(date(&headers), None);
    }
}
