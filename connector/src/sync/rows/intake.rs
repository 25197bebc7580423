//! Takes planned rows in: what needs no call is done at once, the others run or wait for rows before them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::outcomes::Outcomes;
use crate::clock::Clock;
use crate::ledger::{Decision, Entry, FaultId, FaultState, LedgerError, RecordId, Scope};
use crate::report::counts::Stopped;
use crate::report::outcome::{Failure, Outcome};
use crate::row::Row;
use crate::sync::feed::digest_hash::ByDigest;
use crate::sync::feed::key_order::KeyOrder;
use crate::sync::feed::pipeline::Planned;
use crate::sync::feed::plan::{Faulty, PlannedRow};
use crate::sync::row::row_decision::decide_row;
use crate::sync::row::row_run::Delivered;
use crate::sync::setup::listener::Listener;
use crate::sync::shared::context::Context;

/// A row that is on its way.
pub(crate) struct Work {
    pub(crate) item: Box<PlannedRow>,
    pub(crate) entry: Option<Entry>,
    /// The entry was fetched before a row that concerns the same record was done.
    pub(crate) stale: bool,
}

/// What the ledger knows of the rows of a batch.
pub(crate) struct KnownOfBatch {
    /// Of their records, in the order of the rows that can be sent.
    pub(crate) entries: Result<Vec<Option<Entry>>, LedgerError>,
    pub(crate) faults: KnownFaults,
}

/// Which of the rows of a batch did not arrive before.
#[derive(Default)]
pub(crate) struct KnownFaults {
    states: BTreeMap<FaultId, FaultState>,
    /// Records of which a row is to be done.
    records: BTreeSet<RecordId>,
}

impl KnownFaults {
    /// What the ledger knows of these rows.
    pub(crate) async fn of(batch: &[Planned], ledger: &Scope) -> Result<Self, LedgerError> {
        let ids: Vec<FaultId> = batch.iter().filter_map(Planned::fault).collect();
        let records: Vec<RecordId> = batch.iter().filter_map(Planned::id).collect();
        let states = ledger.fault_states(ids.clone()).await?;
        let states = ids.into_iter().zip(states).filter_map(|(id, state)| Some((id, state?))).collect();
        Ok(Self { states, records: ledger.open_faults(records).await? })
    }

    /// A later version of the row has arrived. An entry of a failures file is always judged: it may be that version.
    fn is_replaced(&self, id: FaultId, row: &Row) -> bool {
        row.entry.is_none() && self.states.get(&id) == Some(&FaultState::Replaced)
    }

    /// The row, or another of its record, is to be done.
    fn lists(&self, item: &PlannedRow) -> bool {
        let open = |id| matches!(self.states.get(&id), Some(FaultState::Open(_)));
        self.records.contains(&item.id) || item.fault.is_some_and(open)
    }
}

/// What happens to a row that came in.
enum Admitted {
    /// Nothing more.
    Done(Box<PlannedRow>),
    /// It can run at once.
    Runs(Box<Work>),
    /// It waits for rows before it.
    Waits,
}

/// The rows of a sync that have come in and are not done.
pub(crate) struct Intake<'c, 'a, T, C: Clock> {
    context: &'c Context<'a, T, C>,
    pub(crate) outcomes: Outcomes<'c, 'a, T, C>,
    order: KeyOrder,
    waiting: BTreeMap<u64, Work>,
    /// How many bytes the rows hold that run or wait.
    held: usize,
    /// Records whose rows came to their end since the last batch was looked up: what that brought of them is old.
    written: HashSet<RecordId, ByDigest>,
}

impl<'c, 'a, T, C: Clock + Copy> Intake<'c, 'a, T, C> {
    pub(crate) fn new(context: &'c Context<'a, T, C>) -> Self {
        Self {
            context,
            outcomes: Outcomes::new(context),
            order: KeyOrder::default(),
            waiting: BTreeMap::new(),
            held: 0,
            written: HashSet::default(),
        }
    }

    /// How many rows wait for rows before them.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How many bytes the rows hold that run or wait.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    /// What the ledger knows is about to be looked up anew.
    pub(crate) fn looks_up(&mut self) {
        self.written.clear();
    }

