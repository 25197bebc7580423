//! Answers: the API's envelope, and its bytes.

use serde_json::{Value, json};

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
    pub(super) content_type: &'static str,
    pub(super) retry_after: Option<u64>,
}

impl Answer {
    pub(super) fn ok(message: &str, data: &Value) -> Self {
        Self::of(200, &json!({"data": data, "message": message, "status": 200}))
    }

    pub(super) fn error(status: u16, message: &str) -> Self {
        Self::of(status, &json!({"message": message, "status": status}))
    }

    pub(super) fn throttled(retry_after: Option<u64>) -> Self {
        Self { retry_after, ..Self::error(429, "Too Many Requests") }
    }

    pub(super) fn html() -> Self {
        let body = "<!DOCTYPE html><html><body><h1>We'll be back soon</h1></body></html>".to_owned();
        Self { status: 200, body, content_type: "text/html", retry_after: None }
    }

    pub(super) fn empty() -> Self {
        Self { status: 200, body: String::new(), content_type: "application/json", retry_after: None }
    }

    /// The same, with nothing left of the items of a list but when they were made.
    pub(super) fn bare(&self) -> Self {
        let mut body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let items = body.pointer_mut("/data/items").and_then(Value::as_array_mut);
        for item in items.into_iter().flatten() {
            *item = json!({"created_at": item.get("created_at")});
        }
        Self::of(self.status, &body)
    }

    fn of(status: u16, body: &Value) -> Self {
        Self { status, body: body.to_string(), content_type: "application/json", retry_after: None }
    }

    /// What goes over the wire at a time, in epoch milliseconds.
    pub(super) fn bytes(&self, now: i64) -> Vec<u8> {
        let retry_after =
            self.retry_after.map(|seconds| format!("Retry-After: {seconds}\r\n")).unwrap_or_default();
        format!(
            "HTTP/1.1 {} {}\r\nDate: {}\r\nContent-Type: {}\r\n{retry_after}Content-Length: {}\r\n\r\n{}",
            self.status,
            reason(self.status),
            http_date(now),
            self.content_type,
            self.body.len(),
            self.body
        )
        .into_bytes()
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        409 => "Conflict",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Error",
    }
}

/// A time as the Date header writes it, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(super) fn http_date(epoch_milliseconds: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb"];
    let seconds = epoch_milliseconds.div_euclid(1000);
    let (days, time) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Years that begin in March, in eras of 400 of them: after Howard Hinnant's `civil_from_days`.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = year_of_era + era * 400 + i64::from(month >= 10);
    let name = |names: &[&'static str], place: i64| {
        usize::try_from(place).ok().and_then(|place| names.get(place).copied()).unwrap_or("???")
    };
    format!(
        "{}, {day:02} {} {year} {:02}:{:02}:{:02} GMT",
        name(&DAYS, days.rem_euclid(7)),
        name(&MONTHS, month),
        time / 3600,
        time / 60 % 60,
        time % 60
    )
}
