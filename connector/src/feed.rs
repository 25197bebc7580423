//! Reads and plans rows on a thread of its own, a few batches ahead of the engine and no more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::sync::mpsc;

use crate::ledger::{Digester, RecordId};
use crate::plan::{Faulty, Item, Planner};
use crate::row::{Record, Row};
use crate::source::{Item as SourceItem, Source, Unreadable};
use crate::spec::{FieldSpec, OperationName};
use crate::sync::Job;

/// The most rows of a batch: a group of this size costs the ledger little more than one row.
const ROWS: usize = 512;
/// The most bytes of a batch, so that large rows are not read far ahead.
const BYTES: usize = 1 << 20;
/// Batches that may wait.
const AHEAD: usize = 2;

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

/// What the thread sends.
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
    batches: mpsc::Receiver<Batch>,
    hungry: Arc<AtomicBool>,
}

impl Feed {
    /// Starts to read. Dropping the feed ends the thread with the batch that it is at.
    pub(crate) fn start(job: Arc<Job>, source: Source, digester: Digester) -> Self {
        let (sender, batches) = mpsc::channel(AHEAD);
        let hungry = Arc::new(AtomicBool::new(true));
        let reader = Reader {
            planner: Planner::new(&job, digester),
            job,
            source,
            sender,
            hungry: Arc::clone(&hungry),
            unmapped: Vec::new(),
            left_out: Vec::new(),
        };
        // A thread that cannot be started leaves the channel closed, which reads as an empty source; so it must be.
        thread::spawn(move || reader.run());
        Self { batches, hungry }
    }

    /// The next batch; none at the end.
    pub(crate) async fn next(&mut self) -> Option<Batch> {
        if let Ok(batch) = self.batches.try_recv() {
            return Some(batch);
        }
        // Whoever waits takes a batch of any size: rows that trickle in must not wait for others.
        self.hungry.store(true, Ordering::Release);
        self.batches.recv().await
    }
}

/// The most names that are listed as unmapped.
const UNMAPPED: usize = 20;

struct Reader {
    job: Arc<Job>,
    planner: Planner,
    source: Source,
    sender: mpsc::Sender<Batch>,
    hungry: Arc<AtomicBool>,
    unmapped: Vec<String>,
    left_out: Vec<&'static str>,
}

impl Reader {
    fn run(mut self) {
        let mut left = self.job.limit.unwrap_or(u64::MAX);
        let mut batch = Batch::default();
        let mut bytes = 0;
        while left > 0 {
            match self.source.read() {
                Ok(Some(item)) => {
                    left -= 1;
                    let planned = self.plan(item, &mut batch);
                    bytes += size(&planned);
                    batch.rows.push(planned);
                }
                Ok(None) => break,
                Err(error) => {
                    batch.error = Some(error.to_string());
                    break;
                }
            }
            if batch.rows.len() >= ROWS || bytes >= BYTES || self.hungry.swap(false, Ordering::AcqRel) {
                bytes = 0;
                let full = std::mem::take(&mut batch);
                if self.sender.blocking_send(full).is_err() {
                    return;
                }
            }
        }
        // The engine has gone if this fails, and wants no more rows.
        let _ = self.sender.blocking_send(batch);
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
