//! Sends requests: the only room that names the HTTP client.

use std::borrow::Cow;
use std::error::Error;
use std::future::Future;
use std::io::{self, Read as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Method as HttpMethod, Proxy, Response, Url};
use serde_json::Value;

use super::answer::error::{CallError, CallErrorKind, Sent};
use super::answer::headers;
use super::answer::response::{Answer, Body};
use super::base_url::BaseUrl;
use super::credentials::{Credentials, Secret};
use super::flights::Flight;
use super::pace::permits::Permit;
use super::proxy::{ProxySettings, Way};
use crate::api::{AnswerSpec, ApiSpec, Method, OperationName};
use crate::clock::Clock;
use crate::error::SetupError;
use crate::request::prepare::PreparedRequest;
use crate::text::printable::printable;
use crate::text::redact::Private;

/// The most of a body that is read.
const BODY_LIMIT: usize = 1 << 20;

/// Sends one request and brings back its answer. It never sends twice: the caller decides that.
pub trait Transport {
    /// Sends a request. The place in flight ends with it; the permit comes back, to be told what was answered.
    fn send<'w, C: Clock>(
        &self,
        flight: Flight<'w>,
        permit: Permit<'w, C>,
        request: &PreparedRequest,
    ) -> impl Future<Output = (Result<Answer, CallError>, Permit<'w, C>)>;
}

/// A transport that several share.
impl<T: Transport> Transport for &T {
    fn send<'w, C: Clock>(
        &self,
        flight: Flight<'w>,
        permit: Permit<'w, C>,
        request: &PreparedRequest,
    ) -> impl Future<Output = (Result<Answer, CallError>, Permit<'w, C>)> {
        (**self).send(flight, permit, request)
    }
}

/// HTTP/1.1 with keep-alive, over TLS wherever the server is not this machine.
pub struct HttpTransport {
    client: Client,
    base_url: String,
    answers: &'static AnswerSpec,
    /// The URL of a path that many requests share: to take one apart costs more than to copy it.
    shared: Mutex<Option<(&'static str, Url)>>,
    /// What a server must not make us print, should it repeat what it was sent.
    secrets: Private,
    /// Why nothing can leave before a person has acted.
    closed: Option<String>,
}

impl HttpTransport {
    /// A transport to `base_url`, the prefix of every path.
    pub fn new(
        api: &'static ApiSpec,
        base_url: &BaseUrl,
        credentials: &Credentials,
        timeout: Duration,
        proxies: &ProxySettings,
    ) -> Result<Self, SetupError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(AUTHORIZATION, authorization(&credentials.pair())?);
        let builder = Client::builder()
            .user_agent(concat!("partnerstack/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(10)))
            .redirect(reqwest::redirect::Policy::none())
            // A layer below that sends again could write twice.
            .retry(reqwest::retry::never())
            .tcp_nodelay(true);
        let mut closed = None;
        // The settings of the machine are read by this program alone: the client would pass by those that it cannot read.
        let builder = builder.no_proxy();
        let builder = match proxies.way_to(base_url.host()) {
            Way::Direct => builder,
            Way::Through(proxy) => builder.proxy(through(proxy)?),
            Way::Closed(why) => {
                closed = Some(why);
                builder
            }
        };
        let client = if base_url.is_tls() {
            match with_roots(builder).build() {
                Ok(client) => client,
                Err(error) => {
                    closed = Some(without_roots(&error));
                    without_tls(Client::builder())?
                }
            }
        } else {
            without_tls(builder)?
        };
        let (base_url, answers, shared) = (base_url.as_str().to_owned(), &api.answers, Mutex::new(None));
        Ok(Self { client, base_url, answers, shared, secrets: credentials.private(), closed })
    }

    fn url(&self, request: &PreparedRequest) -> Result<Url, CallError> {
        let parsed = || {
            Url::parse(&format!("{}{}", self.base_url, request.path)).map_err(|error| CallError {
                kind: CallErrorKind::Connect,
                sent: Sent::No,
                status: None,
                retry_after: None,
                detail: format!("no URL can be made of the path ({error})"),
            })
        };
        let Cow::Borrowed(path) = &request.path else { return parsed() };
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        match &*shared {
            Some((of, url)) if of == path => Ok(url.clone()),
            _ => Ok(shared.insert((path, parsed()?)).1.clone()),
        }
    }
}

impl Transport for HttpTransport {
    async fn send<'w, C: Clock>(
        &self,
        flight: Flight<'w>,
        permit: Permit<'w, C>,
        request: &PreparedRequest,
    ) -> (Result<Answer, CallError>, Permit<'w, C>) {
        let result = self.exchange(request, permit.epoch_milliseconds()).await;
        drop(flight);
        (result, permit)
    }
}

impl HttpTransport {
    async fn exchange(&self, request: &PreparedRequest, now: i64) -> Result<Answer, CallError> {
        if let Some(why) = &self.closed {
            return Err(CallError {
                kind: CallErrorKind::NeedsPerson,
                sent: Sent::No,
                status: None,
                retry_after: None,
                detail: why.clone(),
            });
        }
        let method = match request.operation.method {
            Method::Get => HttpMethod::GET,
            Method::Post => HttpMethod::POST,
            Method::Put => HttpMethod::PUT,
            Method::Patch => HttpMethod::PATCH,
        };
        let mut call = self.client.request(method, self.url(request)?);
        if let Some(body) = &request.body {
            call = call.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let response = call.send().await.map_err(|error| call_error(&error, None))?;
        let (retry_after, date) =
            (headers::retry_after(response.headers(), now), headers::date(response.headers()));
        Ok(Answer { retry_after, date, ..self.read(response, request).await? })
    }

    async fn read(&self, mut response: Response, request: &PreparedRequest) -> Result<Answer, CallError> {
        let status = response.status().as_u16();
        let compressed = headers::is_gzip(response.headers());
        let mut bytes = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() > BODY_LIMIT => {
                    return Ok(Answer::new(status, Body::TooLarge));
                }
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => break,
                // A refusal stands whether or not its text arrives.
                Err(_) if !(200..300).contains(&status) => {
                    return Ok(Answer::new(status, Body::Unreadable("a body that broke off")));
                }
                Err(error) => return Err(call_error(&error, Some(status))),
            }
        }
        if compressed {
            bytes = match decompressed(&bytes) {
                Some(plain) if plain.len() > BODY_LIMIT => return Ok(Answer::new(status, Body::TooLarge)),
                Some(plain) => plain,
                None => {
                    return Ok(Answer::new(status, Body::Unreadable("a body that cannot be decompressed")));
                }
            };
        }
        let mut answer = match (request.operation.name, &request.body) {
            (OperationName::List, _) | (_, None) => Answer::new(status, Body::read(&bytes)),
            (_, Some(sent)) => Answer::to_write(status, &bytes, self.answers, sent),
        };
        // Not before it is decoded: JSON can write a key in many ways.
        if let Body::Json(body) = &mut answer.body {
            take_out(&self.secrets, body);
        }
        Ok(answer)
    }
}

