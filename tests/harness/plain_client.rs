//! A client of some lines, to try the server with, and to make the mistakes that the judges have to find.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::server::Server;
use crate::until::PATIENCE;
use serde_json::{Value, json};

/// A client whose requests belong to the first run.
pub struct Client<'a> {
    /// The server that it asks.
    pub server: &'a Server,
}

/// What a client sees of an answer.
#[derive(Debug, PartialEq)]
pub enum Seen {
    /// A whole answer.
    Answer {
        /// The status.
        status: u16,
        /// The status line and the headers.
        head: String,
        /// The body.
        body: String,
    },
    /// The connection was reset, or refused.
    Reset,
    /// It ended too early.
    Cut,
    /// Nothing within the patience of the client.
    Silence,
}

impl Client<'_> {
    /// Sends a request and waits for its answer.
    pub fn send(&self, method: &str, path: &str, body: &Value) -> Seen {
        self.send_for(method, path, body, PATIENCE)
    }

    /// Sends a request and waits so long for its answer.
    pub fn send_for(&self, method: &str, path: &str, body: &Value, patience: Duration) -> Seen {
        let Ok(mut stream) = TcpStream::connect_timeout(&self.server.address(), PATIENCE) else {
            return Seen::Reset;
        };
        stream.set_read_timeout(Some(patience)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        // pk_client:sk_client_1
        let key = "cGtfY2xpZW50OnNrX2NsaWVudF8x";
        let request = format!(
            "{method} /api/v2/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {key}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut read = Vec::new();
        let mut bytes = [0; 4096];
        loop {
            let text = String::from_utf8_lossy(&read);
            if let Some((head, body)) = text.split_once("\r\n\r\n")
                && head.to_lowercase().contains(&format!("content-length: {}", body.len()))
            {
                let status = head[9..12].parse().unwrap();
                return Seen::Answer { status, head: head.to_owned(), body: body.to_owned() };
            }
            match stream.read(&mut bytes) {
                Ok(0) => return Seen::Cut,
                Ok(count) => read.extend(&bytes[..count]),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Seen::Silence;
                }
                Err(_) => return Seen::Reset,
            }
        }
    }

    /// Sends a request that is answered in the envelope; gives the status and the answer.
    #[track_caller]
    pub fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        match self.send(method, path, body) {
            Seen::Answer { status, body, .. } => {
                let answer: Value = serde_json::from_str(&body).unwrap();
                assert_eq!(answer["status"], json!(status));
                (status, answer)
            }
            seen => panic!("{method} {path}: {seen:?}"),
        }
    }

    /// The keys of a list page, and whether there are more.
    #[track_caller]
    pub fn page(&self, target: &str) -> (Vec<String>, bool) {
        let (status, answer) = self.ask("GET", target, &Value::Null);
        assert_eq!(status, 200, "{answer}");
        let items = answer["data"]["items"].as_array().unwrap();
        let keys = items.iter().map(|item| item["key"].as_str().unwrap().to_owned()).collect();
        (keys, answer["data"]["has_more"].as_bool().unwrap())
    }
}

/// A transaction that the server takes.
pub fn transaction(invoice: &str) -> Value {
    json!({
        "amount": 1,
        "currency": "USD",
        "customer_external_key": "acct-1",
        "key": format!("key-{invoice}"),
        "metadata": {"invoice": invoice},
    })
}

/// A customer that the server takes.
pub fn customer(key: &str, name: &str) -> Value {
    json!({"customer_key": key, "email": format!("{key}@example.com"), "partner_key": "p", "name": name})
}
