//! `partnerstack sandbox`: serves the stand-in until it is told to stop.

use std::io::{self, Write};
use std::time::Duration;

use crate::cli::args::sandbox::{RehearsalArgs, SandboxArgs};
use crate::cli::ending::print_error;
use crate::cli::screen::streams::Desk;
use crate::config::environment::Environment;
use crate::error::SetupError;
use crate::generated::API;
use crate::run::exit::{DONE, SETUP, STOPPED};
use crate::sandbox::{Known, Options, RequestsFile, Sandbox};
use crate::sync::Interrupt;
use crate::text::printable::one_line;

/// Serves, prints the base URL on stdout, and ends with a signal.
pub(in crate::cli) async fn run(
    args: &SandboxArgs,
    environment: &Environment,
    streams: &mut Desk<'_>,
    interrupt: &Interrupt,
) -> io::Result<u8> {
    // With keys in the environment it checks them, as the API would; without, any pair will do.
    let credentials = environment.credentials(&API).ok();
    let checked = credentials.is_some();
    let rehearsal = match rehearse(&args.rehearsal, environment, streams.stderr) {
        Ok(rehearsal) => rehearsal,
        Err(error) => return print_error(&error, streams).map(|()| SETUP),
    };
    let options = Options {
        port: args.port,
        latency: Duration::from_millis(args.latency),
        faults: args.faults.clone(),
        duplicates: args.duplicates,
        credentials: credentials
            .map(|pair| (pair.public.reveal().to_owned(), pair.secret.reveal().to_owned())),
        ..rehearsal
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
    finish(&sandbox, streams).map(|written| if written { DONE } else { STOPPED })
}

/// What a sandbox is to know and to write. Says what was read.
pub(super) fn rehearse(
    args: &RehearsalArgs,
    environment: &Environment,
    out: &mut dyn Write,
) -> Result<Options, SetupError> {
    let mut known = Known::default();
    for written in &args.known {
        let expanded = match written.split_once('=') {
            Some((list, path)) => format!("{list}={}", environment.expand(path.into()).display()),
            None => environment.expand(written.into()).display().to_string(),
        };
        let read = known.read(&API, &expanded)?;
        // What cannot be told keeps nothing from being rehearsed.
        let _ = writeln!(out, "known: {read}");
    }
    let requests = args.requests.clone().map(|path| {
        let path = environment.expand(path);
        let shown = one_line(&path.display().to_string());
        RequestsFile::new(path).map_err(|error| {
            SetupError::new(format!("the requests `{shown}` cannot be written: {error}"))
                .help("name another one: --requests requests.ndjson")
        })
    });
    Ok(Options { known, requests: requests.transpose()?, ..Options::default() })
}

/// Puts the file of the requests in its place. Says whether that went well.
pub(super) fn finish(sandbox: &Sandbox, streams: &mut Desk<'_>) -> io::Result<bool> {
    let finished = sandbox.finish_requests();
    if let Err(error) = &finished {
        writeln!(streams.stderr, "error: the file of the requests cannot be put in its place: {error}")?;
    }
    Ok(finished.is_ok())
}
