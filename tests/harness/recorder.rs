//! A server that answers as a test says, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use httpmock::{HttpMockRequest, HttpMockResponse, MockServer};
use serde_json::{Value, json};

use crate::keys::PREFIX;

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub struct Call {
    /// GET, POST, PATCH.
    pub method: String,
    /// The path and query after [`PREFIX`], as they were sent; all of it where they do not begin so.
    pub path: String,
    /// Names are in lower case.
    pub headers: Vec<(String, String)>,
    /// The bytes of the body.
    pub body: Vec<u8>,
}

impl Call {
    /// The value of a header that came once.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let (_, value) = found.next()?;
        assert!(found.next().is_none(), "the header {name} came twice");
        Some(value)
    }

    /// The body, which is JSON; null where there is none.
    #[must_use]
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).expect("a body is JSON")
    }

    /// It only reads, as the lookups of a sync do.
    #[must_use]
    pub fn reads(&self) -> bool {
        self.method == "GET"
    }

    /// The key of the row that it writes: in the body of a create, else at the end of the path.
    #[must_use]
    pub fn key(&self) -> String {
        let body = self.json();
        let text = |name| body.get(name).and_then(Value::as_str).map(str::to_owned);
        text("customer_key")
            .or_else(|| text("key"))
            .unwrap_or_else(|| self.path.rsplit('/').next().unwrap_or_default().to_owned())
    }
}

/// What a server answers.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Headers besides the content type.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// Success, in the envelope of the API.
    #[must_use]
    pub fn done() -> Self {
        Self::made("rec_1")
    }

    /// Success: a record with this key of the system's.
    #[must_use]
    pub fn made(key: &str) -> Self {
        let record = json!({"key": key, "created_at": 1_772_323_200_000_i64, "test": false});
        Self::of(200, json!({"data": record, "message": "done", "status": 200}).to_string())
    }

    /// Success: the record has the key that the call gave it, where it is the caller who gives keys.
    #[must_use]
    pub fn done_to(call: &Call) -> Self {
        match call.json().get("key").and_then(Value::as_str) {
            Some(key) => Self::made(key),
            None => Self::made(&format!("rec_{}", call.key())),
        }
    }

    /// A refusal with a message, in the envelope of the API.
    #[must_use]
    pub fn refused(status: u16, message: &str) -> Self {
        Self::of(status, json!({"data": {}, "message": message, "status": status}).to_string())
    }

    /// A page of a list that does not show what its records could be found by: it decides nothing.
    #[must_use]
    pub fn blind_page() -> Self {
        Self::of(
            200,
            json!({"data": {"items": [{}], "has_more": false}, "message": "ok", "status": 200}).to_string(),
        )
    }

    /// Any answer.
    #[must_use]
    pub fn of(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// The same with a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A server on loopback that remembers what it was asked.
pub struct Recorder {
    server: MockServer,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Recorder {
    /// A server that answers each call by a function, which gets the number of such calls before it too: of those that
    /// read, or those that write.
    pub async fn answering(answer: impl Fn(usize, &Call) -> Reply + Send + Sync + 'static) -> Self {
        let server = MockServer::start_async().await;
        let calls = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&calls);
        let respond = move |request: &HttpMockRequest| {
            let call = call_of(request);
            let mut calls = kept.lock().expect("no panic while it is held");
            let before = calls.iter().filter(|earlier: &&Call| earlier.reads() == call.reads()).count();
            let reply = answer(before, &call);
            calls.push(call);
            response_of(&reply)
        };
        server.mock_async(|_, then| drop(then.respond_with(respond))).await;
        Self { server, calls }
    }

    /// A server with one answer after the other to calls that write; then it is done with every one.
    pub async fn of(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies: Vec<Reply> = replies.into_iter().collect();
        Self::answering(move |number, call| match replies.get(number) {
            _ if call.reads() => Reply::blind_page(),
            Some(reply) => reply.clone(),
            None => Reply::done_to(call),
        })
        .await
    }

    /// A server that answers calls that write by the key of their row, and by how often that key came before.
    pub async fn by_key(answer: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) -> Self {
        let seen = Mutex::new(Vec::new());
        Self::answering(move |_, call| {
            if call.reads() {
                return Reply::blind_page();
            }
            let mut seen = seen.lock().expect("no panic while it is held");
            let key = call.key();
            let before = seen.iter().filter(|earlier| **earlier == key).count();
            seen.push(key.clone());
            answer(&key, before)
        })
        .await
    }

    /// The value for `--base-url`.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.server.url(PREFIX)
    }

    /// What it was asked so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().expect("no panic while it is held").clone()
    }

    /// The calls that write.
    #[must_use]
    pub fn writes(&self) -> Vec<Call> {
        self.calls().into_iter().filter(|call| !call.reads()).collect()
    }

    /// The methods and paths of the calls that write, such as `POST /records`.
    #[must_use]
    pub fn routes(&self) -> Vec<String> {
        self.writes().iter().map(|call| format!("{} {}", call.method, call.path)).collect()
    }
}

fn call_of(request: &HttpMockRequest) -> Call {
    // The server puts its own address before the path; what comes after it is as it was sent.
    let uri = request.uri_str();
    let after_scheme = uri.find("://").map_or(0, |position| position + 3);
    let path = uri
        .get(after_scheme..)
        .and_then(|rest| rest.find('/'))
        .and_then(|start| uri.get(after_scheme + start..));
    let path = path.unwrap_or(uri);
    let headers = request.headers_vec().iter();
    Call {
        method: request.method_str().to_owned(),
        path: path.strip_prefix(PREFIX).unwrap_or(path).to_owned(),
        headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect(),
        body: request.body_vec(),
    }
}

fn response_of(reply: &Reply) -> HttpMockResponse {
    let mut response =
        HttpMockResponse::builder().status(reply.status).header("content-type", "application/json");
    for (name, value) in &reply.headers {
        response = response.header(*name, value.as_str());
    }
    response.body(reply.body.clone()).build()
}
