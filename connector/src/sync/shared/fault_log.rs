//! What is to be written down about rows that did not arrive, and about those that do after they did not.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use crate::ledger::{FailedRow, FaultChange, FaultId, RecordId};

/// The most records whose failures in this run are remembered one by one; with more, every row that arrives is
/// written down.
const REMEMBERED: usize = 65_536;

/// What is to be written down about rows that did not arrive.
#[derive(Default)]
pub(crate) struct FaultLog {
    /// The ledger knew rows that did not arrive when the run began.
    known: Cell<bool>,
    pending: RefCell<Vec<FaultChange>>,
    /// Records of which a row failed in this run.
    failed: RefCell<HashSet<RecordId>>,
    many: Cell<bool>,
}

impl FaultLog {
    /// The ledger knew rows that did not arrive when the run began.
    pub(crate) fn knows_earlier(&self) -> bool {
        self.known.get()
    }

    pub(crate) fn set_knows_earlier(&self, known: bool) {
        self.known.set(known);
    }

    /// A row did not arrive.
    pub(crate) fn failed(&self, fault: FailedRow) {
        if let Some(record) = fault.record {
            let mut failed = self.failed.borrow_mut();
            if failed.len() < REMEMBERED {
                failed.insert(record);
            } else {
                self.many.set(true);
            }
        }
        self.pending.borrow_mut().push(FaultChange::Failed(Box::new(fault)));
    }

    /// A record is as its row says. `listed`: a row of it is known not to have arrived.
    pub(crate) fn arrived(
        &self,
        record: RecordId,
        id: Option<FaultId>,
        corrects: Option<FaultId>,
        later: bool,
        listed: bool,
    ) {
        if listed || corrects.is_some() || self.many.get() || self.failed.borrow().contains(&record) {
            let later = later || corrects.is_some();
            self.pending.borrow_mut().push(FaultChange::Arrived { record, id, later, corrects });
        }
    }

    /// How much is to be written down.
    pub(crate) fn len(&self) -> usize {
        self.pending.borrow().len()
    }

    /// What is to be written down, in its order.
    pub(crate) fn take(&self) -> Vec<FaultChange> {
        self.pending.take()
    }
}
