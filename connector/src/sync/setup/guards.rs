//! Guards: what a run must not go beyond without being asked, because it is more likely a mistake than meant.

use std::fmt;
use std::str::FromStr;

use crate::api::{FieldSpec, ObjectSpec, Unit};
use crate::error::SetupError;
use crate::text::names::near;

/// What a run must not go beyond. The default has no guard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guards {
    /// The fewest rows.
    pub min_rows: Option<u64>,
    /// The most rows.
    pub max_rows: Option<u64>,
    /// The most rows that create a record.
    pub max_creates: Option<u64>,
    /// The most rows that change a record.
    pub max_updates: Option<u64>,
    /// The largest share of the rows with a known record that change it.
    pub max_changed: Option<Share>,
    /// The largest amount of a row, in cents and without its sign.
    pub max_amount: Option<u64>,
    /// The largest total of the amounts of one currency, in cents and without their signs.
    pub max_total: Option<u64>,
    /// The sign of every amount.
    pub sign: Option<Sign>,
}

/// One of the guards, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// See [`Guards::min_rows`].
    MinRows,
    /// See [`Guards::max_rows`].
    MaxRows,
    /// See [`Guards::max_creates`].
    MaxCreates,
    /// See [`Guards::max_updates`].
    MaxUpdates,
    /// See [`Guards::max_changed`].
    MaxChanged,
    /// See [`Guards::max_amount`].
    MaxAmount,
    /// See [`Guards::max_total`].
    MaxTotal,
    /// See [`Guards::sign`].
    Sign,
}

/// A share of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// In hundredths of a percent.
    pub hundredths: u32,
}

impl FromStr for Share {
    type Err = String;

    /// Such as `20%` or `12.5%`.
    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let number = text.strip_suffix('%')?.trim_end();
            let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            if !digits(whole) || !digits(part) || part.len() > 2 {
                return None;
            }
            let part: u32 = format!("{part:0<2}").parse().ok()?;
            let hundredths = whole.parse::<u32>().ok()?.checked_mul(100)?.checked_add(part)?;
            (hundredths <= 10_000).then_some(Self { hundredths })
        };
        parse().ok_or_else(|| "write a share from 0% to 100%, such as 20%".to_owned())
    }
}

/// As it is written.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.hundredths / 100, self.hundredths % 100) {
            (whole, 0) => write!(f, "{whole}%"),
            (whole, part) => write!(f, "{whole}.{part:02}%"),
        }
    }
}

/// The sign of amounts. Zero has both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// None is below zero.
    Positive,
    /// None is above zero.
    Negative,
}

impl Guard {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::MinRows,
        Self::MaxRows,
        Self::MaxCreates,
        Self::MaxUpdates,
        Self::MaxChanged,
        Self::MaxAmount,
        Self::MaxTotal,
        Self::Sign,
    ];

    /// The name in files, flags and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MinRows => "min_rows",
            Self::MaxRows => "max_rows",
            Self::MaxCreates => "max_creates",
            Self::MaxUpdates => "max_updates",
            Self::MaxChanged => "max_changed",
            Self::MaxAmount => "max_amount",
            Self::MaxTotal => "max_total",
            Self::Sign => "sign",
        }
    }

    /// The guard of that name; `-` is as good as `_`.
    pub fn named(name: &str) -> Result<Self, SetupError> {
        let written = name.replace('-', "_");
        Self::ALL.into_iter().find(|guard| guard.name() == written).ok_or_else(|| {
            SetupError::new(format!("there is no guard `{name}`"))
                .help(near(name, &Self::ALL.map(Self::name)))
        })
    }
}

impl Guards {
    /// There is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same without one of them: it lets this run through.
    #[must_use]
    pub fn without(mut self, guard: Guard) -> Self {
        match guard {
            Guard::MinRows => self.min_rows = None,
            Guard::MaxRows => self.max_rows = None,
            Guard::MaxCreates => self.max_creates = None,
            Guard::MaxUpdates => self.max_updates = None,
            Guard::MaxChanged => self.max_changed = None,
            Guard::MaxAmount => self.max_amount = None,
            Guard::MaxTotal => self.max_total = None,
            Guard::Sign => self.sign = None,
        }
        self
    }

    /// Those that are about amounts.
    fn of_amounts(&self) -> Option<Guard> {
        let given = [
            (Guard::MaxAmount, self.max_amount.is_some()),
            (Guard::MaxTotal, self.max_total.is_some()),
            (Guard::Sign, self.sign.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(guard, _)| guard)
    }

    /// The amount of an object's rows, where a guard is about amounts.
    #[must_use]
    pub fn amount_of(&self, object: &ObjectSpec) -> Option<&'static FieldSpec> {
        self.of_amounts().and_then(|_| amount_of(object))
    }

    /// An object without an amount needs no guard of amounts: it would guard nothing.
    pub(crate) fn check(&self, object: &ObjectSpec) -> Result<(), SetupError> {
        match self.of_amounts() {
            Some(guard) if amount_of(object).is_none() => {
                let what = format!("`{}` is about amounts, and {} have none", guard.name(), object.name);
                Err(SetupError::new(what).help("take it out of `guards`"))
            }
            _ => Ok(()),
        }
    }
}

fn amount_of(object: &ObjectSpec) -> Option<&'static FieldSpec> {
    object.fields.iter().copied().find(|field| field.unit == Some(Unit::Cents))
}
