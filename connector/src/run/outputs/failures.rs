//! The failures file of a sync: which it is, whether it may be written, and writing it while the sync runs.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::output_kind::OutputKind;
use crate::api::{FieldSpec, OperationName};
use crate::config::environment::Environment;
use crate::config::given::SourcePlace;
use crate::config::settings::Settings;
use crate::error::SetupError;
use crate::files;
use crate::files::identity::is_same;
use crate::generated::API;
use crate::ledger::{Account, FaultState, Scope, files_of};
use crate::report::differences::{DifferencesFile, RowDifference};
use crate::report::failures::begin::Form;
use crate::report::failures::list::FailuresFile;
use crate::report::failures::read::EntryLine;
use crate::report::outcome::Failure;
use crate::report::plan::PlannedLine;
use crate::report::plan_file::PlanFile;
use crate::request::prepare::PreparedRequest;
use crate::row::Row;
use crate::source::{Format, Source, SourceOptions};
use crate::sync::{Listener, Progress};

/// How messages call it.
pub(in crate::run) const FAILURES: OutputKind =
    OutputKind { what: "the failures file", flag: "--failures", example: "failures.ndjson" };

/// The file that was named, or the one beside the ledger. A dry run writes only what was named.
pub(in crate::run) fn failures_file(
    settings: &Settings,
    account: &Account,
    environment: &Environment,
    source: &Source,
) -> Result<Option<FailuresFile>, SetupError> {
    let dry_run = settings.limits.dry_run;
    let path = match &settings.failures {
        Some(path) => path.clone(),
        None if dry_run => return Ok(None),
        None => {
            let path =
                list_of(&folder(settings, environment)?, account, &settings.name, settings.object.name);
            let folder = files::folder::of(&path);
            files::folder::make(folder).map_err(|error| {
                SetupError::new(format!("the folder `{}` cannot be made: {error}", folder.display()))
            })?;
            path
        }
    };
    if Form::of(&path) == Form::Csv && source.format() != Format::Csv {
        return Err(SetupError::new(
            "a failures file in CSV needs a source in CSV, whose columns it repeats",
        )
        .help("name it .ndjson: --failures failures.ndjson"));
    }
    FAILURES.has_folder(&path)?;
    let is_source = matches!(&settings.source, SourcePlace::File(rows) if is_same(rows, &path));
    let stated = if is_source { settings.source_options.clone() } else { SourceOptions::default() };
    let mut file = FailuresFile::new(&path, source.columns().unwrap_or_default(), !dry_run, stated)
        .map_err(|error| FAILURES.cannot_be_written(&path, &error))?;
    // A failures file may be both: an entry leaves it when its row has arrived, and nothing arrives in a dry run.
    let may_be_source = is_source && !dry_run && source.is_failures();
    let read = what_is_read(settings, environment).into_iter();
    FAILURES.check(file.output_mut(), read.filter(|(what, _)| !(may_be_source && *what == SOURCE)))?;
    Ok(Some(file))
}

/// The list of a sync, where no other file is named: one for each address, account, object and name.
pub(crate) fn list_of(folder: &Path, account: &Account, name: &str, object: &str) -> PathBuf {
    lists_of(folder, account).join(format!("{name}.{object}.ndjson"))
}

/// The folder of the lists of an account.
pub(crate) fn lists_of(folder: &Path, account: &Account) -> PathBuf {
    let Account { base_url, name } = account;
    let address = base_url.split_once("://").map_or(base_url.as_str(), |(_, rest)| rest);
    let own = API.base_url.split_once("://").and_then(|(_, rest)| Some(rest.split_once('/')?.1));
    // The path of the API is the same everywhere.
    let host = own.and_then(|own| address.strip_suffix(own)).unwrap_or(address).trim_end_matches('/');
    folder.join("failures").join(plain(host)).join(plain(name))
}

/// A name that every file system takes.
fn plain(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    if plain.trim_matches('.').is_empty() { format!("_{}", plain.len()) } else { plain }
}

/// Beside the ledger. What a sandbox leaves must not take the place of what the API refused.
fn folder(settings: &Settings, environment: &Environment) -> Result<PathBuf, SetupError> {
    match settings.target.ledger.as_deref().map(files::folder::of) {
        Some(folder) => Ok(folder.to_path_buf()),
        // It needs nothing that is kept: without a state folder the working directory has to do.
        None if settings.target.sandbox => Ok(environment
            .state_folder()
            .map_or_else(|_| PathBuf::from("."), |folder| folder.join("sandbox"))),
        None => environment.state_folder(),
    }
}

const SOURCE: &str = "the source";

