//! The built-in stand-in for the API: an HTTP server on loopback, driven by the tables of the spec and by nothing else.
//!
//! It is the second opinion on what the connector sends: it shares no code with mapping, validation or classifying, and
//! takes what the tables say at their word.
//!
//! ```text
//! server: read the request -> quota -> faults -> service: credentials -> route -> validate -> store | list -> answer
//! ```
//!
//! What comes in is personal data: nothing here prints or logs it.
#![expect(clippy::disallowed_methods, reason = "it stands for a machine of its own, which has its own clock")]

mod answer;
mod auth;
mod faults;
mod list;
mod quota;
mod route;
mod server;
mod service;
mod store;
mod validate;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpSocket;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

pub use self::faults::{Fault, FaultKind, ParseFaultError};
use self::service::Service;
use crate::api::ApiSpec;

/// Connections that may wait to be accepted: more than a sync opens at once.
const BACKLOG: u32 = 1024;

/// A running sandbox. It stops when it is dropped, and what it was given goes with it.
pub struct Sandbox {
    service: Arc<Service>,
    address: SocketAddr,
    base_url: String,
    accepting: JoinHandle<()>,
}

impl Sandbox {
    /// Binds to loopback and serves on the current tokio runtime, which needs its I/O and time drivers.
    pub fn start(api: &'static ApiSpec, options: Options) -> io::Result<Self> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        let socket = TcpSocket::new_v4()?;
        // A sandbox that is started again on its port must not wait for old connections to be forgotten.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, options.port)))?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let base_url = format!("http://{address}{}", route::base_path(api));
        let service = Arc::new(Service::new(api, options)?);
        let accepting = runtime.spawn(server::serve(listener, Arc::clone(&service)));
        Ok(Self { service, address, base_url, accepting })
    }

    /// What stands for the base URL of the API.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests that arrived, whatever became of them.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.service.requests()
    }

    /// How many records of an object it holds.
    #[must_use]
    pub fn count(&self, object: &str) -> usize {
        self.service.count(object)
    }

    /// The records of an object as a list would show them, in the order in which they were made.
    #[must_use]
    pub fn records(&self, object: &str) -> Vec<Value> {
        self.service.records(object)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// How the sandbox behaves. The default is a server on any free port that does what the spec says, at once.
#[derive(Clone, Default)]
pub struct Options {
    /// The port; 0 takes any that is free.
    pub port: u16,
    /// How much longer each answer takes.
    pub latency: Duration,
    /// What goes wrong, and how often.
    pub faults: Vec<Fault>,
    /// What becomes of a create whose record exists.
    pub duplicates: Duplicates,
    /// The only user name and password that it takes; none: any that are not empty.
    pub credentials: Option<(String, String)>,
    /// What keys and faults are drawn from: the same seed and the same requests give the same run.
    pub seed: u64,
    /// The requests that it takes in one window; none: what the spec says.
    pub quota: Option<u32>,
}

/// What becomes of a create that brings the identity of a record that exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// It makes a second record.
    Accept,
    /// It is refused with status 400.
    #[default]
    BadRequest,
    /// It is refused with status 409.
    Conflict,
}

impl FromStr for Duplicates {
    type Err = ParseDuplicatesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "accept" => Ok(Self::Accept),
            "400" => Ok(Self::BadRequest),
            "409" => Ok(Self::Conflict),
            _ => Err(ParseDuplicatesError),
        }
    }
}

/// The text names no policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write `accept`, `400` or `409`")]
pub struct ParseDuplicatesError;
