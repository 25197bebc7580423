//! Finds out what became of requests that may have been applied, and which record a row without a key means.
//!
//! One walk over the object's list serves all rows that wait for the same time of creation. Only a complete walk that saw
//! what it compares is a miss; a miss counts once the write has had time to show.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Notify, oneshot};

use crate::api::{ListSpec, OperationName};
use crate::clock::Clock;
use crate::http::response::{Answer, Body, at};
use crate::http::transport::Transport;
use crate::ledger::{Digest, Window};
use crate::request::path::encode;
use crate::request::prepare::PreparedRequest;
use crate::sync::engine::Engine;
use crate::sync::plan::MatchDigester;

/// How long the first walk waits for others that need one too.
const GATHER: Duration = Duration::from_millis(500);
/// How often a walk that broke off is begun again.
const WALKS: u32 = 5;
/// A clock that differs by more than this, in milliseconds, was set, or is seen for the first time.
const MISLED: u64 = 60_000;
/// How often one page is asked for.
const TRIES: u32 = 5;

/// What is looked for.
pub(crate) struct Query {
    /// The identity, by its place in the spec, and the digest of its value.
    pub(crate) identity: usize,
    pub(crate) digest: Digest,
    /// The creation times that are searched; none: all of them.
    pub(crate) times: Option<Times>,
    /// How long from now a miss does not count yet.
    pub(crate) counts_in: Duration,
}

/// The creation times that a lookup searches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// Where the server's clock was believed to stand when the request left.
    pub(crate) then: Window,
    /// The same by this machine's clock, where the server's has to be added.
    pub(crate) local: Option<Window>,
}

impl Times {
    /// By what is known of the server's clock by now, and by what was known then: either may be right.
    fn window(self, skew: i64) -> Window {
        let by_now = self.local.map(|Window { from, to }| Window {
            from: from.saturating_add(skew),
            to: to.saturating_add(skew),
        });
        by_now.map_or(self.then, |by_now| self.then.around(by_now))
    }
}

/// What a lookup has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finding {
    /// One record.
    Found {
        /// The system's key.
        key: Option<String>,
        /// When it was created, where the record says so.
        created: Option<i64>,
    },
    /// Several, with their keys.
    Several(Vec<String>),
    /// None, and that counts.
    Missed,
    /// It cannot be decided.
    Undecided(String),
}

/// The rows that wait for a lookup.
#[derive(Default)]
pub(crate) struct Settler {
    waiting: RefCell<Vec<Waiting>>,
    added: Notify,
    count: Cell<usize>,
}

struct Waiting {
    query: Query,
    /// When a walk is worth while.
    due: Duration,
    /// From when on a walk that begins is one that counts.
    counts_from: Duration,
    broken: u32,
    hits: Vec<(Option<String>, Option<i64>)>,
    reply: oneshot::Sender<Finding>,
}

impl Settler {
    /// How many rows wait.
    pub(crate) fn waiting(&self) -> usize {
        self.count.get()
    }

    /// Waits until it is known what became of a request.
    pub(crate) async fn find(&self, query: Query, now: Duration) -> Finding {
        let (reply, found) = oneshot::channel();
        let due = now + GATHER.min(query.counts_in);
        let counts_from = now + query.counts_in;
        self.count.set(self.count.get() + 1);
        self.waiting.borrow_mut().push(Waiting {
            query,
            due,
            counts_from,
            broken: 0,
            hits: Vec::new(),
            reply,
        });
        self.added.notify_one();
        let finding = found.await;
        self.count.set(self.count.get() - 1);
        finding.unwrap_or_else(|_| Finding::Undecided("the run ended before it was looked up".to_owned()))
    }

