//! The rows that wait for a lookup, and when it is made: one walk over the object's list serves all rows that wait for
//! records of the same time.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

use super::evidence::{Absence, Sought, covers, is_ours, may_count_as_missing, union};
use super::lookup_window::Times;
use super::walk::{Broken, Candidate, Finds, walk};
use crate::clock::Clock;
use crate::http::answer::server_time::Skews;
use crate::http::transport::Transport;
use crate::ledger::{Digest, FieldId, RecordId, Window};
use crate::sync::shared::context::Context;
use crate::sync::shared::recent::{Created, Made, RequestTimes, RunTime, milliseconds};

/// How long the first walk waits for others that need one too.
const GATHER: Duration = Duration::from_millis(500);
/// A row that is not decided is looked up again after this at the earliest,
const REST: Duration = Duration::from_secs(5);
/// and a walk is followed by a pause of this many times its own length.
const RESTS: u32 = 4;
/// How often a walk that broke off is begun again: over a quarter of a minute.
const WALKS: u32 = 5;

/// Why a list decides nothing whose records lack what is compared.
const NOT_SHOWN: &str = "the list does not show what it would be found by";

/// What is looked for.
pub(crate) struct Query {
    pub(crate) what: What,
    /// The creation times that are searched for a record; none: all of them. Those of a create follow from its times.
    pub(crate) windows: Vec<Window>,
}

impl Query {
    /// The creation times that are searched, by what is known of the server's clock now; none: all of them.
    fn windows(&self, skews: Skews) -> Vec<Window> {
        match &self.what {
            What::Create { times, .. } => times.windows(skews),
            What::Record { .. } => self.windows.clone(),
        }
    }

    /// Looks at the clocks again: a walk may have learned the server's, which tells how old a create of an earlier run is.
    fn look_at_clocks<T, C: Clock + Copy>(&mut self, context: &Context<'_, T, C>) {
        if let What::Create { times, sent, earlier: true, .. } = &mut self.what {
            *sent = context.sent_earlier(times);
        }
    }
}

/// What a lookup is to find out.
pub(crate) enum What {
    /// What became of a create.
    Create {
        /// The identities that it has sent.
        identities: Vec<(usize, Digest)>,
        times: Times,
        /// The record of the row.
        id: RecordId,
        sent: RequestTimes,
        /// An earlier run has sent it: when, follows from the clocks.
        earlier: bool,
    },
    /// Whether a record exists, known by its key or its identities.
    Record { key: Option<String>, identities: Vec<(usize, Digest)> },
}

/// What a lookup has found.
pub(crate) enum Finding {
    /// One record.
    Found {
        /// The system's key.
        key: Option<String>,
        /// When it was created, where the record says so.
        created: Option<i64>,
        /// The fields that it shows, each with the digest of its value.
        fields: Vec<(FieldId, Option<Digest>)>,
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
    /// How many rows run, those that wait here among them; none where more rows may come.
    running: Cell<Option<usize>>,
}

struct Waiting {
    query: Query,
    /// When a walk is worth while.
    due: Duration,
    broken: u32,
    /// From when on a walk can prove that a create is missing.
    counts: RunTime,
    reply: oneshot::Sender<Finding>,
}

impl Settler {
    /// How many rows wait.
    pub(crate) fn waiting(&self) -> usize {
        self.count.get()
    }

    /// Says how many rows run; none where more rows may come.
    pub(crate) fn works(&self, running: Option<usize>) {
        if self.running.replace(running) != running && self.is_ending() {
            self.added.notify_one();
        }
    }

    /// No other work remains, so nothing more will prove what lists show: what is not decided then is uncertain.
    fn is_ending(&self) -> bool {
        self.running.get().is_some_and(|running| running <= self.count.get())
    }

