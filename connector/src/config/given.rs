//! What one place says about a sync: the flags, the environment, or a sync file. Nothing is judged here.

use std::path::PathBuf;

use crate::api::mode::Mode;
use crate::error::Place;
use crate::mapping::columns::Feed;
use crate::mapping::filter::Condition;
use crate::mapping::record_key::PrimaryKey;
use crate::report::failure_limit::FailureLimit;
use crate::source::Format;
use crate::sync::Guards;

/// A value that may turn out to be wrong, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it is written, if in a file.
    pub place: Option<Place>,
}

impl<T> From<T> for Setting<T> {
    fn from(value: T) -> Self {
        Self { value, place: None }
    }
}

/// Where the rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourcePlace {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

/// What it means that the ledger is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewLedger {
    /// An earlier one may be lost: what its runs have made is looked for in the list, and adopted.
    Adopt,
    /// Nothing was sent before.
    Empty,
}

/// What is said about a sync; nothing has to be.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// The name of the sync.
    pub name: Option<Setting<String>>,
    /// The object.
    pub object: Option<Setting<String>>,
    /// The mode.
    pub mode: Option<Mode>,
    /// The sync file itself.
    pub sync_file: Option<PathBuf>,
    /// Where the rows are.
    pub source: Option<SourcePlace>,
    /// How they are written.
    pub format: Option<Format>,
    /// What separates cells.
    pub delimiter: Option<String>,
    /// The encoding of the source.
    pub encoding: Option<String>,
    /// Where in a JSON document the records are.
    pub records: Option<Setting<String>>,
    /// The fields and what feeds them; it replaces the matching by name.
    pub mapping: Option<Vec<Feed>>,
    /// Fields that are fed whether or not there is a mapping.
    pub additional: Vec<Feed>,
    /// What columns must hold for a row to be synced.
    pub filter: Option<Vec<Condition>>,
    /// Texts that stand for no value.
    pub null_values: Option<Vec<String>>,
    /// What makes two rows the same record.
    pub primary_key: Option<Setting<PrimaryKey>>,
    /// The field that finds the records of rows without a key.
    pub match_on: Option<Setting<String>>,
    /// The most rows that are read.
    pub limit: Option<Setting<u64>>,
    /// Nothing is sent or written.
    pub dry_run: Option<bool>,
    /// Unchanged rows are sent too.
    pub full: Option<Setting<bool>>,
    /// The requests go to a sandbox.
    pub sandbox: Option<bool>,
    /// The prefix of every path of the API.
    pub base_url: Option<String>,
    /// The user's name for the account.
    pub account: Option<String>,
    /// The public key is new, the account is the same.
    pub rotated_key: Option<bool>,
    /// The ledger.
    pub ledger: Option<PathBuf>,
    /// The file that holds the key of the ledger's digests.
    pub digest_key_file: Option<PathBuf>,
    /// The ledger must exist already.
    pub require_ledger: Option<bool>,
    /// What it means that the ledger is new.
    pub new_ledger: Option<NewLedger>,
    /// Where rows that did not arrive are written.
    pub failures: Option<PathBuf>,
    /// Where counts for a monitor are written.
    pub metrics: Option<PathBuf>,
    /// Where a dry run writes what a run would do with each row.
    pub plan: Option<Setting<PathBuf>>,
    /// What the run must not go beyond.
    pub guards: Option<Setting<Guards>>,
    /// The guards that let this run through.
    pub allow: Vec<String>,
    /// The run stops when more rows have failed.
    pub max_failures: Option<FailureLimit>,
    /// The run is a success unless more rows have failed.
    pub allow_failures: Option<FailureLimit>,
    /// How many seconds without progress before the run stops.
    pub give_up: Option<Setting<u64>>,
    /// A line of JSON is printed at the end.
    pub json: Option<bool>,
    /// How long one request may take, in seconds.
    pub timeout: Option<Setting<u64>>,
    /// The most requests in flight.
    pub concurrency: Option<Setting<u64>>,
    /// Requests a minute.
    pub rate: Option<Setting<u64>>,
    /// How long a write may take to show in lists, in seconds.
    pub settle_after: Option<Setting<u64>>,
    /// How much longer a run waits at its end for lists to prove what is missing, in seconds.
    pub settle_wait: Option<Setting<u64>>,
    /// How long to wait for another run, in seconds.
    pub wait: Option<Setting<u64>>,
    /// How long requests in flight may still be answered once the run is to stop, in seconds.
    pub grace: Option<Setting<u64>>,
    /// A record that differs and cannot be changed is no failure.
    pub ignore_changes: Option<bool>,
    /// Fields that can be made from the record key are.
    pub derive_key: Option<bool>,
}

