//! A client of some lines that sends exactly what it is told and reads what comes.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use partnerstack_connector::generated::API;
use partnerstack_connector::sandbox::{Options, Sandbox};
use serde_json::{Value, json};

use crate::until::PATIENCE;

/// The path before every route.
pub const BASE: &str = "/api/v2";
/// A header with a key pair.
pub const AUTHORIZATION: &str = "Authorization: Basic cGs6c2s=\r\n";

/// How long a client waits for an answer that never comes.
pub const IMPATIENCE: Duration = Duration::from_millis(300);

/// A sandbox with the API of the repository.
pub fn start(options: Options) -> Sandbox {
    Sandbox::start(&API, options).expect("a free port")
}

/// The body of a transaction that is accepted, with more fields or other values.
pub fn transaction(more: Value) -> Value {
    merged(json!({"amount": 1000, "currency": "USD", "customer_email": "ada@example.com"}), more)
}

/// A body with the fields of another one put over its own.
pub fn merged(mut body: Value, more: Value) -> Value {
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    body
}

/// The names of a JSON object, in order.
pub fn keys(value: &Value) -> Vec<String> {
    value.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default()
}

/// Sends a create.
pub async fn post(sandbox: &Sandbox, path: &str, body: &Value) -> Reply {
    call(sandbox, "POST", path, body.to_string().as_bytes()).await
}

/// Sends a request with keys.
pub async fn call(sandbox: &Sandbox, method: &str, path: &str, body: &[u8]) -> Reply {
    let request = request(method, &format!("{BASE}{path}"), AUTHORIZATION, body);
    exchange(sandbox.address(), request, PATIENCE).await.answer()
}

/// The bytes of a request.
pub fn request(method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: sandbox\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// What a client sees.
pub enum Seen {
    /// A whole answer.
    Answer(Reply),
    /// The connection ended.
    Nothing,
    /// No answer came within its patience.
    Silence,
}

impl Seen {
    /// The answer, which has to be there.
    pub fn answer(self) -> Reply {
        match self {
            Self::Answer(reply) => reply,
            Self::Nothing => panic!("the connection ended without an answer"),
            Self::Silence => panic!("there was no answer"),
        }
    }
}

/// An answer.
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The status line and the headers.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("every answer is JSON")
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// Sends bytes and reads until the connection ends, on a thread of its own: the sandbox runs on this one.
pub async fn exchange(address: SocketAddr, request: Vec<u8>, patience: Duration) -> Seen {
    let talk = move || {
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.write_all(&request)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    };
    let answer: io::Result<Vec<u8>> = tokio::task::spawn_blocking(talk).await.expect("no panic");
    match answer.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()) {
        Ok(text) => match text.split_once("\r\n\r\n") {
            Some((head, body)) => {
                let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
                Seen::Answer(Reply { status, head: head.to_owned(), body: body.to_owned() })
            }
            None => Seen::Nothing,
        },
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Seen::Silence,
        Err(_) => Seen::Nothing,
    }
}
