//! The file of a verification's differences: whether it may be written.

use super::failures::what_is_read;
use super::output_kind::OutputKind;
use crate::config::environment::Environment;
use crate::config::settings::Settings;
use crate::error::SetupError;
use crate::report::differences::DifferencesFile;

/// How messages call it.
pub(in crate::run) const DIFFERENCES: OutputKind =
    OutputKind { what: "the differences file", flag: "--differences", example: "differences.ndjson" };

/// The file that was named.
pub(in crate::run) fn differences_file(
    settings: &Settings,
    environment: &Environment,
) -> Result<Option<DifferencesFile>, SetupError> {
    let Some(path) = &settings.differences else { return Ok(None) };
    DIFFERENCES.has_folder(path)?;
    let mut file = DifferencesFile::new(path).map_err(|error| DIFFERENCES.cannot_be_written(path, &error))?;
    DIFFERENCES.check(file.output_mut(), what_is_read(settings, environment))?;
    Ok(Some(file))
}
