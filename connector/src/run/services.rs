//! What a front end brings to a run.

use std::io::{self, Read};

use crate::clock::SystemClock;
use crate::config::environment::Environment;
use crate::sync::Interrupt;

/// What a front end brings to a run.
pub struct Services<'s, 'w, C> {
    /// Keys and folders.
    pub environment: &'s Environment,
    /// What asks the run to stop.
    pub interrupt: &'s Interrupt,
    /// What tells the time.
    pub clock: C,
    /// Standard input, for the one sync that may read it.
    pub stdin: Box<dyn Read + Send>,
    /// The base URL of a sandbox that the front end has started, for syncs that go to one.
    pub sandbox: Option<String>,
    /// Is told what the run waits for before it begins.
    pub waits: Box<dyn FnMut(&str) + 'w>,
}

impl<'s> Services<'s, '_, SystemClock> {
    /// The machine's clock, an empty standard input, and no sandbox.
    #[must_use]
    pub fn new(environment: &'s Environment, interrupt: &'s Interrupt) -> Self {
        let (clock, stdin) = (SystemClock::default(), Box::new(io::empty()));
        Self { environment, interrupt, clock, stdin, sandbox: None, waits: Box::new(|_| ()) }
    }
}