impl Given {
    /// The same with the home folder in place of each `~` that a path begins with.
    #[must_use]
    pub fn with_home(self, expand: impl Fn(PathBuf) -> PathBuf) -> Self {
        let source = self.source.map(|source| match source {
            SourcePlace::File(path) => SourcePlace::File(expand(path)),
            SourcePlace::Stdin => SourcePlace::Stdin,
        });
        Self {
            source,
            sync_file: self.sync_file.map(&expand),
            ledger: self.ledger.map(&expand),
            digest_key_file: self.digest_key_file.map(&expand),
            failures: self.failures.map(&expand),
            metrics: self.metrics.map(&expand),
            plan: self.plan.map(|plan| Setting { value: expand(plan.value), place: plan.place }),
            ..self
        }
    }

    /// These values, and for what they do not say, the other's.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            name: self.name.or(other.name),
            object: self.object.or(other.object),
            mode: self.mode.or(other.mode),
            sync_file: self.sync_file.or(other.sync_file),
            source: self.source.or(other.source),
            format: self.format.or(other.format),
            delimiter: self.delimiter.or(other.delimiter),
            encoding: self.encoding.or(other.encoding),
            records: self.records.or(other.records),
            mapping: self.mapping.or(other.mapping),
            additional: self.additional.into_iter().chain(other.additional).collect(),
            filter: self.filter.or(other.filter),
            null_values: self.null_values.or(other.null_values),
            primary_key: self.primary_key.or(other.primary_key),
            match_on: self.match_on.or(other.match_on),
            limit: self.limit.or(other.limit),
            dry_run: self.dry_run.or(other.dry_run),
            full: self.full.or(other.full),
            sandbox: self.sandbox.or(other.sandbox),
            base_url: self.base_url.or(other.base_url),
            account: self.account.or(other.account),
            rotated_key: self.rotated_key.or(other.rotated_key),
            ledger: self.ledger.or(other.ledger),
            digest_key_file: self.digest_key_file.or(other.digest_key_file),
            require_ledger: self.require_ledger.or(other.require_ledger),
            new_ledger: self.new_ledger.or(other.new_ledger),
            failures: self.failures.or(other.failures),
            metrics: self.metrics.or(other.metrics),
            plan: self.plan.or(other.plan),
            guards: self.guards.or(other.guards),
            allow: self.allow.into_iter().chain(other.allow).collect(),
            max_failures: self.max_failures.or(other.max_failures),
            allow_failures: self.allow_failures.or(other.allow_failures),
            give_up: self.give_up.or(other.give_up),
            json: self.json.or(other.json),
            timeout: self.timeout.or(other.timeout),
            concurrency: self.concurrency.or(other.concurrency),
            rate: self.rate.or(other.rate),
            settle_after: self.settle_after.or(other.settle_after),
            settle_wait: self.settle_wait.or(other.settle_wait),
            wait: self.wait.or(other.wait),
            grace: self.grace.or(other.grace),
            ignore_changes: self.ignore_changes.or(other.ignore_changes),
            derive_key: self.derive_key.or(other.derive_key),
        }
    }
}
