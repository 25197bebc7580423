//! Settles a create of which it is not known whether it was applied.

use std::time::Duration;

use super::evidence::match_of;
use super::lookup::{Finding, Query, Settler};
use super::lookup_window::{Times, exists_since, milliseconds};
use crate::clock::Clock;
use crate::http::transport::Transport;
use crate::ledger::{AttemptState, Entry, Event};
use crate::sync::shared::context::Context;

/// What settling a create has come to.
pub(crate) enum Settled {
    /// Its record was found.
    Found,
    /// Its record is missing: it may be sent again.
    Missed,
    /// Its record is missing, and it was sent often enough.
    GivenUp { status: Option<u16>, message: String },
    /// Nothing that was seen decides it.
    Uncertain { status: Option<u16>, message: String },
    /// The run stops.
    Stopped,
}

/// Finds out what became of the create that is open. The row of a leftover is not in the input: it cannot be sent
/// again, so that it stays open where it is missing.
pub(crate) async fn settle<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    settler: &Settler,
    entry: &mut Entry,
    leftover: bool,
) -> Settled {
    let Some(attempt) = entry.open_create() else { return Settled::Missed };
    let (status, said) = (attempt.status, attempt.message.clone());
    let uncertain = |why: String| {
        let message = said.clone().map_or_else(|| why.clone(), |said| format!("{said}; {why}"));
        Settled::Uncertain { status, message }
    };
    let Some((identity, digest)) = match_of(&context.matches, &attempt.digests) else {
        return uncertain("nothing that it could be found by was sent".to_owned());
    };
    let job = context.job;
    let given_up = attempt.given_up(milliseconds(job.limits.timeout));
    let counts_at = given_up.saturating_add(milliseconds(job.limits.settle_after));
    let left = counts_at.saturating_sub(context.clock.epoch_milliseconds());
    // A clock that was put back must not keep a row waiting for longer than it would have had to.
    let most = job.limits.settle_after + job.limits.timeout;
    let counts_in = Duration::from_millis(u64::try_from(left).unwrap_or_default()).min(most);
    let query = Query { identity, digest, times: Times::of(attempt, job.limits.timeout), counts_in };
    match context.unless_stopping(settler.find(query, context.clock.now())).await {
        Some(Finding::Found { key, created }) => {
            let at = exists_since(created, context.clock.epoch_milliseconds(), context.wire.skew());
            let event = Event::Found { system_key: key, at };
            context.record(entry, event).await.map_or(Settled::Stopped, |()| Settled::Found)
        }
        Some(Finding::Missed) if leftover => Settled::Missed,
        Some(Finding::Missed) => {
            if context.record(entry, Event::Missed).await.is_none() {
                return Settled::Stopped;
            }
            // The state machine says when it was sent often enough.
            match &entry.attempt {
                Some(attempt) if attempt.state == AttemptState::Rejected => {
                    let message = said.unwrap_or_else(|| "it did not arrive".to_owned());
                    Settled::GivenUp { status, message }
                }
                _ => Settled::Missed,
            }
        }
        Some(Finding::Several(_)) => uncertain("several records match it".to_owned()),
        Some(Finding::Undecided(why)) => uncertain(why),
        None => uncertain("the run was stopped before it was looked up".to_owned()),
    }
}
