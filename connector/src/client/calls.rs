//! The client: one call of the API for each method.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::error::{self, ClientError, Why};
use crate::api::mode;
use crate::api::object::{Allows, Object};
use crate::api::{ObjectSpec, OperationName};
use crate::clock::{Clock as _, SystemClock};
use crate::config::environment::Environment;
use crate::error::SetupError;
use crate::generated::API;
use crate::http::answer::classify::{Refused, Verdict};
use crate::http::answer::error::{CallError, CallErrorKind};
use crate::http::answer::response::Answer;
use crate::http::backoff::Backoff;
use crate::http::base_url::BaseUrl;
use crate::http::credentials::Credentials;
use crate::http::transport::HttpTransport;
use crate::http::wire::{Caller, How, Next, Wire, WireLimits, said};
use crate::request::payload::{CreatePayload, Payload, UpdatePayload};
use crate::request::prepare::{self, PreparedRequest};

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_mins(1);
/// How long one call may take with all that is repeated.
const GIVE_UP: Duration = Duration::from_mins(5);

/// The most requests in flight.
const FLIGHTS: u32 = 256;
/// How often a call is made whose answer says nothing.
const TRIES: u32 = 8;

/// A connection to the API. Clones share the connection pool and the pace, so one client serves a whole program.
///
/// Its calls need a tokio runtime with I/O and time, and can be spawned as tasks of any flavour.
///
/// A call that is dropped before it ends, by a timeout around it for one, may or may not have been applied.
#[derive(Clone)]
pub struct Client {
    shared: Arc<ClientShared>,
}

struct ClientShared {
    wire: Wire<HttpTransport, SystemClock>,
    give_up: Duration,
}

/// A record that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// It was made by this call; otherwise it existed and was changed.
    pub created: bool,
    /// The system's own key of it, where the answer has one.
    pub key: Option<String>,
    /// The API marked it as a test record: the credentials are test keys.
    pub test: bool,
}

/// A call on its way. Nothing is sent before it is awaited.
pub type Call<'c> = Pin<Box<dyn Future<Output = Result<Written, ClientError>> + Send + 'c>>;

impl Client {
    /// A client of the production API, at the API's quota.
    pub fn new(credentials: &Credentials) -> Result<Self, SetupError> {
        Self::builder(credentials).build()
    }

    /// A client that is to be set up in another way.
    pub fn builder(credentials: &Credentials) -> ClientBuilder<'_> {
        ClientBuilder {
            credentials,
            base_url: API.base_url,
            quota: API.rate_limit.requests,
            timeout: TIMEOUT,
            give_up: GIVE_UP,
        }
    }

    /// Creates a record.
    ///
    /// It is sent again only where it certainly was not applied. Where that is not known, the error is
    /// [`ClientError::Uncertain`].
    pub fn insert<C>(&self, payload: C) -> Call<'_>
    where
        C: CreatePayload<Object: Allows<mode::Insert>>,
    {
        let request = prepare::payload(payload);
        Box::pin(async { self.call(object::<C>(), &request?).await })
    }

    /// Changes a record that exists; what the payload leaves out stays as it is.
    pub fn update<U>(&self, payload: U) -> Call<'_>
    where
        U: UpdatePayload<Object: Allows<mode::Update>>,
    {
        let request = prepare::payload(payload);
        Box::pin(async { self.call(object::<U>(), &request?).await })
    }

    /// Changes a record, and creates it where the API does not know it.
    ///
    /// Both payloads are checked before the first is sent. Objects whose upsert is no more than a create that a ledger
    /// keeps from being sent twice have no `Update`, and cannot be upserted here.
    pub fn upsert<U, C>(&self, change: U, otherwise: C) -> Call<'_>
    where
        U: UpdatePayload<Object: Allows<mode::Upsert>>,
        C: CreatePayload<Object = U::Object>,
    {
        let requests = (prepare::payload(change), prepare::payload(otherwise));
        Box::pin(async {
            let (change, otherwise) = match requests {
                (Ok(change), Ok(otherwise)) => (change, otherwise),
                (change, otherwise) => return Err(error::all_faults([change.err(), otherwise.err()])),
            };
            match self.call(object::<U>(), &change).await {
                Err(ClientError::NotFound(_)) => self.call(object::<U>(), &otherwise).await,
                other => other,
            }
        })
    }

    async fn call(
        &self,
        object: &'static ObjectSpec,
        request: &PreparedRequest,
    ) -> Result<Written, ClientError> {
        let answer = self.send(object, request).await?;
        let key = answer.record(&API).and_then(|record| record.get(API.answers.key));
        let key = key.and_then(|key| key.as_str()).map(str::to_owned);
        let created = request.operation.name == OperationName::Create;
        Ok(Written { created, key, test: answer.is_test(&API) })
    }

    /// Sends a request until it is known, or cannot be known, what became of it.
    async fn send(
        &self,
        object: &'static ObjectSpec,
        request: &PreparedRequest,
    ) -> Result<Answer, ClientError> {
        let ClientShared { wire, give_up } = &*self.shared;
        let clock = wire.clock();
        let mut caller = Deadline {
            clock,
            at: clock.now().saturating_add(*give_up),
            trouble: None,
            repeatable: request.operation.repeatable,
            needs_person: false,
        };
        let ended = wire.call(request, &mut caller).await;
        let refused =
            |why: Why, answer: &Answer| Err(ClientError::refused(why, object, request.operation, answer));
        match ended.how {
            How::Applied(answer) => Ok(answer),
            How::Refused(Refused::NotFound { .. }, answer) => refused(Why::NotFound, &answer),
            How::Refused(Refused::Duplicate, answer) => refused(Why::Duplicate, &answer),
            How::Refused(Refused::Row, answer) => refused(Why::Rejected, &answer),
            How::Refused(Refused::Forbidden, answer) | How::Denied(answer) | How::Moved(answer) => {
                refused(Why::Denied, &answer)
            }
            How::Trouble { message, .. } if ended.may_be_applied && !request.operation.repeatable => {
                Err(ClientError::uncertain(object, &message))
            }
            How::Trouble { message, .. } => Err(ClientError::Unavailable { message }),
            How::Stopped => Err(ClientError::unavailable(*give_up, caller.trouble)),
        }
    }
}

