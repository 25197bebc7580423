//! From settings to a run that can start. Everything that can be wrong is found out here, before the first row.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::common::Common;
use super::connection::Connection;
use super::ledger::account::{AccountKey, account_of, scope_of};
use super::ledger::choice::{self, Choice, UsedLedger};
use super::ledger::new_ledger;
use super::ledger::rotated_key::AccountInUse;
use super::ledger::waiting::LedgerWait;
use super::not_ready::NotReady;
use super::outputs::differences_file::{DIFFERENCES, differences_file};
use super::outputs::failures::{FAILURES, failures_file};
use super::outputs::metrics::metrics_file;
use super::outputs::plan_file::{PLAN, plan_file};
use super::pace::shared_pace;
use super::services::Services;
use super::source::{self, about_columns};
use super::warning::Warning;
use crate::clock::Clock;
use crate::config::environment::Environment;
use crate::config::given::SourcePlace;
use crate::config::settings::Settings;
use crate::error::{SetupError, SetupErrors};
use crate::generated::API;
use crate::http::base_url::BaseUrl;
use crate::http::credentials::Credentials;
use crate::http::wire::{Wire, WireLimits};
use crate::ledger::{Account, Ledger, Scope};
use crate::mapping::columns::{Feed, Mapping, PLACEHOLDER};
use crate::mapping::filter::Filter;
use crate::mapping::record_key::KeyRule;
use crate::report::differences::DifferencesFile;
use crate::report::failures::list::FailuresFile;
use crate::report::metrics::MetricsFile;
use crate::report::plan_file::PlanFile;
use crate::source::{Input, Source};
use crate::sync::Interrupt;
use crate::sync::{Job, JobParts, steps_of};

/// A run that can start.
pub struct Run<'s, C: Clock> {
    pub(super) syncs: Vec<PreparedSync>,
    pub(super) wire: Wire<Connection, C>,
    pub(super) give_up: Duration,
    pub(super) metrics: Option<MetricsFile>,
    pub(super) ledger: Ledger,
    used: UsedLedger,
    pub(super) interrupt: &'s Interrupt,
}

/// A sync of a run that can start.
pub struct PreparedSync {
    pub(super) settings: Settings,
    pub(super) job: Arc<Job>,
    pub(super) source: Source,
    pub(super) failures: Option<FailuresFile>,
    /// The plan of a dry run.
    pub(super) plan: Option<PlanFile>,
    /// What a verification finds.
    pub(super) differences: Option<DifferencesFile>,
    /// The records of its object in the ledger.
    pub(super) scope: Scope,
    /// The number that the ledger gave this run of the sync; 0 in a dry run.
    pub(super) number: i64,
    /// The ledger knew no record of its object.
    pub(super) first: bool,
    /// Rows without an entry are looked for in the list: the ledger of earlier runs may be lost.
    pub(super) adopts: bool,
}

impl PreparedSync {
    /// What the sync was told.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The ledger knew no record of its object in this account.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.first
    }

    /// What is worth knowing before the first row.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let unwritten: Vec<String> = self.settings.unwritten().map(|feed| feed.target.clone()).collect();
        let unwritten = (!unwritten.is_empty()).then_some(Warning::Unwritten(unwritten));
        unwritten.into_iter().chain(Warning::all_of(&API, &self.job)).collect()
    }
}

/// A sync with its source, before anything is written.
struct OpenedSync {
    settings: Settings,
    job: Arc<Job>,
    source: Source,
    failures: Option<FailuresFile>,
    plan: Option<PlanFile>,
    differences: Option<DifferencesFile>,
}

/// What a run is prepared for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To sync rows.
    Sync,
    /// To compare rows with the API's lists.
    Verify,
    /// The same, and to enter into the ledger what is there.
    Adopt,
}

