//! The calls of one row's write: its intent is in the ledger and current when it leaves, and what ends the run ends it.

use std::time::Duration;

use serde_json::Value;

use crate::api::{AnswerSpec, OperationName};
use crate::clock::Clock;
use crate::http::answer::classify::{Refused, Verdict};
use crate::http::answer::error::CallError;
use crate::http::answer::response::{Answer, text_of};
use crate::http::backoff::Backoff;
use crate::http::transport::Transport;
use crate::http::wire::{Caller, Ended, How, Next};
use crate::ledger::{Entry, Event, Window};
use crate::report::redact::add_row;
use crate::request::prepare::PreparedRequest;
use crate::sync::feed::plan::PlannedRow;
use crate::sync::settling::lookup_window::{intended, is_current};
use crate::sync::shared::context::{Context, Turn};
use crate::sync::shared::outage::OutageStep;
use crate::sync::shared::recent::RequestTimes;
use crate::sync::shared::tally::count;
use crate::text::redact::Private;

/// That many refusals for want of permission, one after the other, are taken to hold for every row.
const FORBIDDEN: u64 = 50;
/// How often an update is tried, over two minutes at least.
pub(crate) const TRIES: u32 = 8;

/// A write of a row, on its way.
struct RowCall<'r, 'a, T, C: Clock> {
    context: &'r Context<'a, T, C>,
    item: &'r PlannedRow,
    entry: &'r mut Entry,
    operation: OperationName,
    repeatable: bool,
    /// Given back when the first call leaves.
    turn: Option<Turn<'r>>,
    /// How often the request came into trouble, in this run and before.
    tries: u32,
    /// How often in this run.
    tries_now: u32,
    /// When it first left; the beginning of this run where that was before it.
    first: Option<Duration>,
    /// When it first left and when its last call ended.
    sent: Option<RequestTimes>,
    called: bool,
    flying: bool,
}

/// How the calls of a row have ended.
pub(crate) struct RowEnded {
    pub(crate) ended: Ended,
    pub(crate) tries: u32,
    /// A write of another row was applied since the first try.
    pub(crate) another_was_applied: bool,
    pub(crate) sent: Option<RequestTimes>,
}

/// Sends a request that writes until it is known, or cannot be known, what became of it.
pub(crate) async fn call<'r, T: Transport, C: Clock + Copy>(
    context: &'r Context<'_, T, C>,
    request: &PreparedRequest,
    turn: Turn<'r>,
    item: &'r PlannedRow,
    entry: &'r mut Entry,
) -> RowEnded {
    let operation = request.operation;
    let tries = entry.attempt.as_ref().filter(|_| operation.repeatable).map_or(0, |attempt| attempt.resends);
    let first = (tries > 0).then(|| context.began());
    context.patience.tries();
    let mut caller = RowCall {
        context,
        item,
        entry,
        operation: operation.name,
        repeatable: operation.repeatable,
        turn: Some(turn),
        tries,
        tries_now: 0,
        first,
        sent: None,
        called: false,
        flying: false,
    };
    let ended = context.wire.call(request, &mut caller).await;
    let applied = caller.another_was_applied();
    let (tries, sent) = (caller.tries, caller.sent);
    drop(caller);
    let stops = match &ended.how {
        How::Denied(answer) | How::Moved(answer) => Some(answer),
        How::Refused(Refused::Forbidden, answer) if context.is_forbidden(operation.name, FORBIDDEN) => {
            Some(answer)
        }
        _ => None,
    };
    if let Some(answer) = stops {
        let message = format!("HTTP {}: {}", answer.status, answer.explained(context.job.api));
        context.stop_for_person(message, Some(answer.status), Some(operation.name));
    }
    let how = if matches!(ended.how, How::Denied(_) | How::Moved(_)) { How::Stopped } else { ended.how };
    let ended = Ended { how, may_be_applied: ended.may_be_applied };
    RowEnded { ended, tries, another_was_applied: applied, sent }
}

impl<T: Transport, C: Clock + Copy> Caller for RowCall<'_, '_, T, C> {
    async fn wait<F: Future>(&self, future: F) -> Option<F::Output> {
        let output = self.context.unless_stopping(future).await;
        // What was waited for may have come with the answer that stops the run.
        output.filter(|_| !self.context.is_stopping())
    }

    async fn ready(&mut self) -> bool {
        let gate = self.context.outage_gate(self.operation);
        if !gate.is_closed() {
            return !self.context.is_stopping();
        }
        let place = gate.line_up(self.item.row.number, self.tries);
        loop {
            let changed = gate.changed();
            let now = self.context.clock.now();
            let waited = match place.step(now) {
                OutageStep::Go => return true,
                OutageStep::WaitUntil(None) => self.wait(changed).await,
                OutageStep::WaitUntil(Some(time)) => {
                    let either = async {
                        tokio::select! {
                            () = changed => {}
                            () = self.context.clock.sleep(time.saturating_sub(now)) => {}
                        }
                    };
                    self.wait(either).await
                }
            };
            if waited.is_none() {
                return false;
            }
        }
    }

