//! Reads and plans rows on a thread of its own, a batch ahead of the engine and no more.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::Notify;

use crate::ledger::{Ledger, RecordId};
use crate::plan::{Faulty, Item, Planner};
use crate::row::{Record, Row};
use crate::source::{Item as SourceItem, Source, Unreadable};
use crate::spec::{FieldSpec, OperationName};
use crate::sync::Job;

/// The most rows that wait: a group of this size costs the ledger little more than one row.
const ROWS: usize = 1024;
/// The most bytes that wait, so that large rows are not read far ahead.
const BYTES: usize = 2 << 20;

/// A row on its way to the engine.
pub(crate) enum Planned {
    Ready(Box<Item>),
    Faulty(Box<Faulty>),
    Unreadable(Unreadable),
}

impl Planned {
    /// The record that the row concerns, if it can be sent.
    pub(crate) fn id(&self) -> Option<RecordId> {
        match self {
            Self::Ready(item) => Some(item.id),
            Self::Faulty(_) | Self::Unreadable(_) => None,
        }
    }
}

/// What was read since the engine last asked.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) rows: Vec<Planned>,
    /// Names of JSON records that feed nothing, each once.
    pub(crate) unmapped: Vec<String>,
    /// Fields that JSON records bring by name and an operation cannot write, each once.
    pub(crate) left_out: Vec<(&'static FieldSpec, OperationName)>,
    /// Reading broke off.
    pub(crate) error: Option<String>,
}

/// The receiving end.
pub(crate) struct Feed {
    shelf: Arc<Shelf>,
}

/// Where rows wait until there are many, or the thread has to wait for more: so none waits for one that is yet to come,
/// and those that come fast are handed over together.
#[derive(Default)]
struct Shelf {
    state: Mutex<State>,
    filled: Notify,
    emptied: Condvar,
}

#[derive(Default)]
struct State {
    batch: Batch,
    bytes: usize,
    /// Whoever asks for rows gets them.
    due: bool,
    /// Nothing more comes.
    ended: bool,
    /// Nobody takes any more.
    left: bool,
}

impl State {
    fn is_full(&self) -> bool {
        self.batch.rows.len() >= ROWS || self.bytes >= BYTES
    }
}

impl Shelf {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing is left half done where a holder could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever asks gets what there is.
    fn hand_over(&self) {
        let mut state = self.state();
        if !state.batch.rows.is_empty() {
            state.due = true;
            self.filled.notify_one();
        }
    }

    /// Waits until there is room, unless nobody takes any more.
    fn room(&self) -> Option<MutexGuard<'_, State>> {
        let full = |state: &mut State| !state.left && state.is_full();
        let state = self.emptied.wait_while(self.state(), full).unwrap_or_else(PoisonError::into_inner);
        (!state.left).then_some(state)
    }
}

impl Feed {
    /// Starts to read. Dropping the feed ends the thread with the row that it is at.
    pub(crate) fn start(job: Arc<Job>, source: Source, ledger: &Ledger) -> Self {
        let shelf = Arc::new(Shelf::default());
        let waiting = Arc::clone(&shelf);
        source.before_waiting(move || waiting.hand_over());
        let reader = Reader {
            planner: Planner::new(&job, ledger.digester().clone(), ledger.is_blank()),
            job,
            source,
            shelf: Arc::clone(&shelf),
            unmapped: Vec::new(),
            left_out: Vec::new(),
        };
        // It ends what it has begun even where it cannot be started, or breaks off.
        let end = End(Arc::clone(&shelf));
        thread::spawn(move || {
            let _end = end;
            reader.run();
        });
        Self { shelf }
    }

    /// The rows that have been read since; none at the end.
    pub(crate) async fn next(&mut self) -> Option<Batch> {
        loop {
            let filled = self.shelf.filled.notified();
            {
                let mut state = self.shelf.state();
                let any = !state.batch.rows.is_empty() || state.batch.error.is_some();
                if any && (state.due || state.ended) {
                    (state.bytes, state.due) = (0, false);
                    self.shelf.emptied.notify_one();
                    return Some(std::mem::take(&mut state.batch));
                }
                if state.ended {
                    return None;
                }
            }
            filled.await;
        }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.shelf.state().left = true;
        self.shelf.emptied.notify_one();
    }
}

/// Says that nothing more comes, however the thread ends.
struct End(Arc<Shelf>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.state().ended = true;
        self.0.filled.notify_one();
    }
}

/// The most names that are listed as unmapped.
const UNMAPPED: usize = 20;

struct Reader {
    job: Arc<Job>,
    planner: Planner,
    source: Source,
    shelf: Arc<Shelf>,
    unmapped: Vec<String>,
    left_out: Vec<&'static str>,
}

impl Reader {
    fn run(mut self) {
        let mut left = self.job.limit.unwrap_or(u64::MAX);
        while left > 0 {
            let mut notes = Batch::default();
            let planned = match self.source.read() {
                Ok(Some(item)) => Some(self.plan(item, &mut notes)),
                Ok(None) => return,
                Err(error) => {
                    notes.error = Some(error.to_string());
                    None
                }
            };
            left = if planned.is_some() { left - 1 } else { 0 };
            let Some(mut state) = self.shelf.room() else { return };
            state.bytes += planned.as_ref().map_or(0, size);
            state.batch.rows.extend(planned);
            state.batch.unmapped.append(&mut notes.unmapped);
            state.batch.left_out.append(&mut notes.left_out);
            state.batch.error = notes.error;
            state.due |= state.is_full();
            let due = state.due;
            drop(state);
            if due {
                self.shelf.filled.notify_one();
            }
        }
    }

    fn plan(&mut self, item: SourceItem, batch: &mut Batch) -> Planned {
        match item {
            SourceItem::Unreadable(unreadable) => Planned::Unreadable(unreadable),
            SourceItem::Row(row) => {
                self.note_names(&row, batch);
                match self.planner.plan(&self.job, row) {
                    Ok(item) => Planned::Ready(item),
                    Err(faulty) => Planned::Faulty(faulty),
                }
            }
        }
    }

    /// What JSON records bring is known row by row; everything else was looked at before the first.
    fn note_names(&mut self, row: &Row, batch: &mut Batch) {
        let Record::Object(object) = &row.record else { return };
        let reader = self.job.mapping.bind(row);
        let (job, noted) = (&self.job, &mut self.left_out);
        let by_name = |field: &FieldSpec| {
            reader.has(field) && !job.mapping.feeds(field) && !noted.contains(&field.name)
        };
        let found = job.left_out(by_name);
        noted.extend(found.iter().map(|(field, _)| field.name));
        batch.left_out.extend(found);
        if self.unmapped.len() >= UNMAPPED {
            return;
        }
        for name in object.keys() {
            if !self.job.mapping.knows(name) && !self.job.keys.uses(name) && !self.unmapped.contains(name) {
                self.unmapped.push(name.clone());
                batch.unmapped.push(name.clone());
            }
        }
    }
}

fn size(planned: &Planned) -> usize {
    match planned {
        Planned::Ready(item) => {
            item.requests.iter().map(|request| request.body.as_ref().map_or(0, Vec::len)).sum()
        }
        Planned::Faulty(_) | Planned::Unreadable(_) => 0,
    }
}
