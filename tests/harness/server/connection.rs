//! One connection: requests one after the other, and what goes wrong with them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use super::Control;
use super::answer::Answer;
use super::http::Wire;
use super::options::{Kind, Moment};
use super::state::{Plan, State};

/// How long the second half of a slow answer takes.
const SLOW: Duration = Duration::from_millis(300);

/// What the connections of a server have in common.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub(super) state: Arc<Mutex<State>>,
    pub(super) control: mpsc::UnboundedSender<Control>,
}

impl Shared {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a request ended.
enum End {
    /// The next one may come.
    Answered,
    /// The connection is closed.
    Closed,
    /// The connection is reset.
    Reset,
}

/// Serves a connection until it ends, or until the server goes away.
pub(super) async fn serve(stream: TcpStream, shared: Shared, mut gone: watch::Receiver<()>) {
    let reset = tokio::select! {
        reset = converse(&stream, &shared) => reset,
        _ = gone.changed() => true,
    };
    if reset {
        // What is closed with a linger of zero is reset.
        let _ = stream.set_zero_linger();
    }
}

/// Answers requests; says whether the connection is to be reset.
async fn converse(stream: &TcpStream, shared: &Shared) -> bool {
    let mut wire = Wire::new(stream);
    while let Some(request) = wire.request().await {
        let plan = shared.state().arrive(&request);
        match answer(&mut wire, shared, plan).await {
            End::Answered => {}
            End::Closed => return false,
            End::Reset => return true,
        }
    }
    false
}

async fn answer(wire: &mut Wire<'_>, shared: &Shared, mut plan: Plan) -> End {
    let answer = match plan.refusal.take() {
        Some(refusal) => refusal,
        None => match effect(shared, &plan).await {
            Ok(answer) => answer,
            Err(kind) => {
                pause(plan.latency).await;
                return fail(wire, shared, &plan, kind, &Answer::ok("Done", &Value::Null)).await;
            }
        },
    };
    if let Some(lasting) = plan.leaves_for {
        let _ = shared.control.send(Control::Leave { lasting: Some(lasting), done: None });
        // The door is shut from outside.
        std::future::pending::<()>().await;
    }
    pause(plan.latency).await;
    match plan.fault_at(Moment::After) {
        Some(kind) => fail(wire, shared, &plan, kind, &answer).await,
        None => tell(wire, shared, &plan, &answer).await,
    }
}

/// The effect of a request, unless something goes wrong before it.
async fn effect(shared: &Shared, plan: &Plan) -> Result<Answer, Kind> {
    if let Some(kind) = plan.fault_at(Moment::Before) {
        return Err(kind);
    }
    pause(plan.effect_after).await;
    Ok(shared.state().apply(plan.number))
}

/// Lets a request go wrong.
async fn fail(wire: &mut Wire<'_>, shared: &Shared, plan: &Plan, kind: Kind, answer: &Answer) -> End {
    match kind {
        Kind::Reset => {
            shared.state().ended(plan.number, None);
            End::Reset
        }
        Kind::Hang => {
            wire.left().await;
            shared.state().ended(plan.number, None);
            End::Closed
        }
        Kind::Closed => {
            shared.state().ended(plan.number, None);
            End::Closed
        }
        Kind::ClosedBehind => {
            tell(wire, shared, plan, answer).await;
            End::Closed
        }
        Kind::Slow => {
            let bytes = answer.bytes(shared.state().now());
            let (first, second) = bytes.split_at(half(&bytes, answer));
            let _ = wire.send(first).await;
            pause(SLOW).await;
            shared.state().ended(plan.number, Some(answer.status));
            if wire.send(second).await.is_ok() { End::Answered } else { End::Closed }
        }
        Kind::Truncated => {
            let bytes = answer.bytes(shared.state().now());
            shared.state().ended(plan.number, Some(answer.status));
            let _ = wire.send(bytes.get(..half(&bytes, answer)).unwrap_or_default()).await;
            End::Closed
        }
        Kind::Error(status) => tell(wire, shared, plan, &Answer::error(status, "Something went wrong")).await,
        Kind::Throttle(retry_after) => tell(wire, shared, plan, &Answer::throttled(retry_after)).await,
        Kind::Html => tell(wire, shared, plan, &Answer::html()).await,
        // An empty success says that the request had its effect, which one that was refused had not.
        Kind::Empty if answer.status >= 300 => tell(wire, shared, plan, answer).await,
        Kind::Empty => tell(wire, shared, plan, &Answer::empty()).await,
        Kind::Bare => tell(wire, shared, plan, &answer.bare()).await,
    }
}

/// Where the second half of the body begins.
fn half(bytes: &[u8], answer: &Answer) -> usize {
    bytes.len() - answer.body.len().div_ceil(2)
}

async fn tell(wire: &mut Wire<'_>, shared: &Shared, plan: &Plan, answer: &Answer) -> End {
    let bytes = answer.bytes(shared.state().now());
    // Noted first: the client may ask again before this thread goes on.
    shared.state().ended(plan.number, Some(answer.status));
    if wire.send(&bytes).await.is_ok() { End::Answered } else { End::Closed }
}

/// Sleeps; not at all where there is nothing to sleep, so that a request that came has its effect before the server does
/// anything else.
async fn pause(time: Duration) {
    if !time.is_zero() {
        sleep(time).await;
    }
}
