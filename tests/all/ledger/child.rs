//! This test program again, as another process: to be killed, locked out, or kept from writing.

use std::env;
use std::io::{self, BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{self, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use partnerstack_connector::ledger::{LedgerError, Scope, wait};

use super::support::{Open, at, created, fetch_one, join, reading, scope, sent};

const DOES: &str = "LEDGER_TEST_CHILD";
const PATH: &str = "LEDGER_TEST_PATH";
const FROM: &str = "LEDGER_TEST_FROM";

/// Another process, and the lines that it writes.
pub(super) struct Child {
    process: process::Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Child {
    pub(super) fn start(does: &str, path: &Path) -> Self {
        Self::run(itself(), does, path, 1_000)
    }

    /// One that writes rows from a number on.
    pub(super) fn start_from(path: &Path, from: u64) -> Self {
        Self::run(itself(), "write", path, from)
    }

    /// One that a shell has limited first.
    pub(super) fn limited(limit: &str, does: &str, path: &Path) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{limit}; exec \"$@\""), "sh"]);
        let itself = itself();
        command.arg(itself.get_program()).args(itself.get_args());
        Self::run(command, does, path, 1_000)
    }

    fn run(mut command: Command, does: &str, path: &Path, from: u64) -> Self {
        command.env(DOES, does).env(PATH, path).env(FROM, from.to_string());
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// The next line; none after the last. A line that was cut off by a kill is none.
    pub(super) fn line(&mut self) -> Option<String> {
        loop {
            let line = self.lines.next()?.ok()?;
            if let Some(line) = line.strip_prefix("> ") {
                return line.strip_suffix('.').map(str::to_owned);
            }
        }
    }

    pub(super) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A child that is not root, where this process is: nothing is read-only for root.
pub(super) fn unprivileged(does: &str, path: &Path) -> Child {
    let probe = path.parent().unwrap().join("probe");
    let mut command = itself();
    if std::fs::write(&probe, "").is_ok() {
        std::fs::remove_file(probe).unwrap();
        let itself = command;
        command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        command.arg(itself.get_program()).args(itself.get_args());
    }
    Child::run(command, does, path, 1_000)
}

fn itself() -> Command {
    let name = format!("{}::child", module_path!().split_once("::").unwrap().1);
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", &name, "--nocapture", "--test-threads=1"]);
    command
}

fn say(line: &str) {
    // Each line by itself and at once: what was said must not be lost with the process.
    let mut out = io::stdout().lock();
    for line in line.lines() {
        out.write_all(format!("> {line}.\n").as_bytes()).unwrap();
    }
    out.flush().unwrap();
}

/// What the other process does. By itself, this test does nothing.
#[test]
fn child() {
    let _limit = partnerstack_tests::limit();
    let Ok(does) = env::var(DOES) else { return };
    let path = PathBuf::from(env::var_os(PATH).unwrap());
    // The test runner has begun a line.
    io::stdout().write_all(b"\n").unwrap();
    let options = if does == "read" { reading(&path) } else { at(&path) };
    let ledger = match Open::attempt(options, scope()) {
        Ok(ledger) => ledger,
        Err(error) => return say(&error.to_string()),
    };
    match does.as_str() {
        "read" => say(&format!("read {}", fetch_one(&ledger, 1).is_some())),
        "hold" => {
            say("open");
            thread::sleep(Duration::from_mins(1));
        }
        "write" => write_until_killed(&ledger, env::var(FROM).unwrap().parse().unwrap()),
        "fill" => fill(ledger),
        _ => panic!("{does}"),
    }
}

/// Eight rows at once, each: intent, acknowledged, outcome, acknowledged.
fn write_until_killed(ledger: &Scope, from: u64) {
    let lane = |lane: u64| async move {
        for row in (0..).map(|step| from + step * 8 + lane) {
            let mut entries = ledger.write(vec![sent(ledger, 1, row)]).await.unwrap();
            say(&format!("sent {row}"));
            entries[0].apply(created(ledger, row)).unwrap();
            ledger.write(entries).await.unwrap();
            say(&format!("done {row}"));
        }
    };
    wait(join((0..8).map(lane)));
}

/// Writes until there is no room, and says what happens then.
fn fill(ledger: Open) {
    let mut row = 1_000;
    let error = loop {
        match wait(ledger.write((row..row + 50).map(|row| sent(&ledger, 1, row)).collect())) {
            Ok(_) => (row..row + 50).for_each(|row| say(&format!("sent {row}"))),
            Err(error) => break error,
        }
        row += 50;
    };
    say(&error.to_string());
    let kind = match error {
        LedgerError::Full { .. } => "full",
        _ => "something else",
    };
    say(kind);
    let again = wait(ledger.write(vec![sent(&ledger, 1, 7)]));
    say(&format!("again {}", again == Err(error.clone())));
    say(&format!("reads {}", fetch_one(&ledger, 1_000).is_some() && fetch_one(&ledger, row).is_none()));
    say(&format!("close {}", ledger.close() == Err(error)));
}
