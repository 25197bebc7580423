//! One sync, resolved and checked: what is synced, and within which limits.

use std::collections::BTreeSet;

use super::limits::Limits;
use crate::api::mode::Mode;
use crate::api::{ApiSpec, FieldSpec, ObjectSpec, OperationName, Step};
use crate::error::{SetupError, SetupErrors};
use crate::mapping::columns::Mapping;
use crate::mapping::filter::Filter;
use crate::mapping::record_key::KeyRule;
use crate::text::names::near;

/// What a job is made of.
#[derive(Debug)]
pub struct JobParts {
    /// The API.
    pub api: &'static ApiSpec,
    /// The object.
    pub object: &'static ObjectSpec,
    /// The mode.
    pub mode: Mode,
    /// The columns of a CSV source.
    pub columns: Option<Vec<String>>,
    /// Which column feeds which field.
    pub mapping: Mapping,
    /// What makes two rows the same record.
    pub keys: KeyRule,
    /// Which rows are synced.
    pub filter: Filter,
    /// The identity field that finds the records of rows without a key.
    pub match_on: Option<&'static FieldSpec>,
    /// The name of the account, for derived keys.
    pub account: String,
    /// What is sent, how fast, and when it stops.
    pub limits: Limits,
}

/// One sync, resolved: nothing in it can be wrong any more, because only [`Job::new`] makes one.
#[derive(Debug)]
pub struct Job {
    parts: JobParts,
    steps: &'static [Step],
}

impl Job {
    /// Checks that object and mode are a pair of the matrix, that everything else suits the mode, and that the mapping
    /// can bring what every row of it needs.
    pub fn new(parts: JobParts) -> Result<Self, SetupError> {
        let steps = steps_of(parts.object, parts.mode)?;
        check_full(parts.mode, parts.limits.full)?;
        parts.limits.guards.check(parts.object)?;
        if let Some(field) = parts.match_on {
            identity_named(parts.object, parts.mode, field.name)?;
        }
        let job = Self { parts, steps };
        job.check_mapping()?;
        Ok(job)
    }

    /// The calls of the mode.
    #[must_use]
    pub fn steps(&self) -> &'static [Step] {
        self.steps
    }

    /// The mapped fields that one of the mode's operations cannot write, with that operation.
    #[must_use]
    pub fn not_writable(&self) -> Vec<(&'static FieldSpec, OperationName)> {
        self.left_out(|field| self.mapping.feeds(field))
    }

    /// A column of that name, or what is inside of it, is looked at.
    #[must_use]
    pub fn uses(&self, name: &str) -> bool {
        let within = |wanted: &str| wanted.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
        self.mapping.knows(name)
            || self.keys.uses(name)
            || self.wanted().any(|wanted| wanted == name || within(wanted))
    }

    /// The names that rows should have; of a JSON source they are known row by row.
    pub(crate) fn wanted_names(&self) -> Vec<String> {
        if self.columns.is_some() {
            return Vec::new();
        }
        let names: BTreeSet<&str> = self.mapping.properties().chain(self.wanted()).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// The columns that are looked at besides those of the mapping.
    fn wanted(&self) -> impl Iterator<Item = &str> {
        self.filter.names().chain(self.keys.names())
    }

    pub(crate) fn left_out(
        &self,
        brought: impl Fn(&FieldSpec) -> bool,
    ) -> Vec<(&'static FieldSpec, OperationName)> {
        let mut found = Vec::new();
        for field in self.object.fields.iter().copied().filter(|field| brought(field)) {
            for step in self.steps {
                let addressed = step.operation.path_fields.contains(&field);
                // The system's own key is never part of a body, and is not expected in one.
                let own_key = self.object.key_field == Some(field);
                if !addressed && !own_key && !field.writable.contains(&step.operation.name) {
                    found.push((field, step.operation.name));
                }
            }
        }
        found
    }

    fn check_mapping(&self) -> Result<(), SetupError> {
        let Some(step) = self.steps.last() else {
            return Err(SetupError::new(format!(
                "the spec has no calls for {} {}",
                self.mode, self.object.name
            )));
        };
        let mut faults = SetupErrors::default();
        let mut missing = |field: &FieldSpec, why: &str| {
            let error = SetupError::new(format!("no column and no constant feeds `{}`, {why}", field.name));
            let about = field.description.trim_end_matches('.');
            faults.add(error.help(format_args!("{about}; map it: --map {}=COLUMN", field.name)));
        };
        let fed = |field: &FieldSpec| self.mapping.may_feed(field);
        // A key that no create can carry is known to the ledger, and a derived one follows from the record key; any other
        // is known where a lookup may find it.
        let known = |field: &FieldSpec| {
            let given = !field.writable.contains(&OperationName::Create);
            let derived = self.limits.derive_key && self.object.derive_field == Some(field);
            self.match_on.is_some() || ((given || derived) && self.keys.can_be_made(fed))
        };
        let creates = step.operation.name == OperationName::Create;
        for field in step.operation.path_fields.iter().filter(|field| !fed(field) && !known(field)) {
            missing(field, &format!("which tells {} which record it means", self.mode));
        }
        let required = self.object.fields.iter().filter(|field| creates && field.required && !fed(field));
        for field in required.filter(|field| !step.operation.path_fields.contains(field)) {
            missing(field, "which is required");
        }
        let groups = self.object.exactly_one_of.iter();
        for group in groups.filter(|group| creates && !group.fields.iter().any(|field| fed(field))) {
            let names: Vec<&str> = group.fields.iter().map(|field| field.name).collect();
            let error =
                SetupError::new(format!("no column and no constant feeds any of {}", names.join(", ")));
            faults.add(error.help(group.description));
        }
        faults.finish()
    }
}

/// The parts can be read by everyone, and changed by no one.
impl std::ops::Deref for Job {
    type Target = JobParts;

    fn deref(&self) -> &JobParts {
        &self.parts
    }
}

/// The calls of a mode, if the object offers it.
pub(crate) fn steps_of(object: &ObjectSpec, mode: Mode) -> Result<&'static [Step], SetupError> {
    object
        .steps(mode)
        .map_err(|reason| SetupError::new(format!("{mode} is not offered for {}: {reason}", object.name)))
}

/// Unchanged rows can be sent again in this mode, if that is asked for.
pub(crate) fn check_full(mode: Mode, full: bool) -> Result<(), SetupError> {
    if full && mode == Mode::Insert {
        let error =
            SetupError::new("--full sends unchanged rows again, and an insert never sends a row twice");
        return Err(error.help("leave it out, or say --mode upsert"));
    }
    Ok(())
}

/// The identity field of that name, by which a mode can find the records of rows without a key.
pub(crate) fn identity_named(
    object: &'static ObjectSpec,
    mode: Mode,
    name: &str,
) -> Result<&'static FieldSpec, SetupError> {
    if mode == Mode::Insert {
        let error = SetupError::new("match_on finds records that exist, and an insert only creates");
        return Err(error.help("leave it out, or say --mode upsert"));
    }
    let names: Vec<&str> = object.identity.iter().map(|identity| identity.field.name).collect();
    let found = object.identity.iter().find(|identity| identity.field.name == name);
    found.map(|identity| identity.field).ok_or_else(|| {
        let error = SetupError::new(format!("{} cannot be looked up by `{name}`", object.name));
        error.help(near(name, &names))
    })
}
