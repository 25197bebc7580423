//! What the API does with a request, without the network: plain data in, a reply out.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fastrand::Rng;
use hyper::header::{AUTHORIZATION, HeaderValue};
use hyper::http::request::Parts;
use serde_json::Value;

use super::auth::{Pairs, Side};
use super::files::known::Known;
use super::files::requests_file::RequestsFile;
use super::injected_fault::{Dice, FaultKind};
use super::options::{Duplicates, Options};
use super::quota::Quota;
use super::reply::{Delivery, Envelope, ErrorReply};
use super::route::Route;
use super::store::{self, Records, StoredRecord};
use super::{list, route, validate};
use crate::api::{ApiSpec, ObjectSpec, OperationName};

/// The API and its state.
pub(super) struct Service {
    pub(super) api: &'static ApiSpec,
    pub(super) latency: Duration,
    pairs: Pairs,
    duplicates: Duplicates,
    known: Known,
    requests: AtomicU64,
    state: Mutex<ServiceState>,
}

struct ServiceState {
    quota: Quota,
    dice: Dice,
    keys: Rng,
    objects: BTreeMap<(Side, &'static str), Records>,
    /// Where requests are written, until that fails.
    journal: Option<RequestsFile>,
    /// Why not all of them were.
    not_written: Option<io::Error>,
}

impl Service {
    pub(super) fn new(api: &'static ApiSpec, options: Options) -> io::Result<Self> {
        // A seed of its own: faults do not change the keys that are drawn.
        let dice = Dice::new(options.faults, !options.seed).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "the faults hit more than 1000 requests in a thousand",
            )
        })?;
        let limit = options.quota.unwrap_or(api.rate_limit.requests);
        let state = ServiceState {
            quota: Quota::new(limit, api.rate_limit.seconds),
            dice,
            keys: Rng::with_seed(options.seed),
            objects: [Side::Test, Side::Production]
                .into_iter()
                .flat_map(|side| {
                    api.objects.iter().map(move |object| ((side, object.name), Records::new(api, object)))
                })
                .collect(),
            journal: options.requests,
            not_written: None,
        };
        Ok(Self {
            api,
            latency: options.latency,
            pairs: Pairs { test: options.credentials, production: options.production },
            duplicates: options.duplicates,
            known: options.known,
            requests: AtomicU64::new(0),
            state: Mutex::new(state),
        })
    }

    /// What the client gets for a request. A body that was too large to be read is none.
    pub(super) fn receive(&self, head: &Parts, body: Option<&[u8]>) -> Delivery {
        self.note(head, body);
        let handle = || self.handle(head, body).unwrap_or_else(|refusal| refusal.into_envelope(self.api));
        match self.admit() {
            Err(refusal) => Delivery::Whole(refusal.into_envelope(self.api)),
            Ok(Some(fault)) => fault.apply(self.api, handle),
            Ok(None) => Delivery::Whole(handle()),
        }
    }

    /// Writes a request down, if that is asked for.
    fn note(&self, head: &Parts, body: Option<&[u8]>) {
        let mut state = self.state();
        let Some(journal) = &mut state.journal else { return };
        let path = head.uri.path_and_query().map_or_else(|| head.uri.path(), |path| path.as_str());
        if let Err(error) = journal.write(head.method.as_str(), path, body) {
            (state.journal, state.not_written) = (None, Some(error));
        }
    }

    /// Puts the file of the requests in its place.
    pub(super) fn finish_requests(&self) -> io::Result<()> {
        let mut state = self.state();
        match (state.not_written.take(), state.journal.take()) {
            (Some(error), _) => Err(error),
            (None, journal) => journal.map_or(Ok(()), RequestsFile::finish),
        }
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn count(&self, object: &str) -> usize {
        self.state().objects.get(&(Side::Test, object)).map_or(0, Records::len)
    }

    pub(super) fn records(&self, side: Side, object: &str) -> Vec<Value> {
        self.state().objects.get(&(side, object)).map(Records::in_order).unwrap_or_default()
    }

    /// Counts a request against the quota, and draws what goes wrong with it.
    fn admit(&self) -> Result<Option<FaultKind>, ErrorReply> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut state = self.state();
        match state.quota.admit(Instant::now()) {
            Ok(()) => Ok(state.dice.roll()),
            Err(seconds) => Err(ErrorReply::new(429, "Too Many Requests").retry_after(seconds)),
        }
    }

    fn handle(&self, head: &Parts, body: Option<&[u8]>) -> Result<Envelope, ErrorReply> {
        let authorization = head.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let side = self.pairs.side_of(authorization)?;
        let body = body.ok_or_else(|| ErrorReply::new(413, "Request Entity Too Large"))?;
        let route = route::find(self.api, head.method.as_str(), head.uri.path())
            .ok_or_else(|| ErrorReply::new(404, "Not Found"))?;
        let mut state = self.state();
        let ServiceState { objects, keys, .. } = &mut *state;
        if route.operation.name != OperationName::List {
            self.refuse_unknown(route.object, body, side, objects)?;
        }
        let records =
            objects.get_mut(&(side, route.object.name)).ok_or_else(|| ErrorReply::new(404, "Not Found"))?;
        match route.operation.name {
            OperationName::Create => self.create(&route, body, records, keys, side),
            OperationName::Update => self.update(&route, body, records),
            OperationName::List => self.list(&route, head.uri.query().unwrap_or_default(), records),
        }
    }

    fn create(
        &self,
        route: &Route,
        body: &[u8],
        records: &mut Records,
        keys: &mut Rng,
        side: Side,
    ) -> Result<Envelope, ErrorReply> {
        let object = route.object;
        let body = validate::check(object, route.operation.name, body).map_err(bad_request)?;
        let given = shown(object, body);
        self.refuse_duplicate(object, &given, records)?;

        let answers = &self.api.answers;
        let mut record = StoredRecord::new();
        let key = given.get(answers.key).filter(|key| !key.is_null()).cloned();
        record.insert(answers.key.to_owned(), key.unwrap_or_else(|| new_key(object, keys).into()));
        let created =
            object.created_field.and_then(|field| given.get(store::property(object, field))?.as_i64());
        for (property, value) in given {
            record.entry(property).or_insert(value);
        }
        record.insert(answers.created.to_owned(), created.unwrap_or_else(now).into());
        record.insert(answers.test.to_owned(), (side == Side::Test).into());
        // A reader tells "has none" from "is not shown" by a null.
        for identity in object.identity {
            record.entry(identity.property).or_insert(Value::Null);
        }
        records.add(&record);
        Ok(self.answer_with(&format!("{} created successfully", capitalised(object.singular)), record))
    }

    fn update(&self, route: &Route, body: &[u8], records: &mut Records) -> Result<Envelope, ErrorReply> {
        let object = route.object;
        let name = capitalised(object.singular);
        // The first parameter finds the record, the others must agree with it.
        let mut found: Option<Vec<store::RecordPosition>> = None;
        for (field, text) in &route.parameters {
            let by_field = records.find(store::property(object, field), text);
            let hits = if by_field.is_empty() { records.find(self.api.answers.key, text) } else { by_field };
            found = Some(match found {
                None => hits.to_vec(),
                Some(found) => found.into_iter().filter(|position| hits.contains(position)).collect(),
            });
        }
        let position = found
            .and_then(|found| found.first().copied())
            .ok_or_else(|| ErrorReply::new(404, format!("{name} not found")))?;
        let body = validate::check(object, route.operation.name, body).map_err(bad_request)?;
        let record = records
            .change(position, |record| record.extend(shown(object, body)))
            .ok_or_else(|| ErrorReply::new(404, format!("{name} not found")))?;
        Ok(self.answer_with(&format!("{name} updated successfully"), record))
    }

    fn list(&self, route: &Route, query: &str, records: &Records) -> Result<Envelope, ErrorReply> {
        let lists = &self.api.lists;
        let page = list::page(lists, records, query).map_err(bad_request)?;
        let message = format!("{} retrieved successfully", route.object.title);
        let parts = [(lists.more, page.more.into()), (lists.items, page.items.into())];
        Ok(Envelope::success(self.api, &message, parts))
    }

    /// Refuses a body that refers to what does not exist, if it was told what does. What the sandbox has been given exists too.
    fn refuse_unknown(
        &self,
        object: &ObjectSpec,
        body: &[u8],
        side: Side,
        objects: &BTreeMap<(Side, &'static str), Records>,
    ) -> Result<(), ErrorReply> {
        if self.known.is_empty() {
            return Ok(());
        }
        // What is wrong with the body itself is said where it is judged.
        let Ok(Value::Object(body)) = serde_json::from_slice(body) else { return Ok(()) };
        for (field, value) in &body {
            let reference = object.field(field).and_then(|field| field.refers_to.as_ref());
            let Some((reference, key)) = reference.zip(store::text(value)) else { continue };
            let given = objects
                .get(&(side, reference.list))
                .is_some_and(|records| !records.find(reference.property, &key).is_empty());
            if self.known.has(self.api, reference, &key) == Some(false) && !given {
                return Err(ErrorReply::new(reference.status, reference.message));
            }
        }
        Ok(())
    }

    /// Refuses a create that brings the identity of a record that exists, if the policy says so.
    fn refuse_duplicate(
        &self,
        object: &ObjectSpec,
        given: &StoredRecord,
        records: &Records,
    ) -> Result<(), ErrorReply> {
        let status = match self.duplicates {
            Duplicates::Accept => return Ok(()),
            Duplicates::BadRequest => 400,
            Duplicates::Conflict => 409,
        };
        let exists = object.identity.iter().find(|identity| {
            let text = given.get(identity.property).and_then(store::text);
            text.is_some_and(|text| !records.find(identity.property, &text).is_empty())
        });
        exists.map_or(Ok(()), |identity| {
            let field = identity.field.name;
            Err(ErrorReply::new(status, format!("a {} with this {field} already exists", object.singular)))
        })
    }

    fn answer_with(&self, message: &str, record: StoredRecord) -> Envelope {
        Envelope::success(self.api, message, [(self.api.answers.record, record.into())])
    }

    fn state(&self) -> MutexGuard<'_, ServiceState> {
        // Nothing is left half done where its holder could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bad_request(message: String) -> ErrorReply {
    ErrorReply::new(400, message)
}

/// A body's fields under the names by which a record shows them.
fn shown(object: &'static ObjectSpec, body: StoredRecord) -> StoredRecord {
    body.into_iter()
        .map(|(name, value)| {
            let property = object.field(&name).map(|field| store::property(object, field).to_owned());
            (property.unwrap_or(name), value)
        })
        .collect()
}

/// A key as the system makes them.
fn new_key(object: &ObjectSpec, keys: &mut Rng) -> String {
    let start = object
        .key_prefix
        .map_or_else(|| object.singular.chars().take(4).chain(['_']).collect::<String>(), str::to_owned);
    start.chars().chain((0..14).map(|_| keys.alphanumeric())).collect()
}

/// Milliseconds since the epoch.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
