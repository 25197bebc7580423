//! The built command.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use crate::process::Process;

/// No build takes longer: less than the limit of the test that waits for it.
pub const BUILD: Duration = Duration::from_mins(9);

/// Where the command is: what `PARTNERSTACK_BIN` names, or that of the profile of these tests, built once.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| env::var_os("PARTNERSTACK_BIN").map_or_else(build, PathBuf::from))
}

/// A copy of the command at that path. A process of its own writes it: a file that this one has open for writing is busy for
/// as long as a child that another test has just forked holds it too.
pub fn copy_binary(to: &Path) {
    let copied = Command::new("cp").arg(binary()).arg(to).status().expect("cp starts");
    assert!(copied.success(), "{copied}");
}

/// Cargo, as a shell would run it. What it tells these tests about their own package would be news to build scripts of
/// dependencies, and they would be built again, here and by the next `cargo test`.
pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    for (name, _) in env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            cargo.env_remove(name);
        }
    }
    cargo
}

fn build() -> PathBuf {
    // The tests are at TARGET/PROFILE/deps/NAME, the command is at TARGET/PROFILE/partnerstack.
    let tests = env::current_exe().unwrap();
    let folder = tests.ancestors().nth(2).unwrap();
    let profile = match folder.file_name().and_then(OsStr::to_str).unwrap() {
        "debug" => "dev",
        name => name,
    };
    let mut build = cargo();
    build
        .args(["build", "--quiet", "--package", "partnerstack-connector", "--bin", "partnerstack"])
        .args(["--profile", profile])
        .arg("--target-dir")
        .arg(folder.parent().unwrap());
    Process::start(build).end_within(BUILD).with_code(0);
    folder.join("partnerstack").with_extension(env::consts::EXE_EXTENSION)
}
