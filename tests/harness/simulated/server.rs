//! The server: it makes and changes records, shows them in lists some time later, and does to each request what the test
//! says.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use partnerstack_connector::api::OperationName;
use partnerstack_connector::clock::Clock;
use partnerstack_connector::generated::API;
use partnerstack_connector::http::answer::response::{Answer, Body};
use partnerstack_connector::http::flights::Flight;
use partnerstack_connector::http::pace::Permit;
use partnerstack_connector::http::transport::Transport;
use partnerstack_connector::request::prepare::PreparedRequest;
use serde_json::{Value, json};

use crate::fake::{Given, answer, throttled, timeout};
use crate::fake_clock::FakeClock;

/// What becomes of a request that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is answered.
    Answered,
    /// It takes effect, and no answer comes.
    AnswerLost,
    /// It does not arrive, and no answer comes.
    NeverArrives,
    /// 429, with so many seconds to wait.
    Throttled(u64),
    /// 503, with so many seconds to wait; it takes no effect.
    Away(u64),
    /// It takes no effect, and this status is the answer.
    Says(u16),
}

/// What a page of a list is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// As it should be.
    Right,
    /// It is answered with an error.
    Broken,
    /// It says that more follow after the record that it follows itself.
    StandsStill,
    /// It leads back to one of two pages before it.
    Circles,
    /// It shows a record that nobody made, and says that more follow.
    Endless,
    /// It shows nothing, and says that more follow.
    LeadsNowhere,
    /// It is more than is read at once, unless no more than two records were asked for.
    Heavy,
}

/// A request that writes.
#[derive(Debug, Clone)]
pub struct Write {
    /// How many came before it.
    pub number: usize,
    /// What it does.
    pub operation: OperationName,
    /// When it left, by the clock of the test.
    pub at: Duration,
    /// Its path.
    pub path: String,
    /// Its body.
    pub body: Value,
}

type Fates = Box<dyn Fn(&Write) -> Fate>;
type Listings = Box<dyn Fn(usize) -> Listing>;

/// A record.
struct Made {
    object: String,
    at: Duration,
    created: i64,
    record: Value,
}

/// A request on its way.
struct Underway {
    number: usize,
    arrives: Duration,
    given: Option<Given>,
}

/// The server.
pub struct SimServer {
    clock: Rc<FakeClock>,
    /// How long an answer takes; a request takes effect half-way.
    pub latency: Cell<Duration>,
    /// How long after its effect a record is shown in lists.
    pub lag: Cell<Duration>,
    /// How far its clock is ahead, in milliseconds.
    pub ahead: Cell<i64>,
    /// Its answers have a `Date` header.
    pub dates: Cell<bool>,
    /// Requests of a process that was killed arrive all the same.
    pub outlive: Cell<bool>,
    /// A field that it has with this value, whatever is sent.
    pub insists: RefCell<Option<(String, Value)>>,
    /// What becomes of each write.
    fate: RefCell<Fates>,
    /// What each page is like, by the number of first pages so far, it among them.
    listing: RefCell<Listings>,
    writes: RefCell<Vec<Write>>,
    pages: RefCell<Vec<String>>,
    firsts: Cell<usize>,
    underway: RefCell<Vec<Underway>>,
    made: RefCell<Vec<Made>>,
}

impl SimServer {
    pub(super) fn new(clock: Rc<FakeClock>) -> Self {
        Self {
            clock,
            latency: Cell::new(Duration::from_millis(200)),
            lag: Cell::new(Duration::from_secs(1)),
            ahead: Cell::new(0),
            dates: Cell::new(true),
            outlive: Cell::new(true),
            insists: RefCell::default(),
            fate: RefCell::new(Box::new(|_| Fate::Answered)),
            listing: RefCell::new(Box::new(|_| Listing::Right)),
            writes: RefCell::default(),
            pages: RefCell::default(),
            firsts: Cell::default(),
            underway: RefCell::default(),
            made: RefCell::default(),
        }
    }

    /// Says what becomes of each write.
    pub fn fates(&self, fate: impl Fn(&Write) -> Fate + 'static) {
        *self.fate.borrow_mut() = Box::new(fate);
    }

    /// Says what each page of a list is like, by the number of first pages so far, it among them.
    pub fn lists(&self, listing: impl Fn(usize) -> Listing + 'static) {
        *self.listing.borrow_mut() = Box::new(listing);
    }

