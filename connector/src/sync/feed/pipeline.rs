//! Reads rows on one thread and plans them on another, a batch ahead of the engine and no more.

use std::ops::Range;
use std::sync::Arc;
use std::thread;

use super::doubts;
use super::handoff::{Capacity, Receiver, Sender, handoff};
use super::plan::{Faulty, PlannedRow, Planner};
use crate::api::{FieldSpec, OperationName};
use crate::ledger::{FaultId, RecordId, Scope, wait};
use crate::mapping::row_reader::RowReader;
use crate::mapping::source_column::property;
use crate::report::counts::Stopped;
use crate::row::fault::RowError;
use crate::row::{Record, Row};
use crate::source::{Source, SourceError, SourceItem, Unreadable};
use crate::sync::setup::job::Job;

/// What was read and not yet planned.
const READ: Capacity = Capacity { items: 512, bytes: 1 << 20 };
/// What was planned and not yet taken: a group of this size costs the ledger little more than one row.
const PLANNED: Capacity = Capacity { items: 1024, bytes: 2 << 20 };

/// A row on its way to the engine, or what is to be said about those before it.
pub(crate) enum Planned {
    Ready(Box<PlannedRow>),
    Faulty(Box<Faulty>),
    Unreadable(Unreadable),
    /// The rows of these numbers, which the sync does not take.
    Filtered(Range<u64>),
    /// A name of a JSON record that feeds nothing; said once for each name.
    Unmapped(String),
    /// Fields that a JSON record brings by name and an operation cannot write; said once for each.
    LeftOut(Vec<(&'static FieldSpec, OperationName)>),
    /// What looks wrong and breaks no rule; said once.
    Doubtful(&'static str),
    /// The row of this number is the last, and may be cut off.
    CutOff(u64),
    /// Names of JSON records that are wanted and that no row had; said at the end.
    NeverSeen(Vec<String>),
    /// Reading broke off.
    Broken(Stopped),
}

impl Planned {
    /// The record that the row concerns, if it can be sent.
    pub(crate) fn id(&self) -> Option<RecordId> {
        self.ready().map(|item| item.id)
    }

    /// The id of the row as one that did not arrive, where that is known.
    pub(crate) fn fault(&self) -> Option<FaultId> {
        match self {
            Self::Ready(item) => item.fault,
            Self::Faulty(faulty) => Some(faulty.fault),
            _ => None,
        }
    }

    /// The row, if it can be sent.
    pub(crate) fn ready(&self) -> Option<&PlannedRow> {
        match self {
            Self::Ready(item) => Some(item),
            _ => None,
        }
    }
}

/// The receiving end.
pub(crate) struct Pipeline(Receiver<Planned>);

impl Pipeline {
    /// Starts to read. Dropping it ends the threads with the rows that they are at.
    /// `faults_known`: the ledger knows rows that did not arrive.
    pub(crate) fn start(job: Arc<Job>, source: Source, ledger: &Scope, faults_known: bool) -> Self {
        let (read, unplanned) = handoff(READ);
        let (ready, receiver) = handoff(PLANNED);
        source.before_waiting(read.flushing());
        let limit = job.limits.rows.unwrap_or(u64::MAX);
        thread::spawn(move || read_all(source, limit, &read));
        let planner =
            Planner::new(&job, ledger.digester().clone(), ledger.is_blank()).with_faults(faults_known);
        let unseen = job.wanted_names();
        let mut planning =
            Planning { job, planner, unmapped: Vec::new(), left_out: Vec::new(), unseen, read: false };
        thread::spawn(move || planning.run(unplanned, &ready));
        Self(receiver)
    }

    /// The rows that have come since; none at the end.
    pub(crate) async fn next(&mut self) -> Option<Vec<Planned>> {
        self.0.take().await
    }

    /// Gives back rows that nothing more happens to.
    pub(crate) fn give_back(&mut self, rows: Vec<Planned>) {
        self.0.give_back(rows);
    }
}

type Read = Result<SourceItem, ReadEnd>;

/// What comes in place of a row at the end.
enum ReadEnd {
    Failed(SourceError),
    /// The row of this number is the last, and may be cut off.
    CutOff(u64),
}

fn read_all(mut source: Source, limit: u64, read: &Sender<Read>) {
    for number in 0..limit {
        let Some(item) = source.read().transpose() else {
            if source.may_be_cut_off() {
                read.send([Err(ReadEnd::CutOff(number))], 0);
            }
            return;
        };
        let bytes = match &item {
            Ok(SourceItem::Row(row)) => row.record.size(),
            Ok(SourceItem::Unreadable(_)) | Err(_) => 0,
        };
        let broken = item.is_err();
        if !read.send([item.map_err(ReadEnd::Failed)], bytes) || broken {
            return;
        }
    }
    if let Err(error) = source.end() {
        read.send([Err(ReadEnd::Failed(error))], 0);
    }
}

/// The most names that are listed as unmapped.
const UNMAPPED: usize = 20;

struct Planning {
    job: Arc<Job>,
    planner: Planner,
    unmapped: Vec<String>,
    left_out: Vec<&'static str>,
    /// Names that JSON records should have, and none had so far.
    unseen: Vec<String>,
    /// There was a JSON record.
    read: bool,
}

impl Planning {
    fn run(&mut self, mut unplanned: Receiver<Read>, planned: &Sender<Planned>) {
        loop {
            if unplanned.would_wait() {
                planned.flush();
            }
            let Some(items) = wait(unplanned.take()) else {
                self.end(planned);
                return;
            };
            let (mut batch, mut bytes) = (Vec::with_capacity(items.len()), 0);
            for item in items {
                bytes += self.plan(item, &mut batch);
            }
            if !planned.send(batch, bytes) {
                return;
            }
        }
    }

    /// Says what is only known once all rows were read.
    fn end(&mut self, planned: &Sender<Planned>) {
        if !self.unseen.is_empty() && self.read {
            planned.send([Planned::NeverSeen(std::mem::take(&mut self.unseen))], 0);
        }
    }

    /// Plans one row; says how many bytes it holds.
    fn plan(&mut self, item: Read, batch: &mut Vec<Planned>) -> usize {
        let row = match item {
            Ok(SourceItem::Row(row)) => row,
            Ok(SourceItem::Unreadable(unreadable)) => {
                batch.push(Planned::Unreadable(unreadable));
                return 0;
            }
            Err(ReadEnd::CutOff(number)) => {
                batch.push(Planned::CutOff(number));
                return 0;
            }
            Err(ReadEnd::Failed(error)) => {
                // What comes behind is not known.
                self.unseen.clear();
                let person = matches!(error, SourceError::Changed { .. });
                batch.push(Planned::Broken(Stopped { person, ..Stopped::because(error.to_string()) }));
                return 0;
            }
        };
        self.note_seen(&row);
        match self.job.filter.takes(&row) {
            Ok(true) => {}
            Ok(false) => {
                match batch.last_mut() {
                    Some(Planned::Filtered(rows)) if rows.end == row.number => rows.end += 1,
                    _ => batch.push(Planned::Filtered(row.number..row.number + 1)),
                }
                return 0;
            }
            Err(faults) => {
                let size = row.record.size();
                let error = RowError { row: Some(row.number), faults: faults.into_found() };
                batch.push(Planned::Faulty(self.planner.faulty(&self.job, row, error)));
                return size;
            }
        }
        self.note_names(&row, batch);
        batch.extend(doubts::of_first(&row).map(Planned::Doubtful));
        let size = row.record.size();
        batch.push(match self.planner.plan(&self.job, row) {
            Ok(item) => Planned::Ready(item),
            Err(faulty) => Planned::Faulty(faulty),
        });
        size
    }

    /// Which of the wanted names a JSON record has.
    fn note_seen(&mut self, row: &Row) {
        if let (Record::Object(object), false) = (&row.record, self.unseen.is_empty()) {
            self.read = true;
            self.unseen.retain(|name| property(object, name).is_none());
        }
    }

    /// What JSON records bring is known row by row; everything else was looked at before the first.
    fn note_names(&mut self, row: &Row, batch: &mut Vec<Planned>) {
        let Record::Object(object) = &row.record else { return };
        if self.job.mapping.is_by_name() {
            self.note_left_out(row, batch);
        }
        for name in object.keys() {
            if self.unmapped.len() >= UNMAPPED {
                return;
            }
            if !self.job.uses(name) && !self.unmapped.contains(name) {
                self.unmapped.push(name.clone());
                batch.push(Planned::Unmapped(name.clone()));
            }
        }
    }

    fn note_left_out(&mut self, row: &Row, batch: &mut Vec<Planned>) {
        let reader = RowReader::bind(&self.job.mapping, row);
        let (job, noted) = (&self.job, &mut self.left_out);
        let by_name = |field: &FieldSpec| {
            reader.has(field) && !job.mapping.feeds(field) && !noted.contains(&field.name)
        };
        let found = job.left_out(by_name);
        if !found.is_empty() {
            noted.extend(found.iter().map(|(field, _)| field.name));
            batch.push(Planned::LeftOut(found));
        }
    }
}
