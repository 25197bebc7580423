//! Reads a list to its end.

use std::cell::Cell;

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::listing::{Keeps, Listing};
use crate::clock::Clock;
use crate::http::transport::Transport;
use crate::ledger::Window;
use crate::report::counts::Stopped;
use crate::sync::settling::walk::{Broken, walk_asked};
use crate::sync::shared::context::Context;

/// How often a walk that broke off is begun again.
const WALKS: u32 = 5;

/// The records of the list that were created at these times; of all times, where there are none. None where the run stops
/// before they are read.
pub(crate) async fn read_list<'c, T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    keeps: Keeps,
    windows: &[Window],
    read: &'c Cell<u64>,
) -> Option<Listing<'c>> {
    let walked = async {
        tokio::select! {
            listing = read_again(context, keeps, windows, read) => listing,
            () = context.out_of_patience() => {
                context.give_up();
                None
            }
        }
    };
    context.unless_stopping(walked).await.flatten()
}

/// Walks until a walk has come to its end.
async fn read_again<'c, T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    keeps: Keeps,
    windows: &[Window],
    read: &'c Cell<u64>,
) -> Option<Listing<'c>> {
    let stop = |message: String| {
        context.stop(Stopped::because(message));
        None
    };
    let mut broken = 0;
    loop {
        // A new one for each walk: a record that is shown twice in one walk is there twice.
        let now = context.clock.epoch_milliseconds();
        let listing = match Listing::new(keeps, read, now).await {
            Ok(listing) => listing,
            Err(error) => return stop(error.to_string()),
        };
        let Err(reason) = walk_all(context, &listing, windows).await else { return Some(listing) };
        broken += 1;
        context.note_broken_walk(&reason);
        if context.is_stopping() {
            return None;
        }
        if broken == WALKS {
            return stop(format!("the list cannot be read to its end: {}", reason.reason));
        }
        let pause = context.wire.backoff().trouble(broken, None);
        context.clock.sleep(pause).await;
    }
}

/// Walks over all windows side by side: a page has to wait for the one before it, so one walk alone leaves most of the quota
/// unused.
async fn walk_all<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    listing: &Listing<'_>,
    windows: &[Window],
) -> Result<(), Broken> {
    if windows.is_empty() {
        return walk_asked(context, &mut &*listing, None).await;
    }
    let walk = async |window: &Window| walk_asked(context, &mut &*listing, Some(*window)).await;
    let mut walks: FuturesUnordered<_> = windows.iter().map(walk).collect();
    while let Some(walked) = walks.next().await {
        walked?;
    }
    Ok(())
}