    /// Has a record that was made long ago.
    pub fn put(&self, object: &str, record: Value) {
        let created = record["created_at"].as_i64().unwrap();
        self.made.borrow_mut().push(Made { object: object.to_owned(), at: Duration::ZERO, created, record });
    }

    /// The writes that left, in their order.
    pub fn writes(&self) -> Vec<Write> {
        self.writes.borrow().clone()
    }

    /// How many writes left.
    pub fn written(&self) -> usize {
        self.writes.borrow().len()
    }

    /// When the first write left.
    pub fn first_left(&self) -> Option<Duration> {
        self.writes.borrow().first().map(|write| write.at)
    }

    /// The paths of the pages that were asked for.
    pub fn pages(&self) -> Vec<String> {
        self.pages.borrow().clone()
    }

    /// All records of an object, once everything that is on its way has arrived.
    pub fn records(&self, object: &str) -> Vec<Value> {
        self.take_effect(Duration::MAX);
        let made = self.made.borrow();
        made.iter().filter(|made| made.object == object).map(|made| made.record.clone()).collect()
    }

    /// How many records there are now.
    pub fn count(&self) -> usize {
        self.take_effect(self.clock.now());
        self.made.borrow().len()
    }

    fn server_time(&self, at: Duration) -> i64 {
        let ago = i64::try_from(self.clock.now().saturating_sub(at).as_millis()).unwrap();
        self.clock.true_milliseconds() - ago + self.ahead.get()
    }

    fn dated(&self, answer: Answer) -> Answer {
        let date = self.dates.get().then(|| self.server_time(self.clock.now()) / 1000 * 1000);
        Answer { date, ..answer }
    }

    /// What has arrived by this time takes effect, in its order.
    fn take_effect(&self, by: Duration) {
        let mut underway = self.underway.borrow_mut();
        let mut due: Vec<&mut Underway> =
            underway.iter_mut().filter(|one| one.given.is_none() && one.arrives <= by).collect();
        due.sort_by_key(|one| (one.arrives, one.number));
        for one in due {
            let write = self.writes.borrow()[one.number].clone();
            one.given = Some(self.apply(&write, one.arrives.min(self.clock.now())));
        }
    }

    fn apply(&self, write: &Write, at: Duration) -> Given {
        let mut parts = write.path.trim_start_matches('/').split('/');
        let object = parts.next().unwrap().to_owned();
        let sent = serde_json::to_vec(&write.body).unwrap();
        let mut made = self.made.borrow_mut();
        let insists = self.insists.borrow();
        let record = match parts.next() {
            None => {
                let mut record = write.body.clone();
                // Some objects bring a key of their own.
                if record.get("key").is_none() {
                    record["key"] = json!(format!("rec_{}", made.len()));
                }
                if let Some((name, value)) = &*insists {
                    record[name] = value.clone();
                }
                let created = self.server_time(at);
                record["created_at"] = json!(created);
                made.push(Made { object, at, created, record: record.clone() });
                record
            }
            Some(key) => {
                let is_it = |made: &&mut Made| {
                    let named = ["key", "customer_key"];
                    made.object == object && named.iter().any(|name| made.record[*name] == *key)
                };
                let Some(found) = made.iter_mut().find(is_it) else { return answer(404) };
                for (name, value) in write.body.as_object().unwrap() {
                    found.record[name] = value.clone();
                }
                found.record.clone()
            }
        };
        let body = json!({"data": record, "message": "ok", "status": 200}).to_string();
        Ok(Answer::to_write(200, body.as_bytes(), &API.answers, &sent))
    }

