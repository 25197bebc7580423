//! A running sandbox: bound to a port, and stopped when it is dropped.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde_json::Value;
use tokio::net::TcpSocket;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::auth::Side;
use super::options::Options;
use super::service::Service;
use super::{route, server};
use crate::api::ApiSpec;

/// Connections that may wait to be accepted: more than a sync opens at once.
const BACKLOG: u32 = 1024;

/// A running sandbox. It stops when it is dropped, and its records are gone.
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

    /// The base URL, to be used instead of the API's.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The number of requests that arrived.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.service.requests()
    }

    /// Puts the file of what it got in its place, and writes no more of it.
    pub fn finish_requests(&self) -> io::Result<()> {
        self.service.finish_requests()
    }

    /// How many records of an object it holds.
    #[must_use]
    pub fn count(&self, object: &str) -> usize {
        self.service.count(object)
    }

    /// The records of an object as a list would show them, in the order in which they were made.
    #[must_use]
    pub fn records(&self, object: &str) -> Vec<Value> {
        self.service.records(Side::Test, object)
    }

    /// The same of those that the pair of production has made.
    #[must_use]
    pub fn production_records(&self, object: &str) -> Vec<Value> {
        self.service.records(Side::Production, object)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
