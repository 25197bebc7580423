//! A sync without a network and without waiting: a transport that gives what it is told, and a clock that goes forward
//! only when nothing else can happen.

use std::cell::RefCell;
use std::io::{self, Cursor, Read};
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use crate::fake_clock::{EPOCH, FakeClock, Woken};
use crate::in_process::ndjson;
use crate::until::PATIENCE;
use crate::wire_sync::transaction;
use partnerstack_connector::api::OperationName;
use partnerstack_connector::api::mode::Mode;
use partnerstack_connector::clock::Clock;
use partnerstack_connector::generated::API;
use partnerstack_connector::http::answer::error::{CallError, CallErrorKind, Sent};
use partnerstack_connector::http::answer::response::{Answer, Body};
use partnerstack_connector::http::flights::Flight;
use partnerstack_connector::http::pace::Permit;
use partnerstack_connector::http::transport::Transport;
use partnerstack_connector::http::wire::{Wire, WireLimits};
use partnerstack_connector::ledger::{Ledger, LedgerPlace, OpenOptions, Scope, ScopeName, wait};
use partnerstack_connector::mapping::columns::Mapping;
use partnerstack_connector::mapping::filter::Filter;
use partnerstack_connector::mapping::record_key::{KeyRule, PrimaryKey};
use partnerstack_connector::report::counts::Report;
use partnerstack_connector::report::outcome::Failure;
use partnerstack_connector::request::prepare::PreparedRequest;
use partnerstack_connector::row::Row;
use partnerstack_connector::source::{Format, Input, Source, SourceOptions};
use partnerstack_connector::sync::Interrupt;
use partnerstack_connector::sync::{self, Job, JobParts, Limits, Listener, Patience, World};
use serde_json::{Value, json};

/// Stands for the key of a record that is made: each call brings another.
const ANY_KEY: &str = "any";

/// What a call brings.
pub type Given = Result<Answer, CallError>;

/// An answer in the envelope of the API; a success shows a record with a key of its own.
pub fn answer(status: u16) -> Given {
    let data = if status < 300 { json!({"key": ANY_KEY}) } else { json!({}) };
    said(status, &json!({"data": data, "message": "as it should be", "status": status}).to_string())
}

/// An answer with this body.
pub fn said(status: u16, body: &str) -> Given {
    Ok(Answer::new(status, Body::read(body.as_bytes())))
}

/// 429, with the seconds to wait where there are any.
pub fn throttled(seconds: Option<u64>) -> Given {
    let retry_after = seconds.map(Duration::from_secs);
    Ok(Answer { retry_after, ..Answer::new(429, Body::read(b"{}")) })
}

/// It was sent, and no answer came.
pub fn timeout() -> Given {
    failed(CallErrorKind::Timeout, Sent::Maybe, "no answer in time")
}

/// It was certainly not sent.
pub fn unsent() -> Given {
    failed(CallErrorKind::Connect, Sent::No, "no connection")
}

fn failed(kind: CallErrorKind, sent: Sent, detail: &str) -> Given {
    Err(CallError { kind, sent, status: None, retry_after: None, detail: detail.to_owned() })
}

/// A page of a list.
pub fn page(items: &Value) -> Given {
    said(
        200,
        &json!({"data": {"items": items, "has_more": false}, "message": "ok", "status": 200}).to_string(),
    )
}

/// What lists show.
pub enum Lists {
    /// Always this.
    Always(Given),
    /// Each record that was made, once it is so old.
    Made(Duration),
}

/// A call that writes, and when it was made.
pub struct Call {
    /// The time by the clock of the test.
    pub at: Duration,
    /// The body that was sent.
    pub body: Vec<u8>,
    /// The key of the record that the answer shows, if it shows one.
    pub key: Option<String>,
}

/// A sync that is ready to run, and what it did.
pub struct FakeSync {
    job: Arc<Job>,
    rows: Vec<Value>,
    /// Open for as long as its scope is in use.
    _open: Ledger,
    ledger: Scope,
    clock: FakeClock,
    /// What reads bring.
    pub lists: Lists,
    /// The source is quiet for this long, after as many rows.
    pub quiet: Option<(usize, Duration)>,
    /// Raises SIGTERM during that write (from 0).
    pub interrupt_at: Option<usize>,
    /// The writes, in the order in which they were made.
    pub calls: Vec<Call>,
}

impl FakeSync {
    /// A sync of so many good rows; `what` is `OBJECT MODE`. Its server's lists decide nothing.
    pub fn new(what: &str, rows: usize) -> Self {
        Self::of(what, rows, true)
    }

