//! Waits until no other run writes the records that this one is about.

use std::time::Duration;

use super::choice::refused;
use crate::clock::Clock;
use crate::ledger::{Ledger, LedgerError, Scope, ScopeName};
use crate::run::not_ready::NotReady;
use crate::sync::Interrupt;

/// How often it is looked whether the other run has ended.
const LOOK: Duration = Duration::from_millis(500);

/// How a run waits for another one.
pub(in crate::run) struct LedgerWait<'w, C> {
    pub(in crate::run) clock: C,
    pub(in crate::run) interrupt: &'w Interrupt,
    /// Is told once for what it waits.
    pub(in crate::run) tell: Box<dyn FnMut(&str) + 'w>,
    pub(in crate::run) most: Duration,
}

impl<C: Clock> LedgerWait<'_, C> {
    /// The records of an object, once no other run writes them.
    pub(in crate::run) async fn scope(
        &mut self,
        ledger: &Ledger,
        name: ScopeName,
    ) -> Result<Scope, NotReady> {
        let end = self.clock.now().saturating_add(self.most);
        let mut told = false;
        loop {
            let error = match ledger.scope(name.clone()).await {
                Ok(scope) => return Ok(scope),
                Err(error @ LedgerError::Locked { .. }) => error,
                Err(error) => return Err(refused(&error).into()),
            };
            let left = end.saturating_sub(self.clock.now());
            if left.is_zero() {
                return Err(NotReady::Later(refused(&error)));
            }
            if !std::mem::replace(&mut told, true) {
                let text = error.to_string();
                let what = text.lines().next().unwrap_or_default();
                (self.tell)(&format!("waiting at most {} s (--wait): {what}", self.most.as_secs()));
            }
            tokio::select! {
                () = self.clock.sleep(left.min(LOOK)) => {}
                signal = self.interrupt.wait() => return Err(NotReady::Interrupted(signal)),
            }
        }
    }
}
