//! Runs a verification: the rows of a sync are held against the list, and nothing is sent that writes.

use super::execute::stop_first;
use super::exit;
use super::prepare::{PreparedSync, Run};
use crate::clock::Clock;
use crate::sync::{self, Listener, Patience, Verified, World};

/// A verification that has come to its end.
#[derive(Debug)]
pub struct FinishedVerify {
    /// What came of it.
    pub verified: Verified,
    /// With which code the process should end.
    pub code: u8,
}

impl<C: Clock + Copy> Run<'_, C> {
    /// Enters into the ledger which records of the rows are in the list. Each sync tells what happens to the listener that
    /// is made for it.
    pub async fn adopt<L: Listener>(
        self,
        mut listener: impl FnMut(&PreparedSync) -> L,
    ) -> Vec<FinishedVerify> {
        let Self { syncs, wire, give_up, ledger, interrupt, .. } = self;
        let patience = Patience::new(give_up);
        let mut ended = Vec::with_capacity(syncs.len());
        for sync in syncs {
            let mut listener = listener(&sync);
            let PreparedSync { settings, job, source, scope, number, adopts, .. } = sync;
            let world = World { ledger: &scope, run: number, wire: &wire, patience: &patience, interrupt };
            let mut verified = sync::adopt(job, source, &world, &mut listener).await;
            let whole = verified.stopped.is_none()
                && settings.limits.rows.is_none_or(|limit| verified.read() < limit);
            let noted = async {
                if adopts && whole {
                    scope.set_adopts(false).await?;
                }
                scope.finish_run(number, wire.clock().epoch_milliseconds()).await
            };
            if let Err(error) = noted.await {
                stop_first(&mut verified.stopped, error.to_string());
            }
            ended.push(verified);
        }
        let closed = ledger.close();
        let finish = |mut verified: Verified| {
            if let Err(error) = &closed {
                stop_first(&mut verified.stopped, error.to_string());
            }
            FinishedVerify { code: exit::of_verified(&verified), verified }
        };
        ended.into_iter().map(finish).collect()
    }
}
