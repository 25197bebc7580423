//! A sync without a network and without waiting: a transport that gives what it is told, and a clock that goes forward
//! only when nothing else can happen.

#![expect(
    clippy::unnecessary_wraps,
    reason = "what came of a call is made in one way, whether an answer or not"
)]

use std::cell::{Cell, RefCell};
use std::io::{self, Cursor, Read};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use partnerstack_connector::api::OperationName;
use partnerstack_connector::api::mode::Mode;
use partnerstack_connector::clock::Clock;
use partnerstack_connector::generated::API;
use partnerstack_connector::http::error::{CallError, CallErrorKind, Sent};
use partnerstack_connector::http::flights::Flight;
use partnerstack_connector::http::pace::Permit;
use partnerstack_connector::http::response::{Answer, Body};
use partnerstack_connector::http::transport::Transport;
use partnerstack_connector::http::wire::{Wire, WireLimits};
use partnerstack_connector::ledger::{Ledger, OpenOptions, Place, Scope, ScopeName, wait};
use partnerstack_connector::mapping::columns::Mapping;
use partnerstack_connector::mapping::record_key::{KeyRule, PrimaryKey};
use partnerstack_connector::report::counts::Report;
use partnerstack_connector::report::outcome::Failure;
use partnerstack_connector::request::prepare::PreparedRequest;
use partnerstack_connector::row::Row;
use partnerstack_connector::source::{Format, Input, Source, SourceOptions};
use partnerstack_connector::sync::interrupt::Interrupt;
use partnerstack_connector::sync::{self, Job, JobParts, Limits, Listener, Patience, World};
use partnerstack_tests::ndjson;
use serde_json::{Value, json};

/// What a call brings.
pub(super) type Given = Result<Answer, CallError>;

/// An answer with a body that is as it should be.
pub(super) fn answer(status: u16) -> Given {
    refused(status, "{}")
}

/// An answer with this body.
pub(super) fn refused(status: u16, body: &str) -> Given {
    Ok(Answer { status, retry_after: None, date: None, body: Body::read(body.as_bytes()) })
}

/// 429, with the seconds to wait where there are any.
pub(super) fn throttled(seconds: Option<u64>) -> Given {
    let retry_after = seconds.map(Duration::from_secs);
    Ok(Answer { status: 429, retry_after, date: None, body: Body::read(b"{}") })
}

/// It was sent, and no answer came.
pub(super) fn timeout() -> Given {
    failed(CallErrorKind::Timeout, Sent::Maybe, "no answer in time")
}

/// It was certainly not sent.
pub(super) fn unsent() -> Given {
    failed(CallErrorKind::Connect, Sent::No, "no connection")
}

fn failed(kind: CallErrorKind, sent: Sent, detail: &str) -> Given {
    Err(CallError { kind, sent, status: None, retry_after: None, detail: detail.to_owned() })
}

/// A page of a list.
pub(super) fn page(items: &Value) -> Given {
    refused(200, &json!({"data": {"items": items, "has_more": false}}).to_string())
}

/// A call that writes, and when it was made.
pub(super) struct Call {
    pub(super) at: Duration,
    pub(super) body: Vec<u8>,
}

/// A sync that is ready to run, and what it did.
pub(super) struct Bench {
    job: Arc<Job>,
    rows: Vec<Value>,
    /// Open for as long as its scope is in use.
    _open: Ledger,
    ledger: Scope,
    clock: FakeClock,
    /// What reads bring.
    pub(super) list: Given,
    /// Raises SIGTERM during that write (from 0).
    pub(super) interrupt_at: Option<usize>,
    /// The writes, in the order in which they were made.
    pub(super) calls: Vec<Call>,
}

impl Bench {
    /// A sync of so many good rows; `what` is `OBJECT MODE`. Its server's lists decide nothing.
    pub(super) fn new(what: &str, rows: usize) -> Self {
        Self::of(what, rows, true)
    }

    /// The same with rows that do not say which record they mean.
    pub(super) fn without_keys(what: &str, rows: usize) -> Self {
        Self::of(what, rows, false)
    }

