//! The client: one call of the API for each method.

use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::error::{self, ClientError};
use crate::api::mode;
use crate::api::object::{Allows, Object};
use crate::api::{ObjectSpec, OperationName};
use crate::clock::{Clock as _, SystemClock};
use crate::error::SetupError;
use crate::generated::API;
use crate::http::backoff::Backoff;
use crate::http::classify::{Verdict, classify};
use crate::http::credentials::Credentials;
use crate::http::error::{CallError, Sent};
use crate::http::pace::{Answered, Pace};
use crate::http::response::Answer;
use crate::http::transport::{BaseUrl, HttpTransport, Transport as _};
use crate::request::payload::{CreatePayload, Payload, UpdatePayload};
use crate::request::prepare::{self, PreparedRequest};

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_mins(1);
/// How long one call may take with all that is repeated.
const GIVE_UP: Duration = Duration::from_mins(5);

/// One clock for all clients, so that a pace can refer to it for as long as it lives.
static CLOCK: LazyLock<SystemClock> = LazyLock::new(SystemClock::default);

/// A connection to the API. Clones share the connection pool and the pace, so one client serves a whole program.
///
/// Its calls need a tokio runtime with I/O and time, and can be spawned as tasks of any flavour.
///
/// A call that is dropped before it ends, by a timeout around it for one, may or may not have been applied.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    transport: HttpTransport,
    pace: Pace<'static, SystemClock>,
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
    /// It is sent again only where it certainly was not applied. Where nobody can know, the error is
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
        let Shared { transport, pace, give_up } = &*self.shared;
        let deadline = CLOCK.now() + *give_up;
        let mut backoff = Backoff::seeded(fastrand::u64(..));
        // The server may have acted on attempts; calls that did not get through are no attempts.
        let (mut calls, mut attempt) = (1, 1);
        let mut trouble = None;
        loop {
            let left = deadline.saturating_sub(CLOCK.now());
            let permit = tokio::select! {
                biased;
                permit = pace.ready() => permit,
                () = CLOCK.sleep(left) => return Err(ClientError::unavailable(*give_up, trouble)),
            };
            let result = transport.send(request).await;
            let verdict = classify(&API, request.operation, attempt, &result);
            permit.answered(Answered::of(verdict, &result));
            match (verdict, result) {
                (Verdict::Done, Ok(answer)) => return Ok(answer),
                // The gate of the pace makes this one wait, and every other.
                (Verdict::Throttled { .. }, result) => trouble = Some(said(&result)),
                (Verdict::Again, result) => {
                    if !matches!(result, Err(CallError { sent: Sent::No, .. })) {
                        attempt += 1;
                    }
                    trouble = Some(said(&result));
                    let left = deadline.saturating_sub(CLOCK.now());
                    if left.is_zero() {
                        return Err(ClientError::unavailable(*give_up, trouble));
                    }
                    CLOCK.sleep(backoff.pause(calls, None).min(left)).await;
                }
                (Verdict::Uncertain, result) => return Err(ClientError::uncertain(object, &said(&result))),
                (verdict, Ok(answer)) => {
                    return Err(ClientError::refused(verdict, object, request.operation, &answer));
                }
                (_, Err(error)) => return Err(ClientError::Unavailable { message: error.to_string() }),
            }
            calls += 1;
        }
    }
}

fn object<P: Payload>() -> &'static ObjectSpec {
    <P::Object as Object>::SPEC
}

/// What a call brought, for people.
fn said(result: &Result<Answer, CallError>) -> String {
    result.as_ref().map_or_else(ToString::to_string, |answer| answer.message(&API))
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
        let transport = HttpTransport::new(&API, &base_url, self.credentials, self.timeout)?;
        let window = Duration::from_secs(u64::from(API.rate_limit.seconds));
        let pace = Pace::new(&*CLOCK, self.quota, window, Backoff::seeded(fastrand::u64(..)));
        Ok(Client { shared: Arc::new(Shared { transport, pace, give_up: self.give_up }) })
    }
}
