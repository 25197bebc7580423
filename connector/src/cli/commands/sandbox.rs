//! `partnerstack sandbox`: serves the stand-in until it is told to stop.

use std::io;
use std::time::Duration;

use crate::cli::args::commands::SandboxArgs;
use crate::cli::streams::Streams;
use crate::config::environment::Environment;
use crate::generated::API;
use crate::run::exit::{DONE, SETUP};
use crate::sandbox::{Options, Sandbox};
use crate::sync::Interrupt;

/// Serves, prints the base URL on stdout, and ends with a signal.
pub(in crate::cli) async fn run(
    args: &SandboxArgs,
    environment: &Environment,
    streams: &mut Streams<'_>,
    interrupt: &Interrupt,
) -> io::Result<u8> {
    // With keys in the environment it checks them, as the API would; without, any pair will do.
    let credentials = environment.credentials(&API).ok();
    let checked = credentials.is_some();
    let options = Options {
        port: args.port,
        latency: Duration::from_millis(args.latency),
        faults: args.faults.clone(),
        duplicates: args.duplicates,
        credentials: credentials
            .map(|pair| (pair.public.reveal().to_owned(), pair.secret.reveal().to_owned())),
        ..Options::default()
    };
    let sandbox = match Sandbox::start(&API, options) {
        Ok(sandbox) => sandbox,
        Err(error) => {
            writeln!(streams.stderr, "error: the sandbox cannot listen on port {}: {error}", args.port)?;
            return Ok(SETUP);
        }
    };
    writeln!(streams.stdout, "{}", sandbox.base_url())?;
    streams.stdout.flush()?;
    let keys = if checked { "the keys of this environment" } else { "any pair of keys" };
    writeln!(
        streams.stderr,
        "the sandbox takes {keys}; sync into it: partnerstack sync FILE.yaml --base-url {}",
        sandbox.base_url()
    )?;
    interrupt.wait().await;
    writeln!(streams.stderr, "{} requests served", sandbox.requests())?;
    Ok(DONE)
}