    fn is_current(&self) -> bool {
        let now = self.context.clock.epoch_milliseconds();
        let skews = self.context.wire.skews();
        self.entry.open_create().is_none_or(|attempt| is_current(attempt, now, skews))
    }

    async fn renew(&mut self) -> bool {
        let at = self.context.clock.epoch_milliseconds();
        let window = Some(window(self.context, self.item));
        self.context.record(self.entry, Event::Sending { at, window }).await.is_some()
    }

    fn leaves(&mut self) {
        self.turn.take();
        if std::mem::replace(&mut self.called, true) {
            count(&self.context.tally.retries);
        }
        let now = self.context.clock.now();
        self.first.get_or_insert(now);
        self.context.patience.flies(now);
        self.flying = true;
        let left = self.sent.map_or_else(|| self.context.run_time(), |sent| sent.left);
        self.sent = Some(RequestTimes { left, ended: left });
    }

    fn add_private(&self, private: &mut Private) {
        add_row(private, &self.item.row, self.context.job.columns.as_deref());
    }

    fn came_back(&mut self, verdict: Verdict, result: &Result<Answer, CallError>) -> Verdict {
        self.lands();
        if let Some(sent) = &mut self.sent {
            sent.ended = self.context.run_time();
        }
        let verdict = match (verdict, result) {
            (Verdict::Applied, Ok(answer)) if self.is_of_another(answer) => {
                Verdict::Trouble { retry_after: None }
            }
            _ => verdict,
        };
        self.context.note_write(self.operation, self.item.row.number, verdict, result);
        verdict
    }

    fn next(&mut self, verdict: Verdict, backoff: &mut Backoff, calls: u32) -> Next {
        match verdict {
            // The gate of the pace makes this one wait, and every other.
            Verdict::Throttled { .. } => Next::Again(Duration::ZERO),
            Verdict::NotSent => Next::Again(backoff.pause(calls, None)),
            Verdict::Trouble { retry_after } if self.repeatable => {
                self.tries += 1;
                self.tries_now += 1;
                // Tries of an earlier run are enough only where this run shows that others get through.
                let enough = if self.another_was_applied() { self.tries } else { self.tries_now };
                if enough >= TRIES {
                    Next::End
                } else {
                    Next::Again(backoff.trouble(self.tries_now, retry_after))
                }
            }
            _ => Next::End,
        }
    }
}

impl<T, C: Clock> RowCall<'_, '_, T, C> {
    fn lands(&mut self) {
        if std::mem::take(&mut self.flying) {
            self.context.patience.landed();
        }
    }
}

impl<T, C: Clock + Copy> RowCall<'_, '_, T, C> {
    /// A write of another row was applied since this one was first tried.
    fn another_was_applied(&self) -> bool {
        self.first.is_some_and(|first| self.context.another_was_applied(first, self.item.row.number))
    }

    /// The answer to a create shows another record than the one that was sent. That its key alone is another one does not say
    /// so: a server may give keys of its own.
    fn is_of_another(&self, answer: &Answer) -> bool {
        if self.operation != OperationName::Create {
            return false;
        }
        let AnswerSpec { key, created, .. } = &self.context.job.api.answers;
        let shown = &answer.shown_otherwise;
        let mut identities = shown.iter().filter(|(name, value)| self.contradicts(name, value));
        identities.clone().any(|(name, _)| name != key)
            || identities.next().is_some() && shown.iter().any(|(name, _)| name != key && name != created)
    }

    /// This is an identity, and another one than was sent.
    fn contradicts(&self, name: &str, value: &Value) -> bool {
        let shown = self.context.matches.iter().find(|known| known.identity.property == name);
        let sent = shown.and_then(|known| Some((known, self.item.create.get(known.field())?)));
        sent.is_some_and(|(known, sent)| text_of(value).is_some_and(|text| known.value(text.trim()) != sent))
    }
}

impl<T, C: Clock> Drop for RowCall<'_, '_, T, C> {
    fn drop(&mut self) {
        // A call that is given up without an answer is no longer on its way.
        self.lands();
        self.context.patience.rests();
    }
}

/// The creation times among which what a create of this row makes is found.
pub(crate) fn window<T, C: Clock + Copy>(context: &Context<'_, T, C>, item: &PlannedRow) -> Window {
    intended(item.created, context.clock.epoch_milliseconds(), context.wire.skews())
}
