//! Everything that a sync is told: flags override the environment, it overrides the sync file, it overrides defaults.

use std::path::{Path, PathBuf};

use super::args::SyncArgs;
use super::environment::Environment;
use super::sync_file::{CONTENT, OnChangeKey, SyncFile};
use crate::api::mode::Mode;
use crate::api::{FieldSpec, ObjectSpec};
use crate::error::SetupError;
use crate::generated::API;
use crate::mapping::columns::{Feed, Origin};
use crate::mapping::record_key::{KeyPart, PrimaryKey};
use crate::report::failure_limit::FailureLimit;
use crate::source::Format;
use crate::text::names::near;

/// Everything that a sync is told, flags and file together.
pub(super) struct Settings {
    pub(super) object: &'static ObjectSpec,
    pub(super) mode: Mode,
    pub(super) name: String,
    pub(super) source: SourceSetting,
    pub(super) format: Option<Format>,
    pub(super) delimiter: Option<String>,
    pub(super) encoding: Option<String>,
    /// The mapping of the file; it replaces the matching by name.
    pub(super) mapping: Option<Vec<Feed>>,
    /// What `--map` adds.
    pub(super) additional: Vec<Feed>,
    pub(super) primary_key: PrimaryKey,
    /// Where it is written, to begin messages with.
    pub(super) primary_key_place: String,
    pub(super) limit: Option<u64>,
    pub(super) dry_run: bool,
    pub(super) sandbox: bool,
    pub(super) base_url: Option<String>,
    pub(super) ledger: Option<PathBuf>,
    pub(super) failures: Option<PathBuf>,
    pub(super) timeout: u64,
    pub(super) max_failures: Option<FailureLimit>,
    pub(super) allow_failures: Option<FailureLimit>,
    pub(super) give_up: u64,
    pub(super) json: bool,
    pub(super) match_on: Option<&'static FieldSpec>,
    pub(super) full: bool,
    /// The user's name for the account.
    pub(super) account: String,
    pub(super) rotated_key: bool,
    pub(super) require_ledger: bool,
    pub(super) concurrency: u32,
    /// Requests a minute, in place of the quota.
    pub(super) rate: Option<u32>,
    pub(super) settle_after: u64,
    /// A record that differs and cannot be changed is no failure.
    pub(super) ignore_changes: bool,
    pub(super) derive_key: bool,
}

/// Where the rows are.
pub(super) enum SourceSetting {
    Stdin,
    File(PathBuf),
}

impl Settings {
    /// Reads the sync file, if there is one, and lets the environment and the flags override it.
    pub(super) fn load(args: SyncArgs, environment: &Environment) -> Result<Self, SetupError> {
        let file = args.file.as_deref().map(SyncFile::read).transpose()?;
        let (file, folder) = match file {
            Some((file, folder)) => (file, Some(folder)),
            None => (SyncFile::default(), None),
        };
        let place = |key: &str| file.place(key);
        let object = match args.object.as_deref() {
            Some(name) => object_named(Some(name), "")?,
            None => object_named(file.keys.object.as_deref(), &place("object"))?,
        };
        let mode = mode_of(&args, &file)?;
        let source = source_of(&args, &file, folder.as_deref())?;
        let stem =
            args.file.as_deref().and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
        let name = file.keys.name.clone().or(stem).unwrap_or_else(|| object.name.to_owned());
        if name.is_empty() || name.contains(['/', '\\', '\0']) {
            return Err(SetupError::new("the sync's name cannot hold a slash or be empty").at(&place("name")));
        }
        let keys = &file.keys;
        let (primary_key, primary_key_place) = match args.primary_key.as_slice() {
            [] if keys.primary_key.is_some() => (file.primary_key()?, place("primary_key")),
            [] => (PrimaryKey::Identity, String::new()),
            columns => (primary_key_of_flags(columns), String::new()),
        };
        let sandbox = args.sandbox || keys.sandbox.unwrap_or_default();
        let full = args.full || keys.full.unwrap_or_default();
        if full && mode == Mode::Insert {
            return Err(SetupError::new(
                "--full sends unchanged rows again, and an insert never sends a row twice",
            )
            .help("leave it out, or say --mode upsert"));
        }
        let match_on = match (&args.match_on, &keys.match_on) {
            (Some(name), _) => Some(identity_named(object, mode, name, "")?),
            (None, Some(name)) => Some(identity_named(object, mode, name, &place("match_on"))?),
            (None, None) => None,
        };
        let default_account = if sandbox { "sandbox" } else { "default" };
        Ok(Self {
            object,
            mode,
            name,
            source,
            format: args.format.or(keys.format.map(Into::into)).map(Into::into),
            delimiter: args.delimiter.or_else(|| keys.delimiter.clone()),
            encoding: args.encoding.or_else(|| keys.encoding.clone()),
            mapping: file.mapping(object)?,
            additional: args
                .map
                .into_iter()
                .map(|map| Feed {
                    target: map.field,
                    from: Origin::Column(map.column),
                    cast: None,
                    place: String::new(),
                })
                .collect(),
            primary_key,
            primary_key_place,
            limit: args.limit.or(keys.limit),
            dry_run: args.dry_run || keys.dry_run.unwrap_or_default(),
            sandbox,
            base_url: args.base_url.or_else(|| keys.base_url.clone()),
            ledger: args.ledger.or_else(|| environment.ledger()).or_else(|| keys.ledger.clone()),
            failures: args.failures.or_else(|| keys.failures.clone()),
            timeout: seconds("timeout", args.timeout, keys.timeout, place)?.unwrap_or(60),
            max_failures: args.max_failures.or(file.limit("max_failures", keys.max_failures.as_ref())?),
            allow_failures: args
                .allow_failures
                .or(file.limit("allow_failures", keys.allow_failures.as_ref())?),
            give_up: seconds("give_up", args.give_up, keys.give_up, place)?.unwrap_or(300),
            json: args.json || keys.json.unwrap_or_default(),
            match_on,
            full,
            account: args
                .account
                .or_else(|| keys.account.clone())
                .unwrap_or_else(|| default_account.to_owned()),
            rotated_key: args.rotated_key || keys.rotated_key.unwrap_or_default(),
            require_ledger: args.require_ledger || keys.require_ledger.unwrap_or_default(),
            concurrency: args.concurrency.or(keys.concurrency).unwrap_or(256).clamp(1, 4096),
            rate: args.rate.or(keys.rate).map(|rate| rate.max(1)),
            settle_after: args.settle_after.or(keys.settle_after).unwrap_or(u64::from(API.settle_after)),
            ignore_changes: keys.on_change.is_some_and(|on_change| on_change == OnChangeKey::Ignore),
            derive_key: keys.derive_key.unwrap_or(true),
        })
    }
}

