//! The command, run inside the process of the tests.

use std::ffi::OsString;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use partnerstack_connector::cli::{self, Environment, Streams};
use partnerstack_connector::sync::Interrupt;
use serde_json::Value;

use crate::until::ends;

/// What a command left behind.
#[derive(Debug)]
pub struct Output {
    /// The exit code.
    pub code: u8,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// The last line of standard output, which is JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let line = self.stdout.lines().last().expect("a line on standard output");
        serde_json::from_str(line).expect("the last line is JSON")
    }
}

/// Runs `partnerstack` with these arguments.
pub async fn run(arguments: &[&str], stdin: impl Into<Vec<u8>>, environment: &Environment) -> Output {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let streams =
        Streams { stdin: Box::new(Cursor::new(stdin.into())), stdout: &mut stdout, stderr: &mut stderr };
    let arguments = std::iter::once("partnerstack").chain(arguments.iter().copied()).map(OsString::from);
    let code = ends(cli::run(arguments, environment, streams, &Interrupt::default())).await;
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Output { code, stdout: text(stdout), stderr: text(stderr) }
}

/// A folder for what need not be safe on a disk: a ledger asks for that with every row, and most tests are not about it.
#[must_use]
pub fn memory() -> PathBuf {
    let shared = Path::new("/dev/shm");
    if shared.is_dir() { shared.to_path_buf() } else { std::env::temp_dir() }
}

/// Rows as NDJSON.
#[must_use]
pub fn ndjson(rows: &[Value]) -> String {
    rows.iter().flat_map(|row| [row.to_string(), "\n".to_owned()]).collect()
}
