//! A desk to run either command at: a folder with rows and a ledger, and a server that keeps a record.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::server::{Options, Server};
use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Ended, Process};

/// Where either command is run.
pub struct SpecDesk {
    folder: TempDir,
    /// The server beside it.
    pub server: Server,
}

impl SpecDesk {
    /// A desk beside a server that behaves like this.
    pub fn new(options: Options) -> Self {
        let desk = Self { folder: TempDir::new().unwrap(), server: Server::start(options).unwrap() };
        // A machine that keeps its files.
        fs::create_dir_all(desk.path("state/partnerstack")).unwrap();
        desk
    }

    /// Runs a command with an environment of its own.
    pub fn run(&self, command: &Path, args: &[impl AsRef<str>]) -> Ended {
        let mut command = Command::new(command);
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .env("PARTNERSTACK_PUBLIC_KEY", "pk_other_spec")
            .env("PARTNERSTACK_SECRET_KEY", "sk_other_spec_1")
            .args(args.iter().map(AsRef::as_ref));
        Process::start(command).end()
    }

    /// Syncs rows into the server: `what` is object and mode.
    pub fn sync(&self, command: &Path, what: &str, rows: &str, more: &[&str]) -> Ended {
        let url = self.server.base_url();
        let more = [more, &["--base-url", &url, "--settle-after", "1", "--timeout", "2"]].concat();
        self.run(command, &self.sync_args(what, rows, &more))
    }

    /// The arguments of a sync of these rows.
    pub fn sync_args(&self, what: &str, rows: &str, more: &[&str]) -> Vec<String> {
        let (object, step) = what.split_once(' ').unwrap();
        let source = self.path("rows.csv");
        fs::write(&source, rows).unwrap();
        let failures = self.path("failures.ndjson");
        let args = ["sync", "--json", "--object", object, "--mode", step, "--source", &source];
        [&args[..], &["--failures", &failures], more].concat().into_iter().map(str::to_owned).collect()
    }

    /// What the server has of a field in each record of an object.
    pub fn held(&self, object: &str, field: &str) -> Vec<Value> {
        let records = self.server.records(object);
        records.iter().map(|record| record.fields.get(field).cloned().unwrap_or_default()).collect()
    }

    /// The lines of the failures file of the last sync.
    pub fn failures(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("failures.ndjson")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}
