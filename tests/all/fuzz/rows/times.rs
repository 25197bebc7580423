//! Days and times: a day that the calendar has is read as it is written, and a time becomes the moment that a calendar of
//! our own counts; anything else is an error. Damaged texts never get another day.

use std::borrow::Cow;
use std::time::Duration;

use fastrand::Rng;
use jiff::tz::TimeZone;
use partnerstack_connector::api::FieldType;
use partnerstack_connector::mapping::cast::Cast;
use partnerstack_connector::mapping::day_time::TimeForm;
use partnerstack_connector::row::value::Cell;

use super::calendar::Moment;
use super::digits::Digits;
use crate::fuzz::executions::{long, short};

/// Formats of days; what they have of a time is dropped.
const DAYS: [&str; 9] = [
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y-%m-%d",
    "%d.%m.%y",
    "%m-%d-%y",
    "%Y%m%d",
    "%d-%b-%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%b %d, %Y",
];
const TIMES: [&str; 4] = ["%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M", "%Y%m%dT%H%M%S", "%d-%b-%Y %H:%M"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const STRAY: &[u8] = b"0123456789-/:., TZ+Jan";

#[test]
fn a_day_and_a_time_are_what_is_written() {
    let _limit = partnerstack_tests::limit();
    let seen = short(20_000, judge);
    seen.saw(&["a day", "no day", "a time", "no time", "a number", "a damaged day", "a damaged text"]);
}

#[test]
#[ignore = "fuzz"]
fn a_million_times() {
    let _limit = partnerstack_tests::limit_of(Duration::from_hours(5));
    long("times", judge);
}

fn judge(rng: &mut Rng) -> &'static str {
    match rng.u8(..5) {
        0 => judge_number(rng),
        1 | 2 => judge_day(rng),
        _ => judge_time(rng),
    }
}

fn judge_day(rng: &mut Rng) -> &'static str {
    let format = DAYS[rng.usize(..DAYS.len())];
    let short_year = format.contains("%y");
    let years = if short_year { 1969..2069 } else { 1890..2110 };
    let moment = moment(rng, years);
    let mut text = written(rng, format, moment);
    let damaged = rng.u8(..3) == 0;
    if damaged {
        damage(rng, &mut text);
    }
    let cast = Cast::Date { format: format.to_owned() };
    let found = cast.apply(&Cell::Text(Cow::Borrowed(&text)), FieldType::Date, None);
    let found = found.ok().and_then(|cell| cell.into_text().map(Cow::into_owned));
    if damaged {
        let Some(found) = found else { return "a damaged text" };
        let [year, month, day] = [0..4, 5..7, 8..10].map(|part| found[part].to_owned());
        let parts = [
            ("%Y", year.clone()),
            ("%y", year[2..].to_owned()),
            ("%m", month.clone()),
            ("%b", MONTHS[month.parse::<usize>().expect("a month") - 1].to_owned()),
            ("%d", day),
        ];
        let plain = |text: &str| text.trim_start_matches('0').to_lowercase();
        let parts = parts.iter().filter(|(name, _)| format.contains(name));
        for (_, part) in parts {
            assert!(text.to_lowercase().contains(&plain(part)), "{text:?} by {format} is {found}");
        }
        return "a damaged day";
    }
    let is_month = !format.contains("%b") || (1..=12).contains(&moment.month);
    let timely = !format.contains("%H")
        || moment.has_time()
        || !format.contains("%S") && (0..24).contains(&moment.hour) && (0..60).contains(&moment.minute);
    let known = is_month && moment.has_day() && moment.year >= 1900;
    let expected = known.then(|| format!("{:04}-{:02}-{:02}", moment.year, moment.month, moment.day));
    if timely || found.is_some() {
        assert_eq!(found, expected.clone(), "{text:?} by {format}");
    }
    if found.is_some() { "a day" } else { "no day" }
}

