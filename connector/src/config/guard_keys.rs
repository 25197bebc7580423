//! The guards of a sync file.

use schemars::JsonSchema;
use serde::Deserialize;

use super::bounds;
use crate::sync::{Guards, Sign};

/// What a run must not go beyond: it stops with exit code 5, as a rule before the first request, and names the guard and the
/// flag that lets this run through (`--allow GUARD`).
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Guards", extend("minProperties" = 1))]
pub(crate) struct GuardKeys {
    /// The fewest rows: 1 stops a run with an empty source.
    #[schemars(range(max = bounds::LIMIT.most), example = 1)]
    pub(crate) min_rows: Option<u64>,
    /// The most rows, without those that `where` does not take.
    #[schemars(range(max = bounds::LIMIT.most), example = 100_000)]
    pub(crate) max_rows: Option<u64>,
    /// The most rows that create a record, or may create one.
    #[schemars(range(max = bounds::LIMIT.most), example = 500)]
    pub(crate) max_creates: Option<u64>,
    /// The most rows that change a record that the ledger knows.
    #[schemars(range(max = bounds::LIMIT.most), example = 2000)]
    pub(crate) max_updates: Option<u64>,
    /// The largest share of the rows with a known record that change it.
    #[schemars(regex(pattern = r"^(100|[0-9]{1,2}(\.[0-9]{1,2})?) ?%$"), example = &"20%")]
    pub(crate) max_changed: Option<String>,
    /// The largest amount of a row that is sent, in cents; the sign does not count.
    #[schemars(range(max = MOST_CENTS), example = 500_000)]
    pub(crate) max_amount: Option<u64>,
    /// The largest total of what is sent, in cents, for each currency by itself; signs do not count.
    #[schemars(range(max = MOST_CENTS), example = 10_000_000)]
    pub(crate) max_total: Option<u64>,
    /// The sign of every amount that is sent.
    pub(crate) sign: Option<SignKey>,
}

/// The most cents that a guard can name.
const MOST_CENTS: u64 = 1_000_000_000_000_000;

/// The sign of amounts. Zero has both.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Sign")]
pub(crate) enum SignKey {
    /// None is below zero.
    Positive,
    /// None is above zero.
    Negative,
}

/// A key of the guards whose value cannot be, and what to write.
pub(crate) type WrongGuard = (&'static str, String);

impl GuardKeys {
    /// The guards that they mean.
    pub(crate) fn guards(&self) -> Result<Guards, WrongGuard> {
        for (key, value, most, unit) in [
            ("min_rows", self.min_rows, bounds::LIMIT.most, "rows"),
            ("max_rows", self.max_rows, bounds::LIMIT.most, "rows"),
            ("max_creates", self.max_creates, bounds::LIMIT.most, "rows"),
            ("max_updates", self.max_updates, bounds::LIMIT.most, "rows"),
            ("max_amount", self.max_amount, MOST_CENTS, "cents"),
            ("max_total", self.max_total, MOST_CENTS, "cents"),
        ] {
            if value.is_some_and(|value| value > most) {
                return Err((key, format!("write a number from 0 to {most} {unit}")));
            }
        }
        let share = self.max_changed.as_deref().map(str::parse).transpose();
        Ok(Guards {
            min_rows: self.min_rows,
            max_rows: self.max_rows,
            max_creates: self.max_creates,
            max_updates: self.max_updates,
            max_changed: share.map_err(|help| ("max_changed", help))?,
            max_amount: self.max_amount,
            max_total: self.max_total,
            sign: self.sign.map(|sign| match sign {
                SignKey::Positive => Sign::Positive,
                SignKey::Negative => Sign::Negative,
            }),
        })
    }
}
