//! Reads a list to its end.

use std::cell::Cell;

use super::listing::{Keeps, Listing};
use crate::clock::Clock;
use crate::http::transport::Transport;
use crate::ledger::Window;
use crate::report::counts::Stopped;
use crate::sync::settling::walk::walk;
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
        let mut listing = match Listing::new(keeps, read, now).await {
            Ok(listing) => listing,
            Err(error) => return stop(error.to_string()),
        };
        let Err(reason) = walk(context, &mut listing, windows).await else { return Some(listing) };
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
