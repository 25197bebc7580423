//! `cargo spec accept`: rewrites what is derived from a spec.

use std::path::Path;

use partnerstack_codegen::accept::{self, Obstacle};

use super::failure::Failure;
use super::output::say;
use super::snapshots;

/// Writes the files that are out of date, with a line for each; with `--check`, only names them.
pub(crate) fn accept(folder: &Path, only_check: bool) -> Result<String, Failure> {
    let changes = accept::changes(folder).map_err(|obstacle| match obstacle {
        Obstacle::Spec(report) => Failure::Spec(report),
        Obstacle::Markers(path) => Failure::File(format!(
            "{} lacks the lines `{}`, between which the mode matrix is written",
            path.display(),
            accept::MARKERS.join("` and `")
        )),
        Obstacle::File(path, error) => Failure::File(format!("cannot read {}: {error}", path.display())),
    })?;
    if only_check && !changes.is_empty() {
        return Err(Failure::Outdated(changes));
    }
    for change in &changes {
        change
            .apply()
            .map_err(|error| Failure::File(format!("cannot write {}: {error}", change.path.display())))?;
        let verb = if change.text.is_some() { "wrote" } else { "removed" };
        say(&format!("{verb} {}\n", change.path.display()))?;
    }
    let written = if only_check { 0 } else { accept::workspace(folder).map_or(Ok(0), snapshots::accept)? };
    Ok(if changes.is_empty() && written == 0 {
        format!("{}: everything derived from it is up to date\n", folder.display())
    } else {
        String::new()
    })
}
