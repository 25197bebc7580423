//! The rows that wait for a lookup, and when it is made: one walk over the object's list serves all rows that wait for
//! the same time of creation.
//!
//! Only a complete walk that saw what it compares is a miss; a miss counts once the write has had time to show.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

use super::lookup_window::Times;
use super::walk::{Hit, Index, read_pages};
use crate::clock::Clock;
use crate::http::transport::Transport;
use crate::ledger::{Digest, Window};
use crate::sync::shared::context::Context;

/// How long the first walk waits for others that need one too.
const GATHER: Duration = Duration::from_millis(500);
/// How often a walk that broke off is begun again.
const WALKS: u32 = 5;
/// A clock that differs by more than this, in milliseconds, was set, or is seen for the first time.
const MISLED: u64 = 60_000;

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
    hits: Vec<Hit>,
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
    pub(crate) async fn run<T: Transport, C: Clock + Copy>(&self, context: &Context<'_, T, C>) {
        loop {
            let added = self.added.notified();
            self.waiting.borrow_mut().retain(|waiting| !waiting.reply.is_closed());
            let next = self.waiting.borrow().iter().map(|waiting| waiting.due).min();
            let now = context.clock.now();
            match next {
                None => added.await,
                Some(due) if due > now => {
                    tokio::select! {
                        () = context.clock.sleep(due.saturating_sub(now)) => {}
                        () = added => {}
                    }
                }
                Some(_) => self.walk(context, now).await,
            }
        }
    }

    /// One walk, for the rows that are due and all others that it can serve.
    async fn walk<T: Transport, C: Clock + Copy>(&self, context: &Context<'_, T, C>, now: Duration) {
        let skew = context.wire.skew();
        let (mut rows, window) = self.take(now, skew);
        let mut index = Index::of(rows.iter().map(|row| (row.query.identity, row.query.digest)));
        let result = read_pages(context, &mut index, window).await;
        for (row, hits) in rows.iter_mut().zip(index.into_hits()) {
            row.hits = hits;
        }
        // A walk on which another server clock was learned has searched the wrong time.
        let misled = context.wire.skew().abs_diff(skew) > MISLED;
        for mut waiting in rows {
            let hits = std::mem::take(&mut waiting.hits);
            let finding = match (&result, hits.as_slice()) {
                // A create is found as soon as it shows; several records of one key are seen only at the end.
                (Ok(_) | Err(_), [Hit { key, created }])
                    if result.is_ok() || waiting.query.times.is_some() =>
                {
                    Some(Finding::Found { key: key.clone(), created: *created })
                }
                (Ok(_), [Hit { key, created }, ..]) if waiting.query.times.is_some() => {
                    Some(Finding::Found { key: key.clone(), created: *created })
                }
                (Ok(_), [_, ..]) => {
                    Some(Finding::Several(hits.into_iter().filter_map(|hit| hit.key).collect()))
                }
                (Ok(true), []) if misled && waiting.query.times.is_some() => {
                    waiting.due = context.clock.now();
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
                    waiting.due = context.clock.now() + Duration::from_secs(1) * waiting.broken;
                    (waiting.broken >= WALKS).then(|| Finding::Undecided(reason.clone()))
                }
            };
            match finding {
                // If this fails, the row that asked is gone and needs no answer.
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
}
