//! A sync without a network: a transport that gives what it is told, and a clock that goes forward when it is slept on.

#![expect(
    clippy::unnecessary_wraps,
    reason = "what came of a call is made in one way, whether an answer or not"
)]

use std::cell::{Cell, RefCell};
use std::io;
use std::time::Duration;

use partnerstack_connector::answer::{Answer, Body};
use partnerstack_connector::clock::Clock;
use partnerstack_connector::error::{CallError, CallErrorKind, Sent};
use partnerstack_connector::generated::API;
use partnerstack_connector::interrupt::Interrupt;
use partnerstack_connector::mapping::Mapping;
use partnerstack_connector::mode::Mode;
use partnerstack_connector::outcome::Failure;
use partnerstack_connector::prepare::PreparedRequest;
use partnerstack_connector::record_key::{KeyRule, PrimaryKey};
use partnerstack_connector::report::Report;
use partnerstack_connector::row::Row;
use partnerstack_connector::source::{Format, Input, Options, Source};
use partnerstack_connector::sync::{self, Job, Listener};
use partnerstack_connector::transport::Transport;
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
    Ok(Answer { status, retry_after: None, body: Body::read(body.as_bytes()) })
}

/// 429, with the seconds to wait where there are any.
pub(super) fn throttled(seconds: Option<u64>) -> Given {
    Ok(Answer { status: 429, retry_after: seconds.map(Duration::from_secs), body: Body::read(b"{}") })
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

/// A sync that is ready to run, and what it did.
pub(super) struct Bench {
    job: Job,
    rows: Vec<Value>,
    pub(super) clock: FakeClock,
    interrupt: Interrupt,
    interrupt_at: Option<usize>,
    calls: usize,
}

impl Bench {
    /// A sync of so many good rows; `what` is `OBJECT MODE`.
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
        let keys_of_rows =
            KeyRule::resolve(object, &PrimaryKey::default(), None, |field| mapping.may_feed(field)).unwrap();
        let job = Job {
            api: &API,
            object,
            mode,
            steps: object.steps(mode).unwrap(),
            mapping,
            keys: keys_of_rows,
            limit: None,
            dry_run: false,
            give_up: Duration::from_mins(5),
            max_failures: None,
            seed: 7,
        };
        job.check_mapping().unwrap();
        let rows = (0..rows).map(|number| row(object.name, number, keys)).collect();
        let (clock, interrupt) = (FakeClock::default(), Interrupt::default());
        Self { job, rows, clock, interrupt, interrupt_at: None, calls: 0 }
    }

    /// Raises SIGTERM during that call (from 0).
    pub(super) fn interrupt_at_call(&mut self, call: usize) {
        self.interrupt_at = Some(call);
    }

    /// Runs it with what each call (from 0) brings.
    pub(super) async fn run(&mut self, given: impl Fn(usize) -> Given) -> Report {
        let options = Options { format: Some(Format::Ndjson), ..Options::default() };
        let input = Input::Stdin(Box::new(io::Cursor::new(ndjson(&self.rows))));
        let mut source = Source::open(input, &options).unwrap();
        let (interrupt, at) = (&self.interrupt, self.interrupt_at);
        let transport = FakeTransport {
            calls: Cell::new(0),
            given: |call| {
                if at == Some(call) {
                    interrupt.raise(15);
                }
                given(call)
            },
        };
        let report = sync::run(&self.job, &mut source, &transport, &self.clock, interrupt, &mut Silent).await;
        self.calls = transport.calls.get();
        report
    }

    /// How many calls were made.
    pub(super) fn transport_calls(&self) -> usize {
        self.calls
    }
}

fn row(object: &str, number: usize, keys: bool) -> Value {
    let key = |key: String| if keys { Value::from(key) } else { Value::Null };
    match object {
        "transactions" => super::support::transaction(u32::try_from(number).unwrap()),
        "partnerships" => {
            json!({"partnership_key": key(format!("part_{number}")), "email": "mira@example.org", "group_key": "g"})
        }
        _ => {
            json!({"customer_key": key(format!("acct-{number}")), "email": "ada@example.com", "partner_key": "harbor"})
        }
    }
}

struct FakeTransport<F> {
    calls: Cell<usize>,
    given: F,
}

impl<F: Fn(usize) -> Given> Transport for FakeTransport<F> {
    async fn send(&self, _request: &PreparedRequest) -> Given {
        let call = self.calls.get();
        self.calls.set(call + 1);
        (self.given)(call)
    }
}

/// A clock that stands still but for the pauses that are asked of it.
#[derive(Default)]
pub(super) struct FakeClock {
    now: Cell<Duration>,
    pauses: RefCell<Vec<Duration>>,
}

impl FakeClock {
    pub(super) fn elapsed(&self) -> Duration {
        self.now.get()
    }

    pub(super) fn slept(&self) -> Vec<Duration> {
        self.pauses.borrow().clone()
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn epoch_milliseconds(&self) -> i64 {
        1_772_323_200_000
    }

    async fn sleep(&self, time: Duration) {
        // Whoever waits for something else as well gets to see it first.
        tokio::task::yield_now().await;
        self.now.set(self.now.get() + time);
        self.pauses.borrow_mut().push(time);
    }
}

struct Silent;

impl Listener for Silent {
    fn failed(&mut self, _failure: &Failure, _row: Option<&Row>) -> io::Result<()> {
        Ok(())
    }
}
