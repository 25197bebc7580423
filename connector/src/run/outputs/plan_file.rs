//! The plan file of a dry run: whether it may be written.

use std::io;
use std::path::Path;

use super::failures::what_is_read;
use crate::config::environment::Environment;
use crate::config::settings::Settings;
use crate::error::SetupError;
use crate::files;
use crate::files::identity::is_same;
use crate::report::failures::list::FailuresFile;
use crate::report::plan_file::PlanFile;

/// The file that was named, in a dry run.
pub(in crate::run) fn plan_file(
    settings: &Settings,
    environment: &Environment,
    failures: Option<&FailuresFile>,
) -> Result<Option<PlanFile>, SetupError> {
    let Some(path) = settings.plan.as_ref().filter(|_| settings.limits.dry_run) else { return Ok(None) };
    let folder = files::folder::of(path);
    if !folder.is_dir() {
        let message = format!("the folder of the plan does not exist: `{}`", folder.display());
        return Err(SetupError::new(message));
    }
    let mut file = PlanFile::new(path.clone()).map_err(|error| cannot_be_written(path, &error))?;
    let failures = failures.into_iter().flat_map(FailuresFile::files);
    let failures = failures.map(|path| ("the failures file", path.to_owned()));
    for (what, other) in what_is_read(settings, environment).into_iter().chain(failures) {
        if file.files().iter().any(|written| is_same(written, &other)) {
            return Err(SetupError::new(format!("the plan is {what}: it would take its place"))
                .help("name another one: --plan plan.ndjson"));
        }
    }
    file.check().map_err(|error| cannot_be_written(path, &error))?;
    Ok(Some(file))
}

/// Keeps other runs from writing the plan.
pub(in crate::run) fn claim(file: Option<&mut PlanFile>) -> Result<(), SetupError> {
    let Some(file) = file else { return Ok(()) };
    file.claim().map_err(|error| cannot_be_written(file.path(), &error))
}

fn cannot_be_written(path: &Path, error: &io::Error) -> SetupError {
    SetupError::new(format!("the plan `{}` cannot be written: {error}", path.display()))
        .help("name another one: --plan FILE")
}
