//! The sync: rows in memory, a ledger on a disk that survives a kill, and the server.

use std::fs;
use std::io::{self, Cursor, Read};
use std::path::PathBuf;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use partnerstack_connector::api::mode::Mode;
use partnerstack_connector::clock::Clock;
use partnerstack_connector::generated::API;
use partnerstack_connector::http::wire::{Wire, WireLimits};
use partnerstack_connector::ledger::{Ledger, LedgerPlace, OpenOptions, Scope, ScopeName, wait};
use partnerstack_connector::mapping::columns::Mapping;
use partnerstack_connector::mapping::filter::Filter;
use partnerstack_connector::mapping::record_key::{KeyRule, PrimaryKey};
use partnerstack_connector::report::counts::Report;
use partnerstack_connector::report::outcome::Outcome;
use partnerstack_connector::source::{Format, Input, Source, SourceOptions};
use partnerstack_connector::sync::{self, Interrupt, Job, JobParts, Limits, Patience, World};
use serde_json::Value;
use tempfile::TempDir;

use super::server::SimServer;
use crate::fake::Silent;
use crate::fake_clock::{FakeClock, Woken};
use crate::in_process::{memory, ndjson};

/// A sync that can be run, killed and run again.
pub struct Simulation {
    /// This machine's clock.
    pub clock: Rc<FakeClock>,
    /// The server.
    pub server: SimServer,
    /// What the sync may do.
    pub limits: Limits,
    /// The rows of its source.
    pub rows: Vec<Value>,
    object: &'static str,
    mode: Mode,
    folder: TempDir,
    /// Counts the kills: after each, the ledger is another copy of its file.
    copies: usize,
    /// How often the last run was polled.
    pub polls: usize,
}

impl Simulation {
    /// A sync of rows; `what` is `OBJECT MODE`.
    pub fn new(what: &str, rows: Vec<Value>) -> Self {
        let (object, mode) = what.split_once(' ').unwrap();
        let clock = Rc::new(FakeClock::default());
        // The first of its records may be old.
        clock.pass(Duration::from_hours(24));
        Self {
            server: SimServer::new(Rc::clone(&clock)),
            clock,
            limits: Limits::default(),
            rows,
            object: API.object(object).unwrap().name,
            mode: Mode::ALL.into_iter().find(|known| known.name() == mode).unwrap(),
            folder: TempDir::new_in(memory()).unwrap(),
            copies: 0,
            polls: 0,
        }
    }

    /// Runs it to its end.
    pub fn run(&mut self) -> Report {
        self.run_until(|_, _| false).expect("nothing kills it")
    }

    /// Runs it, and kills it once this is so; it is asked after each step, with the number of steps. None: it was killed.
    ///
    /// The next run finds what a killed process leaves: the ledger as it is at that moment, without what it was only asked
    /// to store.
    pub fn run_until(&mut self, mut dies: impl FnMut(&SimServer, usize) -> bool) -> Option<Report> {
        let object = API.object(self.object).unwrap();
        let mapping = Mapping::resolve(object, None, &[], None).unwrap();
        let keys = KeyRule::resolve(&PrimaryKey::default(), None, &mapping).unwrap();
        let limits = self.limits.clone();
        let job = Job::new(JobParts {
            api: &API,
            object,
            mode: self.mode,
            columns: None,
            mapping,
            keys,
            filter: Filter::default(),
            match_on: None,
            account: "default".to_owned(),
            limits,
        });
        let job = Arc::new(job.unwrap());
        let clock: &FakeClock = &self.clock;
        let now = clock.epoch_milliseconds();
        let place = LedgerPlace::File(self.ledger(self.copies));
        let open =
            Ledger::open(OpenOptions { place, digest_key_file: None, require: false, read_only: false, now })
                .unwrap();
        let name = ScopeName {
            base_url: "https://api.example.com".to_owned(),
            account: "default".to_owned(),
            object: object.name.to_owned(),
        };
        let scope = wait(open.scope(name)).unwrap();
        let run = wait(scope.begin_run("simulated", now)).unwrap();
        let options = SourceOptions { format: Some(Format::Ndjson), ..SourceOptions::default() };
        let read = Arc::new(AtomicBool::new(false));
        let rows = Rows { text: Cursor::new(ndjson(&self.rows)), read: Arc::clone(&read) };
        let input = Input::Stdin(Box::new(rows));
        let source = Source::open(input, &options).unwrap();
        let (interrupt, patience) = (Interrupt::default(), Patience::new(job.limits.give_up));
        let quota = job.limits.quota(&API);
        let wire_limits = WireLimits { quota, concurrency: job.limits.concurrency, seed: 7 };
        let wire = Wire::new(&API, &self.server, clock, wire_limits);
        let world = World {
            ledger: &scope,
            run,
            wire: &wire,
            patience: &patience,
            interrupt: &interrupt,
            surveyed: false,
        };
        let mut polls = 0;
        let mut killed = || {
            polls += 1;
            let dies = dies(&self.server, polls);
            if dies {
                self.copy();
            }
            dies
        };
        let report = drive(sync::run(job, source, &world, &mut Silent), clock, &scope, &read, &mut killed);
        if report.is_some() {
            wait(scope.finish_run(run, clock.epoch_milliseconds())).unwrap();
            open.close().unwrap();
        } else {
            drop(open);
            self.copies += 1;
        }
        self.polls = polls;
        report
    }

