//! What a server decides about a request, and what it remembers of it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::answer::Answer;
use super::http::{Request, decoded};
use super::journal::{Applied, Call};
use super::options::{Duplicates, Fault, Kind, Moment, On, Options, Storm};
use super::random::Random;
use super::store::{Store, label, object_named};

const BASE: &str = "/api/v2/";
/// So many requests are remembered; a test that sends more has gone wrong.
const CALL_LIMIT: usize = 1_000_000;

/// Everything that a server knows.
pub(super) struct State {
    pub(super) options: Options,
    pub(super) store: Store,
    pub(super) calls: Vec<Call>,
    pub(super) started: Instant,
    changes: usize,
    tries: BTreeMap<String, Tries>,
    storm_began: Option<Instant>,
    /// When the requests came that count for the quota.
    counted: Vec<Instant>,
    waiting: Vec<(usize, Box<dyn FnOnce() + Send>)>,
}

/// How often something was asked, and how often in succession it went wrong.
#[derive(Debug, Default)]
struct Tries {
    all: u64,
    in_a_row: u32,
}

/// What will be done with a request.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) number: usize,
    /// This instead of everything else.
    pub(super) refusal: Option<Answer>,
    pub(super) fault: Option<Fault>,
    pub(super) effect_after: Duration,
    pub(super) latency: Duration,
    /// The server goes away for so long, as soon as the request has had its effect.
    pub(super) leaves_for: Option<Duration>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("options", &self.options)
            .field("calls", &self.calls.len())
            .finish_non_exhaustive()
    }
}

