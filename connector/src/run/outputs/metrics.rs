//! The metrics file of a run: whether it may be written.

use std::path::PathBuf;

use super::failures::what_is_read;
use super::output_kind::OutputKind;
use crate::config::environment::Environment;
use crate::config::settings::Settings;
use crate::error::SetupError;
use crate::report::metrics::MetricsFile;

/// How messages call it. It is written in one go at the end, so no run claims it.
const METRICS: OutputKind =
    OutputKind { what: "the metrics file", flag: "--metrics", example: "partnerstack.prom" };

/// The file that was named. `others` are the outputs of the run's syncs.
pub(in crate::run) fn metrics_file(
    settings: &Settings,
    environment: &Environment,
    others: &[PathBuf],
) -> Result<Option<MetricsFile>, SetupError> {
    let Some(path) = &settings.target.metrics else { return Ok(None) };
    METRICS.has_folder(path)?;
    let mut file = MetricsFile::new(path).map_err(|error| METRICS.cannot_be_written(path, &error))?;
    let others = others.iter().map(|path| ("another output of the run", path.clone()));
    METRICS.check(file.output_mut(), what_is_read(settings, environment).into_iter().chain(others))?;
    Ok(Some(file))
}
