//! The built command as a process of its own.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// What a run left behind.
pub(crate) struct Ran {
    /// From before it was started until it had ended.
    pub(crate) took: Duration,
    /// The most memory that it had in use, in KiB.
    pub(crate) memory: u64,
    /// What it printed for programs.
    pub(crate) report: Value,
}

/// Where files of the benchmarks lie, within the target folder.
pub(crate) fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// A sync of rows of transactions, or of what `arguments` say.
pub(crate) fn sync(source: &Path, ledger: &Path, base_url: &str, arguments: &[&str]) -> Ran {
    let started = Instant::now();
    let mut child = command()
        .args(["sync", "--json", "--new-ledger=empty", "--base-url", base_url])
        .args(arguments)
        .arg("--source")
        .arg(source)
        .arg("--ledger")
        .arg(ledger)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let status = format!("/proc/{}/status", child.id());
    let watch = thread::spawn(move || {
        let mut most = 0;
        while let Some(memory) = high_water(&status) {
            most = most.max(memory);
            thread::sleep(Duration::from_millis(5));
        }
        most
    });
    let ended = child.wait().expect("it ends");
    let took = started.elapsed();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().expect("its output"), &mut text).expect("text");
    let report: Value = serde_json::from_str(text.trim()).unwrap_or_default();
    assert!(ended.success(), "{ended}: {text}");
    Ran { took, memory: watch.join().expect("no panic"), report }
}

/// The command with keys, its errors thrown away.
pub(crate) fn command() -> Command {
    let mut command = Command::new(binary());
    command
        .env_clear()
        .env("PARTNERSTACK_PUBLIC_KEY", partnerstack_tests::keys::PUBLIC_KEY)
        .env("PARTNERSTACK_SECRET_KEY", partnerstack_tests::keys::SECRET_KEY)
        .current_dir(folder())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Forgets a ledger and what lies beside it.
pub(crate) fn remove_ledger(path: &Path) {
    for ending in ["", "-wal", "-shm", ".lock"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        // It need not be there.
        let _ = fs::remove_file(name);
    }
}

/// Known to Linux alone; nothing once the process has ended.
fn high_water(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// What `PARTNERSTACK_BIN` names, or the command of the release profile, built once.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| env::var_os("PARTNERSTACK_BIN").map_or_else(build, PathBuf::from))
}

fn build() -> PathBuf {
    // The benchmarks are at TARGET/release/deps/NAME.
    let this = env::current_exe().expect("a path");
    let release = this.ancestors().nth(2).expect("the profile's folder");
    let built = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([
            "build",
            "--quiet",
            "--release",
            "--package",
            "partnerstack-connector",
            "--bin",
            "partnerstack",
        ])
        .arg("--target-dir")
        .arg(release.parent().expect("the target folder"))
        .status()
        .expect("cargo starts");
    assert!(built.success(), "the command cannot be built");
    release.join("partnerstack").with_extension(env::consts::EXE_EXTENSION)
}
