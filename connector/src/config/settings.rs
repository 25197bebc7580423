//! Everything that a sync is told, with all defaults: flags override the environment, it overrides the sync file, it
//! overrides defaults.

use std::path::PathBuf;
use std::time::Duration;

use super::bounds;
use super::given::{Given, NewLedger, Setting, SourcePlace};
use crate::api::mode::Mode;
use crate::api::{FieldSpec, ObjectSpec};
use crate::error::{Place, SetupError, SetupErrors, both};
use crate::generated::API;
use crate::mapping::columns::Feed;
use crate::mapping::filter::Condition;
use crate::mapping::record_key::PrimaryKey;
use crate::mapping::source_column::NullValues;
use crate::report::failure_limit::FailureLimit;
use crate::source::SourceOptions;
use crate::sync::{Guard, Guards, Limits};
use crate::sync::{check_full, identity_named};
use crate::text::names::near;

/// How long a run waits for another one.
const WAIT: Duration = Duration::from_mins(10);

/// Everything that a sync is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name of the sync; its files are named after it.
    pub name: String,
    /// The object.
    pub object: &'static ObjectSpec,
    /// The mode.
    pub mode: Mode,
    /// The sync file, if there is one.
    pub sync_file: Option<PathBuf>,
    /// Where the rows are.
    pub source: SourcePlace,
    /// How they are written, as far as it was said.
    pub source_options: SourceOptions,
    /// Where it is written in which part of a JSON document the records are.
    pub records_place: Option<Place>,
    /// The fields and what feeds them; it replaces the matching by name.
    pub mapping: Option<Vec<Feed>>,
    /// Fields that are fed whether or not there is a mapping.
    pub additional: Vec<Feed>,
    /// What columns must hold for a row to be synced.
    pub filter: Vec<Condition>,
    /// Texts that stand for no value.
    pub null_values: NullValues,
    /// What makes two rows the same record.
    pub primary_key: Setting<PrimaryKey>,
    /// The field that finds the records of rows without a key.
    pub match_on: Option<&'static FieldSpec>,
    /// Where the requests go.
    pub target: TargetSettings,
    /// What is sent, how fast, and when it stops.
    pub limits: Limits,
    /// Where rows that did not arrive are written.
    pub failures: Option<PathBuf>,
    /// Where a dry run writes what a run would do with each row.
    pub plan: Option<PathBuf>,
    /// Where a verification writes what is not equal.
    pub differences: Option<PathBuf>,
    /// The run is a success unless more rows have failed.
    pub allow_failures: Option<FailureLimit>,
    /// A line of JSON is printed at the end.
    pub json: bool,
}

/// Where the requests of a sync go, and where that is written down. All syncs of a run have the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetSettings {
    /// It is a sandbox, which is thrown away at the end.
    pub sandbox: bool,
    /// The prefix of every path, if not the API's own.
    pub base_url: Option<String>,
    /// The user's name for the account.
    pub account: String,
    /// The public key is new, the account is the same.
    pub rotated_key: bool,
    /// The ledger, if not the one in the state folder.
    pub ledger: Option<PathBuf>,
    /// The file that holds the key of the ledger's digests, if the ledger does not.
    pub digest_key_file: Option<PathBuf>,
    /// The ledger must exist already.
    pub require_ledger: bool,
    /// How long to wait for another run of the account and object.
    pub wait: Duration,
    /// What it means that the ledger is new, if that was said.
    pub new_ledger: Option<NewLedger>,
    /// Where counts for a monitor are written.
    pub metrics: Option<PathBuf>,
}