impl<'s, C: Clock + Copy> Run<'s, C> {
    /// Opens the sources, resolves mappings and keys, checks files, keys and ledger, and notes in the ledger that the run
    /// begins.
    pub async fn prepare(
        purpose: Purpose,
        syncs: Vec<Settings>,
        services: Services<'s, '_, C>,
    ) -> Result<Self, NotReady> {
        let Services { environment, interrupt, clock, mut stdin, sandbox, mut waits } = services;
        for sync in &syncs {
            steps_of(sync.object, sync.mode)?;
        }
        let common = Common::of(&syncs)?;
        if common.target.sandbox && common.target.base_url.is_some() {
            let error = SetupError::new("both --sandbox and --base-url are given");
            return Err(error.help("leave one of them out, of the flags or of the sync file").into());
        }
        let base_url = BaseUrl::parse(common.target.base_url.as_deref().unwrap_or(API.base_url))?;
        if !common.limits.dry_run && !common.target.sandbox && !base_url.is_loopback() {
            refuse_unwritten(&syncs)?;
        }
        let (mut opened, mut faults) = (Vec::with_capacity(syncs.len()), SetupErrors::default());
        for settings in syncs {
            match OpenedSync::of(settings, &mut stdin, &clock, interrupt, &mut waits).await {
                Ok(sync) => opened.push(sync),
                Err(NotReady::Refused(error)) => faults.add(error),
                Err(other) => return Err(other),
            }
        }
        let connection =
            Connection::open(&common.target, &common.limits, &base_url, sandbox.as_deref(), environment);
        let connection = faults.finish_with(connection)?;
        let choice = Choice {
            named: common.target.ledger.clone(),
            digest_key_file: common.target.digest_key_file.clone(),
            require: common.target.require_ledger,
            read_only: common.limits.dry_run || purpose == Purpose::Verify,
            temporary: common.target.sandbox,
        };
        let used = UsedLedger::of(&choice, environment)?;
        let now = clock.epoch_milliseconds();
        // Before a folder is made, which would look like one that is kept.
        let (objects, account) =
            (opened.iter().map(|sync| sync.settings.object), account_of(&common.target, &base_url));
        if !choice.read_only {
            new_ledger::check(&common, objects, &account, &choice, environment, now).await?;
        }
        for OpenedSync { settings, source, failures, plan, differences, .. } in &mut opened {
            if purpose == Purpose::Sync {
                *failures = failures_file(settings, &account, environment, source)?;
                *plan = plan_file(settings, environment, failures.as_ref())?;
            } else {
                *differences = differences_file(settings, environment)?;
            }
        }
        let outputs = opened.iter().flat_map(OpenedSync::outputs).map(Path::to_owned).collect::<Vec<_>>();
        let first = opened.first().map(|sync| metrics_file(&sync.settings, environment, &outputs));
        let metrics = first.transpose()?.flatten();
        let limits = &common.limits;
        let wire_limits = WireLimits {
            quota: limits.quota(&API),
            concurrency: limits.concurrency,
            seed: fastrand::u64(..),
        };
        let target = &common.target;
        let pace = (!limits.dry_run && !target.sandbox)
            .then(|| shared_pace(&API, environment, target.ledger.as_deref(), &base_url, wire_limits.quota));
        let wire = Wire::new(&API, connection, clock, wire_limits).sharing(pace);
        let waiting = LedgerWait { clock, interrupt, tell: waits, most: target.wait };
        let (ledger, mut syncs) =
            Box::pin(open_ledger(&common, account, opened, &choice, environment, &wire, waiting)).await?;
        for sync in &mut syncs {
            FAILURES.claim(sync.failures.as_mut().map(FailuresFile::output_mut))?;
            PLAN.claim(sync.plan.as_mut().map(PlanFile::output_mut))?;
            DIFFERENCES.claim(sync.differences.as_mut().map(DifferencesFile::output_mut))?;
        }
        Ok(Self { syncs, wire, give_up: common.limits.give_up, metrics, ledger, used, interrupt })
    }

    /// The ledger that it uses.
    #[must_use]
    pub fn ledger(&self) -> &UsedLedger {
        &self.used
    }

    /// The syncs, in the order in which they were given.
    #[must_use]
    pub fn syncs(&self) -> &[PreparedSync] {
        &self.syncs
    }
}

/// What stands in for a value of the user's is no value: it may be rehearsed with, and not sent.
fn refuse_unwritten(syncs: &[Settings]) -> Result<(), SetupError> {
    let unwritten: Vec<&Feed> = syncs.iter().flat_map(Settings::unwritten).collect();
    let Some(first) = unwritten.first() else { return Ok(()) };
    let names: Vec<String> = unwritten.iter().map(|feed| format!("`{}`", feed.target)).collect();
    let error =
        SetupError::new(format!("{PLACEHOLDER} still stands in for the value of {}", names.join(", ")));
    Err(error.at(first.place.as_ref()).help("write the value, or name the column that has it"))
}

impl OpenedSync {
    /// The files that it writes.
    fn outputs(&self) -> impl Iterator<Item = &Path> {
        let failures = self.failures.iter().flat_map(|file| file.output().files());
        failures.chain(self.plan.iter().flat_map(|file| file.output().files()))
    }