    /// Walks whenever a walk is due. Never ends.
    pub(crate) async fn run<T: Transport, C: Clock>(&self, engine: &Engine<'_, T, C>) {
        loop {
            let added = self.added.notified();
            self.waiting.borrow_mut().retain(|waiting| !waiting.reply.is_closed());
            let next = self.waiting.borrow().iter().map(|waiting| waiting.due).min();
            let now = engine.clock.now();
            match next {
                None => added.await,
                Some(due) if due > now => {
                    tokio::select! {
                        () = engine.clock.sleep(due.saturating_sub(now)) => {}
                        () = added => {}
                    }
                }
                Some(_) => self.walk(engine, now).await,
            }
        }
    }

    /// One walk, for the rows that are due and all others that it can serve.
    async fn walk<T: Transport, C: Clock>(&self, engine: &Engine<'_, T, C>, now: Duration) {
        let skew = engine.skew();
        let (mut rows, window) = self.take(now, skew);
        let index = Index::of(&rows);
        let result = self.pages(engine, &index, &mut rows, window).await;
        // Whoever learns on the way that the server's clock stands elsewhere has searched the wrong time.
        let misled = engine.skew().abs_diff(skew) > MISLED;
        for mut waiting in rows {
            let hits = std::mem::take(&mut waiting.hits);
            let finding = match (&result, hits.as_slice()) {
                // A create is found as soon as it shows; several records of one key are seen only at the end.
                (Ok(_) | Err(_), [(key, created)]) if result.is_ok() || waiting.query.times.is_some() => {
                    Some(Finding::Found { key: key.clone(), created: *created })
                }
                (Ok(_), [(key, created), ..]) if waiting.query.times.is_some() => {
                    Some(Finding::Found { key: key.clone(), created: *created })
                }
                (Ok(_), [_, ..]) => {
                    Some(Finding::Several(hits.into_iter().filter_map(|(key, _)| key).collect()))
                }
                (Ok(true), []) if misled && waiting.query.times.is_some() => {
                    waiting.due = engine.clock.now();
                    None
                }
                (Ok(comparable), []) if *comparable && now >= waiting.counts_from => Some(Finding::Missed),
                (Ok(true), []) => {
                    waiting.due = waiting.counts_from;
                    None
                }
                (Ok(false), _) => {
                    Some(Finding::Undecided("the list does not show what it would be found by".to_owned()))
                }
                (Err(reason), _) => {
                    waiting.broken += 1;
                    waiting.due = engine.clock.now() + Duration::from_secs(1) * waiting.broken;
                    (waiting.broken >= WALKS).then(|| Finding::Undecided(reason.clone()))
                }
            };
            match finding {
                // Whoever asked has gone if this fails, and needs no answer.
                Some(finding) => drop(waiting.reply.send(finding)),
                None => self.waiting.borrow_mut().push(waiting),
            }
        }
    }

    /// The rows that one walk serves: those that are due, and those whose times of creation they cover.
    fn take(&self, now: Duration, skew: i64) -> (Vec<Waiting>, Option<Window>) {
        let mut waiting = self.waiting.borrow_mut();
        let due = waiting.iter().filter(|waiting| waiting.due <= now).min_by_key(|waiting| waiting.due);
        let times = |waiting: &Waiting| waiting.query.times.map(|times| times.window(skew));
        let mut window = due.and_then(times);
        let everything = due.is_some_and(|waiting| waiting.query.times.is_none());
        // Times that touch are one walk; a month between two of them is two.
        loop {
            let before = window;
            for row in waiting.iter() {
                if let (Some(so_far), Some(own)) = (window, times(row))
                    && own.from <= so_far.to
                    && so_far.from <= own.to
                {
                    window = Some(so_far.around(own));
                }
            }
            if before == window {
                break;
            }
        }
        let served = |row: &Waiting| match (times(row), window) {
            (Some(own), Some(window)) => window.from <= own.from && own.to <= window.to,
            (None, _) | (_, None) => everything,
        };
        let (rows, rest) = waiting.drain(..).partition(served);
        *waiting = rest;
        (rows, if everything { None } else { window })
    }

