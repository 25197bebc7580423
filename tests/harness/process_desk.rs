//! A desk to run the command at: a folder with a sync file, a state folder, and a server that keeps a record.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::server::{Call, Options, Random, Server};
use serde_json::Value;
use tempfile::TempDir;

use crate::binary::binary;
use crate::judge::judge;
use crate::process::{Ended, Process};
use crate::rows::Rows;

/// Where the command is run.
pub struct ProcessDesk {
    folder: TempDir,
    /// The server beside it.
    pub server: Server,
    /// What was laid on it, each with the number of the first run after that.
    laid: RefCell<Vec<(u64, Rows)>>,
    flags: RefCell<BTreeMap<String, String>>,
    public_key: RefCell<String>,
    runs: Cell<u64>,
}

impl ProcessDesk {
    /// A desk beside a server that behaves like this.
    pub fn new(options: Options) -> Self {
        let desk = Self {
            folder: TempDir::new().unwrap(),
            server: Server::start(options).unwrap(),
            laid: RefCell::default(),
            flags: RefCell::default(),
            public_key: RefCell::new("pk_failure".to_owned()),
            runs: Cell::new(0),
        };
        // A machine that keeps its files.
        fs::create_dir_all(desk.path("state/partnerstack")).unwrap();
        // Quick, and still long enough for a machine that does something else besides.
        for (flag, value) in [("--timeout", "2"), ("--settle-after", "1"), ("--rate", "12000")] {
            desk.set(flag, value);
        }
        desk.set("--base-url", &desk.server.base_url());
        desk.set("--failures", &desk.path("failures.ndjson"));
        desk
    }

    /// Lays the rows of the next runs on the desk.
    pub fn lay(&self, rows: &Rows) -> &Self {
        let (source, object) = (format!("{}.csv", rows.object), rows.object);
        fs::write(self.path(&source), rows.source()).unwrap();
        fs::write(self.path(&format!("{object}.yaml")), rows.sync_file().replace("rows.csv", &source))
            .unwrap();
        self.laid.borrow_mut().push((self.runs.get() + 1, rows.clone()));
        self
    }

    /// The value of a flag of all further runs.
    pub fn set(&self, flag: &str, value: &str) -> &Self {
        self.flags.borrow_mut().insert(flag.to_owned(), value.to_owned());
        self
    }

    /// The public key of all further runs.
    pub fn set_public_key(&self, key: &str) {
        key.clone_into(&mut self.public_key.borrow_mut());
    }

    /// The number of the last run, which its requests bear.
    pub fn last_run(&self) -> u64 {
        self.runs.get()
    }

    /// Where a file of this name lies on the desk.
    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// A command with an environment of its own. The secret key tells the server which run it is.
    fn command(&self) -> Command {
        self.runs.set(self.runs.get() + 1);
        let mut command = Command::new(binary());
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .env("PARTNERSTACK_PUBLIC_KEY", &*self.public_key.borrow())
            .env("PARTNERSTACK_SECRET_KEY", format!("sk_failure_{}", self.runs.get()));
        command
    }

    /// Starts a sync.
    pub fn start(&self, more: &[&str]) -> Process {
        let mut command = self.command();
        let object = self.laid.borrow().last().map(|(_, rows)| rows.object).unwrap();
        command.arg("sync").arg(self.path(&format!("{object}.yaml"))).arg("--json");
        for (flag, value) in self.flags.borrow().iter() {
            command.arg(flag).arg(value);
        }
        command.args(more);
        Process::start(command)
    }

    /// Syncs.
    pub fn sync(&self) -> Ended {
        self.start(&[]).end()
    }

    /// Lays rows on the desk and syncs them.
    pub fn sync_rows(&self, rows: &Rows) -> Ended {
        self.lay(rows).sync()
    }

    /// Syncs again, and asserts that this made no call.
    #[track_caller]
    pub fn asks_nothing_more(&self) -> Ended {
        let before = self.server.requests();
        let ended = self.sync().with_code(0);
        assert_eq!((self.server.requests() - before, ended.count("requests")), (0, 0), "{ended:?}");
        ended
    }

    /// Everything is delivered by a run that was killed and begun anew on a server that fails. Attempts that a kill cut
    /// short count as well, so a few rows may have been rejected; those are told of, and another run delivers them.
    #[track_caller]
    pub fn delivered_by(&self, ended: Ended) {
        if ended.code == Some(1) {
            assert_eq!(self.failures().len() as u64, ended.rows("rejected"), "{ended:?}");
            self.sync().with_code(0);
        } else {
            ended.with_code(0);
        }
    }

    /// Settles a row by hand.
    pub fn resolve(&self, arguments: &[&str]) -> Ended {
        let mut command = self.command();
        command.arg("resolve").args(arguments).args(["--base-url", &self.server.base_url()]);
        Process::start(command).end()
    }

    /// The lines of the failures file; none where there is no such file.
    pub fn failures(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("failures.ndjson")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Asserts that the server has exactly what the rows say, and that every run kept to the order of its own.
    #[track_caller]
    pub fn exact(&self, rows: &Rows) {
        let laid = self.laid.borrow();
        let given = |run| laid.iter().rfind(|(first, _)| *first <= run).map_or(rows, |(_, given)| given);
        let findings = judge(&self.server, rows, given);
        let shown: Vec<_> = findings.iter().take(20).collect();
        let is_about = |call: &Call| !call.about.is_empty() && format!("{shown:?}").contains(&call.about);
        let asked: Vec<_> = self.server.calls().into_iter().filter(is_about).take(40).collect();
        assert!(findings.is_empty(), "{} findings: {shown:#?}\nasked: {asked:#?}", findings.len());
    }

    /// Syncs, is killed, and syncs again until a run ends by itself. The instants are drawn from a seed: most of them just
    /// after some request, some of them at any time from the start on.
    pub fn sync_with_kills(&self, seed: u64, kills: u32) -> Ended {
        // A run begins with a burst; at this rate it is small against the rows.
        self.set("--rate", "6000");
        let mut random = Random::new(seed);
        for done in 0..kills {
            let mut process = self.start(&[]);
            let runs = if random.below(4) == 0 {
                process.runs_for(Duration::from_millis(random.below(60)))
            } else {
                let requests = usize::try_from(1 + random.below(25)).unwrap();
                process.asks(&self.server, requests)
                    && process.runs_for(Duration::from_micros(random.below(4000)))
            };
            if !runs {
                let ended = process.end();
                assert!(done * 2 >= kills, "only {done} of {kills} kills: {ended:?}");
                return ended;
            }
            let ended = process.kill();
            if ended.code.is_some() {
                // It was quicker.
                return ended;
            }
        }
        self.sync()
    }
}
