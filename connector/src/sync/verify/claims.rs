//! Which rows have which records of the list.

use std::collections::BTreeMap;

use super::verified::Verified;
use crate::ledger::{Claim, Compared, ListedRecord, Window};
use crate::report::differences::DifferenceKind;
use crate::sync::feed::plan::PlannedRow;

/// What the rows of a batch have claimed. What those before it have claimed is with the records.
pub(crate) struct Claims {
    /// The mode can change records: of several rows of one record the last counts, else the first.
    last_counts: bool,
    /// By the numbers of the records.
    new: BTreeMap<i64, Claim>,
    /// Between which creation times the records of rows lie.
    span: Option<Window>,
}

impl Claims {
    pub(crate) fn new(last_counts: bool) -> Self {
        Self { last_counts, new: BTreeMap::new(), span: None }
    }

    /// Gives records to a row, and counts it. What it says is to be told of the row, if it has them not.
    pub(crate) fn claim(
        &mut self,
        row: &PlannedRow,
        records: &[ListedRecord],
        compared: Compared,
        verified: &mut Verified,
    ) -> Option<DifferenceKind> {
        let number = records.first().and_then(|record| record.number).unwrap_or_default();
        let of_list = records.first().and_then(|record| record.claim.as_ref());
        match self.new.get(&number).or(of_list) {
            // A record that may be one of several of a row is no other row's.
            Some(other) if other.id != row.id && [&other.compared, &compared].contains(&&Compared::Twice) => {
            }
            Some(other) if other.id != row.id => {
                verified.held += 1;
                return Some(DifferenceKind::Held);
            }
            Some(_) if !self.last_counts => {
                verified.repeated += 1;
                return Some(DifferenceKind::Repeated);
            }
            Some(earlier) => {
                count(&earlier.compared, verified, |count| *count = count.saturating_sub(1));
                verified.repeated += 1;
            }
            None => {}
        }
        count(&compared, verified, |count| *count += 1);
        records.iter().filter_map(|record| record.created).for_each(|at| self.spans(at));
        let (id, key) = (row.id, row.stored_key());
        let claim = Claim { row: row.row.number, id, key, compared };
        for record in records {
            let Some(number) = record.number else { continue };
            let taken = self.new.get(&number).or(record.claim.as_ref());
            let others = |taken: &Claim| taken.id != claim.id && claim.compared == Compared::Twice;
            if !taken.is_some_and(others) {
                self.new.insert(number, claim.clone());
            }
        }
        None
    }

    /// A row, or its record, is of this time.
    pub(crate) fn spans(&mut self, at: i64) {
        let own = Window { from: at, to: at };
        self.span = Some(self.span.map_or(own, |span| span.around(own)));
    }

    /// The new ones.
    pub(crate) fn take(&mut self) -> Vec<(i64, Claim)> {
        std::mem::take(&mut self.new).into_iter().collect()
    }

    /// Between which creation times the records of rows lie; none where no row has one.
    pub(crate) fn span(&self) -> Option<Window> {
        self.span
    }
}

fn count(compared: &Compared, verified: &mut Verified, change: impl Fn(&mut u64)) {
    match compared {
        Compared::Equal => change(&mut verified.equal),
        Compared::Twice => change(&mut verified.twice),
        Compared::Different(fields) => {
            change(&mut verified.different);
            for field in fields {
                change(verified.differing.entry(field.clone()).or_default());
            }
        }
    }
}