    /// The same with rows that do not say which record they mean.
    pub fn without_keys(what: &str, rows: usize) -> Self {
        Self::of(what, rows, false)
    }

    fn of(what: &str, rows: usize, keys: bool) -> Self {
        let (object, mode) = what.split_once(' ').unwrap();
        let object = API.object(object).unwrap();
        let mode = Mode::ALL.into_iter().find(|known| known.name() == mode).unwrap();
        let mapping = Mapping::resolve(object, None, &[], None).unwrap();
        let by_identity = KeyRule::resolve(&PrimaryKey::default(), None, &mapping).unwrap();
        let job = Job::new(JobParts {
            api: &API,
            object,
            mode,
            columns: None,
            mapping,
            keys: by_identity,
            filter: Filter::default(),
            match_on: None,
            account: "default".to_owned(),
            limits: Limits { settle_after: Duration::from_mins(1), ..Limits::default() },
        })
        .unwrap();
        let rows = (0..rows).map(|number| row(object.name, number, keys)).collect();
        let clock = FakeClock::default();
        let name = ScopeName {
            base_url: "https://api.example.com".to_owned(),
            account: "default".to_owned(),
            object: object.name.to_owned(),
        };
        let now = clock.epoch_milliseconds();
        let options = OpenOptions {
            place: LedgerPlace::Temporary,
            digest_key_file: None,
            require: false,
            read_only: false,
            now,
        };
        let open = Ledger::open(options).unwrap();
        let ledger = wait(open.scope(name)).unwrap();
        Self {
            job: Arc::new(job),
            rows,
            _open: open,
            ledger,
            clock,
            lists: Lists::Always(page(&json!([{}]))),
            quiet: None,
            interrupt_at: None,
            calls: Vec::new(),
        }
    }

    /// Runs it with what each write (from 0) brings.
    pub fn run(&mut self, given: impl Fn(usize) -> Given) -> Report {
        let run = wait(self.ledger.begin_run("fake", self.clock.epoch_milliseconds())).unwrap();
        let reading = Arc::new(Reading::default());
        let (before, quiet) = self.quiet.unwrap_or((self.rows.len(), Duration::ZERO));
        let (first, rest) = self.rows.split_at(before);
        let rows = Rows {
            first: Cursor::new(ndjson(first)),
            rest: Cursor::new(ndjson(rest)),
            reading: Arc::clone(&reading),
        };
        let options = SourceOptions { format: Some(Format::Ndjson), ..SourceOptions::default() };
        let source = Source::open(Input::Stdin(Box::new(rows)), &options).unwrap();
        let interrupt = Interrupt::default();
        let transport = FakeTransport {
            clock: &self.clock,
            calls: RefCell::new(Vec::new()),
            lists: &self.lists,
            given: |call| {
                if self.interrupt_at == Some(call) {
                    interrupt.raise(15);
                }
                assert!(call < 10_000, "it never ends");
                given(call)
            },
        };
        let (ledger, clock) = (&self.ledger, &self.clock);
        let limits = &self.job.limits;
        let patience = Patience::new(limits.give_up);
        let wire_limits = WireLimits { quota: limits.quota(&API), concurrency: limits.concurrency, seed: 7 };
        let wire = Wire::new(&API, &transport, clock, wire_limits);
        let world =
            World { ledger, run, wire: &wire, patience: &patience, interrupt: &interrupt, surveyed: false };
        let report = drive(
            sync::run(Arc::clone(&self.job), source, &world, &mut Silent),
            clock,
            ledger,
            &reading,
            clock.now() + quiet,
        );
        self.calls = transport.calls.into_inner();
        report
    }

    /// How long the runs took by the clock.
    pub fn elapsed(&self) -> Duration {
        self.clock.now()
    }

    /// The times between one write and the next.
    pub fn pauses(&self) -> Vec<Duration> {
        self.calls.windows(2).map(|two| two[1].at.saturating_sub(two[0].at)).collect()
    }
}

fn row(object: &str, number: usize, keys: bool) -> Value {
    let key = |key: String| if keys { Value::from(key) } else { Value::Null };
    match object {
        "transactions" => transaction(u32::try_from(number).unwrap()),
        "partnerships" => {
            json!({"partnership_key": key(format!("part_{number}")), "email": format!("mira.{number}@example.org"), "group_key": "g"})
        }
        _ => {
            json!({"customer_key": key(format!("acct-{number}")), "email": format!("ada.{number}@example.com"), "partner_key": "harbor"})
        }
    }
}