    /// Takes a batch in, with what was known of its records; says which of its rows can run at once, and which are done.
    pub(crate) fn take(
        &mut self,
        batch: Vec<Planned>,
        known: KnownOfBatch,
        listener: &mut impl Listener,
    ) -> (Vec<Work>, Vec<Planned>) {
        let KnownOfBatch { entries, faults } = known;
        let mut entries = match entries {
            Ok(entries) => entries.into_iter(),
            Err(error) => {
                self.context.stop(Stopped::because(error.to_string()));
                Vec::new().into_iter()
            }
        };
        let (mut ready, mut done) = (Vec::new(), Vec::new());
        for planned in batch {
            match planned {
                Planned::Unreadable(unreadable) => {
                    self.outcomes.watch.count_faulty();
                    let id = Some(self.context.row_texts.of_unreadable(&unreadable));
                    let failure = Failure { id, ..Failure::unreadable(unreadable) };
                    self.outcomes.fail(&failure, None, None, listener);
                }
                Planned::Doubtful(doubt) => listener.warn(doubt),
                Planned::CutOff(row) => listener.cut_off(row),
                Planned::Filtered(rows) => self.outcomes.filter(rows, listener),
                Planned::NeverSeen(names) => listener.never_seen(&names),
                Planned::Unmapped(name) => listener.unmapped(&name),
                Planned::LeftOut(fields) => listener.left_out(&fields),
                Planned::Broken(why) => self.context.stop(why),
                Planned::Faulty(faulty) => {
                    let Faulty { row, key, error, fault, record } = *faulty;
                    if faults.is_replaced(fault, &row) {
                        self.outcomes.pass_replaced(row.number, listener);
                        continue;
                    }
                    self.outcomes.watch.count_faulty();
                    let failure = Failure::invalid(self.context.job.api, self.context.job.object, key, error);
                    let failure = Failure { id: Some(fault), ..failure };
                    self.outcomes.fail(&failure, record, Some(&row), listener);
                }
                Planned::Ready(mut item) => {
                    let entry = entries.next().flatten();
                    if item.fault.is_some_and(|fault| faults.is_replaced(fault, &item.row)) {
                        self.outcomes.pass_replaced(item.row.number, listener);
                        done.push(Planned::Ready(item));
                        continue;
                    }
                    item.listed = faults.lists(&item);
                    match self.admit(item, entry, listener) {
                        Admitted::Done(item) => done.push(Planned::Ready(item)),
                        Admitted::Runs(work) => ready.push(*work),
                        Admitted::Waits => {}
                    }
                }
            }
        }
        self.outcomes.guard();
        (ready, done)
    }

    /// Decides what needs no call at once; the others wait for those before them.
    fn admit(
        &mut self,
        item: Box<PlannedRow>,
        entry: Option<Entry>,
        listener: &mut impl Listener,
    ) -> Admitted {
        let context = self.context;
        if context.is_stopping() {
            self.outcomes.report.count(Outcome::Pending);
            return Admitted::Done(item);
        }
        self.outcomes.watch(&item, entry.as_ref());
        if context.job.limits.dry_run {
            self.outcomes.pretend(&item, entry.as_ref(), listener);
            return Admitted::Done(item);
        }
        let old = self.written.contains(&item.id);
        if !old && self.order.none_of(item.order.all()) {
            let of_this_run = entry
                .as_ref()
                .and_then(|entry| entry.attempt.as_ref())
                .is_some_and(|attempt| attempt.run == context.run);
            if !of_this_run && decide_row(context, &item, entry.as_ref()) == Decision::Unchanged {
                self.outcomes.report.count(Outcome::Unchanged);
                self.outcomes.note_arrived(&item, Outcome::Unchanged);
                return Admitted::Done(item);
            }
        }
        self.outcomes.note_recommended(&item, listener);
        let sent = entry.as_ref().and_then(|entry| entry.attempt.as_ref());
        let repeated = old
            || sent.is_some_and(|attempt| attempt.run == context.run)
            || !self.order.none_of(item.order.record());
        self.outcomes.report.repeated += u64::from(repeated);
        self.held += item.row.record.size();
        let free = self.order.enter(item.row.number, item.order.all());
        let work = Work { item, entry, stale: old || !free };
        if free {
            return Admitted::Runs(Box::new(work));
        }
        self.waiting.insert(work.item.row.number, work);
        Admitted::Waits
    }

    /// Counts a row that is done; says which rows that waited for it can run now.
    pub(crate) fn finish(
        &mut self,
        item: &PlannedRow,
        delivered: Delivered,
        listener: &mut impl Listener,
    ) -> Vec<Work> {
        if !matches!(delivered, Delivered::Pending) {
            self.context.moves();
        }
        self.outcomes.add(item, delivered, listener);
        self.outcomes.guard();
        self.written.insert(item.id);
        self.held = self.held.saturating_sub(item.row.record.size());
        let mut ready = Vec::new();
        for next in self.order.leave(item.row.number, item.order.all()) {
            let free =
                self.waiting.get(&next).is_some_and(|work| self.order.is_free(next, work.item.order.all()));
            if free {
                ready.extend(self.waiting.remove(&next));
            }
        }
        ready
    }

    /// Rows that have not begun when the run stops.
    pub(crate) fn give_back_waiting(&mut self) {
        for (row, work) in std::mem::take(&mut self.waiting) {
            self.order.leave(row, work.item.order.all());
            self.outcomes.report.count(Outcome::Pending);
        }
    }
}
