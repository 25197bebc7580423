//! The creation times that the rows of a source ask for.

use std::sync::Arc;

use crate::ledger::{Scope, Window};
use crate::source::Source;
use crate::sync::feed::pipeline::{Pipeline, Planned};
use crate::sync::settling::evidence::MARGIN;
use crate::sync::setup::job::Job;

/// A day in milliseconds: no clock is further from the server's.
const DAY: i64 = 86_400_000;

/// The creation times among which the records are that were made of the rows of a source; with `derived`, of those whose key
/// is derived. None: all times, because a row does not say when its record is to be created.
///
/// A server that does not keep the time that a row asks for puts the time of the request in its place, which is later.
pub async fn span(job: Arc<Job>, source: Source, ledger: &Scope, derived: bool, now: i64) -> Vec<Window> {
    let mut pipeline = Pipeline::start(job, source, ledger, false);
    let mut span = Window { from: now, to: now };
    while let Some(batch) = pipeline.next().await {
        for planned in batch {
            match planned {
                Planned::Ready(row) if row.derived || !derived => match row.created {
                    Some(at) => span = span.around(Window { from: at, to: at }),
                    None => return Vec::new(),
                },
                Planned::Broken(_) => return Vec::new(),
                _ => {}
            }
        }
    }
    vec![Window { from: span.from.saturating_sub(MARGIN), to: span.to.saturating_add(DAY) }]
}
