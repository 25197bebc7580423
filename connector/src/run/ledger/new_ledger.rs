//! A ledger that knows nothing yet: it may be new, or the one of earlier runs is lost.

use std::sync::Arc;

use super::account::scope_of;
use super::choice::{self, Choice};
use crate::api::ObjectSpec;
use crate::api::mode::Mode;
use crate::config::environment::Environment;
use crate::config::given::NewLedger;
use crate::config::settings::{Settings, TargetSettings};
use crate::error::SetupError;
use crate::ledger::{Account, LedgerError, Scope, Window};
use crate::run::common::Common;
use crate::run::source;
use crate::sync::{self, Interrupt, Job};

/// A job whose files are gone at its end would send everything again in each run. For what cannot be changed it has to be
/// said what it means that the ledger knows nothing.
pub(in crate::run) async fn check(
    common: &Common,
    objects: impl Iterator<Item = &'static ObjectSpec>,
    account: &Account,
    choice: &Choice,
    environment: &Environment,
    now: i64,
) -> Result<(), SetupError> {
    let target = &common.target;
    let Some(why) = environment.fleeting(choice.named.is_some()) else { return Ok(()) };
    if target.sandbox || common.limits.dry_run || target.new_ledger.is_some() {
        return Ok(());
    }
    let mut final_objects = objects.filter(|object| object.steps(Mode::Update).is_err()).peekable();
    if final_objects.peek().is_none() {
        return Ok(());
    }
    let reading = Choice { read_only: true, ..choice.clone() };
    let ledger = choice::open(&reading, environment, now)?;
    for object in final_objects {
        let scope = ledger.scope(scope_of(account, object)).await;
        let scope = scope.map_err(|error| choice::refused(&error))?;
        if !scope.knows_records().await.map_err(|error| choice::refused(&error))? {
            return Err(SetupError::new(format!(
                "the ledger knows none of the {} yet, and this looks like a job that keeps no files ({why}): every run \
                 would send all rows again, and what is sent twice cannot be taken back",
                object.name
            ))
            .help(
                "keep the ledger between runs: --ledger PATH, on a disk that stays. For a first run, or where it was lost: \
                 --new-ledger looks first for what earlier runs have made, --new-ledger=empty takes it that nothing was sent",
            ));
        }
    }
    Ok(())
}

/// Whether the rows of a sync that have no entry are looked for. What was begun goes on in the next run.
pub(in crate::run) async fn adopts(
    target: &TargetSettings,
    scope: &Scope,
    first: bool,
) -> Result<bool, LedgerError> {
    match target.new_ledger {
        _ if target.sandbox => {}
        Some(NewLedger::Adopt) if first => scope.set_adopts(true).await?,
        Some(NewLedger::Empty) => scope.set_adopts(false).await?,
        Some(NewLedger::Adopt) | None => {}
    }
    scope.adopts().await
}

/// The creation times among which records of the source's rows can be; none: all. A source that can be read once alone
/// does not tell. With `derived`, only rows count whose key is derived.
pub(in crate::run) async fn windows(
    settings: &Settings,
    job: &Arc<Job>,
    scope: &Scope,
    interrupt: &Interrupt,
    derived: bool,
    now: i64,
) -> Vec<Window> {
    let dated = job.object.created_field.is_some_and(|field| job.mapping.may_feed(field));
    let Some(source) = dated.then(|| source::again(settings)).flatten() else { return Vec::new() };
    tokio::select! {
        windows = sync::span(Arc::clone(job), source, scope, derived, now) => windows,
        _ = interrupt.wait() => Vec::new(),
    }
}
