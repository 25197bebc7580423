//! One sync, resolved: what is synced, and within which limits.

use std::time::Duration;

use crate::api::mode::Mode;
use crate::api::{ApiSpec, FieldSpec, ObjectSpec, OperationName, Step};
use crate::error::SetupError;
use crate::mapping::columns::Mapping;
use crate::mapping::record_key::KeyRule;
use crate::report::failure_limit::FailureLimit;

/// One sync, resolved: nothing in it can be wrong any more.
#[derive(Debug)]
pub struct Job {
    /// The API.
    pub api: &'static ApiSpec,
    /// The object.
    pub object: &'static ObjectSpec,
    /// The mode.
    pub mode: Mode,
    /// The calls of the mode.
    pub steps: &'static [Step],
    /// Which column feeds which field.
    pub mapping: Mapping,
    /// What makes two rows the same record.
    pub keys: KeyRule,
    /// The most rows that are read.
    pub limit: Option<u64>,
    /// Nothing is sent.
    pub dry_run: bool,
    /// How long without any progress before the run stops.
    pub give_up: Duration,
    /// How many failures before it stops.
    pub max_failures: Option<FailureLimit>,
    /// What random pauses are drawn from.
    pub seed: u64,
    /// The name of the account, for derived keys.
    pub account: String,
    /// Fields that can be derived from the record key are.
    pub derive_key: bool,
    /// The identity field that finds the records of rows without a key.
    pub match_on: Option<&'static FieldSpec>,
    /// Rows that are as they were are sent again.
    pub full: bool,
    /// A record that differs and cannot be changed is no failure.
    pub ignore_changes: bool,
    /// The most requests in one window.
    pub quota: u32,
    /// The most requests in flight.
    pub concurrency: u32,
    /// How long one request may take.
    pub timeout: Duration,
    /// How long a write may take to show in lists.
    pub settle_after: Duration,
    /// The columns of a CSV source.
    pub columns: Option<Vec<String>>,
}

impl Job {
    /// Checks that the mapping can bring what every row of the mode needs.
    pub fn check_mapping(&self) -> Result<(), SetupError> {
        let Some(step) = self.steps.last() else {
            return Err(SetupError::new(format!(
                "the spec has no calls for {} {}",
                self.mode, self.object.name
            )));
        };
        let missing = |field: &FieldSpec, why: &str| {
            let error = SetupError::new(format!("no column and no constant feeds `{}`, {why}", field.name));
            let about = field.description.trim_end_matches('.');
            Err(error.help(format_args!("{about}; map it: --map {}=COLUMN", field.name)))
        };
        let fed = |field: &FieldSpec| self.mapping.may_feed(field);
        // A key that no create can carry is known to the ledger, and a derived one follows from the record key; any other
        // is known where a lookup may find it.
        let known = |field: &FieldSpec| {
            let given = !field.writable.contains(&OperationName::Create);
            let derived = self.derive_key && self.object.derive_field == Some(field);
            self.match_on.is_some() || ((given || derived) && self.keys.can_be_made(fed))
        };
        if let Some(field) = step.operation.path_fields.iter().find(|field| !fed(field) && !known(field)) {
            return missing(field, &format!("which tells {} which record it means", self.mode));
        }
        if step.operation.name != OperationName::Create {
            return Ok(());
        }
        if let Some(field) = self.object.fields.iter().find(|field| field.required && !fed(field)) {
            return missing(field, "which is required");
        }
        match self.object.exactly_one_of.iter().find(|group| !group.fields.iter().any(|field| fed(field))) {
            Some(group) => {
                let names: Vec<&str> = group.fields.iter().map(|field| field.name).collect();
                let error =
                    SetupError::new(format!("no column and no constant feeds any of {}", names.join(", ")));
                Err(error.help(group.description))
            }
            None => Ok(()),
        }
    }

    /// The mapped fields that one of the mode's operations cannot write, with that operation.
    #[must_use]
    pub fn not_writable(&self) -> Vec<(&'static FieldSpec, OperationName)> {
        self.left_out(|field| self.mapping.feeds(field))
    }

    pub(crate) fn left_out(
        &self,
        brought: impl Fn(&FieldSpec) -> bool,
    ) -> Vec<(&'static FieldSpec, OperationName)> {
        let mut found = Vec::new();
        for field in self.object.fields.iter().copied().filter(|field| brought(field)) {
            for step in self.steps {
                let addressed = step.operation.path_fields.contains(&field);
                // The system's own key is never part of a body, and nobody would expect it to be.
                let own_key = self.object.key_field == Some(field);
                if !addressed && !own_key && !field.writable.contains(&step.operation.name) {
                    found.push((field, step.operation.name));
                }
            }
        }
        found
    }
}
