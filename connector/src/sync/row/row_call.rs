//! The calls of one row's write: its intent is in the ledger and current when it leaves, and what ends the run ends it.

use crate::api::{Operation, OperationName};
use crate::clock::Clock;
use crate::http::classify::Verdict;
use crate::http::error::CallError;
use crate::http::response::Answer;
use crate::http::transport::Transport;
use crate::http::wire::{Caller, Ended, How};
use crate::ledger::{Entry, Event, Window};
use crate::report::counts::Stopped;
use crate::report::hint::{self, Situation};
use crate::report::redact::redact;
use crate::request::prepare::PreparedRequest;
use crate::sync::feed::plan::PlannedRow;
use crate::sync::settling::lookup_window::{is_stale, window_of};
use crate::sync::shared::context::{Context, Turn, count};

/// When the first answers of an operation are all "forbidden", this many are taken to hold for every row.
const FORBIDDEN_AT_START: u64 = 10;

/// A write of a row, on its way.
struct RowCall<'r, 'a, T, C: Clock> {
    context: &'r Context<'a, T, C>,
    item: &'r PlannedRow,
    entry: &'r mut Entry,
    operation: OperationName,
    /// Given back when the first call leaves.
    turn: Option<Turn<'r>>,
    called: bool,
}

/// Sends a request that writes until it is known, or cannot be known, what became of it.
pub(crate) async fn call<'r, T: Transport, C: Clock + Copy>(
    context: &'r Context<'_, T, C>,
    request: &PreparedRequest,
    turn: Turn<'r>,
    item: &'r PlannedRow,
    entry: &'r mut Entry,
) -> Ended {
    let operation = request.operation;
    let mut caller =
        RowCall { context, item, entry, operation: operation.name, turn: Some(turn), called: false };
    let ended = context.wire.call(request, &mut caller).await;
    match ended.how {
        How::Denied(ref answer) => stop_for_all(context, operation, answer, item),
        How::Forbidden(ref answer) if context.tally.only_forbidden(operation.name, FORBIDDEN_AT_START) => {
            stop_for_all(context, operation, answer, item);
        }
        // Only this row is concerned, as far as anyone can tell.
        How::Forbidden(answer) => {
            return Ended { how: How::Refused(answer), may_be_applied: ended.may_be_applied };
        }
        _ => return ended,
    }
    Ended { how: How::Stopped, may_be_applied: ended.may_be_applied }
}

impl<T: Transport, C: Clock + Copy> Caller for RowCall<'_, '_, T, C> {
    async fn wait<F: Future>(&self, future: F) -> Option<F::Output> {
        let output = self.context.unless_stopping(future).await;
        // What was waited for may have come with the answer that stops the run.
        output.filter(|_| !self.context.is_stopping())
    }

    fn is_current(&self) -> bool {
        let now = self.context.clock.epoch_milliseconds();
        !self.entry.open_create().is_some_and(|attempt| is_stale(attempt.at, now))
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
    }

    fn came_back(&mut self, verdict: Verdict, result: &Result<Answer, CallError>) {
        self.context.note(self.operation, verdict, result);
    }
}

/// The creation times among which what a create of this row makes is found.
pub(crate) fn window<T, C: Clock + Copy>(context: &Context<'_, T, C>, item: &PlannedRow) -> Window {
    window_of(item.created, context.server_time(), context.job.limits.timeout)
}

/// Ends the run: what the API has said holds for every row.
fn stop_for_all<T, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    operation: &Operation,
    answer: &Answer,
    item: &PlannedRow,
) {
    let job = context.job;
    let text = answer.message(job.api);
    let message = match operation.name {
        OperationName::Create if answer.status == 404 => {
            format!(
                "{} {} was not found ({text}): is the base URL right?",
                operation.method.name(),
                operation.path
            )
        }
        _ => format!("HTTP {}: {text}", answer.status),
    };
    let situation = Situation {
        object: job.object.name,
        operation: Some(operation.name),
        status: Some(answer.status),
        message: &text,
        ..Situation::default()
    };
    let message = redact(&message, &item.row, job.columns.as_deref());
    context.stop(Stopped { message, hint: hint::choose(job.api, &situation), signal: None });
}
