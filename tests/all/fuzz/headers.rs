//! Headers that say times: no wait is longer than a year, and no clock is believed beyond what it says.

use std::time::Duration;

use fastrand::Rng;
use partnerstack_connector::http::answer::headers::{date, is_gzip, retry_after};
use partnerstack_connector::http::answer::server_time::ServerClock;
use reqwest::header::{AGE, CONTENT_ENCODING, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};

use super::executions::{long, short};
use super::mutation::mutated;

const TOKENS: &[&[u8]] = &[
    b"GMT",
    b"+9999",
    b"-0000",
    b"EST",
    b"Z",
    b"Thu,",
    b"Feb",
    b"29",
    b"31",
    b"23:59:60",
    b"24:00:00",
    b"9999",
    b"-9999",
    b"0000",
    b"99",
    b"1970",
    b"infinity",
    b"-inf",
    b"nan",
    b".5",
    b"1e308",
    b"0x10",
    b"(a comment)",
];
/// In epoch milliseconds.
const TIMES: [i64; 6] = [1_767_225_600_000, 0, -1, i64::MIN, i64::MAX, 253_402_300_799_999];
const YEAR: u64 = 24 * 365 * 3600;

#[test]
fn a_wait_and_a_time_are_what_a_header_says() {
    let _limit = partnerstack_tests::limit();
    let values = good();
    let seen = short(8_000, |rng| judge(rng, &values));
    seen.saw(&["a wait and a time", "a wait", "a time", "neither"]);
}

#[test]
#[ignore = "fuzz"]
fn a_million_headers() {
    let _limit = partnerstack_tests::limit_of(Duration::from_hours(5));
    let values = good();
    long("headers", |rng| judge(rng, &values));
}

fn good() -> Vec<Vec<u8>> {
    let texts = [
        "30",
        "0",
        "1.5",
        "-5",
        "120",
        "Thu, 01 Jan 2026 00:00:20 GMT",
        "Wed, 31 Dec 2025 23:59:60 GMT",
        "Sat, 29 Feb 2020 12:30:00 +0130",
        "1 Jan 2026 00:00 EST",
        "Thursday, 01-Jan-26 00:00:20 GMT",
        "Thu Jan  1 00:00:20 2026",
        "gzip",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn judge(rng: &mut Rng, good: &[Vec<u8>]) -> &'static str {
    let mut headers = HeaderMap::new();
    let mut add = |rng: &mut Rng, name: HeaderName, of_ten: u8| {
        let bytes =
            if rng.u8(..3) == 0 { good[rng.usize(..good.len())].clone() } else { mutated(rng, good, TOKENS) };
        // What cannot stand in a header does not come.
        if rng.u8(..10) < of_ten
            && let Ok(value) = HeaderValue::from_bytes(&bytes)
        {
            headers.append(name, value);
        }
    };
    for (name, of_ten) in
        [(RETRY_AFTER, 8), (RETRY_AFTER, 1), (DATE, 6), (DATE, 1), (AGE, 1), (CONTENT_ENCODING, 2)]
    {
        add(rng, name, of_ten);
    }
    let now = if rng.bool() { TIMES[rng.usize(..TIMES.len())] } else { rng.i64(..) };
    let (wait, time) = (retry_after(&headers, now), date(&headers));
    let _ = is_gzip(&headers);
    if let Some(wait) = wait {
        assert!(wait <= Duration::from_secs(YEAR), "{wait:?} of {headers:?}");
        let text = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if let Ok(seconds) = text.trim().parse::<u64>() {
            assert_eq!(wait, Duration::from_secs(seconds.min(YEAR)), "of {headers:?}");
        }
    }
    if let Some(time) = time {
        assert!(!headers.contains_key(AGE), "out of a cache: {headers:?}");
        let local = if rng.bool() { now } else { rng.i64(..) };
        let clock = ServerClock::default();
        for (server, local) in
            [(time, local), (local, time), (time, now), (i64::MAX, local), (local, i64::MIN)]
        {
            clock.note(server, local);
            let skews = clock.skews();
            assert!(skews.least <= 0 && skews.most >= 0, "{skews:?}");
            let both = skews.and(local);
            assert!(both.least <= local && both.most >= local);
        }
    }
    match (wait, time) {
        (Some(_), Some(_)) => "a wait and a time",
        (Some(_), None) => "a wait",
        (None, Some(_)) => "a time",
        (None, None) => "neither",
    }
}
