//! Which cast reads the cells of a column: each that could is tried on all of them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::column::Column;
use crate::api::{FieldSpec, FieldType, TextFormat, Unit};
use crate::mapping::amount::Decimal;
use crate::mapping::cast::Cast;
use crate::mapping::day_time::TimeForm;
use crate::row::plain_key::is_edge;
use crate::row::value::{Cell, Date};

/// How days are written, those of the USA before those of the rest of the world.
const DAYS: [&str; 17] = [
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%B %d, %Y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d.%m.%y",
    "%Y%m%d",
];
/// How times are written behind days.
const TIMES: [&str; 9] = [
    "",
    " %H:%M",
    " %H:%M:%S",
    " %I:%M %p",
    ", %I:%M %p",
    " %I:%M:%S %p",
    ", %H:%M",
    ", %I:%M:%S %p",
    "T%H:%M:%S",
];

/// What a line of the mapping says about its cast.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Chosen {
    /// The keys, with their values as they are written.
    pub(super) keys: Vec<(&'static str, String)>,
    /// What a user should look at.
    pub(super) notes: Vec<String>,
}

/// A column that feeds a field, and what is known about it.
pub(super) struct Feeding<'c> {
    pub(super) field: &'static FieldSpec,
    pub(super) column: &'c Column,
    pub(super) kept: &'c [bool],
    /// The column of the amount's currency.
    pub(super) currency: Option<&'c Column>,
    /// The amounts are in the main unit, whatever they look like.
    pub(super) main_unit: bool,
    /// The zone of its times.
    pub(super) zone: Option<&'c str>,
    /// It tells records apart.
    pub(super) is_key: bool,
}

impl Feeding<'_> {
    /// The cast with which most cells can be read.
    pub(super) fn choose(&self) -> Chosen {
        if self.column.values(self.kept).next().is_none() {
            return match (self.field.unit, self.main_unit) {
                (Some(Unit::Cents), true) => chosen("cents", None),
                _ => Chosen::default(),
            };
        }
        match (self.field.kind, self.field.unit, self.field.format) {
            (_, Some(Unit::Cents), _) => self.amount(),
            (FieldType::Date, ..) => self.date(),
            (FieldType::Timestamp, ..) => self.time(),
            (_, _, Some(TextFormat::Currency)) => {
                let upper =
                    self.values().any(|cell| cell.chars().any(|c| c.is_lowercase() || c.is_whitespace()));
                if upper { chosen("upper", None) } else { Chosen::default() }
            }
            (_, _, Some(TextFormat::Email)) => self.key(),
            _ if self.is_key => self.key(),
            _ => Chosen::default(),
        }
    }

    fn values(&self) -> impl Iterator<Item = &str> {
        self.column.values(self.kept)
    }

    fn amount(&self) -> Chosen {
        let digits =
            |cell: &str| cell.trim().trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
        if !self.main_unit && self.values().all(digits) {
            return Chosen {
                keys: Vec::new(),
                notes: vec![
                    "EDIT? All amounts are whole numbers, and are sent as they are: 1000 is $10.00. If 1000 is $1,000.00 here, \
                     add `as: cents`."
                        .to_owned(),
                ],
            };
        }
        let (decimal, misread) = decimal_of(self.column, self.kept, self.currency);
        let detail = (decimal == Decimal::Comma).then(|| ("decimal", "','".to_owned()));
        noting(chosen("cents", detail), misread, "amounts")
    }

    fn date(&self) -> Chosen {
        if self.values().all(|cell| cell.trim().parse::<Date>().is_ok()) {
            return Chosen::default();
        }
        let kind = self.field.kind;
        match self.formats(|format| Cast::Date { format }, kind).as_slice() {
            [] => Chosen::default(),
            [(best, misread), others @ ..] => {
                let chosen = chosen("date", Some(("format", format!("'{best}'"))));
                ambiguous(noting(chosen, *misread, "dates"), best, *misread, others)
            }
        }
    }

    fn time(&self) -> Chosen {
        if self.values().all(|cell| cell.trim().parse::<Timestamp>().is_ok()) {
            return Chosen::default();
        }
        if self.values().all(|cell| cell.trim().bytes().all(|byte| byte.is_ascii_digit())) {
            let seconds = self.values().all(|cell| cell.trim().len() < 12);
            return if seconds { chosen("time", Some(("unit", "s".to_owned()))) } else { Chosen::default() };
        }
        let kind = self.field.kind;
        let cast = |form: TimeForm, zone: Option<TimeZone>| Cast::Time { form, zone };
        let zone = Some(TimeZone::UTC);
        let misread = self.misread(&cast(TimeForm::Iso, zone.clone()), kind);
        let found = self.formats(|format| cast(TimeForm::Format(format), zone.clone()), kind);
        let (mut chosen, form, misread) = match found.as_slice() {
            [(best, fewest), others @ ..] if *fewest < misread => {
                let chosen = chosen("time", Some(("format", format!("'{best}'"))));
                let chosen = ambiguous(noting(chosen, *fewest, "times"), best, *fewest, others);
                (chosen, TimeForm::Format(best.clone()), *fewest)
            }
            _ => (noting(chosen("time", None), misread, "times"), TimeForm::Iso, misread),
        };
        // Times with zones of their own need none.
        if self.misread(&cast(form, None), kind) > misread {
            let zone = self.zone.map(str::to_owned).or_else(|| zone_in(&self.column.name));
            if zone.is_none() {
                chosen.notes.push(
                    "EDIT? The times name no zone, and are taken for UTC. If they are of another, write its name, such as \
                     Europe/Berlin."
                        .to_owned(),
                );
            }
            chosen.keys.push(("zone", zone.unwrap_or_else(|| "UTC".to_owned())));
        }
        chosen
    }

    /// Formats by how many cells they misread, the fewest first; none where no format reads the first cell.
    fn formats(&self, cast: impl Fn(String) -> Cast, kind: FieldType) -> Vec<(String, usize)> {
        let formats = DAYS.iter().flat_map(|day| TIMES.iter().map(move |time| format!("{day}{time}")));
        let mut found: Vec<(String, usize)> = formats
            .filter_map(|format| {
                let cast = cast(format.clone());
                let tried = self.values().take(20).filter(|cell| reads(&cast, cell, kind, None)).count();
                (tried > 0).then(|| (format, self.misread(&cast, kind)))
            })
            .collect();
        found.sort_by_key(|(_, misread)| *misread);
        found
    }

    fn misread(&self, cast: &Cast, kind: FieldType) -> usize {
        self.values().filter(|cell| !reads(cast, cell, kind, None)).count()
    }

    fn key(&self) -> Chosen {
        if self.values().any(|cell| cell.starts_with(is_edge) || cell.ends_with(is_edge)) {
            return chosen("trim", None);
        }
        Chosen::default()
    }
}

