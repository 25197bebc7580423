//! Days and times as people and exports write them, read by a `strftime` format or as ISO 8601.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, Zoned};

use super::amount;
use crate::api::FieldType;
use crate::row::fault::Fault;
use crate::row::plain_key::trimmed;
use crate::row::value::{Cell, FIRST_YEAR};

/// How a time is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeForm {
    /// As ISO 8601.
    Iso,
    /// In a `strftime` format.
    Format(String),
    /// A number of seconds since 1970.
    Seconds,
    /// A number of milliseconds since 1970.
    Milliseconds,
}

/// A date format can be used. A time in it is allowed.
pub fn check_date_format(format: &str) -> Result<(), String> {
    let (sample, read) = sample(format)?;
    match read.to_date() {
        Ok(date) if date == sample.date() => Ok(()),
        _ => Err(NO_FULL_DATE.to_owned()),
    }
}

/// A format of times can be used. `zoned`: a zone is said beside it.
pub fn check_time_format(format: &str, zoned: bool) -> Result<(), String> {
    check_date_format(format)?;
    let (sample, read) = sample(format)?;
    if !matches!(read.to_time(), Ok(time) if time.hour() == sample.hour() || read.hour().is_none()) {
        return Err(
            "its hour can be one of the morning or of the evening: write `%H`, or add `%p`".to_owned()
        );
    }
    if !zoned && read.to_timestamp().is_err() {
        return Err("it has no zone: add `zone`, such as UTC or Europe/Berlin".to_owned());
    }
    Ok(())
}

/// The calendar date of a cell; a time beside it is read and dropped.
pub(super) fn date(cell: &Cell<'_>, format: &str) -> Result<Cell<'static>, Fault> {
    let (text, read) = parsed(cell, format, "a date")?;
    let date = read.to_date().map_err(|_| not_in_format("a date", format).of(&text))?;
    judge_year(date, &text)?;
    Ok(Cell::Text(Cow::Owned(date.to_string())))
}

/// The time of a cell, as a field of this type takes it.
pub(super) fn time(
    cell: &Cell<'_>,
    form: &TimeForm,
    zone: Option<&TimeZone>,
    kind: FieldType,
) -> Result<Cell<'static>, Fault> {
    let time = match form {
        TimeForm::Seconds => of_number(cell, 3, zone)?,
        TimeForm::Milliseconds => of_number(cell, 0, zone)?,
        TimeForm::Iso => of_iso(cell, zone)?,
        TimeForm::Format(format) => of_format(cell, format, zone)?,
    };
    judge_year(time.date(), &cell.as_text().unwrap_or_default())?;
    Ok(match kind {
        FieldType::Timestamp | FieldType::Integer => Cell::Integer(time.timestamp().as_millisecond()),
        FieldType::Date => Cell::Text(Cow::Owned(time.date().to_string())),
        _ => Cell::Text(Cow::Owned(time.timestamp().to_string())),
    })
}

fn of_number(cell: &Cell<'_>, decimals: u32, zone: Option<&TimeZone>) -> Result<Zoned, Fault> {
    let milliseconds = amount::milliseconds(cell, decimals)?;
    Timestamp::from_millisecond(milliseconds)
        .map(|time| time.to_zoned(zone.cloned().unwrap_or(TimeZone::UTC)))
        .map_err(|_| Fault::new("cast", "is further from 1970 than any calendar goes"))
}

fn of_iso(cell: &Cell<'_>, zone: Option<&TimeZone>) -> Result<Zoned, Fault> {
    let fault = || {
        Fault::new(
            "cast",
            "must be a time as ISO 8601 such as 2026-01-31 10:15:00; for others add `format`, for numbers `unit: s` or `unit: ms`",
        )
    };
    // A number has no zone, and may count seconds or milliseconds.
    let Cell::Text(written) = cell else { return Err(fault()) };
    let text = trimmed(written);
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time.to_zoned(zone.cloned().unwrap_or(TimeZone::UTC)));
    }
    let local: DateTime = text.parse().map_err(|_| fault().of(written))?;
    in_zone(local, zone, written).unwrap_or_else(|| Err(fault().of(written)))
}

fn of_format(cell: &Cell<'_>, format: &str, zone: Option<&TimeZone>) -> Result<Zoned, Fault> {
    let (text, read) = parsed(cell, format, "a time")?;
    if let Ok(time) = read.to_timestamp() {
        return Ok(time.to_zoned(zone.cloned().unwrap_or(TimeZone::UTC)));
    }
    let local = read.to_datetime().map_err(|_| not_in_format("a time", format).of(&text))?;
    in_zone(local, zone, &text).unwrap_or_else(|| Err(not_in_format("a time", format).of(&text)))
}

/// A time that names no zone; none where it lies beyond the calendar. Of the hour that a change of the clocks repeats, the
/// first is meant.
fn in_zone(local: DateTime, zone: Option<&TimeZone>, text: &str) -> Option<Result<Zoned, Fault>> {
    let Some(zone) = zone else { return Some(Err(no_zone().of(text))) };
    let time = zone.to_ambiguous_zoned(local);
    if matches!(time.offset(), AmbiguousOffset::Gap { .. }) {
        let message =
            "is a time that its zone passes over, when the clocks go forward: is `zone` the right one?";
        return Some(Err(Fault::new("cast", message).of(text)));
    }
    time.compatible().ok().map(Ok)
}

/// The calendar date of a text; a time beside it is read and dropped.
pub(super) fn calendar_date(format: &str, text: &str) -> Option<Date> {
    let date = strtime::parse(format, trimmed(text)).and_then(|read| read.to_date()).ok()?;
    (date.year() >= FIRST_YEAR).then_some(date)
}

fn parsed<'c>(cell: &'c Cell<'_>, format: &str, what: &str) -> Result<(Cow<'c, str>, BrokenDownTime), Fault> {
    let text = cell.as_text().ok_or_else(|| not_in_format(what, format))?;
    match strtime::parse(format, trimmed(&text)) {
        Ok(read) => Ok((text, read)),
        Err(_) => Err(not_in_format(what, format).of(&text)),
    }
}

fn judge_year(date: Date, text: &str) -> Result<(), Fault> {
    if date.year() >= FIRST_YEAR {
        return Ok(());
    }
    let message =
        "has a year before 1900: is it written with two digits? `%Y` is a year of four, `%y` one of two";
    Err(Fault::new("cast", message).of(text))
}

fn not_in_format(what: &str, format: &str) -> Fault {
    Fault::new("cast", format_args!("must be {what} of the calendar in the format `{format}`"))
}

fn no_zone() -> Fault {
    Fault::new("cast", "has no zone: add `zone` to the mapping, such as UTC or Europe/Berlin")
}

const NO_FULL_DATE: &str = "it has no full date: it needs a day, a month and a year, such as `%d/%m/%Y`";

/// A time as the format writes it, and what can be read out of that again.
fn sample(format: &str) -> Result<(Zoned, BrokenDownTime), String> {
    let sample = Date::constant(2026, 12, 31).at(13, 45, 6, 0).to_zoned(TimeZone::UTC);
    let sample = sample.map_err(|error| error.to_string())?;
    let text = strtime::format(format, &sample).map_err(|error| error.to_string())?;
    let read = strtime::parse(format, text).map_err(|error| error.to_string())?;
    Ok((sample, read))
}
