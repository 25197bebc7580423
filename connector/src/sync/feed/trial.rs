//! What one row comes to where nothing is known of its record and nothing is sent: for tests of a sync.

use super::plan::{PlannedRow, Planner};
use crate::ledger::Digester;
use crate::request::prepare::PreparedRequest;
use crate::row::Row;
use crate::row::fault::FieldError;
use crate::sync::setup::job::Job;

/// What a row comes to.
pub enum Tried {
    /// The sync does not take it.
    Filtered,
    /// It cannot be sent.
    Invalid(Vec<FieldError>),
    /// These requests, in the order in which they are tried. One whose record is only known after a lookup has the path of the
    /// spec, without a value for its parameter.
    Requests(Vec<PreparedRequest>),
}

/// Tries the rows of one sync.
pub struct Trial<'j> {
    job: &'j Job,
    planner: Planner,
}

impl<'j> Trial<'j> {
    /// A trial of a job.
    #[must_use]
    pub fn new(job: &'j Job) -> Self {
        // With nothing to compare, no digest is made.
        Self { job, planner: Planner::new(job, Digester::new(&[0; 32]), true) }
    }

    /// What a row comes to.
    pub fn row(&mut self, row: Row) -> Tried {
        match self.job.filter.takes(&row) {
            Ok(true) => {}
            Ok(false) => return Tried::Filtered,
            Err(faults) => return Tried::Invalid(faults.into_found()),
        }
        match self.planner.plan(self.job, row) {
            Ok(item) => requests_of(*item),
            Err(faulty) => Tried::Invalid(faulty.error.faults),
        }
    }
}

fn requests_of(item: PlannedRow) -> Tried {
    let looked_for = item.matched.is_some();
    let missing = item.missing_address();
    let requests: Vec<_> = item
        .requests
        .into_iter()
        .filter(|request| request.addressed || looked_for)
        .map(|request| {
            if request.addressed {
                request
            } else {
                PreparedRequest { path: request.operation.path.into(), ..request }
            }
        })
        .collect();
    if requests.is_empty() { Tried::Invalid(vec![missing]) } else { Tried::Requests(requests) }
}
