//! `partnerstack check`: are the keys right, is the API there, what is refused.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};

use crate::api::{Hint, ObjectSpec, OperationName};
use crate::cli::args::commands::CheckArgs;
use crate::cli::screen::console::warn_of_keys;
use crate::cli::screen::streams::Desk;
use crate::clock::SystemClock;
use crate::config::environment::Environment;
use crate::error::SetupError;
use crate::generated::API;
use crate::http::answer::classify::Refused;
use crate::http::answer::response::is_test;
use crate::http::base_url::BaseUrl;
use crate::http::transport::HttpTransport;
use crate::http::wire::{How, Once, Wire, WireLimits};
use crate::report::hint::{self, Situation};
use crate::request::prepare::PreparedRequest;
use crate::run::exit::{DONE, FAILED, PERSON, SETUP, STOPPED};

/// Records enough to tell test from production.
const PAGE: u32 = 10;
const TIMEOUT: Duration = Duration::from_mins(1);

/// Reads one page of each object and says what was refused and why.
pub(in crate::cli) async fn run(
    args: &CheckArgs,
    environment: &Environment,
    streams: &mut Desk<'_>,
) -> io::Result<u8> {
    let (base_url, wire) = match connect(args, environment) {
        Ok(connected) => connected,
        Err(error) => {
            if args.json {
                writeln!(
                    streams.stdout,
                    "{}",
                    json!({"base_url": null, "objects": [], "environment": null, "error": error.to_string()})
                )?;
            }
            writeln!(streams.stderr, "error: {error}")?;
            return Ok(SETUP);
        }
    };
    warn_of_keys(environment, None, streams.stderr)?;
    let mut findings = Vec::new();
    for object in API.objects.iter().copied() {
        let Some(finding) = read_page(object, &wire).await else { continue };
        let stop = finding.stop;
        findings.push(finding);
        if stop {
            break;
        }
    }
    let stopped = findings.iter().find(|finding| finding.stop);
    let code = if let Some(finding) = stopped {
        // What has answered says the same again until a person acts; what has not may only be down.
        if finding.person { PERSON } else { STOPPED }
    } else if findings.iter().any(|finding| finding.problem.is_some()) {
        FAILED
    } else {
        DONE
    };
    if args.json {
        let objects: Vec<Value> = findings.iter().map(Checked::to_json).collect();
        let line = json!({"base_url": base_url.as_str(), "objects": objects, "environment": environment_of(&findings), "error": null});
        writeln!(streams.stdout, "{line}")?;
    } else {
        print(&base_url, &findings, streams)?;
    }
    Ok(code)
}

struct Checked {
    object: &'static ObjectSpec,
    status: Option<u16>,
    problem: Option<String>,
    hint: Option<&'static Hint>,
    test: Option<bool>,
    /// Nothing else can be found out.
    stop: bool,
    /// It is of no use to try again before a person has acted.
    person: bool,
}

fn connect(
    args: &CheckArgs,
    environment: &Environment,
) -> Result<(BaseUrl, Wire<HttpTransport, SystemClock>), SetupError> {
    let base_url = BaseUrl::parse(args.base_url.as_deref().unwrap_or(API.base_url))?;
    let transport = HttpTransport::new(
        &API,
        &base_url,
        &environment.credentials(&API)?,
        TIMEOUT,
        &environment.proxies(&base_url)?,
    )?;
    let limits = WireLimits { quota: API.rate_limit.requests, concurrency: 1, seed: fastrand::u64(..) };
    Ok((base_url, Wire::new(&API, transport, SystemClock::default(), limits)))
}

async fn read_page(object: &'static ObjectSpec, wire: &Wire<HttpTransport, SystemClock>) -> Option<Checked> {
    let operation = object.operation(OperationName::List)?;
    let path = format!("{}?{}={PAGE}", operation.path, API.lists.size_parameter);
    let mut once = Once::default();
    let ended = wire.call(&PreparedRequest::read(operation, path), &mut once).await;
    // A list has no record that could be missing: a 404 means that there is no such API at this address.
    let stop = match &ended.how {
        How::Refused(Refused::NotFound { .. }, _) | How::Denied(_) | How::Moved(_) | How::Stopped => true,
        How::Trouble { status, .. } => status.is_none_or(|status| status == 404),
        _ => false,
    };
    let wrong_address = |message: &str| {
        format!("{message}: is the base URL right? It is the whole prefix, such as {}", API.base_url)
    };
    let mut items = None;
    let (status, problem) = match ended.how {
        How::Applied(answer) => {
            items = answer.page(&API).map(|page| page.items.to_vec());
            (Some(answer.status), None)
        }
        How::Refused(Refused::NotFound { .. }, answer) => {
            (Some(answer.status), Some(wrong_address(&answer.message(&API))))
        }
        How::Refused(_, answer) | How::Denied(answer) | How::Moved(answer) => {
            (Some(answer.status), Some(answer.explained(&API)))
        }
        How::Trouble { status: Some(404), message } => (Some(404), Some(wrong_address(&message))),
        How::Trouble { status: Some(200), message } => {
            (Some(200), Some(format!("the answer is not a list of records: {message}")))
        }
        How::Trouble { status, message } => (status, Some(message)),
        How::Stopped => (None, None),
    };
    let hint = problem.as_ref().and_then(|message| {
        let operation = Some(operation.name);
        hint::choose(
            &API,
            &Situation { object: object.name, operation, status, message, ..Situation::default() },
        )
    });
    let test = items.and_then(|items| items.first().map(|record| is_test(record, &API.answers)));
    let person = once.needs_person || status.is_some();
    Some(Checked { object, status, problem, hint, test, stop, person })
}

fn environment_of(findings: &[Checked]) -> Option<&'static str> {
    let test = findings.iter().find_map(|finding| finding.test)?;
    Some(if test { "test" } else { "production" })
}

impl Checked {
    fn to_json(&self) -> Value {
        json!({
            "object": self.object.name,
            "ok": self.problem.is_none(),
            "status": self.status,
            "message": self.problem,
            "hint": self.hint.map(|hint| hint.text),
        })
    }
}

fn print(base_url: &BaseUrl, findings: &[Checked], streams: &mut Desk<'_>) -> io::Result<()> {
    writeln!(streams.stdout, "{} at {}", API.title, base_url.as_str())?;
    for finding in findings {
        let status = finding.status.map_or_else(String::new, |status| format!(" (HTTP {status})"));
        match &finding.problem {
            None => writeln!(streams.stdout, "  {:<14} ok", finding.object.name)?,
            Some(problem) => {
                writeln!(streams.stdout, "  {:<14} refused{status}: {problem}", finding.object.name)?;
            }
        }
        if let Some(hint) = finding.hint {
            writeln!(streams.stdout, "  {:<14} hint: {}", "", hint.text)?;
        }
    }
    match environment_of(findings) {
        Some(name) => {
            writeln!(streams.stdout, "These are {name} keys: the records that they show are {name} records.")
        }
        None if findings.iter().any(|finding| finding.problem.is_none()) => writeln!(
            streams.stdout,
            "There is no record yet that would tell whether these are test or production keys."
        ),
        None => Ok(()),
    }
}
