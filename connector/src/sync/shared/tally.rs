//! What a sync has counted of its requests, and of what came back.

use std::cell::Cell;

use crate::api::{ApiSpec, OperationName};
use crate::http::answer::error::CallError;
use crate::http::answer::response::Answer;

/// What a sync has counted of its requests.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) requests: Cell<u64>,
    pub(crate) lookups: Cell<u64>,
    pub(crate) retries: Cell<u64>,
    pub(crate) throttled: Cell<u64>,
    /// The API has answered well.
    pub(super) good: Cell<bool>,
    /// Answers that were not the API's, before that.
    pub(super) foreign: Cell<u64>,
    pub(super) create: Answers,
    pub(super) update: Answers,
    /// Whether the records that were written are test records, where they say so; one that is none decides.
    pub(super) test: Cell<Option<bool>>,
    /// The same as the ledger has it.
    pub(super) test_noted: Cell<Option<bool>>,
}

/// What has come back of one operation.
#[derive(Default)]
pub(super) struct Answers {
    /// Refusals for want of permission, one after the other.
    pub(super) forbidden: Cell<u64>,
}

impl Tally {
    /// The API has answered well.
    pub(crate) fn is_good(&self) -> bool {
        self.good.get()
    }

    pub(super) fn note_test(&self, result: &Result<Answer, CallError>, api: &ApiSpec) {
        if self.test.get() == Some(false) {
            return;
        }
        if let Ok(answer) = result
            && let Some(test) = answer.test_mark(api)
        {
            self.test.set(Some(test));
        }
    }

    pub(super) fn of(&self, operation: OperationName) -> &Answers {
        if operation == OperationName::Create { &self.create } else { &self.update }
    }
}

/// Adds one.
pub(crate) fn count(counter: &Cell<u64>) {
    counter.set(counter.get() + 1);
}
