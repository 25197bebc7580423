//! The failures file of a sync: which it is, whether it may be written, and writing it while the sync runs.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::api::{FieldSpec, OperationName};
use crate::config::environment::Environment;
use crate::config::given::SourcePlace;
use crate::config::settings::Settings;
use crate::error::SetupError;
use crate::files;
use crate::files::identity::is_same;
use crate::ledger::files_of;
use crate::report::differences::{Difference, DifferencesFile};
use crate::report::failures_list::{FailuresFile, Form};
use crate::report::outcome::Failure;
use crate::report::plan::PlannedLine;
use crate::report::plan_file::PlanFile;
use crate::request::prepare::PreparedRequest;
use crate::row::Row;
use crate::source::{Format, Source};
use crate::sync::{Listener, Progress};

/// The file that was named, or the one beside the ledger. A dry run writes only what was named.
pub(in crate::run) fn failures_file(
    settings: &Settings,
    environment: &Environment,
    source: &Source,
) -> Result<Option<FailuresFile>, SetupError> {
    let dry_run = settings.limits.dry_run;
    let path = match &settings.failures {
        Some(path) => path.clone(),
        None if dry_run => return Ok(None),
        None => {
            let folder = folder(settings, environment)?;
            files::folder::make(&folder).map_err(|error| {
                SetupError::new(format!("the folder `{}` cannot be made: {error}", folder.display()))
            })?;
            folder.join(format!("{}-failures.ndjson", settings.name))
        }
    };
    if Form::of(&path) == Form::Csv && source.format() != Format::Csv {
        return Err(SetupError::new(
            "a failures file in CSV needs a source in CSV, whose columns it repeats",
        )
        .help("name it .ndjson: --failures failures.ndjson"));
    }
    let folder = files::folder::of(&path);
    if !folder.is_dir() {
        return Err(SetupError::new(format!(
            "the folder of the failures file does not exist: `{}`",
            folder.display()
        )));
    }
    let is_source = matches!(&settings.source, SourcePlace::File(rows) if is_same(rows, &path));
    let mut file = FailuresFile::new(path.clone(), source.columns().unwrap_or_default(), is_source)
        .map_err(|error| cannot_be_written(&path, &error))?;
    // A failures file may be both: every row that it loses was delivered, unless nothing is.
    let may_be_source = is_source && !dry_run && source.is_failures();
    for (what, read) in what_is_read(settings, environment) {
        if file.files().iter().any(|written| is_same(written, &read) && !(may_be_source && what == SOURCE)) {
            return Err(SetupError::new(format!("the failures file is {what}: it would take its place"))
                .help("name another one: --failures failures.ndjson"));
        }
    }
    file.check().map_err(|error| cannot_be_written(&path, &error))?;
    Ok(Some(file))
}

/// Keeps other runs from writing the failures file.
pub(in crate::run) fn claim(file: Option<&mut FailuresFile>) -> Result<(), SetupError> {
    let Some(file) = file else { return Ok(()) };
    file.claim().map_err(|error| cannot_be_written(file.path(), &error))
}

fn cannot_be_written(path: &Path, error: &io::Error) -> SetupError {
    SetupError::new(format!("the failures file `{}` cannot be written: {error}", path.display()))
        .help("name another one: --failures FILE")
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

/// Writes the failures file, the plan and the differences, and passes on what the front end wants to hear.
pub(in crate::run) struct Recording<L> {
    pub(in crate::run) file: Option<FailuresFile>,
    pub(in crate::run) plan: Option<PlanFile>,
    pub(in crate::run) differences: Option<DifferencesFile>,
    pub(in crate::run) listener: L,
}

impl<L: Listener> Listener for Recording<L> {
    fn failed(&mut self, failure: &Failure, row: Option<&Row>) -> io::Result<()> {
        if let Some(file) = &mut self.file {
            file.write(failure, row)?;
        }
        self.listener.failed(failure, row)
    }

    fn planned(&mut self, line: &PlannedLine<'_>) -> io::Result<()> {
        if let Some(file) = &mut self.plan {
            file.write(line)?;
        }
        self.listener.planned(line)
    }

    fn differs(&mut self, difference: &Difference<'_>) -> io::Result<()> {
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
