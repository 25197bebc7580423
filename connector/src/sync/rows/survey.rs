//! Reads all rows before the first request, and holds what they come to against the guards.

use std::sync::Arc;

use super::guard_watch::GuardWatch;
use super::run_loop::World;
use crate::clock::Clock;
use crate::http::transport::Transport;
use crate::ledger::{LedgerError, RecordId};
use crate::source::Source;
use crate::sync::feed::pipeline::{Pipeline, Planned};
use crate::sync::row::row_decision::decide_row;
use crate::sync::setup::job::Job;
use crate::sync::shared::context::Context;

/// What the rows of a source would go beyond; none if they pass all guards. Nothing is sent. A source that cannot be read to
/// its end is judged as far as it goes: the run will say what is wrong with it.
pub async fn survey<T: Transport, C: Clock + Copy>(
    job: Arc<Job>,
    source: Source,
    world: &World<'_, T, C>,
) -> Result<Option<String>, LedgerError> {
    let mut pipeline = Pipeline::start(Arc::clone(&job), source, world.ledger, false);
    let context = Context::new(&job, world.wire, world.patience, world.ledger, world.run, world.wire.clock());
    let mut watch = GuardWatch::new(&job.limits.guards);
    while let Some(batch) = pipeline.next().await {
        let ids: Vec<RecordId> = batch.iter().filter_map(Planned::id).collect();
        let mut entries = world.ledger.fetch(&ids).await?.into_iter();
        for planned in &batch {
            match planned {
                Planned::Ready(row) => {
                    let entry = entries.next().flatten();
                    let decision = decide_row(&context, row, entry.as_ref());
                    watch.count(row, entry.as_ref(), decision);
                }
                Planned::Faulty(_) | Planned::Unreadable(_) => watch.count_faulty(),
                _ => {}
            }
        }
        pipeline.give_back(batch);
    }
    Ok(watch.passed_at_end())
}