impl State {
    pub(super) fn new(options: Options) -> Self {
        Self {
            options,
            store: Store::default(),
            calls: Vec::new(),
            started: Instant::now(),
            changes: 0,
            tries: BTreeMap::new(),
            storm_began: None,
            counted: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// The time by the server's own clock, in epoch milliseconds.
    pub(super) fn now(&self) -> i64 {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let skew = &self.options.skew;
        let set_anew = skew.after.is_some_and(|after| self.calls.len() > after);
        i64::try_from(time.as_millis()).unwrap_or_default() + if set_anew { skew.then } else { skew.first }
    }

    /// Has something told once so many requests have come.
    pub(super) fn at(&mut self, requests: usize, tell: Box<dyn FnOnce() + Send>) {
        self.waiting.push((requests, tell));
        self.tell();
    }

    fn tell(&mut self) {
        let come = self.calls.len();
        for (_, tell) in self.waiting.extract_if(.., |(requests, _)| *requests <= come) {
            tell();
        }
    }

    /// Writes a request down and decides what will be done with it.
    pub(super) fn arrive(&mut self, request: &Request) -> Plan {
        let now = Instant::now();
        let number = self.calls.len();
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let path = path.strip_prefix(BASE).map(|path| path.split('/').map(decoded).collect::<Vec<_>>());
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let user = user(&request.authorization);
        let known = user.as_ref().is_some_and(|(public, _)| {
            let keys = &self.options.public_keys;
            keys.is_empty() || keys.contains(public)
        });
        let mut call = Call {
            number,
            run: user.map_or(0, |(_, run)| run),
            at: now - self.started,
            ended: None,
            method: request.method.clone(),
            path: path.unwrap_or_default(),
            query: query.to_owned(),
            body,
            about: String::new(),
            status: None,
            fault: None,
            applied: None,
        };
        call.about = self.about(&call);

        let fault = self.fault(&call);
        let refusal = match self.throttled(number, now) {
            Some(answer) => Some(answer),
            None if !known => Some(Answer::error(401, "Unauthorized")),
            None if number >= CALL_LIMIT => Some(Answer::error(503, "The server is full")),
            None => None,
        };
        let fault = fault.filter(|_| refusal.is_none());
        let leaves_for =
            self.options.outage.take_if(|outage| number + 1 >= outage.after).map(|outage| outage.lasting);
        call.fault = fault.map(|fault| fault.kind);
        let effect_after = if call.writes() { self.options.effect_after } else { Duration::ZERO };
        if number < CALL_LIMIT {
            self.calls.push(call);
        }
        self.tell();
        let latency = self.options.latency;
        Plan { number, refusal, fault, effect_after, latency, leaves_for }
    }

    fn about(&self, call: &Call) -> String {
        match (call.method.as_str(), call.path.as_slice()) {
            ("POST", [object]) => label(object, &call.body),
            (method, [object, key]) => self
                .store
                .find(object, method, key)
                .map_or_else(|| key.clone(), |record| record.label.clone()),
            _ => String::new(),
        }
    }

    /// Draws what goes wrong with a request. The draw depends on what it is about and how often that was asked, so that
    /// the order in which requests of different records come makes no difference.
    fn fault(&mut self, call: &Call) -> Option<Fault> {
        let on = if call.writes() { On::Writes } else { On::Reads };
        let what = format!("{} {} {}", call.method, call.object(), call.about);
        let tries = self.tries.entry(what.clone()).or_default();
        let mut random = Random::of(self.options.seed, &format!("{what} {}", tries.all));
        tries.all += 1;
        let mut drawn = random.below(1000);
        let fault = self.options.faults.iter().filter(|fault| fault.on == on).find(|fault| {
            let hit = drawn < fault.permille;
            drawn = drawn.wrapping_sub(fault.permille);
            hit
        });
        let fault = fault.copied().filter(|_| tries.in_a_row < self.options.in_a_row);
        tries.in_a_row = if fault.is_some() { tries.in_a_row + 1 } else { 0 };
        fault
    }

    /// The 429 that a request gets, if it gets one.
    fn throttled(&mut self, number: usize, now: Instant) -> Option<Answer> {
        if let Some(Storm { after, lasting, retry_after }) = self.options.storm
            && number >= after
        {
            let began = *self.storm_began.get_or_insert(now);
            if now < began + lasting {
                return Some(Answer::throttled(retry_after));
            }
        }
        let quota = self.options.quota?;
        self.counted.retain(|at| *at + quota.window > now);
        if self.counted.len() >= quota.requests {
            return Some(Answer::throttled(None));
        }
        self.counted.push(now);
        None
    }

    /// Lets a request have its effect.
    pub(super) fn apply(&mut self, number: usize) -> Answer {
        let Some(call) = self.calls.get(number).cloned() else {
            return Answer::error(503, "The server is full");
        };
        let now = self.now();
        let named = call.path.first().and_then(|name| object_named(name));
        let Some((object, title)) = named else { return Answer::error(404, "Not Found") };
        let (answer, key) = match (call.method.as_str(), call.path.get(1), call.path.len()) {
            ("GET", None, 1) => {
                let parts = call.query.split('&').filter_map(|part| part.split_once('='));
                let query: Vec<_> = parts.map(|(name, value)| (name.to_owned(), decoded(value))).collect();
                (self.store.list(object, &query, Instant::now()), None)
            }
            ("GET", Some(key), 2) if object != "transactions" => match self.store.find(object, "GET", key) {
                Some(record) => {
                    (Answer::ok(&format!("{title} retrieved successfully"), &record.shown(object)), None)
                }
                None => (Answer::error(404, &format!("{title} not found")), None),
            },
            ("POST", None, 1) => self.create(object, title, &call.body, now),
            ("PATCH", Some(key), 2) if object != "transactions" => {
                self.update(object, title, key, &call.body, now)
            }
            _ => (Answer::error(404, "Not Found"), None),
        };
        if let Some(key) = key {
            let applied = Applied { key, order: self.changes };
            self.changes += 1;
            if let Some(call) = self.calls.get_mut(number) {
                call.applied = Some(applied);
            }
        }
        answer
    }

    fn create(
        &mut self,
        object: &'static str,
        title: &str,
        body: &Value,
        now: i64,
    ) -> (Answer, Option<String>) {
        if let Some(message) = refused(object, body) {
            return (Answer::error(400, &message), None);
        }
        if let Duplicates::Refuse(status) = self.options.duplicates
            && let Some(field) = self.store.taken(object, body)
        {
            return (Answer::error(status, &format!("{title} with this {field} already exists")), None);
        }
        let record = self.store.create(object, body, now, Instant::now() + self.options.lag);
        (Answer::ok(&format!("{title} created successfully"), &record.shown(object)), Some(record.key))
    }

    fn update(
        &mut self,
        object: &'static str,
        title: &str,
        key: &str,
        body: &Value,
        now: i64,
    ) -> (Answer, Option<String>) {
        let hidden = self.options.lag_on_updates;
        let found = self
            .store
            .find(object, "PATCH", key)
            .filter(|record| !hidden || record.shown_from <= Instant::now());
        let key = found.map(|record| record.key.clone());
        match key.and_then(|key| self.store.update(object, &key, body, now)) {
            Some(record) => (
                Answer::ok(&format!("{title} updated successfully"), &record.shown(object)),
                Some(record.key),
            ),
            None => (Answer::error(404, &format!("{title} not found")), None),
        }
    }

    /// Notes that nothing more will happen to a request.
    pub(super) fn ended(&mut self, number: usize, status: Option<u16>) {
        let at = self.started.elapsed();
        if let Some(call) = self.calls.get_mut(number) {
            call.ended = Some(at);
            call.status = status;
        }
    }
}

/// Public key, and the number of the run at the end of the secret key.
fn user(authorization: &str) -> Option<(String, u64)> {
    let encoded = authorization.strip_prefix("Basic ")?;
    let text = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (public, secret) = text.split_once(':')?;
    let run = secret.rsplit('_').next().and_then(|run| run.parse().ok()).unwrap_or_default();
    (!public.is_empty() && !secret.is_empty()).then(|| (public.to_owned(), run))
}

/// Why a create is refused, if it is: one reason, in the words of `jsonschema`.
fn refused(object: &str, body: &Value) -> Option<String> {
    let required: &[&str] = match object {
        "customers" => &["customer_key", "email", "partner_key"],
        "partnerships" => &["email"],
        "transactions" => &["amount", "currency"],
        _ => &[],
    };
    if let Some(name) = required.iter().find(|name| body.get(**name).is_none()) {
        return Some(format!("'{name}' is a required property"));
    }
    let has = |name: &&str| body.get(*name).is_some_and(|value| !value.is_null());
    match object {
        "customers" if body.get("partner_key").is_some_and(|key| key == NOBODY) => {
            Some(format!("partner with key '{NOBODY}' not found"))
        }
        "transactions" => {
            let customers = ["customer_key", "customer_external_key", "customer_email"];
            (customers.iter().filter(|name| has(name)).count() != 1).then(|| {
                "exactly one of customer_key, customer_external_key, customer_email is required".to_owned()
            })
        }
        "deals" => {
            let vendor = body.get("source").is_some_and(|source| source == "vendor");
            let needed = if vendor { "group_key" } else { "partner_key" };
            (!has(&needed)).then(|| format!("'{needed}' is a required property"))
        }
        _ => None,
    }
}

/// A partner that does not exist.
pub const NOBODY: &str = "nobody";

impl Plan {
    /// What happens instead of the effect, or instead of the answer.
    pub(super) fn fault_at(&self, moment: Moment) -> Option<Kind> {
        self.fault.filter(|fault| fault.moment == moment).map(|fault| fault.kind)
    }
}