    /// Reads all pages, and says whether every record showed what is compared.
    async fn pages<T: Transport, C: Clock>(
        &self,
        engine: &Engine<'_, T, C>,
        index: &Index,
        rows: &mut [Waiting],
        window: Option<Window>,
    ) -> Result<bool, String> {
        let operation =
            engine.job.object.operation(OperationName::List).ok_or("the API lists no such records")?;
        let lists = &engine.job.api.lists;
        let (mut cursor, mut comparable): (Option<String>, bool) = (None, true);
        loop {
            let path = page_path(operation.path, lists, window, cursor.as_deref());
            let answer = read_page(engine, &PreparedRequest::read(operation, path)).await?;
            let Body::Json(body) = &answer.body else {
                return Err("a page of the list cannot be read".to_owned());
            };
            let items = at(body, lists.items)
                .and_then(Value::as_array)
                .ok_or("a page of the list holds no records")?;
            for item in items {
                comparable &= index.compare(item, engine, rows);
            }
            if at(body, lists.more).and_then(Value::as_bool) != Some(true) {
                return Ok(comparable);
            }
            let last = items.last().and_then(|item| text_of(item.get(lists.cursor_property)?));
            // A page that says that more follow and does not say after what, or says the same again, would never end.
            if last.is_none() || last == cursor {
                return Err("a page of the list does not say where it goes on".to_owned());
            }
            cursor = last;
        }
    }
}

/// Which rows wait for which identity value.
struct Index {
    identities: Vec<usize>,
    rows: BTreeMap<(usize, Digest), Vec<usize>>,
}

impl Index {
    fn of(rows: &[Waiting]) -> Self {
        let mut index = Self { identities: Vec::new(), rows: BTreeMap::new() };
        for (position, row) in rows.iter().enumerate() {
            let identity = row.query.identity;
            if !index.identities.contains(&identity) {
                index.identities.push(identity);
            }
            index.rows.entry((identity, row.query.digest)).or_default().push(position);
        }
        index
    }

    /// Notes for which rows a record is what they look for; says whether it shows what is compared.
    fn compare<T: Transport, C: Clock>(
        &self,
        item: &Value,
        engine: &Engine<'_, T, C>,
        rows: &mut [Waiting],
    ) -> bool {
        let answers = &engine.job.api.answers;
        let mut comparable = true;
        for identity in &self.identities {
            let Some(digester) = engine.matches.get(*identity) else { continue };
            let Some(value) = item.get(digester.identity.property) else {
                comparable = false;
                continue;
            };
            let Some(text) = text_of(value) else { continue };
            for position in self.rows.get(&(*identity, digester.value(&text))).into_iter().flatten() {
                if let Some(row) = rows.get_mut(*position) {
                    let key = item.get(answers.key).and_then(text_of);
                    row.hits.push((key, item.get(answers.created).and_then(Value::as_i64)));
                }
            }
        }
        comparable
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn page_path(path: &str, lists: &ListSpec, window: Option<Window>, cursor: Option<&str>) -> String {
    let mut page = format!("{path}?{}={}", lists.size_parameter, lists.max_size);
    if let Some(Window { from, to }) = window {
        // Writing to a String cannot fail.
        let _ = write!(page, "&{}={from}&{}={to}", lists.created_from, lists.created_to);
    }
    if let Some(cursor) = cursor {
        let _ = write!(page, "&{}={}", lists.cursor_parameter, encode(cursor));
    }
    page
}

/// One page; asked for again where that may help.
async fn read_page<T: Transport, C: Clock>(
    engine: &Engine<'_, T, C>,
    request: &PreparedRequest,
) -> Result<Answer, String> {
    let mut reason = String::new();
    for attempt in 1..=TRIES {
        match engine.look(request, attempt).await {
            Ok(answer) => return Ok(answer),
            Err(error) => reason = error,
        }
    }
    Err(reason)
}

/// The identity that a create can be found by, with its digest.
pub(crate) fn match_of(
    matches: &[MatchDigester],
    digests: &crate::ledger::FieldDigests,
) -> Option<(usize, Digest)> {
    matches.iter().enumerate().find_map(|(place, digester)| Some((place, digests.get(digester.field())?)))
}
