//! Creates that earlier runs have left open and this input no longer has.

use std::pin::pin;

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::lookup::Settler;
use super::settle::{Settled, settle};
use crate::clock::Clock;
use crate::http::transport::Transport;
use crate::ledger::Entry;
use crate::report::counts::{Report, Stopped};
use crate::sync::setup::interrupt::Interrupt;
use crate::sync::shared::context::Context;

/// The most that are looked up at a time.
const PAGE: usize = 10_000;

/// Looks up the creates that earlier runs have left open and this input no longer has.
pub(crate) async fn settle_leftovers<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    settler: &Settler,
    interrupt: &Interrupt,
    report: &mut Report,
) {
    let mut after = None;
    loop {
        let entries = match context.ledger.unsettled(context.run, after.as_ref(), PAGE).await {
            Ok(entries) => entries,
            Err(error) => {
                return context.stop(Stopped { message: error.to_string(), hint: None, signal: None });
            }
        };
        let Some(last) = entries.last() else { return };
        after = Some(last.clone());
        let left = |entry: &Entry| !context.is_undecided(entry.id);
        let mut settling = pin!(settler.run(context));
        let mut lookups: FuturesUnordered<_> =
            entries.into_iter().filter(left).map(|entry| settle_leftover(context, settler, entry)).collect();
        loop {
            tokio::select! {
                biased;
                settled = lookups.next() => match settled {
                    Some(true) => {}
                    Some(false) => report.unsettled_before += 1,
                    None => break,
                },
                signal = interrupt.wait(), if !context.is_stopping() => context.stop(Stopped::by(signal)),
                () = &mut settling => {}
            }
        }
    }
}

/// Looks one up; says whether it was found. One that was not cannot be sent again, and stays open until a person says
/// that it is over.
async fn settle_leftover<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    settler: &Settler,
    mut entry: Entry,
) -> bool {
    matches!(settle(context, settler, &mut entry, true).await, Settled::Found)
}
