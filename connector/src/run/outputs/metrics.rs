//! The metrics file of a run: whether it may be written.

use std::io;
use std::path::{Path, PathBuf};

use super::failures::what_is_read;
use crate::config::environment::Environment;
use crate::config::settings::Settings;
use crate::error::SetupError;
use crate::files;
use crate::files::identity::is_same;
use crate::report::metrics::MetricsFile;

/// The file that was named. `others` are the outputs of the run's syncs.
pub(in crate::run) fn metrics_file(
    settings: &Settings,
    environment: &Environment,
    others: &[PathBuf],
) -> Result<Option<MetricsFile>, SetupError> {
    let Some(path) = &settings.target.metrics else { return Ok(None) };
    let folder = files::folder::of(path);
    if !folder.is_dir() {
        let message = format!("the folder of the metrics does not exist: `{}`", folder.display());
        return Err(SetupError::new(message).help("make it, or name another one: --metrics FILE"));
    }
    let mut file = MetricsFile::new(path.clone()).map_err(|error| cannot_be_written(path, &error))?;
    let others = others.iter().map(|path| ("another output of the run", path.clone()));
    for (what, other) in what_is_read(settings, environment).into_iter().chain(others) {
        if file.files().iter().any(|written| is_same(written, &other)) {
            return Err(SetupError::new(format!("the metrics file is {what}: it would take its place"))
                .help("name another one: --metrics partnerstack.prom"));
        }
    }
    file.check().map_err(|error| cannot_be_written(path, &error))?;
    Ok(Some(file))
}

fn cannot_be_written(path: &Path, error: &io::Error) -> SetupError {
    SetupError::new(format!("the metrics file `{}` cannot be written: {error}", path.display()))
        .help("name another one: --metrics FILE")
}
