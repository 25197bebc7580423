//! Reads all rows of a source, and compares each with its record of the list.

use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use super::claims::Claims;
use super::comparison::Comparison;
use super::judgement::{FoundRecord, changes, sought};
use super::verified::Verified;
use crate::clock::Clock;
use crate::http::transport::Transport;
use crate::ledger::{Compared, Entry, LedgerError, ListedRecord, RecordId, Window};
use crate::report::counts::Stopped;
use crate::report::differences::{DifferenceKind, RowDifference};
use crate::report::outcome::Failure;
use crate::row::Row;
use crate::source::Source;
use crate::sync::adopt::entering::{Entered, enter, is_unknown};
use crate::sync::adopt::listing::{Keeps, Listing};
use crate::sync::adopt::reading::read_list;
use crate::sync::feed::pipeline::{Pipeline, Planned};
use crate::sync::feed::plan::PlannedRow;
use crate::sync::rows::run_loop::World;
use crate::sync::setup::job::Job;
use crate::sync::setup::listener::Listener;
use crate::sync::shared::context::Context;

/// How often progress is told.
const PROGRESS: Duration = Duration::from_secs(10);
/// How many records are looked at in one go at the end.
const PAGE: u32 = 1000;

/// What a verification is to do.
#[derive(Debug, Clone, Default)]
pub struct Verification {
    /// Records of rows are entered into the ledger where it does not know them.
    pub adopts: bool,
    /// The creation times that are searched; none: all.
    pub windows: Vec<Window>,
}

/// Compares every row with its record of the list, and tells the listener what is not equal.
pub async fn verify<T: Transport, C: Clock + Copy>(
    job: Arc<Job>,
    source: Source,
    world: &World<'_, T, C>,
    verification: &Verification,
    listener: &mut impl Listener,
) -> Verified {
    let World { ledger, run, wire, patience, interrupt, .. } = *world;
    let clock = wire.clock();
    let (started, listed) = (clock.now(), Cell::new(0));
    let pipeline = Pipeline::start(Arc::clone(&job), source, ledger, false);
    let context = Context::new(&job, wire, patience, ledger, run, clock);
    let mut verifying = Verifying {
        context: &context,
        comparison: Comparison::of(&context),
        claims: Claims::new(changes(&context)),
        verified: Verified { repeats_create: !changes(&context), ..Verified::default() },
        adopts: verification.adopts,
        listener,
    };
    {
        let mut rows = pin!(verifying.run(pipeline, &verification.windows, &listed));
        loop {
            tokio::select! {
                biased;
                signal = interrupt.wait(), if !context.is_stopping() => context.stop(Stopped::by(signal)),
                () = &mut rows => break,
            }
        }
    }
    Verified {
        listed: listed.get(),
        requests: context.tally.requests.get(),
        stopped: context.take_stopped(),
        duration: clock.now().saturating_sub(started),
        ..verifying.verified
    }
}

struct Verifying<'c, 'a, 'l, T, C: Clock, L> {
    context: &'c Context<'a, T, C>,
    comparison: Comparison,
    claims: Claims,
    verified: Verified,
    adopts: bool,
    listener: &'l mut L,
}