fn judge_time(rng: &mut Rng) -> &'static str {
    let moment = moment(rng, 1997..2037);
    let zones = [None, Some("UTC"), Some("Europe/Berlin")];
    let zone = zones[rng.usize(..zones.len())];
    // Minutes that the text itself says it is before or behind UTC.
    let offset = rng.bool().then(|| rng.i64(-720..=840) / 15 * 15);
    let (blank, colon, form, format) = if rng.bool() {
        let format = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"][rng.usize(..2)];
        ("", ":", TimeForm::Iso, format)
    } else {
        let format = TIMES[rng.usize(..TIMES.len())];
        let zone = if offset.is_some() { " %z" } else { "" };
        (" ", "", TimeForm::Format(format!("{format}{zone}")), format)
    };
    let behind = offset.map(|offset| {
        let (sign, minutes) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
        format!("{blank}{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
    });
    let text = padded(format, moment) + &behind.unwrap_or_default();
    let cast = Cast::Time { form, zone: zone.map(|name| TimeZone::get(name).expect("a zone")) };
    let found = match cast.apply(&Cell::Text(Cow::Borrowed(&text)), FieldType::Timestamp, None) {
        Ok(Cell::Integer(milliseconds)) => Some(milliseconds),
        Ok(_) => panic!("{text} is no moment then"),
        Err(_) => None,
    };
    let moment = if format.contains("%S") { moment } else { Moment { second: 0, ..moment } };
    let exists = moment.has_day() && moment.has_time();
    let expected = match (offset, zone) {
        _ if !exists => None,
        (Some(offset), _) => Some(moment.milliseconds() - offset * 60_000),
        (None, Some("UTC")) => Some(moment.milliseconds()),
        (None, Some(_)) => moment.milliseconds_in_berlin(),
        (None, None) => None,
    };
    // A leap second is the one before it.
    let leap = moment.second == 60;
    assert!(leap || found == expected, "{text:?} by {format} in {zone:?} is {found:?}, not {expected:?}");
    if found.is_some() { "a time" } else { "no time" }
}

fn judge_number(rng: &mut Rng) -> &'static str {
    let negative = rng.u8(..8) == 0;
    let whole = (rng.u64(..) >> rng.u32(16..64)).to_string();
    let fraction = if rng.bool() { String::new() } else { rng.u32(..10_000).to_string() };
    let mark = if fraction.is_empty() { "" } else { "." };
    let text = format!("{}{whole}{mark}{fraction}", if negative { "-" } else { "" });
    let (form, decimals) = if rng.bool() { (TimeForm::Seconds, 3) } else { (TimeForm::Milliseconds, 0) };
    let cast = Cast::Time { form, zone: None };
    let found = cast.apply(&Cell::Text(Cow::Borrowed(&text)), FieldType::Timestamp, None);
    let found = found.ok().and_then(Cell::into_text).map(|text| text.parse::<i64>().expect("a number"));
    let expected = Digits::new(negative, &whole, &fraction).scaled(decimals);
    // Years before 1900 and after 9999 are errors.
    let expected = expected.filter(|time| (-2_208_988_800_000..253_402_207_200_000).contains(time));
    assert_eq!(found, expected, "{text}");
    "a number"
}

/// A day and a time, most of which exist.
fn moment(rng: &mut Rng, years: std::ops::Range<i64>) -> Moment {
    let wild = rng.u8(..3) == 0;
    let mut pick =
        |least: i64, most: i64| if wild { rng.i64(least - 1..=most + 1) } else { rng.i64(least..=most) };
    Moment {
        month: pick(1, 12),
        day: pick(1, 30).max(0),
        hour: pick(0, 23).max(0),
        minute: pick(0, 59).max(0),
        second: pick(0, 59).max(0),
        year: rng.i64(years),
    }
}

/// Each part with zeros in front, or here and there without.
fn written(rng: &mut Rng, format: &str, moment: Moment) -> String {
    let text = padded(format, moment);
    let apart = !format.contains("%Y%m%d");
    if apart && rng.u8(..4) == 0 {
        let parts = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
        return parts
            .map(|part| {
                part.strip_prefix('0')
                    .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
                    .unwrap_or(part)
            })
            .collect();
    }
    text
}

fn padded(format: &str, moment: Moment) -> String {
    let month = usize::try_from(moment.month - 1).ok().and_then(|place| MONTHS.get(place));
    let two = |number: i64| format!("{number:02}");
    [
        ("%Y", format!("{:04}", moment.year)),
        ("%y", two(moment.year % 100)),
        ("%m", two(moment.month)),
        ("%b", month.map_or("Xyz".to_owned(), |name| (*name).to_owned())),
        ("%d", two(moment.day)),
        ("%H", two(moment.hour)),
        ("%M", two(moment.minute)),
        ("%S", two(moment.second)),
    ]
    .into_iter()
    .fold(format.to_owned(), |text, (name, value)| text.replace(name, &value))
}

fn damage(rng: &mut Rng, text: &mut String) {
    let mut bytes = text.clone().into_bytes();
    for _ in 0..=rng.usize(..3) {
        let at = rng.usize(..=bytes.len());
        let stray = STRAY[rng.usize(..STRAY.len())];
        match rng.u8(..3) {
            0 => bytes.insert(at, stray),
            1 if at < bytes.len() => drop(bytes.remove(at)),
            _ if at < bytes.len() => bytes[at] = stray,
            _ => {}
        }
    }
    *text = String::from_utf8(bytes).expect("ASCII");
}
