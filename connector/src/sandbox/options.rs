//! How a sandbox behaves.

use std::str::FromStr;
use std::time::Duration;

use super::files::known::Known;
use super::files::requests_file::RequestsFile;
use super::injected_fault::InjectedFault;

/// How the sandbox behaves. The default is a server on any free port that does what the spec says, at once.
#[derive(Default)]
pub struct Options {
    /// The port; 0 takes any that is free.
    pub port: u16,
    /// The delay of each answer.
    pub latency: Duration,
    /// What goes wrong, and how often.
    pub faults: Vec<InjectedFault>,
    /// What happens to a create whose record exists.
    pub duplicates: Duplicates,
    /// The only user name and password that it takes; none: any that are not empty.
    pub credentials: Option<(String, String)>,
    /// A second pair, of production: its records are no test records, and each pair sees its own alone.
    pub production: Option<(String, String)>,
    /// What keys and faults are drawn from: the same seed and the same requests give the same run.
    pub seed: u64,
    /// What exists besides what the sandbox is given.
    pub known: Known,
    /// Where it writes what it gets.
    pub requests: Option<RequestsFile>,
    /// The quota of one window; none: that of the spec.
    pub quota: Option<u32>,
}

/// What happens to a create with the identity of a record that exists.
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