    /// Waits until it is known what became of a request.
    pub(crate) async fn find<T, C: Clock + Copy>(
        &self,
        context: &Context<'_, T, C>,
        query: Query,
    ) -> Finding {
        let (reply, found) = oneshot::channel();
        let _counted = Counted::new(&self.count);
        let due = context.clock.now().saturating_add(GATHER);
        let counts = match &query.what {
            What::Create { sent, .. } => sent.ended.saturating_add(context.settle_until()),
            What::Record { .. } => context.run_time(),
        };
        self.waiting.borrow_mut().push(Waiting { query, due, broken: 0, counts, reply });
        self.added.notify_one();
        let finding = found.await;
        finding.unwrap_or_else(|_| Finding::Undecided("the run ended before it was looked up".to_owned()))
    }

    /// Walks whenever a walk is due. Never ends.
    pub(crate) async fn run<T: Transport, C: Clock + Copy>(&self, context: &Context<'_, T, C>) {
        loop {
            let added = self.added.notified();
            self.waiting.borrow_mut().retain(|waiting| !waiting.reply.is_closed());
            let now = context.clock.now();
            let next = self.waiting.borrow().iter().map(|waiting| self.due(waiting, context)).min();
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

    /// When a row is looked up next. At the end of a run nothing else is waited for but the time after which a walk counts.
    fn due<T, C: Clock + Copy>(&self, waiting: &Waiting, context: &Context<'_, T, C>) -> Duration {
        match &waiting.query.what {
            What::Create { .. } if self.is_ending() && waiting.broken == 0 => {
                waiting.due.min(context.time_of(waiting.counts))
            }
            _ => waiting.due,
        }
    }

    /// One walk, for the rows that are due and all others that it can serve.
    async fn walk<T: Transport, C: Clock + Copy>(&self, context: &Context<'_, T, C>, now: Duration) {
        let (began, ending) = (context.run_time(), self.is_ending());
        let (mut rows, windows) = self.take(context, now);
        let mut finds = Finds::default();
        for row in &rows {
            match &row.query.what {
                What::Create { identities, .. } => finds.look_for(identities, None),
                What::Record { key, identities } => finds.look_for(identities, key.as_deref()),
            }
        }
        context.know_recent().await;
        let result = walk(context, &mut finds, &windows).await;
        for row in &mut rows {
            row.query.look_at_clocks(context);
        }
        let mut candidates = finds.take_candidates();
        let held = Holders::of(context, &rows, &candidates).await;
        let rest = REST.max(context.clock.now().saturating_sub(now).saturating_mul(RESTS));
        let skews = context.wire.skews();
        // What was found is among the records that the list is known to show, and counts for what was not.
        let found: Vec<Option<Candidate>> = rows
            .iter()
            .zip(&mut candidates)
            .map(|(row, candidates)| made(context, row, candidates, &held, skews))
            .collect();
        for key in found.iter().flatten().filter_map(|found| found.shown.key.as_deref()) {
            finds.note_own(key);
        }
        let absent_since = context.absent_since(&finds, &windows);
        let walked = Walked { finds, windows, began, ending, absent_since, result };
        for ((mut row, candidates), found) in rows.into_iter().zip(candidates).zip(found) {
            // Where another server clock was learned on the way, the wrong times were searched.
            let covered = walked.windows.is_empty() || covers(&walked.windows, &row.query.windows(skews));
            let finding = match found {
                Some(found) => Some(Finding::of(found)),
                None => walked.finding(context, &mut row, candidates, covered),
            };
            let Some(finding) = finding else {
                let pause = match row.broken {
                    _ if !covered => GATHER,
                    0 => rest,
                    broken => context.wire.backoff().trouble(broken, None),
                };
                row.due = context.clock.now().saturating_add(pause);
                self.waiting.borrow_mut().push(row);
                continue;
            };
            // If this fails, the row that asked is gone and needs no answer.
            drop(row.reply.send(finding));
        }
        if let Err(broken) = walked.result {
            context.note_broken_walk(&broken);
        }
    }

    /// The rows that one walk serves: those that are due, and those whose times of creation it covers.
    fn take<T, C: Clock + Copy>(
        &self,
        context: &Context<'_, T, C>,
        now: Duration,
    ) -> (Vec<Waiting>, Vec<Window>) {
        let skews = context.wire.skews();
        let mut waiting = self.waiting.borrow_mut();
        let is_due = |row: &Waiting| self.due(row, context) <= now;
        let everything = waiting.iter().any(|row| is_due(row) && row.query.windows(skews).is_empty());
        let windows = if everything {
            Vec::new()
        } else {
            let of_rows = waiting.iter().filter(|row| is_due(row)).flat_map(|row| row.query.windows(skews));
            // The latest record that was made shows how young a record the list has.
            union(of_rows.chain(context.window_of_latest()).collect())
        };
        let served = |row: &Waiting| {
            let own = row.query.windows(skews);
            everything || (!own.is_empty() && covers(&windows, &own))
        };
        let (rows, rest) = waiting.drain(..).partition(served);
        *waiting = rest;
        (rows, windows)
    }
}

/// Counts a row as long as it waits.
struct Counted<'c>(&'c Cell<usize>);

impl<'c> Counted<'c> {
    fn new(count: &'c Cell<usize>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

impl Finding {
    fn of(candidate: Candidate) -> Self {
        let Candidate { shown, fields } = candidate;
        Self::Found { key: shown.key, created: shown.created, fields }
    }
}

/// A walk that was made.
struct Walked {
    finds: Finds,
    windows: Vec<Window>,
    /// When it began.
    began: RunTime,
    /// No other work remained then.
    ending: bool,
    /// When the first record left that the walk should have seen, and did not see.
    absent_since: Option<RunTime>,
    result: Result<(), Broken>,
}

impl Walked {
    /// What it says about a row whose create it did not find, or whose record was looked for. None: there has to be another.
    fn finding<T, C: Clock + Copy>(
        &self,
        context: &Context<'_, T, C>,
        row: &mut Waiting,
        candidates: Vec<Candidate>,
        covered: bool,
    ) -> Option<Finding> {
        match &row.query.what {
            What::Create { identities, sent: RequestTimes { left, ended }, .. } => {
                let youngest_seen = context.recent.youngest_seen();
                let absence = Absence {
                    complete: self.result.is_ok() && covered,
                    comparable: self.finds.comparable(identities),
                    another_is_absent: self.absent_since.is_some_and(|since| since <= *left),
                    ..self.absence(context, *ended)
                };
                // A run does not wait for longer than it has patience.
                let longest = context.settle_until().saturating_add(milliseconds(context.patience.limit()));
                // From then on it is as old as what the list is known to show.
                let seen = youngest_seen.filter(|seen| *seen <= longest).unwrap_or_default();
                row.counts = ended.saturating_add(context.settle_until().max(seen));
                if may_count_as_missing(&absence) {
                    return Some(Finding::Missed);
                }
                let last = self.ending && covered && self.began >= row.counts;
                undecided(&mut row.broken, &self.result, &absence, last)
            }
            What::Record { key, identities } => match (&self.result, candidates.len()) {
                (Ok(()), 0) if key.is_none() && !self.finds.comparable(identities) => {
                    Some(Finding::Undecided(NOT_SHOWN.to_owned()))
                }
                (Ok(()), 0) => Some(self.missed(context, key.as_deref())),
                (Ok(()), 1) => candidates.into_iter().next().map(Finding::of),
                (Ok(()), _) => Some(Finding::Several(
                    candidates.into_iter().filter_map(|found| found.shown.key).collect(),
                )),
                (Err(broken), _) => given_up(&mut row.broken, broken),
            },
        }
    }

    /// What the walk says about a record that it did not find. One that this account has made is missing for no weaker
    /// reason than a create without an answer; until then it is taken to be there, in a list that lags.
    fn missed<T, C: Clock + Copy>(&self, context: &Context<'_, T, C>, key: Option<&str>) -> Finding {
        let Some(made) = key.and_then(|key| context.recent.made(key)) else { return Finding::Missed };
        // It is absent itself; what left before it must not be.
        let another_is_absent = self.absent_since.is_some_and(|since| since < made.left);
        let absence = Absence { another_is_absent, ..self.absence(context, made.left) };
        if may_count_as_missing(&absence) {
            return Finding::Missed;
        }
        Finding::Found { key: key.map(str::to_owned), created: None, fields: Vec::new() }
    }

    /// What a walk that read every page says about a record whose request ended at a time.
    fn absence<T, C: Clock + Copy>(&self, context: &Context<'_, T, C>, ended: RunTime) -> Absence {
        Absence {
            complete: true,
            comparable: true,
            age: duration(self.began.saturating_sub(ended)),
            settle_after: context.job.limits.settle_after,
            lag: Duration::from_secs(u64::from(context.job.api.lists.lag)),
            another_is_absent: false,
            youngest_seen: context.recent.youngest_seen().map(duration),
        }
    }
}

/// The record of a create among those that may be it.
fn made<T, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    row: &Waiting,
    candidates: &mut Vec<Candidate>,
    held: &Holders,
    skews: Skews,
) -> Option<Candidate> {
    let What::Create { identities, times, id, sent, .. } = &row.query.what else { return None };
    let sought = Sought { identities: identities.clone(), asked: times.asked, left: times.earliest(skews) };
    let is_it = |candidate: &Candidate| {
        is_ours(&sought, &candidate.shown, held.by_another(candidate.shown.key.as_deref(), *id))
    };
    let found = candidates.iter().position(is_it).map(|at| candidates.swap_remove(at))?;
    if let Some(key) = &found.shown.key {
        context.recent.add(key, Made { left: sent.left, created: Created::of(times.asked) });
        context.recent.seen(key, context.run_time(), context.age_shown(found.shown.created));
    }
    Some(found)
}

/// A create whose record was not found, and of which that is no proof. None: it is looked up again.
fn undecided(
    broken: &mut u32,
    result: &Result<(), Broken>,
    absence: &Absence,
    last: bool,
) -> Option<Finding> {
    if let Err(reason) = result {
        return given_up(broken, reason);
    }
    *broken = 0;
    if !absence.comparable {
        return Some(Finding::Undecided(NOT_SHOWN.to_owned()));
    }
    last.then(|| {
        let why = if absence.another_is_absent || absence.youngest_seen.is_none_or(|seen| seen > absence.age)
        {
            "the list does not have it, and shows no other record that is as young: the next run looks again"
        } else {
            "the list does not have it yet: the next run looks again"
        };
        Finding::Undecided(why.to_owned())
    })
}

/// A walk that broke off decides nothing; after many of them the row is given up. None: there will be another walk.
fn given_up(walks: &mut u32, broken: &Broken) -> Option<Finding> {
    *walks += 1;
    (*walks >= WALKS).then(|| Finding::Undecided(broken.reason.clone()))
}

/// Which record of the ledger holds the key of a candidate.
struct Holders(Vec<(String, RecordId)>);

impl Holders {
    async fn of<T, C: Clock + Copy>(
        context: &Context<'_, T, C>,
        rows: &[Waiting],
        candidates: &[Vec<Candidate>],
    ) -> Self {
        let creates =
            rows.iter().zip(candidates).filter(|(row, _)| matches!(row.query.what, What::Create { .. }));
        let keys: Vec<String> =
            creates.flat_map(|(_, found)| found.iter().filter_map(|found| found.shown.key.clone())).collect();
        if keys.is_empty() {
            return Self(Vec::new());
        }
        Self(context.holders(keys).await)
    }

    fn by_another(&self, key: Option<&str>, id: RecordId) -> bool {
        self.0.iter().any(|(held, holder)| Some(held.as_str()) == key && *holder != id)
    }
}

fn duration(time: RunTime) -> Duration {
    Duration::from_millis(u64::try_from(time).unwrap_or_default())
}
