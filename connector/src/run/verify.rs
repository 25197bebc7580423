//! Runs a verification: the rows of a sync are held against the list, and nothing is sent that writes.

use std::path::PathBuf;

use super::connection::Connection;
use super::execute::stop_first;
use super::exit;
use super::ledger::new_ledger;
use super::outputs::failures::Recording;
use super::prepare::{PreparedSync, Run};
use crate::clock::Clock;
use crate::http::wire::Wire;
use crate::ledger::{Ledger, LedgerError, LedgerPlace, OpenOptions, Scope, ScopeName};
use crate::report::counts::Stopped;
use crate::report::differences::DifferencesFile;
use crate::sync::{self, Interrupt, Listener, Patience, Verification, Verified, World};

/// A verification that has come to its end.
#[derive(Debug)]
pub struct FinishedVerify {
    /// What came of it.
    pub verified: Verified,
    /// Where the differences are, if they were to be written.
    pub differences: Option<PathBuf>,
    /// With which code the process should end.
    pub code: u8,
}

impl<C: Clock + Copy> Run<'_, C> {
    /// Compares the rows with the lists. A run that was prepared to adopt enters into the ledger which records of the rows are
    /// there. Each sync tells what happens to the listener that is made for it.
    pub async fn verify<L: Listener>(
        self,
        mut listener: impl FnMut(&PreparedSync) -> L,
    ) -> Vec<FinishedVerify> {
        let Self { syncs, wire, give_up, ledger, interrupt, .. } = self;
        let patience = Patience::new(give_up);
        let mut ended = Vec::with_capacity(syncs.len());
        for sync in syncs {
            let listener = listener(&sync);
            let (mut verified, file) = verify(sync, listener, &wire, &patience, interrupt).await;
            let whole = verified.stopped.is_none();
            let path = file.as_ref().map(|file| file.output().path().to_owned()).filter(|_| whole);
            if let Err(error) = file.map_or(Ok(()), |file| file.finish(whole)) {
                let message = format!("the differences cannot be put in their place: {error}");
                stop_first(&mut verified.stopped, message);
            }
            ended.push((verified, path));
        }
        let closed = ledger.close();
        let finish = |(mut verified, differences): (Verified, Option<PathBuf>)| {
            if let Err(error) = &closed {
                stop_first(&mut verified.stopped, error.to_string());
            }
            FinishedVerify { code: exit::of_verified(&verified), differences, verified }
        };
        ended.into_iter().map(finish).collect()
    }
}

async fn verify<C: Clock + Copy>(
    sync: PreparedSync,
    listener: impl Listener,
    wire: &Wire<Connection, C>,
    patience: &Patience,
    interrupt: &Interrupt,
) -> (Verified, Option<DifferencesFile>) {
    let PreparedSync { settings, job, source, differences, scope, number, adopts, .. } = sync;
    let now = || wire.clock().epoch_milliseconds();
    // What is compared has digests, whether or not there is a ledger that has a key for them.
    let (scope, thrown_away) = match with_digests(scope, now()).await {
        Ok(scope) => scope,
        Err(error) => {
            let stopped = Some(Stopped::because(error.to_string()));
            return (Verified { stopped, ..Verified::default() }, differences);
        }
    };
    let windows = new_ledger::windows(&settings, &job, &scope, interrupt, false, now()).await;
    // Only a run that enters something has a number.
    let enters = number != 0;
    let verification = Verification { adopts: enters, windows };
    let world = World { ledger: &scope, run: number, wire, patience, interrupt, surveyed: false };
    let mut listener = Recording { columns: Vec::new(), file: None, plan: None, differences, listener };
    let mut verified = sync::verify(job, source, &world, &verification, &mut listener).await;
    let whole =
        verified.stopped.is_none() && settings.limits.rows.is_none_or(|limit| verified.read() < limit);
    let noted = async {
        if adopts && whole {
            scope.set_adopts(false).await?;
        }
        if enters { scope.finish_run(number, now()).await } else { Ok(()) }
    };
    if let Err(error) = noted.await {
        stop_first(&mut verified.stopped, error.to_string());
    }
    drop(thrown_away);
    (verified, listener.differences)
}

/// The scope itself, or one of a ledger that is thrown away where nothing is known of it.
async fn with_digests(scope: Scope, now: i64) -> Result<(Scope, Option<Ledger>), LedgerError> {
    if !scope.is_blank() {
        return Ok((scope, None));
    }
    let place = LedgerPlace::Temporary;
    let ledger =
        Ledger::open(OpenOptions { place, digest_key_file: None, require: false, read_only: false, now })?;
    let (base_url, account, object) = Default::default();
    let scope = ledger.scope(ScopeName { base_url, account, object }).await?;
    Ok((scope, Some(ledger)))
}