impl Settings {
    /// What was given, judged, with defaults for the rest.
    pub fn of(given: Given) -> Result<Self, SetupError> {
        let mode = given.mode.ok_or_else(|| {
            SetupError::new("no mode is given")
                .help("say --mode insert, update or upsert, or `mode:` in a sync file")
        });
        let source = given.source.ok_or_else(|| {
            SetupError::new("no source is given")
                .help("say --source PATH, --source - for standard input, or `source:` in a sync file")
        });
        let ((object, mode), source) = both(both(object_named(given.object), mode), source)?;
        let mut faults = SetupErrors::default();
        let name = given.name.unwrap_or_else(|| object.name.to_owned().into());
        if name.value.is_empty() || name.value.contains(['/', '\\', '\0']) {
            let error = SetupError::new("the sync's name cannot hold a slash or be empty");
            faults.add(error.at(name.place.as_ref()));
        }
        let (full, full_at) = given.full.map_or((false, None), |Setting { value, place }| (value, place));
        faults.take(check_full(mode, full).map_err(|error| error.at(full_at.as_ref())));
        let match_on = given.match_on.and_then(|Setting { value, place }| {
            faults.take(identity_named(object, mode, &value).map_err(|error| error.at(place.as_ref())))
        });
        let guards = faults.take(guards_of(given.guards, &given.allow, object)).unwrap_or_default();
        let records = given.records;
        let records_place = records.as_ref().and_then(|records| records.place.clone());
        let sandbox = given.sandbox.unwrap_or_default();
        let account = given.account.unwrap_or_else(|| if sandbox { "sandbox" } else { "default" }.to_owned());
        let (default, dry_run) = (Limits::default(), given.dry_run.unwrap_or_default());
        let settings = Self {
            name: name.value,
            object,
            mode,
            sync_file: given.sync_file,
            source,
            source_options: SourceOptions {
                format: given.format,
                delimiter: given.delimiter,
                encoding: given.encoding,
                records: records.map(|records| records.value),
                whole: false,
            },
            records_place,
            mapping: given.mapping,
            additional: given.additional,
            filter: given.filter.unwrap_or_default(),
            null_values: NullValues::new(given.null_values.unwrap_or_default()),
            primary_key: given.primary_key.unwrap_or_else(|| PrimaryKey::default().into()),
            match_on,
            target: TargetSettings {
                sandbox,
                base_url: given.base_url,
                account,
                rotated_key: given.rotated_key.unwrap_or_default(),
                ledger: given.ledger,
                digest_key_file: given.digest_key_file,
                require_ledger: given.require_ledger.unwrap_or_default(),
                wait: faults.take(bounds::WAIT.time(given.wait)).flatten().unwrap_or(WAIT),
                new_ledger: given.new_ledger,
                metrics: given.metrics,
            },
            limits: Limits {
                rows: faults.take(bounds::LIMIT.check(given.limit)).flatten(),
                dry_run,
                full,
                ignore_changes: given.ignore_changes.unwrap_or_default(),
                derive_key: given.derive_key.unwrap_or(default.derive_key),
                guards,
                max_failures: given.max_failures,
                timeout: faults
                    .take(bounds::TIMEOUT.time(given.timeout))
                    .flatten()
                    .unwrap_or(default.timeout),
                give_up: faults
                    .take(bounds::GIVE_UP.time(given.give_up))
                    .flatten()
                    .unwrap_or(default.give_up),
                settle_after: faults
                    .take(bounds::SETTLE_AFTER.time(given.settle_after))
                    .flatten()
                    .unwrap_or(default.settle_after),
                settle_wait: faults
                    .take(bounds::SETTLE_WAIT.time(given.settle_wait))
                    .flatten()
                    .unwrap_or(default.settle_wait),
                grace: faults.take(bounds::GRACE.time(given.grace)).flatten().unwrap_or(default.grace),
                concurrency: faults
                    .take(bounds::CONCURRENCY.small(given.concurrency))
                    .flatten()
                    .unwrap_or(default.concurrency),
                rate: faults.take(bounds::RATE.small(given.rate)).flatten(),
            },
            failures: given.failures,
            plan: faults.take(plan_of(given.plan, dry_run)).flatten(),
            differences: None,
            allow_failures: given.allow_failures,
            json: given.json.unwrap_or_default(),
        };
        faults.finish().map(|()| settings)
    }
}

/// A plan is what a dry run writes. A sync file may name it for all of its dry runs; who names it for a run expects one.
fn plan_of(plan: Option<Setting<PathBuf>>, dry_run: bool) -> Result<Option<PathBuf>, SetupError> {
    match plan {
        Some(Setting { place: None, .. }) if !dry_run => {
            Err(SetupError::new("--plan is what a dry run writes, and this run would send")
                .help("add --dry-run"))
        }
        plan => Ok(plan.map(|plan| plan.value)),
    }
}

/// The guards without those that let this run through.
fn guards_of(
    given: Option<Setting<Guards>>,
    allow: &[String],
    object: &ObjectSpec,
) -> Result<Guards, SetupError> {
    let (mut guards, place) = given.map_or_else(Default::default, |Setting { value, place }| (value, place));
    guards.check(object).map_err(|error| error.at(place.as_ref()))?;
    for name in allow {
        guards = guards.without(Guard::named(name)?);
    }
    Ok(guards)
}

impl Settings {
    /// The lines of the mapping in which the user still has to write a value.
    pub fn unwritten(&self) -> impl Iterator<Item = &Feed> {
        self.mapping.iter().flatten().filter(|feed| feed.has_placeholder())
    }
}

fn object_named(given: Option<Setting<String>>) -> Result<&'static ObjectSpec, SetupError> {
    let names: Vec<&str> = API.objects.iter().map(|object| object.name).collect();
    let Setting { value, place } = given.ok_or_else(|| {
        SetupError::new("no object is given")
            .help(format_args!("say --object, or `object:` in a sync file: {}", names.join(", ")))
    })?;
    API.object(&value).ok_or_else(|| {
        let error = SetupError::new(format!("there is no object `{value}`")).at(place.as_ref());
        error.help(near(&value, &names))
    })
}
