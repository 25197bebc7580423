//! A server that does what no HTTP library would: it answers with the bytes that it is given.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::recorder::Reply;
use crate::until::PATIENCE;

/// A server on loopback that reads requests and leaves the answers to a function.
pub struct RawServer {
    base_url: String,
    requests: Arc<AtomicUsize>,
    /// What the function said of each answer.
    said: Arc<Mutex<Vec<usize>>>,
}

impl RawServer {
    /// A server that gives each request's number and its connection to a function, which says any number about it; it
    /// goes on with the connection until the client has closed it.
    pub fn start(answer: impl Fn(usize, &mut TcpStream) -> usize + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}/api/v2", listener.local_addr().unwrap());
        let (requests, said) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (counter, sayings, answer) = (Arc::clone(&requests), Arc::clone(&said), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                stream.set_write_timeout(Some(PATIENCE)).unwrap();
                let (counter, sayings, answer) =
                    (Arc::clone(&counter), Arc::clone(&sayings), Arc::clone(&answer));
                thread::spawn(move || {
                    while let Some(method) = read_request(&mut stream) {
                        if method == "get" {
                            // A lookup, which shall decide nothing; all else would be tried again for a while.
                            let _ = stream.write_all(&whole(&Reply::blind_page().body));
                            continue;
                        }
                        let number = counter.fetch_add(1, Ordering::SeqCst);
                        let said = answer(number, &mut stream);
                        sayings.lock().unwrap().push(said);
                    }
                });
            }
        });
        Self { base_url, requests, said }
    }

    /// A server that answers every request with these bytes and then closes the connection.
    pub fn saying(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |_, stream| say_and_close(stream, &bytes))
    }

    /// The value for `--base-url`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// How many requests that write came, each counted when all of it had come.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// What was said of the answers that are finished.
    pub fn said(&self) -> Vec<usize> {
        self.said.lock().unwrap().clone()
    }
}

/// Writes bytes and closes the connection for both sides.
pub fn say_and_close(stream: &mut TcpStream, bytes: &[u8]) -> usize {
    let written = stream.write_all(bytes).is_ok();
    let _ = stream.shutdown(std::net::Shutdown::Both);
    usize::from(written) * bytes.len()
}

/// A success in the envelope of the API, whole.
pub fn success() -> Vec<u8> {
    whole(&Reply::done().body)
}

fn whole(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Reads a head and as much of a body as it says, and gives the method in lower case; none where the client has gone.
fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return head.split(' ').next().map(str::to_owned);
            }
        }
        let count = stream.read(&mut part).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&part[..count]);
    }
}
