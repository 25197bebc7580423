//! Snapshots that need the built connector: the tests that assert them are run, and write them.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::failure::Failure;
use super::output::say;

/// The tests whose snapshots depend on the spec.
const TESTS: [&str; 6] = [
    "spec_generated::",
    "schema::",
    "compile_fail::",
    "command::describe::",
    "command::examples::",
    "command::failures::",
];

/// Lets the tests of a workspace write their snapshots. Prints a line for each that changed, and returns their number.
pub(crate) fn accept(workspace: &Path) -> Result<usize, Failure> {
    // The schemas of sync files and exports, and what the compiler says are asserted like snapshots.
    let read = || ["tests/snapshots", "tests", "spec"].map(|folder| read(&workspace.join(folder)));
    let before: BTreeMap<_, _> = read().into_iter().flatten().collect();
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["test", "--quiet", "--package", "partnerstack-tests", "--test", "all", "--"]).args(TESTS);
    command.env("INSTA_UPDATE", "always").env("INSTA_FORCE_PASS", "1").env("INSTA_OUTPUT", "none");
    command.env("TRYBUILD", "overwrite");
    if !workspace.as_os_str().is_empty() {
        command.current_dir(workspace);
    }
    // Cargo's progress is shown at once; the output of the tests only if one fails.
    let ran = command.stderr(Stdio::inherit()).output().map_err(Failure::Output)?;
    let after: BTreeMap<_, _> = read().into_iter().flatten().collect();
    let changed = after.iter().filter(|(path, bytes)| before.get(*path) != Some(*bytes));
    let mut written = 0;
    for (path, _) in changed {
        say(&format!("wrote {}\n", path.display()))?;
        written += 1;
    }
    if ran.status.success() {
        return Ok(written);
    }
    io::stderr().write_all(&ran.stdout).map_err(Failure::Output)?;
    Err(Failure::Tests)
}

/// The snapshots in the folders of a folder.
fn read(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = |folder: &Path| {
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries.filter_map(|entry| Some(entry.ok()?.path())).collect::<Vec<_>>()
    };
    let files = entries(folder).into_iter().flat_map(|inner| entries(&inner));
    files.filter_map(|path| Some((path.clone(), fs::read(path).ok()?))).collect()
}
