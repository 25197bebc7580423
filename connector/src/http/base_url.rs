//! The prefix of every path, checked: https, or http to this machine.

use std::net::IpAddr;

use url::Url;

use crate::error::SetupError;

/// The prefix of every path, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    host: String,
    authority: String,
    loopback: bool,
}

impl BaseUrl {
    /// Checks a base URL: https, or http to this machine.
    pub fn parse(text: &str) -> Result<Self, SetupError> {
        let example = "write the whole prefix, such as https://api.example.com/v2";
        let fault = |what: &str| SetupError::new(format!("the base URL {what}")).help(example);
        let url = Url::parse(text).map_err(|error| fault(&format!("is not a URL: {error}")))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(fault("must not hold credentials"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(fault("must not have a query or a fragment"));
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        let loopback = is_loopback(&host);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => {
                return Err(SetupError::new("the base URL uses plain http to another machine, which would show the keys to everyone on the way")
                    .help("write https://; plain http is for this machine alone (127.0.0.1, localhost)"));
            }
            _ => return Err(fault("must begin with https://")),
        }
        let port = url.port_or_known_default().unwrap_or_default();
        let authority = format!("{host}:{port}");
        Ok(Self { text: url.as_str().trim_end_matches('/').to_owned(), host, authority, loopback })
    }

    /// It is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Requests go by TLS.
    pub(super) fn is_tls(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// The machine.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The machine and the port.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The URL, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn is_loopback(host: &str) -> bool {
    let address: Result<IpAddr, _> = host.trim_start_matches('[').trim_end_matches(']').parse();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
