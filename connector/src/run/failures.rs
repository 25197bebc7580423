//! The failures file of a sync: which it is, whether it may be written, and writing it while the sync runs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::api::{FieldSpec, OperationName};
use crate::config::environment::Environment;
use crate::config::given::SourcePlace;
use crate::config::settings::Settings;
use crate::error::SetupError;
use crate::report::counts::Report;
use crate::report::failures_list::{FailuresFile, Form};
use crate::report::outcome::Failure;
use crate::request::prepare::PreparedRequest;
use crate::row::Row;
use crate::source::{Format, Source};
use crate::sync::Listener;

/// The file that was named, or the one beside the ledger. A dry run writes only what was named.
pub(super) fn failures_file(
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
            make_folder(&folder)?;
            folder.join(format!("{}-failures.ndjson", settings.name))
        }
    };
    if Form::of(&path) == Form::Csv && source.format() != Format::Csv {
        return Err(SetupError::new(
            "a failures file in CSV needs a source in CSV, whose columns it repeats",
        )
        .help("name it .ndjson: --failures failures.ndjson"));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(SetupError::new(format!(
            "the folder of the failures file does not exist: `{}`",
            folder.display()
        )));
    }
    let is_source = matches!(&settings.source, SourcePlace::File(rows) if is_same_file(rows, &path));
    // A failures file may be both: every row that it loses was delivered, unless nothing is.
    if is_source && (dry_run || !source.is_failures()) {
        return Err(SetupError::new("the failures file is the source: it would take the place of your rows")
            .help("name another one: --failures failures.ndjson"));
    }
    if path.is_dir() {
        return Err(SetupError::new(format!("the failures file `{}` is a folder", path.display())));
    }
    let shown = path.display().to_string();
    let file = FailuresFile::new(path, source.columns().unwrap_or_default(), is_source);
    if !dry_run {
        file.check().map_err(|error| {
            SetupError::new(format!("the failures file `{shown}` cannot be written: {error}"))
                .help("name another one: --failures FILE")
        })?;
    }
    Ok(Some(file))
}

/// Beside the ledger. What a sandbox leaves must not take the place of what the API refused.
fn folder(settings: &Settings, environment: &Environment) -> Result<PathBuf, SetupError> {
    match settings.target.ledger.as_deref().and_then(Path::parent) {
        Some(folder) => Ok(folder.to_path_buf()),
        None if settings.target.sandbox => Ok(environment.state_folder()?.join("sandbox")),
        None => environment.state_folder(),
    }
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn make_folder(folder: &Path) -> Result<(), SetupError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| {
        SetupError::new(format!("the folder `{}` cannot be made: {error}", folder.display()))
    })
}

/// Writes the failures file, and passes on what the front end wants to hear.
pub(super) struct Recording<L> {
    pub(super) file: Option<FailuresFile>,
    pub(super) listener: L,
}

impl<L: Listener> Listener for Recording<L> {
    fn failed(&mut self, failure: &Failure, row: Option<&Row>) -> io::Result<()> {
        if let Some(file) = &mut self.file {
            file.write(failure, row)?;
        }
        self.listener.failed(failure, row)
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

    fn unmapped(&mut self, name: &str) {
        self.listener.unmapped(name);
    }

    fn warn(&mut self, warning: &str) {
        self.listener.warn(warning);
    }

    fn listed(&mut self, records: u64) {
        self.listener.listed(records);
    }

    fn progress(&mut self, report: &Report) {
        self.listener.progress(report);
    }
}