    async fn write(&self, request: &PreparedRequest) -> Given {
        let number = self.written();
        let body = serde_json::from_slice(request.body.as_deref().unwrap_or(b"{}")).unwrap();
        let (operation, path) = (request.operation.name, request.path.to_string());
        let write = Write { number, operation, at: self.clock.now(), path, body };
        let fate = (self.fate.borrow())(&write);
        self.writes.borrow_mut().push(write);
        let half = self.latency.get() / 2;
        let arrives = matches!(fate, Fate::Answered | Fate::AnswerLost);
        if arrives {
            let arrives = self.clock.now() + half;
            self.underway.borrow_mut().push(Underway { number, arrives, given: None });
        }
        let mut sender = Sender { server: self, number, alive: true };
        self.clock.sleep(half).await;
        self.take_effect(self.clock.now());
        self.clock.sleep(half).await;
        sender.alive = false;
        let mut underway = self.underway.borrow_mut();
        let one = underway.iter().position(|one| one.number == number).map(|at| underway.swap_remove(at));
        match fate {
            Fate::Answered => one.unwrap().given.unwrap().map(|answer| self.dated(answer)),
            Fate::AnswerLost | Fate::NeverArrives => timeout(),
            Fate::Throttled(seconds) => throttled(Some(seconds)),
            Fate::Away(seconds) => {
                let retry_after = Some(Duration::from_secs(seconds));
                answer(503).map(|answer| Answer { retry_after, ..self.dated(answer) })
            }
            Fate::Says(status) => answer(status).map(|answer| self.dated(answer)),
        }
    }

    async fn list(&self, request: &PreparedRequest) -> Given {
        self.clock.sleep(self.latency.get()).await;
        self.take_effect(self.clock.now());
        let number = self.pages.borrow().len();
        self.pages.borrow_mut().push(request.path.to_string());
        let firsts = self.firsts.get() + usize::from(!request.path.contains(API.lists.cursor_parameter));
        self.firsts.set(firsts);
        let listing = (self.listing.borrow())(firsts);
        if listing == Listing::Broken {
            return answer(500).map(|answer| self.dated(answer));
        }
        let (path, query) = request.path.split_once('?').unwrap();
        let value = |name: &str| {
            query.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
        };
        let time = |name| value(name).map(|time: String| time.parse::<i64>().unwrap());
        let (from, to) = (time(API.lists.created_from), time(API.lists.created_to));
        let size: usize = value(API.lists.size_parameter).unwrap().parse().unwrap();
        let cursor = value(API.lists.cursor_parameter);
        let made = self.made.borrow();
        // A record that is gone by now is no place to go on from.
        let after = cursor.as_ref().and_then(|key| made.iter().position(|made| made.record["key"] == **key));
        let first = cursor.as_ref().map_or(0, |_| after.map_or(made.len(), |at| at + 1));
        let shown = made[first..].iter().filter(|made| {
            path.trim_start_matches('/') == made.object
                && made.at + self.lag.get() <= self.clock.now()
                && from.is_none_or(|from| from <= made.created)
                && to.is_none_or(|to| made.created <= to)
        });
        let mut page: Vec<Value> = shown.take(size + 1).map(|made| made.record.clone()).collect();
        let mut more = page.len() > size;
        page.truncate(size);
        let phantom = |key: &str| json!({"key": key, "created_at": 0, "customer_key": "x", "email": "x"});
        match listing {
            Listing::Heavy if size > 2 => return Ok(self.dated(Answer::new(200, Body::TooLarge))),
            Listing::Right | Listing::Broken | Listing::Heavy => {}
            Listing::LeadsNowhere => page.clear(),
            Listing::StandsStill => page.push(phantom("still")),
            Listing::Circles => page.push(phantom(if number.is_multiple_of(2) { "one" } else { "two" })),
            Listing::Endless => page.push(phantom(&format!("endless_{number}"))),
        }
        more |= !matches!(listing, Listing::Right | Listing::Heavy);
        let body = json!({"data": {"items": page, "has_more": more}, "message": "ok", "status": 200});
        Ok(self.dated(Answer::new(200, Body::Json(body))))
    }
}

/// The one who sent a request.
struct Sender<'s> {
    server: &'s SimServer,
    number: usize,
    alive: bool,
}

impl Drop for Sender<'_> {
    fn drop(&mut self) {
        if self.alive && !self.server.outlive.get() {
            let mut underway = self.server.underway.borrow_mut();
            underway.retain(|one| one.number != self.number || one.given.is_some());
        }
    }
}

impl Transport for SimServer {
    async fn send<'w, C: Clock>(
        &self,
        _flight: Flight<'w>,
        permit: Permit<'w, C>,
        request: &PreparedRequest,
    ) -> (Given, Permit<'w, C>) {
        let given = match request.operation.name {
            OperationName::List => self.list(request).await,
            _ => self.write(request).await,
        };
        (given, permit)
    }
}