/// A call that ends at a certain time.
struct Deadline {
    clock: SystemClock,
    at: Duration,
    /// What the last call brought.
    trouble: Option<String>,
    /// It may be sent again although it may have been applied.
    repeatable: bool,
    /// No retry would mend what came last.
    needs_person: bool,
}

impl Caller for Deadline {
    async fn wait<F: Future>(&self, future: F) -> Option<F::Output> {
        tokio::select! {
            biased;
            output = future => Some(output),
            () = self.clock.sleep(self.at.saturating_sub(self.clock.now())) => None,
        }
    }

    fn came_back(&mut self, verdict: Verdict, result: &Result<Answer, CallError>) -> Verdict {
        self.trouble = Some(said(&API, result).1);
        self.needs_person = matches!(result, Err(CallError { kind: CallErrorKind::NeedsPerson, .. }));
        verdict
    }

    fn next(&mut self, verdict: Verdict, backoff: &mut Backoff, calls: u32) -> Next {
        match verdict {
            Verdict::Throttled { .. } => Next::Again(Duration::ZERO),
            Verdict::NotSent if !self.needs_person => Next::Again(backoff.pause(calls, None)),
            Verdict::Trouble { retry_after } if self.repeatable && calls < TRIES => {
                Next::Again(backoff.pause(calls, retry_after))
            }
            _ => Next::End,
        }
    }
}

fn object<P: Payload>() -> &'static ObjectSpec {
    <P::Object as Object>::SPEC
}

/// Sets up a [`Client`].
#[must_use]
pub struct ClientBuilder<'c> {
    credentials: &'c Credentials,
    base_url: &'c str,
    quota: u32,
    timeout: Duration,
    give_up: Duration,
}

impl<'c> ClientBuilder<'c> {
    /// The prefix of every path: https, or http to this machine. By default the production API.
    pub fn base_url(self, base_url: &'c str) -> Self {
        Self { base_url, ..self }
    }

    /// The most requests in one window of the API's rate limit. By default all that the API allows; less where other
    /// programs use the same address.
    pub fn quota(self, quota: u32) -> Self {
        Self { quota, ..self }
    }

    /// How long one request may take; a minute by default.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// How long one call may take with all that is repeated and waited for; five minutes by default. A request that is
    /// on its way is not cut short.
    pub fn give_up(self, give_up: Duration) -> Self {
        Self { give_up, ..self }
    }

    /// The client. Fails where the base URL is not one, or TLS cannot be set up.
    pub fn build(self) -> Result<Client, SetupError> {
        let base_url = BaseUrl::parse(self.base_url)?;
        let proxies = Environment::of_process().proxies(&base_url)?;
        let transport = HttpTransport::new(&API, &base_url, self.credentials, self.timeout, &proxies)?;
        let limits = WireLimits { quota: self.quota, concurrency: FLIGHTS, seed: fastrand::u64(..) };
        let wire = Wire::new(&API, transport, SystemClock::default(), limits);
        Ok(Client { shared: Arc::new(ClientShared { wire, give_up: self.give_up }) })
    }
}