    async fn of(
        settings: Settings,
        stdin: &mut Box<dyn Read + Send>,
        clock: &impl Clock,
        interrupt: &Interrupt,
        tell: &mut impl FnMut(&str),
    ) -> Result<Self, NotReady> {
        let input = match &settings.source {
            SourcePlace::Stdin => Input::Stdin(std::mem::replace(stdin, Box::new(io::empty()))),
            SourcePlace::File(path) => Input::File(path.clone()),
        };
        let source = source::open(input, &settings, clock, interrupt, tell).await?;
        let job =
            job_of(&settings, source.columns()).map_err(|error| about_columns(error, &settings, &source))?;
        Ok(Self { settings, job: Arc::new(job), source, failures: None, plan: None, differences: None })
    }
}

/// What a sync of these columns is (none: JSON, whose names are known row by row), with all that is wrong with it at once.
pub(super) fn job_of(settings: &Settings, columns: Option<&[String]>) -> Result<Job, SetupError> {
    let object = settings.object;
    let mut faults = SetupErrors::default();
    let mapping =
        Mapping::resolve_all(object, settings.mapping.as_deref(), &settings.additional, columns, &mut faults)
            .with_null_values(settings.null_values.clone());
    let filter = faults.take(Filter::resolve(&settings.filter, columns, settings.null_values.clone()));
    let primary_key = &settings.primary_key;
    let mut of_keys = SetupErrors::default();
    let keys = KeyRule::resolve_all(&primary_key.value, columns, &mapping, &mut of_keys);
    faults.take(of_keys.finish().map_err(|error| error.all_at(primary_key.place.as_ref())));
    let job = Job::new(JobParts {
        api: &API,
        object,
        mode: settings.mode,
        columns: columns.map(<[String]>::to_vec),
        mapping,
        keys,
        filter: filter.unwrap_or_default(),
        match_on: settings.match_on,
        account: settings.target.account.clone(),
        limits: settings.limits.clone(),
    });
    faults.finish_with(job)
}

/// The ledger, which must know the account's key, and has to know what the rows are keyed by.
async fn open_ledger<C: Clock + Copy>(
    common: &Common,
    account: Account,
    syncs: Vec<OpenedSync>,
    choice: &Choice,
    environment: &Environment,
    wire: &Wire<Connection, C>,
    mut waiting: LedgerWait<'_, impl Clock>,
) -> Result<(Ledger, Vec<PreparedSync>), NotReady> {
    let now = waiting.clock.epoch_milliseconds();
    let target = &common.target;
    let ledger = choice::open(choice, environment, now)?;
    let refused = |error| choice::refused(&error);
    let mut prepared = Vec::with_capacity(syncs.len());
    for OpenedSync { settings, job, source, failures, plan, differences } in syncs {
        let scope = waiting.scope(&ledger, scope_of(&account, settings.object)).await?;
        choice::check_keyed_by(&scope, &settings.name, job.keys.keyed_by()).await?;
        let first = !scope.knows_records().await.map_err(refused)?;
        let (number, adopts) = (0, false);
        prepared.push(PreparedSync {
            settings,
            job,
            source,
            failures,
            plan,
            differences,
            scope,
            number,
            first,
            adopts,
        });
    }
    if !target.sandbox {
        check_key(common, choice, &ledger, &account, environment, wire, &mut waiting).await?;
    }
    if common.limits.dry_run || choice.read_only {
        return Ok((ledger, prepared));
    }
    for sync in &mut prepared {
        sync.adopts = new_ledger::adopts(target, &sync.scope, sync.first).await.map_err(refused)?;
    }
    for PreparedSync { settings, job, scope, number, .. } in &mut prepared {
        scope.set_keyed_by(&settings.name, job.keys.keyed_by()).await.map_err(refused)?;
        *number = scope.begin_run(&settings.name, now).await.map_err(refused)?;
    }
    Ok((ledger, prepared))
}

/// The account's key is known to the ledger, or becomes so. A dry run needs no key; one that is there must be right.
async fn check_key<C: Clock + Copy>(
    common: &Common,
    choice: &Choice,
    ledger: &Ledger,
    account: &Account,
    environment: &Environment,
    wire: &Wire<Connection, C>,
    waiting: &mut LedgerWait<'_, impl Clock>,
) -> Result<(), NotReady> {
    let (rotated, interrupt) = (common.target.rotated_key, waiting.interrupt);
    let of = AccountInUse { ledger, account, wire, interrupt };
    if common.limits.dry_run {
        let Ok(Credentials { public, .. }) = environment.credentials(&API) else { return Ok(()) };
        return AccountKey { of, public: &public, rotated }.is_its_own().await;
    }
    let public = environment.credentials(&API)?.public;
    let key = AccountKey { of, public: &public, rotated };
    key.is_its_own().await?;
    if choice.read_only {
        return Ok(());
    }
    if key.is_disputed().await? {
        // No other run of the account may bring its first record meanwhile.
        for object in API.objects {
            waiting.scope(ledger, scope_of(account, object)).await?;
        }
    }
    key.check().await
}
