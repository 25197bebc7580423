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
                return context.stop(Stopped::because(error.to_string()));
            }
        };
        let Some(last) = entries.last() else { return };
        after = Some(last.clone());
        let left = |entry: &Entry| !context.is_undecided(entry.id);
        let mut settling = pin!(settler.run(context));
        // Nothing else is done any more.
        settler.works(Some(0));
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
                () = context.out_of_patience(), if !context.is_stopping() => context.give_up(),
                () = &mut settling => {}
            }
        }
    }
}

/// Looks one up; says whether it is known what became of it. One that is missing is forgotten: its row is not here to be
/// sent again.
async fn settle_leftover<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    settler: &Settler,
    mut entry: Entry,
) -> bool {
    let settled = settle(context, settler, &mut entry, None).await;
    if matches!(settled, Settled::Found) {
        context.faults.arrived(entry.id, None, None, false, context.faults.knows_earlier());
    }
    matches!(settled, Settled::Found | Settled::Missed | Settled::GivenUp { .. })
}