/// What a sync needs itself, in words and with its path. No output may be one of these.
pub(in crate::run) fn what_is_read(
    settings: &Settings,
    environment: &Environment,
) -> Vec<(&'static str, PathBuf)> {
    let mut found = Vec::new();
    if let SourcePlace::File(path) = &settings.source {
        found.push((SOURCE, path.clone()));
    }
    found.extend(settings.sync_file.iter().map(|path| ("the sync file", path.clone())));
    found.extend(environment.key_files().map(|path| ("a file that holds a key", path)));
    let ledger = settings.target.ledger.clone();
    let ledger = ledger.or_else(|| environment.default_ledger().ok().filter(|_| !settings.target.sandbox));
    let ledger = ledger.into_iter().flat_map(|path| files_of(&path));
    found.extend(ledger.map(|path| ("the ledger, or a file of it", path)));
    found
}

/// Entries that are looked up together.
const BATCH: usize = 512;

/// What a failures file needs at the end of a run.
pub(in crate::run) struct ListEnd<'e> {
    pub(in crate::run) scope: &'e Scope,
    /// The number of the run.
    pub(in crate::run) run: i64,
    /// Entries that the ledger does not know are kept: it is not thrown away.
    pub(in crate::run) keeps_unknown: bool,
    /// The run came to the end of its source.
    pub(in crate::run) to_the_end: bool,
}

/// Puts the failures file in its place: what is to be done of earlier runs, and what this run adds. Says where it is, if
/// there is anything to do.
pub(in crate::run) async fn finish(mut file: FailuresFile, end: ListEnd<'_>) -> io::Result<Option<PathBuf>> {
    let ListEnd { scope, run, keeps_unknown, to_the_end } = end;
    let earlier = file.earlier()?;
    // An entry that failed again is among those of this run.
    let is_kept = |state| match state {
        Some(FaultState::Open(last)) => last != run,
        Some(FaultState::Replaced | FaultState::Closed) => false,
        None => keeps_unknown,
    };
    if let Some(mut earlier) = earlier {
        loop {
            let entries = earlier.read(BATCH)?;
            if entries.is_empty() {
                break;
            }
            for (entry, state) in with_states(entries, scope).await {
                if entry.id.is_none() || is_kept(state) {
                    file.keep(&entry)?;
                }
            }
        }
    }
    file.keep_added()?;
    file.finish(to_the_end)
}

/// Entries, each with how it stands with it; none: the ledger does not know it, or cannot be read any more. Then nothing
/// may be lost.
pub(crate) async fn with_states(
    entries: Vec<EntryLine>,
    scope: &Scope,
) -> Vec<(EntryLine, Option<FaultState>)> {
    let ids = entries.iter().filter_map(|entry| entry.id).collect();
    let mut states = scope.fault_states(ids).await.unwrap_or_default().into_iter();
    let known = |entry: EntryLine| {
        let state = entry.id.and_then(|_| states.next().flatten());
        (entry, state)
    };
    entries.into_iter().map(known).collect()
}

/// Writes the failures file, the plan and the differences, and passes on what the front end wants to hear.
pub(in crate::run) struct Recording<L> {
    /// The columns of the source, where it has any.
    pub(in crate::run) columns: Vec<String>,
    pub(in crate::run) file: Option<FailuresFile>,
    pub(in crate::run) plan: Option<PlanFile>,
    pub(in crate::run) differences: Option<DifferencesFile>,
    pub(in crate::run) listener: L,
}

impl<L: Listener> Listener for Recording<L> {
    fn failed(&mut self, failure: &Failure, row: Option<&Row>) -> io::Result<()> {
        if let Some(file) = &mut self.file {
            file.write(failure, &self.columns, row)?;
        }
        self.listener.failed(failure, row)
    }

    fn planned(&mut self, line: &PlannedLine<'_>) -> io::Result<()> {
        if let Some(file) = &mut self.plan {
            file.write(line)?;
        }
        self.listener.planned(line)
    }

    fn differs(&mut self, difference: &RowDifference<'_>) -> io::Result<()> {
        if let Some(file) = &mut self.differences {
            file.write(difference)?;
        }
        self.listener.differs(difference)
    }

    fn example(&mut self, request: &PreparedRequest) {
        self.listener.example(request);
    }

    fn recommended(&mut self, field: &'static FieldSpec, row: u64) {
        self.listener.recommended(field, row);
    }

    fn left_out(&mut self, fields: &[(&'static FieldSpec, OperationName)]) {
        self.listener.left_out(fields);
    }

    fn cut_off(&mut self, row: u64) {
        self.listener.cut_off(row);
    }

    fn unmapped(&mut self, name: &str) {
        self.listener.unmapped(name);
    }

    fn never_seen(&mut self, names: &[String]) {
        self.listener.never_seen(names);
    }

    fn warn(&mut self, warning: &str) {
        self.listener.warn(warning);
    }

    fn listed(&mut self, records: u64) {
        self.listener.listed(records);
    }

    fn every(&self) -> Duration {
        self.listener.every()
    }

    fn progress(&mut self, progress: &Progress<'_>) {
        self.listener.progress(progress);
    }
}