/// The content of a gzip body, at most one byte more than is read.
fn decompressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let mut reader = MultiGzDecoder::new(bytes).take(BODY_LIMIT as u64 + 1);
    reader.read_to_end(&mut plain).ok().map(|_| plain)
}

/// Puts stars where the keys are.
fn take_out(secrets: &Private, body: &mut Value) {
    match body {
        Value::String(text) => {
            if let Cow::Owned(without) = secrets.take_out(text) {
                *text = without;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| take_out(secrets, item)),
        Value::Object(entries) => entries.values_mut().for_each(|entry| take_out(secrets, entry)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn call_error(error: &reqwest::Error, status: Option<u16>) -> CallError {
    let person = error.is_connect().then(|| needs_person(error)).flatten();
    let (kind, sent, what) = if let Some(what) = person {
        (CallErrorKind::NeedsPerson, Sent::No, what)
    } else if status.is_some() {
        (CallErrorKind::Unreadable, Sent::Yes, "the answer said success but broke off")
    } else if error.is_connect() {
        (CallErrorKind::Connect, Sent::No, "no connection")
    } else if error.is_timeout() {
        (CallErrorKind::Timeout, Sent::Maybe, "no answer in time")
    } else {
        (CallErrorKind::Broken, Sent::Maybe, "the connection broke before an answer came")
    };
    // Only causes below reqwest's own text: that one repeats the URL, and with it the record's key.
    let cause = Error::source(error).map(last_cause).filter(|cause| !cause.is_empty());
    let detail = cause.map_or_else(|| what.to_owned(), |cause| format!("{what} ({})", printable(&cause)));
    CallError { kind, sent, status, retry_after: None, detail }
}

/// The last cause of an error, which is the one that says something: `Connection refused`, not `client error`.
fn last_cause(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| {
        let error = *error;
        // What an I/O error was made of is not its source.
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        inner.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source())
    })
}

/// What no retry can mend about a connection, and what to do about it.
fn needs_person(error: &reqwest::Error) -> Option<&'static str> {
    let of = |cause: &(dyn Error + 'static)| {
        if matches!(cause.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))) {
            return Some(
                "the certificate of the server is not trusted; where a proxy of your network reads along, name the file of \
                 its CA in SSL_CERT_FILE",
            );
        }
        // The client has no type for it.
        cause.to_string().contains("proxy authorization required").then_some(
            "the proxy wants other credentials (HTTP 407); write them into its URL: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT",
        )
    };
    causes(error).find_map(of)
}

/// A proxy of the settings. Its URL may hold a password, so an error does not repeat it.
fn through(url: &Url) -> Result<Proxy, SetupError> {
    Proxy::all(url.clone()).map_err(|_| SetupError::new("the URL of the proxy cannot be used"))
}

fn authorization(pair: &Secret) -> Result<HeaderValue, SetupError> {
    let text = format!("Basic {}", pair.reveal());
    let mut value =
        HeaderValue::try_from(text).map_err(|_| SetupError::new("the keys cannot be sent as a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Why nothing can be sent by TLS.
fn without_roots(error: &reqwest::Error) -> String {
    format!(
        "TLS cannot be set up ({}): install the CA certificates of this system (ca-certificates), or name a file of them in SSL_CERT_FILE",
        printable(&last_cause(error))
    )
}

/// Without TLS the machine's certificates are not read, which takes longer than a whole small sync.
fn without_tls(builder: reqwest::ClientBuilder) -> Result<Client, SetupError> {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| SetupError::new(format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    builder.tls_backend_preconfigured(tls).build().map_err(|error| {
        SetupError::new(format!("the HTTP client cannot be set up: {}", printable(&last_cause(&error))))
    })
}

fn with_roots(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    // An error says that another part of the program has chosen a provider already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    builder
}