/// Polls a future to its end. Time passes when it waits, the ledger has nothing to do, and all rows were read that there
/// are until then.
fn drive<F: Future>(
    future: F,
    clock: &FakeClock,
    ledger: &Scope,
    reading: &Reading,
    quiet_until: Duration,
) -> F::Output {
    let mut future = pin!(future);
    let woken = Woken::here();
    let waker = Waker::from(Arc::clone(&woken));
    let mut told = false;
    loop {
        woken.forget();
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        // It answers in the order in which it is asked, so what was asked before is answered now.
        wait(ledger.count_unsettled(i64::MIN)).unwrap();
        // Rows are on their way, unless there are too many already; their end is told just after the last was read.
        let mut patience = if told { 0 } else { 400 };
        while patience > 0 && !woken.is_so() {
            if reading.is_done() && !told {
                (told, patience) = (true, 20);
            }
            thread::park_timeout(Duration::from_millis(5));
            patience -= 1;
        }
        if !woken.is_so() {
            clock.advance();
            if clock.now() >= quiet_until && reading.go_on() {
                told = false;
            }
        }
    }
}

/// How far a source was read.
#[derive(Default)]
struct Reading {
    at: Mutex<At>,
    changed: Condvar,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum At {
    /// At rows that are there.
    #[default]
    Rows,
    /// At rows that come after a quiet time.
    Quiet,
    /// At rows that have come after it.
    Rest,
    /// At the end.
    End,
}

impl Reading {
    /// Nothing more can be read now.
    fn is_done(&self) -> bool {
        matches!(*self.at.lock().unwrap(), At::Quiet | At::End)
    }

    /// Ends a quiet time; says whether there was one.
    fn go_on(&self) -> bool {
        let mut at = self.at.lock().unwrap();
        let was_quiet = *at == At::Quiet;
        if was_quiet {
            *at = At::Rest;
            self.changed.notify_all();
        }
        was_quiet
    }

    /// Waits for the end of the quiet time.
    fn wait(&self) {
        let mut at = self.at.lock().unwrap();
        if *at == At::Rows {
            *at = At::Quiet;
            drop(self.changed.wait_timeout_while(at, PATIENCE, |at| *at == At::Quiet).unwrap());
        }
    }
}

/// The rows: first some, then the others after a quiet time.
struct Rows {
    first: Cursor<String>,
    rest: Cursor<String>,
    reading: Arc<Reading>,
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.first.read(buffer)? {
            0 if !self.rest.get_ref().is_empty() => {
                self.reading.wait();
                self.rest.read(buffer)
            }
            count => Ok(count),
        }
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        *self.reading.at.lock().unwrap() = At::End;
    }
}

struct FakeTransport<'t, F> {
    clock: &'t FakeClock,
    calls: RefCell<Vec<Call>>,
    lists: &'t Lists,
    given: F,
}

impl<F: Fn(usize) -> Given> Transport for FakeTransport<'_, F> {
    async fn send<'w, C: Clock>(
        &self,
        _flight: Flight<'w>,
        permit: Permit<'w, C>,
        request: &PreparedRequest,
    ) -> (Given, Permit<'w, C>) {
        if request.operation.name == OperationName::List {
            return (self.list(), permit);
        }
        let body = request.body.clone().unwrap_or_default();
        let number = self.calls.borrow().len();
        self.calls.borrow_mut().push(Call { at: self.clock.now(), body, key: None });
        let mut given = (self.given)(number);
        if let Some(key) = key_of(&mut given) {
            *key = json!(format!("rec_{number}"));
            self.calls.borrow_mut()[number].key = key.as_str().map(str::to_owned);
        }
        (given, permit)
    }
}

impl<F> FakeTransport<'_, F> {
    fn list(&self) -> Given {
        let lag = match self.lists {
            Lists::Always(given) => return given.clone(),
            Lists::Made(lag) => *lag,
        };
        let calls = self.calls.borrow();
        let shown = calls.iter().filter(|call| call.at + lag <= self.clock.now()).filter_map(|call| {
            let mut record: Value = serde_json::from_slice(&call.body).unwrap();
            record["key"] = json!(call.key.as_ref()?);
            record["created_at"] = json!(EPOCH + i64::try_from(call.at.as_millis()).unwrap());
            Some(record)
        });
        page(&shown.collect())
    }
}

/// The place of the key that each call brings anew.
fn key_of(given: &mut Given) -> Option<&mut Value> {
    let Ok(Answer { body: Body::Json(body), .. }) = given else { return None };
    body.pointer_mut("/data/key").filter(|key| **key == ANY_KEY)
}

/// Takes what a run has to tell, and keeps nothing of it.
pub(crate) struct Silent;

impl Listener for Silent {
    fn failed(&mut self, _failure: &Failure, _row: Option<&Row>) -> io::Result<()> {
        Ok(())
    }
}
