//! Counts what a run does, or would do, against its guards.

use std::collections::BTreeMap;

use crate::ledger::{Decision, Entry};
use crate::sync::feed::plan::{Money, PlannedRow};
use crate::sync::setup::guards::{Guard, Guards, Sign};

/// What the rows so far come to.
#[derive(Default)]
pub(crate) struct GuardWatch {
    guards: Guards,
    rows: u64,
    creates: u64,
    updates: u64,
    /// Rows with a known record, and how many of them change it.
    known: u64,
    changed: u64,
    /// Without signs, by currency.
    totals: BTreeMap<Option<[u8; 3]>, u128>,
    /// The first row whose amount is too large, and the first with the wrong sign.
    too_large: Option<u64>,
    wrong_sign: Option<u64>,
}

impl GuardWatch {
    pub(crate) fn new(guards: &Guards) -> Self {
        Self { guards: guards.clone(), ..Self::default() }
    }

    /// There is nothing to count.
    pub(crate) fn is_idle(&self) -> bool {
        self.guards.is_empty()
    }

    /// A row of the sync that cannot be sent.
    pub(crate) fn count_faulty(&mut self) {
        self.rows += 1;
    }

    /// A row, by what is to be done with it.
    pub(crate) fn count(&mut self, row: &PlannedRow, entry: Option<&Entry>, decision: Decision) {
        self.rows += 1;
        let known = entry.is_some_and(|entry| entry.exists_since.is_some());
        self.known += u64::from(known);
        match decision {
            Decision::Unchanged | Decision::Skip => return,
            Decision::Update => self.updates += 1,
            Decision::UpdateThenCreate if known => self.updates += 1,
            // A create that may be sent again counts as one.
            Decision::Create | Decision::UpdateThenCreate | Decision::SettleFirst => self.creates += 1,
        }
        self.changed += u64::from(known);
        if let Some(Money { cents, currency }) = row.money {
            *self.totals.entry(currency).or_default() += u128::from(cents.unsigned_abs());
            let number = row.row.number;
            if self.guards.max_amount.is_some_and(|most| cents.unsigned_abs() > most) {
                self.too_large.get_or_insert(number);
            }
            let wrong = match self.guards.sign {
                Some(Sign::Positive) => cents < 0,
                Some(Sign::Negative) => cents > 0,
                None => false,
            };
            if wrong {
                self.wrong_sign.get_or_insert(number);
            }
        }
    }

    /// What is beyond a guard for certain, however many rows are to come.
    pub(crate) fn passed(&self) -> Option<String> {
        said(self.most())
    }

    /// The same once all rows are known.
    pub(crate) fn passed_at_end(&self) -> Option<String> {
        let mut found = self.most();
        let Guards { min_rows, max_changed, .. } = self.guards;
        if let Some(fewest) = min_rows.filter(|fewest| self.rows < *fewest) {
            found.push((Guard::MinRows, format!("{} came, fewer than {fewest}", rows(self.rows))));
        }
        let share = |hundredths: u32| u128::from(self.known) * u128::from(hundredths);
        if let Some(most) =
            max_changed.filter(|most| u128::from(self.changed) * 10_000 > share(most.hundredths))
        {
            let of = format!("{} of {} with a known record would change it", self.changed, rows(self.known));
            found.push((Guard::MaxChanged, format!("{of}, more than {most}")));
        }
        found.sort_by_key(|(guard, _)| *guard);
        said(found)
    }

    fn most(&self) -> Vec<(Guard, String)> {
        let Guards { max_rows, max_creates, max_updates, max_amount, max_total, sign, .. } = self.guards;
        let mut found = Vec::new();
        for (guard, count, most, what) in [
            (Guard::MaxRows, self.rows, max_rows, "came"),
            (Guard::MaxCreates, self.creates, max_creates, "would create a record"),
            (Guard::MaxUpdates, self.updates, max_updates, "would change a record"),
        ] {
            if let Some(most) = most.filter(|most| count > *most) {
                found.push((guard, format!("{} {what}, more than {most}", rows(count))));
            }
        }
        if let Some((row, most)) = self.too_large.zip(max_amount) {
            found.push((Guard::MaxAmount, format!("row {row} has an amount of more than {most} cents")));
        }
        for (currency, total) in &self.totals {
            if let Some(most) = max_total.filter(|most| *total > u128::from(*most)) {
                let currency = currency.map(|currency| String::from_utf8_lossy(&currency).into_owned());
                let of = currency.map_or_else(String::new, |currency| format!(" of {currency}"));
                found.push((
                    Guard::MaxTotal,
                    format!("the amounts come to {total} cents{of}, more than {most}"),
                ));
            }
        }
        if let Some((row, sign)) = self.wrong_sign.zip(sign) {
            let is = match sign {
                Sign::Positive => "below",
                Sign::Negative => "above",
            };
            found.push((Guard::Sign, format!("row {row} has an amount {is} zero")));
        }
        found
    }
}

/// One text of all; each guard says how this run is let through.
fn said(found: Vec<(Guard, String)>) -> Option<String> {
    let texts: Vec<String> = found
        .into_iter()
        .map(|(guard, what)| {
            let name = guard.name();
            format!("guard {name}: {what} (--allow {name} lets this run through)")
        })
        .collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}