    /// Runs it again, half an hour between two runs, until every row is settled, at most three times.
    #[track_caller]
    pub fn settle(&mut self, context: &str) -> Report {
        let mut reports = Vec::new();
        for _ in 0..3 {
            let report = self.run();
            if report.of(Outcome::Uncertain) + report.of(Outcome::Pending) + report.unsettled_before == 0 {
                return report;
            }
            self.clock.pass(Duration::from_mins(30));
            reports.push(report);
        }
        panic!("{context}: rows are not settled after three runs: {reports:#?} {:#?}", self.server.writes())
    }

    /// Every row has exactly one record that is as the row says; `key` tells rows from each other.
    #[track_caller]
    pub fn exact(&self, key: &str, context: &str) {
        let records = self.server.records(self.object);
        for row in &self.rows {
            let same: Vec<&Value> = records.iter().filter(|record| record[key] == row[key]).collect();
            assert_eq!(same.len(), 1, "{context}: records of {row}: {same:#?}");
            for (name, value) in row.as_object().unwrap() {
                assert!(
                    same[0][name] == *value || name == "partnership_key",
                    "{context}: {name} of {row}: {}",
                    same[0]
                );
            }
        }
    }

    fn ledger(&self, copy: usize) -> PathBuf {
        self.folder.path().join(format!("ledger-{copy}.db"))
    }

    /// What a process that dies now leaves of its ledger: the database first, which nothing changes while a log is
    /// beside it that is this short.
    fn copy(&self) {
        let file = |copy: usize, ending: &str| format!("{}{ending}", self.ledger(copy).display());
        for ending in ["", "-wal"] {
            let from = file(self.copies, ending);
            if fs::exists(&from).unwrap() {
                fs::copy(from, file(self.copies + 1, ending)).unwrap();
            }
        }
    }
}

/// Polls a future to its end, or until it is killed. Time passes when it waits, and the ledger and the source have nothing
/// to do.
fn drive<F: Future>(
    future: F,
    clock: &FakeClock,
    ledger: &Scope,
    read: &AtomicBool,
    killed: &mut impl FnMut() -> bool,
) -> Option<F::Output> {
    let mut future = pin!(future);
    let woken = Woken::here();
    let waker = Waker::from(Arc::clone(&woken));
    // Rows are read and prepared by other threads, unless there are too many already.
    let mut patience = 400;
    loop {
        woken.forget();
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        if killed() {
            return None;
        }
        // It answers in the order in which it is asked, so what was asked before is answered now.
        wait(ledger.holders(Vec::new())).unwrap();
        while patience > 0 && !woken.is_so() {
            if read.load(Ordering::SeqCst) {
                // What was read last is on its way.
                patience = patience.min(4);
            }
            thread::park_timeout(Duration::from_millis(1));
            patience -= 1;
        }
        if !woken.is_so() {
            clock.advance();
        }
    }
}

/// The rows, and whether all of them were read.
struct Rows {
    text: Cursor<String>,
    read: Arc<AtomicBool>,
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.text.read(buffer)
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.read.store(true, Ordering::SeqCst);
    }
}
