//! An imitation of the API: an HTTP server on loopback, driven by the tables of the spec and by nothing else.
//!
//! It judges what the connector sends a second time, and shares no code with mapping, validation or classification.
//!
//! ```text
//! server: read the request -> quota -> injected fault -> service: credentials -> route -> validate -> store | list -> reply
//! ```
//!
//! What comes in is personal data: nothing here prints or logs it.
#![expect(clippy::disallowed_methods, reason = "it plays another machine, which has a clock of its own")]

mod auth;
mod files;
mod injected_fault;
mod list;
mod options;
mod quota;
mod reply;
mod route;
mod running;
mod server;
mod service;
mod store;
mod validate;

pub use self::files::known::Known;
pub use self::files::requests_file::RequestsFile;
pub use self::injected_fault::{FaultKind, InjectedFault, ParseFaultError};
pub use self::options::{Duplicates, Options, ParseDuplicatesError};
pub use self::running::Sandbox;
