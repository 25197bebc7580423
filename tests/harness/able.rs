//! What a machine has to be able to, for a test that not every machine can run.

use std::env;
use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::thread;

/// Whether a test can run. Where it cannot, it says so; in CI it fails, so that no test is left out there unnoticed.
#[track_caller]
pub fn able(able: bool, needs: &str) -> bool {
    if !able {
        let name = thread::current().name().unwrap_or("a test").to_owned();
        let _ = writeln!(io::stderr(), "NOT RUN: {name} needs {needs}");
        assert!(env::var_os("CI").is_none_or(|ci| ci.is_empty() || ci == "false"), "in CI it needs {needs}");
    }
    able
}

/// Whether this user may run a program as a user with fewer rights.
pub fn can_drop_privileges() -> bool {
    let quiet = unprivileged("true").stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

/// A program, run by a user without rights.
pub fn unprivileged(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program);
    command
}
