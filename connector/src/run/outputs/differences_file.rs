//! The file of a verification's differences: whether it may be written.

use std::io;
use std::path::Path;

use super::failures::what_is_read;
use crate::config::environment::Environment;
use crate::config::settings::Settings;
use crate::error::SetupError;
use crate::files;
use crate::files::identity::is_same;
use crate::report::differences::DifferencesFile;

/// The file that was named.
pub(in crate::run) fn differences_file(
    settings: &Settings,
    environment: &Environment,
) -> Result<Option<DifferencesFile>, SetupError> {
    let Some(path) = &settings.differences else { return Ok(None) };
    let folder = files::folder::of(path);
    if !folder.is_dir() {
        let message = format!("the folder of the differences does not exist: `{}`", folder.display());
        return Err(SetupError::new(message));
    }
    let mut file = DifferencesFile::new(path.clone()).map_err(|error| cannot_be_written(path, &error))?;
    for (what, other) in what_is_read(settings, environment) {
        if file.files().iter().any(|written| is_same(written, &other)) {
            return Err(SetupError::new(format!(
                "the file of the differences is {what}: it would take its place"
            ))
            .help("name another one: --differences differences.ndjson"));
        }
    }
    file.check().map_err(|error| cannot_be_written(path, &error))?;
    Ok(Some(file))
}

/// Keeps other runs from writing the differences.
pub(in crate::run) fn claim(file: Option<&mut DifferencesFile>) -> Result<(), SetupError> {
    let Some(file) = file else { return Ok(()) };
    file.claim().map_err(|error| cannot_be_written(file.path(), &error))
}

fn cannot_be_written(path: &Path, error: &io::Error) -> SetupError {
    SetupError::new(format!("the differences `{}` cannot be written: {error}", path.display()))
        .help("name another one: --differences FILE")
}
