//! One run of the command, as a process that can be killed.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::server::Server;
use crate::until::{PATIENCE, so_within, until};
use serde_json::Value;

/// Every process that was started.
static STARTED: Mutex<Vec<Weak<Mutex<Child>>>> = Mutex::new(Vec::new());

/// What a process is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// It has asked for what was waited for.
    Asked,
    /// It has closed its standard output, which it does when it ends.
    Ended,
}

/// A run that goes on.
pub struct Process {
    child: Arc<Mutex<Child>>,
    events: Receiver<Event>,
    sender: Sender<Event>,
    ended: bool,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
}

/// A run that has ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; nothing where it was killed.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Process {
    /// Starts a command whose output is read.
    pub fn start(mut command: Command) -> Self {
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (sender, events) = mpsc::channel();
        let ended = sender.clone();
        let stdout = read(child.stdout.take().unwrap(), move || _ = ended.send(Event::Ended));
        let stderr = read(child.stderr.take().unwrap(), || {});
        let child = Arc::new(Mutex::new(child));
        STARTED.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&child));
        Self { child, events, sender, ended: false, stdout: Some(stdout), stderr: Some(stderr) }
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.child.lock().unwrap().id()
    }

    /// Waits until the server has had so many requests more. Says whether that was before the end of the process.
    pub fn asks(&mut self, server: &Server, requests: usize) -> bool {
        let sender = self.sender.clone();
        server.at(server.requests() + requests, move || _ = sender.send(Event::Asked));
        self.event(PATIENCE).expect("more requests, or the end") == Event::Asked
    }

    /// Waits for so long. Says whether the process still runs.
    pub fn runs_for(&mut self, time: Duration) -> bool {
        self.event(time).is_none()
    }

    /// Waits until something is so. Says whether that was before the end of the process.
    pub fn runs_until(&mut self, what: &str, mut is_so: impl FnMut() -> bool) -> bool {
        let mut runs = true;
        until(what, || {
            runs = self.runs_for(Duration::ZERO);
            !runs || is_so()
        });
        runs
    }

    fn event(&mut self, limit: Duration) -> Option<Event> {
        if !self.ended {
            let event = self.events.recv_timeout(limit).ok()?;
            self.ended = event == Event::Ended;
            return Some(event);
        }
        Some(Event::Ended)
    }

    /// Ends it with SIGKILL.
    pub fn kill(mut self) -> Ended {
        kill(&self.child);
        self.output()
    }

    /// Waits for its end.
    pub fn end(self) -> Ended {
        self.end_within(PATIENCE)
    }

    /// Waits for its end, for so long.
    pub fn end_within(mut self, limit: Duration) -> Ended {
        while let Some(event) = self.event(limit) {
            if event == Event::Ended {
                return self.output();
            }
        }
        kill(&self.child);
        panic!("still running after {limit:?}: {:?}", self.output());
    }

    /// It has closed its output, or was killed: its end is near.
    fn output(&mut self) -> Ended {
        let mut status = None;
        until("the end of the process", || {
            status = self.child.lock().unwrap().try_wait().unwrap();
            status.is_some()
        });
        let text = |reader: Option<JoinHandle<String>>| {
            let reader = reader.unwrap();
            until("the end of its output", || reader.is_finished());
            reader.join().unwrap()
        };
        Ended {
            code: status.unwrap().code(),
            stdout: text(self.stdout.take()),
            stderr: text(self.stderr.take()),
        }
    }
}

impl Drop for Process {
    /// Leaves nothing behind where a test fails.
    fn drop(&mut self) {
        kill(&self.child);
        let ended = || self.child.lock().unwrap_or_else(PoisonError::into_inner).try_wait();
        so_within(PATIENCE, || !matches!(ended(), Ok(None)));
    }
}

/// Ends every process that still runs: these tests end before they have seen to it.
pub(crate) fn kill_all() {
    for child in STARTED.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade) {
        kill(&child);
    }
}

fn kill(child: &Mutex<Child>) {
    // An error means that it has ended by itself.
    let _ = child.lock().unwrap_or_else(PoisonError::into_inner).kill();
}

fn read(mut from: impl Read + Send + 'static, ended: impl FnOnce() + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        ended();
        String::from_utf8(bytes).unwrap()
    })
}

impl Ended {
    /// The line of `--json`.
    #[track_caller]
    pub fn report(&self) -> Value {
        let line = self.stdout.strip_suffix('\n').filter(|line| !line.contains('\n'));
        line.and_then(|line| serde_json::from_str(line).ok()).unwrap_or_else(|| panic!("no report: {self:?}"))
    }

    /// How many rows had an outcome.
    #[track_caller]
    pub fn rows(&self, outcome: &str) -> u64 {
        self.report()["rows"][outcome].as_u64().unwrap_or_else(|| panic!("no count of {outcome}: {self:?}"))
    }

    /// A number of the report.
    #[track_caller]
    pub fn count(&self, name: &str) -> u64 {
        self.report()[name].as_u64().unwrap_or_else(|| panic!("no {name}: {self:?}"))
    }

    /// It ended by itself, with this exit code.
    #[track_caller]
    pub fn with_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// It did not start, for a reason that has these words in it.
    #[track_caller]
    pub fn refused(self, words: &[&str]) {
        self.with_code(2).says(words);
    }

    /// It says these words to people.
    #[track_caller]
    pub fn says(&self, words: &[&str]) {
        for words in words {
            assert!(self.stderr.contains(words), "`{words}` is missing in:\n{}", self.stderr);
        }
    }
}
