//! The plan file of a dry run: whether it may be written.

use super::failures::what_is_read;
use super::output_kind::OutputKind;
use crate::config::environment::Environment;
use crate::config::settings::Settings;
use crate::error::SetupError;
use crate::report::failures::list::FailuresFile;
use crate::report::plan_file::PlanFile;

/// How messages call it.
pub(in crate::run) const PLAN: OutputKind =
    OutputKind { what: "the plan", flag: "--plan", example: "plan.ndjson" };

/// The file that was named, in a dry run.
pub(in crate::run) fn plan_file(
    settings: &Settings,
    environment: &Environment,
    failures: Option<&FailuresFile>,
) -> Result<Option<PlanFile>, SetupError> {
    let Some(path) = settings.plan.as_ref().filter(|_| settings.limits.dry_run) else { return Ok(None) };
    PLAN.has_folder(path)?;
    let mut file = PlanFile::new(path).map_err(|error| PLAN.cannot_be_written(path, &error))?;
    let failures = failures.into_iter().flat_map(|failures| failures.output().files());
    let failures = failures.map(|path| ("the failures file", path.to_owned()));
    PLAN.check(file.output_mut(), what_is_read(settings, environment).into_iter().chain(failures))?;
    Ok(Some(file))
}