impl<T: Transport, C: Clock + Copy, L: Listener> Verifying<'_, '_, '_, T, C, L> {
    async fn run(&mut self, mut pipeline: Pipeline, windows: &[Window], read: &Cell<u64>) {
        let context = self.context;
        let Some(listing) = self.read_list(windows, read).await else { return };
        // A source may be silent for a long time.
        while let Some(batch) = context.unless_stopping(pipeline.next()).await.flatten() {
            if let Err(error) = self.batch(&listing, &batch).await {
                context.stop(Stopped::because(error.to_string()));
            }
            pipeline.give_back(batch);
        }
        if context.is_stopping() {
            return;
        }
        let all = context.job.limits.rows.is_none_or(|limit| self.verified.read() < limit);
        if let Err(error) = self.unclaimed(&listing, all).await {
            context.stop(Stopped::because(error.to_string()));
        }
    }

    async fn read_list<'r>(&mut self, windows: &[Window], read: &'r Cell<u64>) -> Option<Listing<'r>> {
        let mut reading = pin!(read_list(self.context, Keeps::All, windows, read));
        loop {
            tokio::select! {
                biased;
                listing = &mut reading => return listing,
                () = self.context.clock.sleep(PROGRESS) => self.listener.listed(read.get()),
            }
        }
    }

    async fn batch(&mut self, listing: &Listing<'_>, batch: &[Planned]) -> Result<(), LedgerError> {
        for planned in batch {
            self.note(planned);
        }
        let context = self.context;
        let rows: Vec<&PlannedRow> = batch.iter().filter_map(Planned::ready).collect();
        let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
        let mut entries = context.ledger.fetch(&ids).await?;
        let ids = rows.iter().zip(&entries).map(|(row, entry)| sought(context, row, entry.as_ref()));
        let ids: Vec<Vec<RecordId>> = ids.collect();
        let counts: Vec<usize> = ids.iter().map(Vec::len).collect();
        let found = listing.find(ids).await?;
        let found = rows.iter().zip(counts).zip(found);
        let found: Vec<FoundRecord> =
            found.map(|((row, sought), found)| FoundRecord::of(context, row, sought, found)).collect();
        let held = self.adopt(&rows, &found, &mut entries).await?;
        for ((row, found), held) in rows.iter().zip(found).zip(held) {
            self.judge(row, found, held);
        }
        let claims = self.claims.take();
        listing.records.claim(claims).await
    }

    /// Enters what the ledger does not know; says which records it knows to be those of other rows.
    async fn adopt(
        &mut self,
        rows: &[&PlannedRow],
        found: &[FoundRecord],
        entries: &mut [Option<Entry>],
    ) -> Result<Vec<bool>, LedgerError> {
        if !self.adopts {
            return Ok(vec![false; rows.len()]);
        }
        let new = |(found, entry): (&FoundRecord, &Option<Entry>)| {
            found.only().filter(|_| is_unknown(entry.as_ref())).cloned()
        };
        let new: Vec<Option<ListedRecord>> = found.iter().zip(entries.iter()).map(new).collect();
        let entered = enter(self.context, rows, &new, entries).await?;
        self.verified.adopted += entered.iter().filter(|entered| **entered == Entered::Yes).count() as u64;
        Ok(entered.into_iter().map(|entered| entered == Entered::Held).collect())
    }

    /// Counts what a row comes to, and what an earlier row of the same record no longer does.
    fn judge(&mut self, row: &PlannedRow, found: FoundRecord, held: bool) {
        row.created.into_iter().for_each(|at| self.claims.spans(at));
        let verified = &mut self.verified;
        let (count, finding, records) = match found {
            FoundRecord::Unidentified => {
                (&mut verified.unidentified, DifferenceKind::Unidentified, Vec::new())
            }
            FoundRecord::Missing => (&mut verified.missing, DifferenceKind::Missing, Vec::new()),
            FoundRecord::Contradicted(record) => {
                (&mut verified.contradicted, DifferenceKind::Contradicted, vec![record])
            }
            FoundRecord::One(record) if held => (&mut verified.held, DifferenceKind::Held, vec![record]),
            FoundRecord::One(record) => return self.claim(row, &[record]),
            FoundRecord::Several(found) => return self.claim(row, &found.records),
        };
        *count += 1;
        self.tell(row, finding, &records);
    }

    fn claim(&mut self, row: &PlannedRow, records: &[ListedRecord]) {
        let compared = match records {
            [record] => {
                let found = self.comparison.compare(row, record);
                for field in found.not_shown {
                    *self.verified.not_compared.entry(field).or_default() += 1;
                }
                if found.differing.is_empty() {
                    Compared::Equal
                } else {
                    Compared::Different(found.differing.into_iter().map(str::to_owned).collect())
                }
            }
            _ => Compared::Twice,
        };
        let (twice, finding) =
            (compared == Compared::Twice, self.claims.claim(row, records, compared, &mut self.verified));
        match finding {
            Some(finding) => self.tell(row, finding, records),
            None if twice => self.tell(row, DifferenceKind::Twice, records),
            // A later row of the record may take its place: what differs is told at the end.
            None => {}
        }
    }

    /// Tells about the rows that differ from their records, and about records that no row has.
    async fn unclaimed(&mut self, listing: &Listing<'_>, all: bool) -> Result<(), LedgerError> {
        let span = self.claims.span();
        let (mut after, mut extra) = (0, 0);
        loop {
            let page = listing.records.page(after, PAGE).await?;
            let Some(last) = page.last().and_then(|record| record.number) else { break };
            after = last;
            for record in page {
                let inside =
                    record.created.zip(span).is_some_and(|(at, span)| span.from <= at && at <= span.to);
                match &record.claim {
                    Some(claim) => {
                        let Compared::Different(fields) = &claim.compared else { continue };
                        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
                        let digest = claim.id.to_string();
                        let key = Some(claim.key.as_deref().unwrap_or(&digest));
                        self.told(&RowDifference {
                            finding: DifferenceKind::Different,
                            row: Some(claim.row),
                            key,
                            records: &[&record.key],
                            fields: &fields,
                        });
                    }
                    None if !inside => self.verified.outside += 1,
                    None => {
                        extra += 1;
                        if all {
                            let (finding, records) = (DifferenceKind::NotInSource, &[record.key.as_str()]);
                            self.told(&RowDifference { finding, row: None, key: None, records, fields: &[] });
                        }
                    }
                }
            }
            if self.context.is_stopping() {
                return Ok(());
            }
        }
        if all {
            self.verified.not_in_source = Some(extra);
        } else {
            self.verified.outside += extra;
        }
        Ok(())
    }

    /// What is no row that could be sent.
    fn note(&mut self, planned: &Planned) {
        match planned {
            Planned::Ready(_) => {}
            Planned::Faulty(faulty) => {
                let job = self.context.job;
                let failure = Failure::invalid(job.api, job.object, faulty.key.clone(), faulty.error.clone());
                self.fail(&failure, Some(&faulty.row));
            }
            Planned::Unreadable(unreadable) => self.fail(&Failure::unreadable(unreadable.clone()), None),
            Planned::Doubtful(doubt) => self.listener.warn(doubt),
            Planned::CutOff(row) => self.listener.cut_off(*row),
            Planned::Filtered(rows) => self.verified.filtered += rows.end - rows.start,
            Planned::NeverSeen(names) => self.listener.never_seen(names),
            Planned::Unmapped(name) => self.listener.unmapped(name),
            Planned::LeftOut(fields) => self.listener.left_out(fields),
            Planned::Broken(stopped) => self.context.stop(stopped.clone()),
        }
    }

    fn fail(&mut self, failure: &Failure, row: Option<&Row>) {
        self.verified.invalid.count(failure.outcome);
        self.verified.invalid.add_reason(failure, row, self.context.job.columns.as_deref());
        let fields: Vec<&str> = failure.faults.iter().map(|(fault, _)| fault.field.as_str()).collect();
        let row = Some(failure.row);
        self.told(&RowDifference {
            finding: DifferenceKind::Invalid,
            row,
            key: None,
            records: &[],
            fields: &fields,
        });
    }

    fn tell(&mut self, row: &PlannedRow, finding: DifferenceKind, records: &[ListedRecord]) {
        let digest = row.id.to_string();
        let key = Some(row.public_key().unwrap_or(&digest));
        let records: Vec<&str> = records.iter().map(|record| record.key.as_str()).collect();
        self.told(&RowDifference { finding, row: Some(row.row.number), key, records: &records, fields: &[] });
    }

    fn told(&mut self, difference: &RowDifference<'_>) {
        if let Err(error) = self.listener.differs(difference) {
            let message = format!("the differences cannot be written: {error}");
            self.context.stop(Stopped::because(message));
        }
    }
}
