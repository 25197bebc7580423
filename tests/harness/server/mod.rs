//! A server for the failure tests that was written by hand, after the API's documents and not after the spec: it accepts
//! doubles silently, fails in every way that it is told to, and keeps a record of everything that it was asked. It
//! listens on loopback, on a thread of its own, until it is dropped.

mod answer;
mod connection;
mod http;
mod journal;
mod options;
mod random;
mod state;
mod store;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, mpsc as blocking};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, watch};

use self::connection::{Shared, serve};
use self::state::State;
use crate::until::{PATIENCE, so_within};

pub use self::journal::{Applied, Call, peak};
pub use self::options::{Duplicates, Fault, Kind, Moment, On, Options, Outage, Quota, Skew, Storm};
pub use self::random::Random;
pub use self::state::NOBODY;
pub use self::store::Record;

/// More connections than this are closed at once.
const CONNECTIONS: usize = 1024;

/// A server that runs.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Shared,
    thread: Option<JoinHandle<()>>,
}

/// What a server is told.
#[derive(Debug)]
enum Control {
    /// Go away: for so long, or until told otherwise.
    Leave { lasting: Option<Duration>, done: Option<blocking::Sender<()>> },
    /// Come back.
    Return { done: Option<blocking::Sender<()>> },
    /// Stop.
    Stop,
}

impl Server {
    /// Starts a server on a free port.
    pub fn start(options: Options) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?.listen(1024)?
        };
        let address = listener.local_addr()?;
        let (control, commands) = mpsc::unbounded_channel();
        let shared = Shared { state: Arc::new(Mutex::new(State::new(options))), control };
        let served = shared.clone();
        let thread = thread::Builder::new()
            .name("server".to_owned())
            .spawn(move || runtime.block_on(run(address, listener, served, commands)))?;
        Ok(Self { address, shared, thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The prefix of every path.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/api/v2", self.address)
    }

    /// Every request so far, in order of arrival.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.state().calls.clone()
    }

    /// How many requests have come.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.shared.state().calls.len()
    }

    /// How many requests of a run have come and have no answer yet.
    #[must_use]
    pub fn under_way(&self, run: u64) -> usize {
        self.shared.state().calls.iter().filter(|call| call.run == run && call.ended.is_none()).count()
    }

    /// The records of an object, in the order in which they were made.
    #[must_use]
    pub fn records(&self, object: &str) -> Vec<Record> {
        self.shared.state().store.of(object).to_vec()
    }

    /// Puts a record there that no client made: under a key of PartnerStack's where one is given, made so many
    /// milliseconds ago.
    pub fn put(&self, object: &str, key: Option<&str>, fields: &Value, ago: i64) {
        let mut state = self.shared.state();
        let now = state.now() - ago;
        if let Some((object, _)) = store::object_named(object) {
            state.store.put(object, key, fields, now);
        }
    }

    /// Changes how it behaves from now on.
    pub fn change(&self, change: impl FnOnce(&mut Options)) {
        change(&mut self.shared.state().options);
    }

    /// Has something told once so many requests have come, at once where they have.
    pub fn at(&self, requests: usize, tell: impl FnOnce() + Send + 'static) {
        self.shared.state().at(requests, Box::new(tell));
    }

    /// Goes away: resets what is open and refuses connections, until it comes back.
    pub fn leave(&self) {
        self.tell(|done| Control::Leave { lasting: None, done: Some(done) });
    }

    /// Comes back, at the same address.
    pub fn come_back(&self) {
        self.tell(|done| Control::Return { done: Some(done) });
    }

    fn tell(&self, control: impl FnOnce(blocking::Sender<()>) -> Control) {
        let (done, wait) = blocking::channel();
        if self.shared.control.send(control(done)).is_ok() {
            // A server that has stopped is away as well.
            let waited = wait.recv_timeout(PATIENCE);
            assert!(
                waited != Err(blocking::RecvTimeoutError::Timeout),
                "the server does not do as it is told"
            );
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.shared.control.send(Control::Stop);
        if let Some(thread) = self.thread.take() {
            so_within(PATIENCE, || thread.is_finished());
        }
    }
}

async fn run(
    address: SocketAddr,
    listener: TcpListener,
    shared: Shared,
    mut commands: mpsc::UnboundedReceiver<Control>,
) {
    let mut listener = Some(listener);
    // While the server is away, a socket that does not listen keeps its port from others.
    let mut held = None;
    let (gone, _) = watch::channel(());
    loop {
        tokio::select! {
            stream = accept(listener.as_ref()) => {
                if gone.receiver_count() < CONNECTIONS {
                    tokio::spawn(serve(stream, shared.clone(), gone.subscribe()));
                }
            }
            command = commands.recv() => match command {
                None | Some(Control::Stop) => return,
                Some(Control::Leave { lasting, done }) => {
                    listener = None;
                    held = bind(address).ok();
                    let _ = gone.send(());
                    while gone.receiver_count() > 0 {
                        tokio::task::yield_now().await;
                    }
                    if let Some(lasting) = lasting {
                        let control = shared.control.clone();
                        tokio::spawn(async move {
                            tokio::time::sleep(lasting).await;
                            let _ = control.send(Control::Return { done: None });
                        });
                    }
                    drop(done);
                }
                Some(Control::Return { done }) => {
                    let socket = held.take().or_else(|| bind(address).ok());
                    listener = listener.or_else(|| socket.and_then(|socket| socket.listen(1024).ok()));
                    drop(done);
                }
            },
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// The next connection; never one while there is no listener.
async fn accept(listener: Option<&TcpListener>) -> TcpStream {
    let Some(listener) = listener else { return std::future::pending().await };
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            return stream;
        }
    }
}
