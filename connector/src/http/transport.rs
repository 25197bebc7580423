//! Sends requests: the only room that names the HTTP client.

use std::borrow::Cow;
use std::future::Future;
use std::io::Read as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Method as HttpMethod, Response, Url};

use super::answer::error::{CallError, CallErrorKind, Sent};
use super::answer::headers;
use super::answer::response::{Answer, Body};
use super::base_url::BaseUrl;
use super::credentials::{Credentials, Secret};
use super::flights::Flight;
use super::pace::permits::Permit;
use crate::api::{AnswerSpec, ApiSpec, Method, OperationName};
use crate::clock::Clock;
use crate::error::SetupError;
use crate::request::prepare::PreparedRequest;

/// The most of a body that is read.
const BODY_LIMIT: usize = 1 << 20;
/// Shorter keys, as in tests, are too likely to be parts of words.
const SHORTEST_SECRET: usize = 8;

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
    secrets: Vec<Secret>,
}

impl HttpTransport {
    /// A transport to `base_url`, the prefix of every path.
    pub fn new(
        api: &'static ApiSpec,
        base_url: &BaseUrl,
        credentials: &Credentials,
        timeout: Duration,
    ) -> Result<Self, SetupError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let pair = basic(credentials);
        headers.insert(AUTHORIZATION, authorization(&pair)?);
        let builder = Client::builder()
            .user_agent(concat!("partnerstack/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(10)))
            .redirect(reqwest::redirect::Policy::none())
            // A layer below that sends again could write twice.
            .retry(reqwest::retry::never())
            .tcp_nodelay(true);
        let client = if base_url.is_loopback() {
            builder.no_proxy().tls_backend_preconfigured(no_roots()?)
        } else {
            with_roots(builder)
        }
        .build()
        .map_err(|error| SetupError::new(format!("the HTTP client cannot be set up: {}", chain(&error))))?;
        let mut secrets = vec![pair, credentials.public.clone(), credentials.secret.clone()];
        secrets.retain(|secret| secret.reveal().len() >= SHORTEST_SECRET);
        // JSON may write a slash as `\/`.
        secrets.extend(secrets.clone().iter().map(|secret| Secret::new(secret.reveal().replace('/', r"\/"))));
        let (base_url, answers, shared) = (base_url.as_str().to_owned(), &api.answers, Mutex::new(None));
        Ok(Self { client, base_url, answers, shared, secrets })
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
        let bytes = without(&self.secrets, bytes);
        Ok(match (request.operation.name, &request.body) {
            (OperationName::List, _) | (_, None) => Answer::new(status, Body::read(&bytes)),
            (_, Some(sent)) => Answer::to_write(status, &bytes, self.answers, sent),
        })
    }
}

/// The content of a gzip body, at most one byte more than is read.
fn decompressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let mut reader = MultiGzDecoder::new(bytes).take(BODY_LIMIT as u64 + 1);
    reader.read_to_end(&mut plain).ok().map(|_| plain)
}

/// The body with stars where the keys are.
fn without(secrets: &[Secret], body: Vec<u8>) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(&body) else { return body };
    if !secrets.iter().any(|secret| text.contains(secret.reveal())) {
        return body;
    }
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.reveal(), "***")).into_bytes()
}

fn call_error(error: &reqwest::Error, status: Option<u16>) -> CallError {
    let (kind, sent, what) = if status.is_some() {
        (CallErrorKind::Unreadable, Sent::Yes, "the answer said success but broke off")
    } else if error.is_connect() {
        (CallErrorKind::Connect, Sent::No, "no connection")
    } else if error.is_timeout() {
        (CallErrorKind::Timeout, Sent::Maybe, "no answer in time")
    } else {
        (CallErrorKind::Broken, Sent::Maybe, "the connection broke before an answer came")
    };
    // Only causes below reqwest's own text: that one repeats the URL, and with it the record's key.
    let cause = std::error::Error::source(error).map(chain).filter(|cause| !cause.is_empty());
    let detail = cause.map_or_else(|| what.to_owned(), |cause| format!("{what} ({cause})"));
    CallError { kind, sent, status, retry_after: None, detail }
}

/// The last cause of an error, which is the one that says something: `Connection refused`, not `client error`.
fn chain(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

fn basic(credentials: &Credentials) -> Secret {
    use base64::Engine as _;
    let pair = format!("{}:{}", credentials.public.reveal(), credentials.secret.reveal());
    Secret::new(base64::engine::general_purpose::STANDARD.encode(pair))
}

fn authorization(pair: &Secret) -> Result<HeaderValue, SetupError> {
    let text = format!("Basic {}", pair.reveal());
    let mut value =
        HeaderValue::try_from(text).map_err(|_| SetupError::new("the keys cannot be sent as a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Loopback needs no TLS, so the machine's certificates are not read, which takes longer than a whole small sync.
fn no_roots() -> Result<rustls::ClientConfig, SetupError> {
    Ok(rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| SetupError::new(format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth())
}

fn with_roots(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    // An error says that another part of the program has chosen a provider already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    builder
}
