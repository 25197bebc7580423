//! From the tests of a sync file to what came of each.

use super::columns::{columns_of, row_of};
pub use super::difference::Difference;
use super::difference::differences;
use super::lines::{self, Line};
use crate::config::row_tests::row_test::{Expected, ExpectedRequest, RowTest, TestRow};
use crate::config::settings::Settings;
use crate::error::{Place, SetupError};
use crate::request::prepare::PreparedRequest;
use crate::run::prepare::job_of;
use crate::sync::{Job, Trial, Tried};

/// What came of a test.
#[derive(Debug)]
pub struct Tested {
    /// Its name.
    pub name: String,
    /// Where it is written.
    pub place: Place,
    /// What is not as expected; nothing where the test holds.
    pub differences: Vec<Difference>,
    /// Columns of its row that the sync does not look at.
    pub unused: Vec<String>,
}

impl Tested {
    /// Everything is as expected.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Runs the tests of a sync file.
pub fn run_tests(settings: &Settings, tests: &[RowTest]) -> Result<Vec<Tested>, SetupError> {
    let columns = columns_of(settings, tests);
    let job = job_of(settings, columns.as_deref())?;
    let mut trial = Trial::new(&job);
    let mut tested = Vec::with_capacity(tests.len());
    for (test, number) in tests.iter().zip(1..) {
        let got = trial.row(row_of(&test.row, number, columns.as_deref()));
        let (expected, got) = compared(&test.expected, &got);
        tested.push(Tested {
            name: test.name.clone(),
            place: test.place.clone(),
            differences: differences(expected, &got),
            unused: unused(&job, &test.row),
        });
    }
    Ok(tested)
}

/// What is expected and what there is, as lines.
fn compared(expected: &Expected, got: &Tried) -> (Vec<Line>, Vec<Line>) {
    let (requests, errors) = match got {
        Tried::Requests(requests) => (requests.as_slice(), &[][..]),
        Tried::Invalid(errors) => (&[][..], errors.as_slice()),
        Tried::Filtered => (&[][..], &[][..]),
    };
    let there = || match got {
        Tried::Filtered => lines::filtered(),
        Tried::Invalid(errors) => lines::errors(errors),
        Tried::Requests(requests) => requests.iter().flat_map(lines::request).collect(),
    };
    match expected {
        Expected::Filtered => (lines::filtered(), there()),
        Expected::Errors(expected) => (lines::expected_errors(expected, errors), there()),
        Expected::Requests(expected) => {
            let lines = expected.iter().enumerate().flat_map(|(place, expected)| {
                lines::expected_request(expected, partner(expected, place, requests))
            });
            (lines.collect(), there())
        }
        Expected::Request(expected) => {
            let partner = partner(expected, 0, requests);
            (lines::expected_request(expected, partner), partner.map_or_else(there, lines::request))
        }
    }
}

/// The request that one is held against: of its operation, else of its method, else the one at its place.
fn partner<'r>(
    expected: &ExpectedRequest,
    place: usize,
    requests: &'r [PreparedRequest],
) -> Option<&'r PreparedRequest> {
    match (expected.operation, expected.method) {
        (Some(operation), _) => requests.iter().find(|request| request.operation.name == operation),
        (None, Some(method)) => requests.iter().find(|request| request.operation.method.name() == method),
        (None, None) => requests.get(place),
    }
}

fn unused(job: &Job, row: &TestRow) -> Vec<String> {
    match row {
        TestRow::Cells(cells) => {
            let unmapped = job.mapping.unmapped();
            let names = cells.iter().map(|(name, _)| name);
            names.filter(|name| unmapped.contains(name) && !job.uses(name)).cloned().collect()
        }
        TestRow::Object(object) => object.keys().filter(|name| !job.uses(name)).cloned().collect(),
    }
}
