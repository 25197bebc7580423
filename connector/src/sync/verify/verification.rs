//! Reads all rows of a source, and enters into the ledger whose records are in the list.

use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use super::verified::Verified;
use crate::clock::Clock;
use crate::http::transport::Transport;
use crate::ledger::RecordId;
use crate::report::counts::Stopped;
use crate::report::outcome::Failure;
use crate::row::Row;
use crate::source::Source;
use crate::sync::adopt::adoption::{Adoption, RowFinding};
use crate::sync::adopt::listing::Keeps;
use crate::sync::feed::pipeline::{Pipeline, Planned};
use crate::sync::feed::plan::PlannedRow;
use crate::sync::rows::run_loop::World;
use crate::sync::setup::job::Job;
use crate::sync::setup::listener::Listener;
use crate::sync::shared::context::Context;

/// How often progress is told.
const PROGRESS: Duration = Duration::from_secs(10);

/// Finds the record of every row in the list, and enters those that the ledger does not know.
pub async fn adopt<T: Transport, C: Clock + Copy>(
    job: Arc<Job>,
    source: Source,
    world: &World<'_, T, C>,
    listener: &mut impl Listener,
) -> Verified {
    let World { ledger, run, wire, patience, interrupt } = *world;
    let clock = wire.clock();
    let (started, listed) = (clock.now(), Cell::new(0));
    let pipeline = Pipeline::start(Arc::clone(&job), source, ledger, false);
    let context = Context::new(&job, wire, patience, ledger, run, clock);
    let adoption = Adoption::new(Keeps::All, Vec::new(), &listed);
    let verified = {
        let mut rows = pin!(verify(&context, &adoption, pipeline, listener));
        loop {
            tokio::select! {
                biased;
                signal = interrupt.wait(), if !context.is_stopping() => context.stop(Stopped::by(signal)),
                verified = &mut rows => break verified,
            }
        }
    };
    Verified {
        listed: listed.get(),
        requests: context.tally.requests.get(),
        stopped: context.take_stopped(),
        duration: clock.now().saturating_sub(started),
        ..verified
    }
}

async fn verify<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    adoption: &Adoption<'_>,
    mut pipeline: Pipeline,
    listener: &mut impl Listener,
) -> Verified {
    let mut verified = Verified::default();
    // A source may be silent for a long time.
    while let Some(batch) = context.unless_stopping(pipeline.next()).await.flatten() {
        verify_batch(context, adoption, &batch, &mut verified, listener).await;
        pipeline.give_back(batch);
    }
    verified
}

async fn verify_batch<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    adoption: &Adoption<'_>,
    batch: &[Planned],
    verified: &mut Verified,
    listener: &mut impl Listener,
) {
    let rows: Vec<&PlannedRow> = batch.iter().filter_map(Planned::ready).collect();
    for planned in batch {
        match planned {
            Planned::Ready(_) => {}
            Planned::Faulty(faulty) => {
                let (key, error) = (faulty.key.clone(), faulty.error.clone());
                let failure = Failure::invalid(context.job.api, context.job.object, key, error);
                fail(context, verified, &failure, Some(&faulty.row));
            }
            Planned::Unreadable(unreadable) => {
                fail(context, verified, &Failure::unreadable(unreadable.clone()), None);
            }
            Planned::Doubtful(doubt) => listener.warn(doubt),
            Planned::CutOff(row) => listener.cut_off(*row),
            Planned::Filtered(rows) => verified.filtered += rows.end - rows.start,
            Planned::NeverSeen(names) => listener.never_seen(names),
            Planned::Unmapped(name) => listener.unmapped(name),
            Planned::LeftOut(fields) => listener.left_out(fields),
            Planned::Broken(stopped) => context.stop(stopped.clone()),
        }
    }
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    let mut entries = match context.ledger.fetch(&ids).await {
        Ok(entries) => entries,
        Err(error) => return context.stop(Stopped::because(error.to_string())),
    };
    let mut adopting = pin!(adoption.adopt(context, &rows, &mut entries));
    let adopted = loop {
        tokio::select! {
            biased;
            adopted = &mut adopting => break adopted,
            () = context.clock.sleep(PROGRESS) => listener.listed(adoption.read()),
        }
    };
    for adopted in adopted.into_iter().flatten() {
        let count = match adopted {
            RowFinding::Adopted => &mut verified.adopted,
            RowFinding::Known => &mut verified.known,
            RowFinding::Absent => &mut verified.absent,
            RowFinding::Several => &mut verified.several,
            RowFinding::Held => &mut verified.held,
            RowFinding::Contradicted => &mut verified.contradicted,
        };
        *count += 1;
    }
}

fn fail<T, C: Clock>(
    context: &Context<'_, T, C>,
    verified: &mut Verified,
    failure: &Failure,
    row: Option<&Row>,
) {
    verified.invalid.count(failure.outcome);
    verified.invalid.add_reason(failure, row, context.job.columns.as_deref());
}