/// The decimal mark with which most amounts can be read, and how many cannot.
pub(super) fn decimal_of(column: &Column, kept: &[bool], currency: Option<&Column>) -> (Decimal, usize) {
    let misread = |decimal| {
        (0..column.cells.len())
            .filter(|row| {
                let is_kept = kept.get(*row).copied().unwrap_or_default();
                is_kept && column.value(*row).is_some() && cents(column, *row, decimal, currency).is_none()
            })
            .count()
    };
    let [point, comma] = [Decimal::Point, Decimal::Comma].map(|decimal| (decimal, misread(decimal)));
    if comma.1 < point.1 { comma } else { point }
}

/// The amount of a row in its smallest unit.
pub(super) fn cents(column: &Column, row: usize, decimal: Decimal, currency: Option<&Column>) -> Option<i64> {
    let currency = currency.and_then(|column| column.value(row)).map(str::to_uppercase);
    let cell = Cell::from_text(column.value(row)?)?;
    let cast = Cast::Cents { decimal, exponent: None };
    match cast.apply(&cell, FieldType::Integer, currency.as_deref()) {
        Ok(Cell::Integer(cents)) => Some(cents),
        _ => None,
    }
}

fn reads(cast: &Cast, cell: &str, kind: FieldType, currency: Option<&str>) -> bool {
    Cell::from_text(cell).is_none_or(|cell| cast.apply(&cell, kind, currency).is_ok())
}

fn chosen(cast: &'static str, detail: Option<(&'static str, String)>) -> Chosen {
    Chosen { keys: [("as", cast.to_owned())].into_iter().chain(detail).collect(), notes: Vec::new() }
}

fn noting(mut chosen: Chosen, misread: usize, what: &str) -> Chosen {
    if misread > 0 {
        chosen.notes.push(format!("{misread} of the {what} that were read are written in another way."));
    }
    chosen
}

/// Two formats that read as many cells may both be meant, unless they are the same to all of them.
fn ambiguous(mut chosen: Chosen, best: &str, misread: usize, others: &[(String, usize)]) -> Chosen {
    let swapped = |format: &str| {
        let (day, month) = (format.find("%d"), format.find("%m"));
        day.zip(month).map(|(day, month)| day < month)
    };
    let other = others.iter().find(|(format, also)| *also == misread && swapped(format) != swapped(best));
    if let Some((other, _)) = other {
        chosen.notes.push(format!(
            "EDIT? Day and month can be told from no cell that was read: if the day is written on the other side, it is '{other}'."
        ));
    }
    chosen
}

/// The zone that a column's name tells: `Date (UTC)`.
fn zone_in(name: &str) -> Option<String> {
    let words = name.split(|c: char| !c.is_alphanumeric());
    words.into_iter().any(|word| matches!(word, "UTC" | "GMT" | "utc")).then(|| "UTC".to_owned())
}
