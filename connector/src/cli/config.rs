//! Everything that a sync is told: flags override the environment, it overrides the sync file, it overrides defaults.

use std::path::{Path, PathBuf};

use super::args::SyncArgs;
use super::environment::Environment;
use super::sync_file::{CONTENT, Keys, SyncFile};
use crate::error::SetupError;
use crate::generated::API;
use crate::guard::FailureLimit;
use crate::mapping::{Feed, Origin};
use crate::mode::Mode;
use crate::names::near;
use crate::record_key::{KeyPart, PrimaryKey};
use crate::source::Format;
use crate::spec::ObjectSpec;

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
    /// Settings that this version takes and does not heed yet.
    pub(super) unheeded: Vec<&'static str>,
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
        let mode = match (args.mode, file.keys.mode) {
            (Some(mode), _) => mode.into(),
            (None, Some(mode)) => mode.into(),
            (None, None) => {
                return Err(SetupError::new("no mode is given")
                    .help("say --mode insert, update or upsert, or `mode:` in a sync file"));
            }
        };
        let source = match (args.source.as_deref(), file.keys.source.as_deref()) {
            (Some("-"), _) | (None, Some("-")) => SourceSetting::Stdin,
            (Some(path), _) => SourceSetting::File(path.into()),
            (None, Some(path)) => SourceSetting::File(folder.clone().unwrap_or_default().join(path)),
            (None, None) => {
                return Err(SetupError::new("no source is given")
                    .help("say --source PATH, --source - for standard input, or `source:` in a sync file"));
            }
        };
        let stem =
            args.file.as_deref().and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
        let name = file.keys.name.clone().or(stem).unwrap_or_else(|| object.name.to_owned());
        if name.is_empty() || name.contains(['/', '\\', '\0']) {
            return Err(SetupError::new(format!(
                "{}the sync's name cannot hold a slash or be empty",
                place("name")
            )));
        }
        let keys = &file.keys;
        let (primary_key, primary_key_place) = match args.primary_key.as_slice() {
            [] if keys.primary_key.is_some() => (file.primary_key()?, place("primary_key")),
            [] => (PrimaryKey::Identity, String::new()),
            columns => (primary_key_of_flags(columns), String::new()),
        };
        let unheeded = unheeded(&args, keys);
        // Of a file's paths the source alone is said to be beside it; the others are where people look for them.
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
            sandbox: args.sandbox || keys.sandbox.unwrap_or_default(),
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
            unheeded,
        })
    }
}

/// What belongs to the ledger and the pace, which come with the next version.
fn unheeded(args: &SyncArgs, keys: &Keys) -> Vec<&'static str> {
    let said = [
        ("match_on", args.match_on.is_some() || keys.match_on.is_some()),
        ("full", args.full || keys.full == Some(true)),
        ("account", args.account.is_some() || keys.account.is_some()),
        ("rotated_key", args.rotated_key || keys.rotated_key == Some(true)),
        ("require_ledger", args.require_ledger || keys.require_ledger == Some(true)),
        ("concurrency", args.concurrency.is_some() || keys.concurrency.is_some()),
        ("rate", args.rate.is_some() || keys.rate.is_some()),
        ("settle_after", args.settle_after.is_some() || keys.settle_after.is_some()),
        ("on_change", keys.on_change.is_some()),
        ("derive_key", keys.derive_key.is_some()),
    ];
    said.into_iter().filter_map(|(name, said)| said.then_some(name)).collect()
}

/// A time of a flag, else of the sync file.
fn seconds(
    key: &str,
    flag: Option<u64>,
    file: Option<u64>,
    place: impl Fn(&str) -> String,
) -> Result<Option<u64>, SetupError> {
    let fault =
        |place: &str, name: &str| SetupError::new(format!("{place}{name} must be at least one second"));
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
            SetupError::new(format!("{place}there is no object `{name}`")).help(near(name, &names))
        }),
    }
}

fn primary_key_of_flags(columns: &[String]) -> PrimaryKey {
    match columns {
        [only] if only == CONTENT => PrimaryKey::Content,
        columns => PrimaryKey::Parts(columns.iter().cloned().map(KeyPart::Column).collect()),
    }
}