fn mode_of(args: &SyncArgs, file: &SyncFile) -> Result<Mode, SetupError> {
    match (args.mode, file.keys.mode) {
        (Some(mode), _) => Ok(mode.into()),
        (None, Some(mode)) => Ok(mode.into()),
        (None, None) => Err(SetupError::new("no mode is given")
            .help("say --mode insert, update or upsert, or `mode:` in a sync file")),
    }
}

/// Of a file's paths the source alone is said to be beside it; the others are where people look for them.
fn source_of(args: &SyncArgs, file: &SyncFile, folder: Option<&Path>) -> Result<SourceSetting, SetupError> {
    match (args.source.as_deref(), file.keys.source.as_deref()) {
        (Some("-"), _) | (None, Some("-")) => Ok(SourceSetting::Stdin),
        (Some(path), _) => Ok(SourceSetting::File(path.into())),
        (None, Some(path)) => Ok(SourceSetting::File(folder.unwrap_or(Path::new("")).join(path))),
        (None, None) => Err(SetupError::new("no source is given")
            .help("say --source PATH, --source - for standard input, or `source:` in a sync file")),
    }
}

/// The identity field that rows without a key are matched by.
fn identity_named(
    object: &'static ObjectSpec,
    mode: Mode,
    name: &str,
    place: &str,
) -> Result<&'static FieldSpec, SetupError> {
    if mode == Mode::Insert {
        return Err(SetupError::new("match_on finds records that exist, and an insert only creates")
            .at(place)
            .help("leave it out, or say --mode upsert"));
    }
    let names: Vec<&str> = object.identity.iter().map(|identity| identity.field.name).collect();
    let found = object.identity.iter().find(|identity| identity.field.name == name);
    found.map(|identity| identity.field).ok_or_else(|| {
        SetupError::new(format!("{} cannot be looked up by `{name}`", object.name))
            .at(place)
            .help(near(name, &names))
    })
}

/// A time of a flag, else of the sync file.
fn seconds(
    key: &str,
    flag: Option<u64>,
    file: Option<u64>,
    place: impl Fn(&str) -> String,
) -> Result<Option<u64>, SetupError> {
    let fault =
        |place: &str, name: &str| SetupError::new(format!("{name} must be at least one second")).at(place);
    match (flag, file) {
        (Some(0), _) => Err(fault("", &format!("--{}", key.replace('_', "-")))),
        (None, Some(0)) => Err(fault(&place(key), &format!("`{key}`"))),
        _ => Ok(flag.or(file)),
    }
}

fn object_named(name: Option<&str>, place: &str) -> Result<&'static ObjectSpec, SetupError> {
    let names: Vec<&str> = API.objects.iter().map(|object| object.name).collect();
    match name {
        None => Err(SetupError::new("no object is given")
            .help(format_args!("say --object, or `object:` in a sync file: {}", names.join(", ")))),
        Some(name) => API.object(name).ok_or_else(|| {
            SetupError::new(format!("there is no object `{name}`")).at(place).help(near(name, &names))
        }),
    }
}

fn primary_key_of_flags(columns: &[String]) -> PrimaryKey {
    match columns {
        [only] if only == CONTENT => PrimaryKey::Content,
        columns => PrimaryKey::Parts(columns.iter().cloned().map(KeyPart::Column).collect()),
    }
}
