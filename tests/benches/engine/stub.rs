//! A server that answers as cheaply as it can, so that it is not what is measured: no routes, no parsing of bodies.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};

/// A server that runs until the program ends.
pub(crate) struct Stub {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Instant>>>,
}

/// The API's quota, which the stub holds everyone to where it has a latency.
pub(crate) const QUOTA: usize = 4000;
/// The window of the quota.
pub(crate) const WINDOW: Duration = Duration::from_mins(1);

#[derive(Clone)]
struct Behaviour {
    latency: Option<Duration>,
    seen: Arc<Mutex<Vec<Instant>>>,
}

impl Stub {
    /// Answers at once and remembers nothing but its first request.
    pub(crate) fn fast() -> Self {
        Self::start(None)
    }

    /// Takes its time, remembers when requests came, and refuses those beyond the quota.
    pub(crate) fn slow(latency: Duration) -> Self {
        Self::start(Some(latency))
    }

    fn start(latency: Option<Duration>) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a port");
        let address = listener.local_addr().expect("an address");
        let behaviour = Behaviour { latency, seen: Arc::clone(&seen) };
        thread::spawn(move || {
            runtime.block_on(async {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream, behaviour.clone()));
                }
            });
        });
        Self { address, seen }
    }

    /// The prefix of every path.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/api/v2", self.address)
    }

    /// When requests came; of a fast one, only the first.
    pub(crate) fn seen(&self) -> Vec<Instant> {
        self.seen.lock().expect("no panic while it is held").clone()
    }

    /// Forgets what came.
    pub(crate) fn forget(&self) {
        self.seen.lock().expect("no panic while it is held").clear();
    }
}

/// What stands around the key in an answer.
const DONE: [&str; 2] = [
    r#"{"data":{"key":""#,
    r#"","created_at":1772323200000,"updated_at":1772323200000,"currency":"USD","category_key":"subscription","product_key":null,"approved":true,"extension":null,"test":false},"message":"Transaction created","status":200}"#,
];

const THROTTLED: &str = "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 2\r\n\r\n{}";

async fn serve(stream: TcpStream, behaviour: Behaviour) {
    // It only costs time if it fails.
    let _ = stream.set_nodelay(true);
    let mut buffer = vec![0; 16 * 1024];
    let mut filled = 0;
    loop {
        let ready = loop {
            match request_length(buffer.get(..filled).unwrap_or_default()) {
                Some(length) if length <= filled => break length,
                _ => {}
            }
            let room = buffer.get_mut(filled..).unwrap_or_default();
            match stream.try_read(room) {
                Ok(0) => return,
                Ok(read) => filled += read,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    if stream.readable().await.is_err() {
                        return;
                    }
                }
                Err(_) => return,
            }
        };
        let done = done(buffer.get(..ready).unwrap_or_default());
        buffer.copy_within(ready..filled, 0);
        filled -= ready;
        let answer = if arrived(&behaviour) { done.as_str() } else { THROTTLED };
        if let Some(latency) = behaviour.latency {
            tokio::time::sleep(latency).await;
        }
        let mut left = answer.as_bytes();
        while !left.is_empty() {
            match stream.try_write(left) {
                Ok(written) => left = left.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    if stream.writable().await.is_err() {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
    }
}

/// The answer to this request: a record with the key that it sent.
fn done(request: &[u8]) -> String {
    const KEY: &str = r#""key":""#;
    let request = str::from_utf8(request).expect("text");
    let key =
        request.split_once(KEY).and_then(|(_, rest)| rest.split('"').next()).unwrap_or("cus_Hq82hNxWbLe4Rk");
    let length = DONE[0].len() + key.len() + DONE[1].len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ndate: Sun, 22 Nov 2026 15:00:00 GMT\r\ncontent-length: {length}\r\n\r\n{}{key}{}",
        DONE[0], DONE[1]
    )
}

/// Whether a request that comes now is within the quota.
fn arrived(behaviour: &Behaviour) -> bool {
    let now = Instant::now();
    let mut seen = behaviour.seen.lock().expect("no panic while it is held");
    if behaviour.latency.is_none() {
        if seen.is_empty() {
            seen.push(now);
        }
        return true;
    }
    seen.push(now);
    let before = seen.len().checked_sub(QUOTA + 1).and_then(|place| seen.get(place));
    before.is_none_or(|before| now.duration_since(*before) >= WINDOW)
}

/// How long the request is that begins here, once its head is there.
fn request_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(bytes.get(..head)?).ok()?;
    let length = text.split("\r\n").find_map(|line| line.strip_prefix("content-length: "));
    Some(head + length.map_or(0, |length| length.trim().parse().unwrap_or(0)))
}