    fn of(what: &str, rows: usize, keys: bool) -> Self {
        let (object, mode) = what.split_once(' ').unwrap();
        let object = API.object(object).unwrap();
        let mode = Mode::ALL.into_iter().find(|known| known.name() == mode).unwrap();
        let mapping = Mapping::resolve(object, None, &[], None).unwrap();
        let by_identity =
            KeyRule::resolve(object, &PrimaryKey::default(), None, |field| mapping.may_feed(field)).unwrap();
        let job = Job::new(JobParts {
            api: &API,
            object,
            mode,
            columns: None,
            mapping,
            keys: by_identity,
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
        let options = OpenOptions { place: Place::Temporary, require: false, read_only: false, now };
        let open = Ledger::open(options).unwrap();
        let ledger = wait(open.scope(name)).unwrap();
        Self {
            job: Arc::new(job),
            rows,
            _open: open,
            ledger,
            clock,
            list: page(&json!([{}])),
            interrupt_at: None,
            calls: Vec::new(),
        }
    }

    /// Runs it with what each write (from 0) brings.
    pub(super) fn run(&mut self, given: impl Fn(usize) -> Given) -> Report {
        let run = wait(self.ledger.begin_run("bench", self.clock.epoch_milliseconds())).unwrap();
        let read = Arc::new(AtomicBool::new(false));
        let rows = Rows { text: Cursor::new(ndjson(&self.rows)), read: Arc::clone(&read) };
        let options = SourceOptions { format: Some(Format::Ndjson), ..SourceOptions::default() };
        let source = Source::open(Input::Stdin(Box::new(rows)), &options).unwrap();
        let interrupt = Interrupt::default();
        let transport = FakeTransport {
            clock: &self.clock,
            calls: RefCell::new(Vec::new()),
            list: &self.list,
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
        let patience = Patience::new(limits.give_up, clock.now());
        let wire_limits = WireLimits { quota: limits.quota(&API), concurrency: limits.concurrency, seed: 7 };
        let wire = Wire::new(&API, &transport, clock, wire_limits);
        let world = World { ledger, run, wire: &wire, patience: &patience, interrupt: &interrupt };
        let report =
            drive(sync::run(Arc::clone(&self.job), source, &world, &mut Silent), clock, ledger, &read);
        self.calls = transport.calls.into_inner();
        report
    }

    /// How long the runs took by the clock.
    pub(super) fn elapsed(&self) -> Duration {
        self.clock.now()
    }

    /// The times between one write and the next.
    pub(super) fn pauses(&self) -> Vec<Duration> {
        self.calls.windows(2).map(|two| two[1].at.saturating_sub(two[0].at)).collect()
    }
}

fn row(object: &str, number: usize, keys: bool) -> Value {
    let key = |key: String| if keys { Value::from(key) } else { Value::Null };
    match object {
        "transactions" => super::support::transaction(u32::try_from(number).unwrap()),
        "partnerships" => {
            json!({"partnership_key": key(format!("part_{number}")), "email": format!("mira.{number}@example.org"), "group_key": "g"})
        }
        _ => {
            json!({"customer_key": key(format!("acct-{number}")), "email": format!("ada.{number}@example.com"), "partner_key": "harbor"})
        }
    }
}

/// Polls a future to its end. Time passes when it waits, the ledger has nothing to do, and all rows were read.
fn drive<F: Future>(future: F, clock: &FakeClock, ledger: &Scope, read: &AtomicBool) -> F::Output {
    let mut future = pin!(future);
    let woken = Arc::new(Woken { flag: AtomicBool::new(false), thread: thread::current() });
    let waker = Waker::from(Arc::clone(&woken));
    let mut told = false;
    loop {
        woken.flag.store(false, Ordering::SeqCst);
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        // It answers in the order in which it is asked, so what was asked before is answered now.
        wait(ledger.count_unsettled(i64::MIN)).unwrap();
        // Rows are on their way, unless there are too many already; their end is told just after the last was read.
        let mut patience = if told { 0 } else { 400 };
        while patience > 0 && !woken.flag.load(Ordering::SeqCst) {
            if read.load(Ordering::SeqCst) && !told {
                (told, patience) = (true, 20);
            }
            thread::park_timeout(Duration::from_millis(5));
            patience -= 1;
        }
        if !woken.flag.load(Ordering::SeqCst) {
            clock.advance();
        }
    }
}

struct Woken {
    flag: AtomicBool,
    thread: Thread,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.flag.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

/// The rows, and a word when nobody reads them any more.
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

struct FakeTransport<'t, F> {
    clock: &'t FakeClock,
    calls: RefCell<Vec<Call>>,
    list: &'t Given,
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
            return (self.list.clone(), permit);
        }
        let body = request.body.clone().unwrap_or_default();
        let number = self.calls.borrow().len();
        self.calls.borrow_mut().push(Call { at: self.clock.now(), body });
        ((self.given)(number), permit)
    }
}

/// A clock that stands still until it is told to go on to the next time that somebody waits for.
#[derive(Default)]
struct FakeClock {
    now: Cell<Duration>,
    alarms: RefCell<Vec<Alarm>>,
    next: Cell<u64>,
}

struct Alarm {
    number: u64,
    at: Duration,
    waker: Waker,
}

impl FakeClock {
    fn advance(&self) {
        let next = self.alarms.borrow().iter().map(|alarm| alarm.at).min();
        let now = next.expect("everything waits, and nothing for the time").max(self.now.get());
        self.now.set(now);
        let due: Vec<Alarm> = self.alarms.borrow_mut().extract_if(.., |alarm| alarm.at <= now).collect();
        for alarm in due {
            alarm.waker.wake();
        }
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn epoch_milliseconds(&self) -> i64 {
        1_772_323_200_000 + i64::try_from(self.now.get().as_millis()).unwrap()
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> {
        let number = self.next.get();
        self.next.set(number + 1);
        Sleep { clock: self, number, until: self.now.get() + time }
    }
}

struct Sleep<'c> {
    clock: &'c FakeClock,
    number: u64,
    until: Duration,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(self: std::pin::Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.clock.now.get() >= self.until {
            return Poll::Ready(());
        }
        let mut alarms = self.clock.alarms.borrow_mut();
        alarms.retain(|alarm| alarm.number != self.number);
        alarms.push(Alarm { number: self.number, at: self.until, waker: context.waker().clone() });
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        self.clock.alarms.borrow_mut().retain(|alarm| alarm.number != self.number);
    }
}

struct Silent;

impl Listener for Silent {
    fn failed(&mut self, _failure: &Failure, _row: Option<&Row>) -> io::Result<()> {
        Ok(())
    }
}
