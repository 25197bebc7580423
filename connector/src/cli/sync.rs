//! `partnerstack sync`: puts a sync together, runs it, and reports.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::args::SyncArgs;
use super::config::{Settings, SourceSetting};
use super::ledger::{self, Choice};
use super::summary::{self, Subject};
use super::sync_file;
use super::teller::{Teller, warn_left_out};
use super::{DONE, Environment, FAILED, SETUP, STOPPED, Streams, UNCERTAIN, of_signal};
use crate::clock::{Clock, SystemClock};
use crate::error::SetupError;
use crate::generated::API;
use crate::http::credentials::{Credentials, Secret};
use crate::http::error::{CallError, CallErrorKind, Sent};
use crate::http::transport::{BaseUrl, HttpTransport, Transport};
use crate::ledger::{Account, Ledger, LedgerError, Scope, ScopeName};
use crate::mapping::columns::Mapping;
use crate::mapping::record_key::KeyRule;
use crate::report::counts::{Report, Stopped};
use crate::report::failures_list::{FailuresFile, Form};
use crate::report::outcome::Outcome;
use crate::request::prepare::PreparedRequest;
use crate::sandbox::{self, Sandbox};
use crate::source::{Format, Input, Options, Source};
use crate::sync::interrupt::Interrupt;
use crate::sync::{self, Job, World};

/// Runs a sync from its flags to its exit code.
pub(super) async fn run(
    args: SyncArgs,
    environment: &Environment,
    streams: &mut Streams<'_>,
    interrupt: &Interrupt,
) -> io::Result<u8> {
    let asked_json = args.json;
    let stdin = std::mem::replace(&mut streams.stdin, Box::new(io::empty()));
    let settings = match Settings::load(args, environment) {
        Ok(settings) => settings,
        Err(error) => return refuse(&error, asked_json, Subject::default(), streams),
    };
    let (json, dry_run) = (settings.json, settings.dry_run);
    let subject =
        Subject { object: settings.object.name, mode: settings.mode.name(), dry_run, ..Subject::default() };
    let prepared = match Sync::prepare(settings, environment, stdin, interrupt).await {
        Ok(prepared) => prepared,
        Err(NotReady::Refused(error)) => return refuse(&error, json, subject, streams),
        Err(NotReady::Interrupted(signal)) => return say_interrupted(signal, json, subject, streams),
    };
    prepared.warn(streams.stderr)?;
    let Sync { settings, job, source, connection, ledger, scope, run, failures } = prepared;
    let mut teller = Teller { streams, failures, json: settings.json, rows_told: 0 };
    let clock = SystemClock::default();
    let mut report = match &connection {
        Connection::None => {
            let world = World { ledger: &scope, run, transport: &Nowhere, clock: &clock, interrupt };
            sync::run(job, source, &world, &mut teller).await
        }
        Connection::Http { transport, .. } => {
            let world =
                World { ledger: &scope, run, transport: transport.as_ref(), clock: &clock, interrupt };
            sync::run(job, source, &world, &mut teller).await
        }
    };
    if let Err(error) = close(ledger, &scope, run, &settings).await {
        report.stopped.get_or_insert(Stopped { message: error.to_string(), hint: None, signal: None });
    }
    let to_the_end = report.stopped.is_none() && settings.limit.is_none_or(|limit| report.read() < limit);
    let finished = teller.failures.map(|file| file.finish(to_the_end)).transpose();
    let path = finished.unwrap_or_else(|error| {
        let message = format!("the failures file cannot be put in its place: {error}");
        report.stopped.get_or_insert(Stopped { message, hint: None, signal: None });
        None
    });
    let code = exit_code(&settings, &report);
    let subject = Subject {
        sandbox: settings.sandbox,
        failures: path.flatten(),
        error: report.stopped.as_ref().map(|stopped| stopped.message.clone()),
        ..subject
    };
    summary::print(&subject, &report, streams.stderr)?;
    if settings.json {
        writeln!(streams.stdout, "{}", summary::json_line(&subject, &report))?;
    }
    Ok(code)
}

/// Says why nothing was started, to people and to programs.
fn refuse(error: &SetupError, json: bool, subject: Subject<'_>, streams: &mut Streams<'_>) -> io::Result<u8> {
    if json {
        print_refusal(&error.to_string(), subject, streams)?;
    }
    match sync_file::carets(error) {
        Some(carets) => writeln!(streams.stderr, "{carets}")?,
        None => writeln!(streams.stderr, "error: {error}")?,
    }
    Ok(SETUP)
}

/// Says that the run was told to stop before there was anything to read.
fn say_interrupted(
    signal: i32,
    json: bool,
    subject: Subject<'_>,
    streams: &mut Streams<'_>,
) -> io::Result<u8> {
    let stopped = Stopped::by(signal);
    let subject = Subject { error: Some(stopped.message.clone()), ..subject };
    let mut report = Report::default();
    report.stopped = Some(stopped);
    summary::print(&subject, &report, streams.stderr)?;
    if json {
        writeln!(streams.stdout, "{}", summary::json_line(&subject, &report))?;
    }
    Ok(of_signal(signal))
}

/// The line for programs where nothing was started.
pub(super) fn print_refusal(error: &str, subject: Subject<'_>, streams: &mut Streams<'_>) -> io::Result<()> {
    let subject = Subject { error: Some(error.trim_end().to_owned()), ..subject };
    writeln!(streams.stdout, "{}", summary::json_line(&subject, &Report::default()))
}

/// The first that holds, in the order of the contract.
fn exit_code(settings: &Settings, report: &Report) -> u8 {
    match &report.stopped {
        Some(Stopped { signal: Some(signal), .. }) => return of_signal(*signal),
        Some(_) => return STOPPED,
        None => {}
    }
    if report.of(Outcome::Uncertain) > 0 || report.unsettled_before > 0 {
        return UNCERTAIN;
    }
    let forgiven = settings.allow_failures.is_some_and(|limit| limit.allows(report));
    if report.failed() > 0 && !forgiven { FAILED } else { DONE }
}

/// Why a sync did not start.
enum NotReady {
    Refused(SetupError),
    Interrupted(i32),
}

impl From<SetupError> for NotReady {
    fn from(error: SetupError) -> Self {
        Self::Refused(error)
    }
}

/// A sync that is ready to run.
struct Sync {
    settings: Settings,
    job: Arc<Job>,
    source: Source,
    connection: Connection,
    ledger: Ledger,
    /// The records of the object in it.
    scope: Scope,
    /// The number that the ledger gave this run.
    run: i64,
    failures: Option<FailuresFile>,
}

/// Where requests go.
enum Connection {
    /// Nowhere: a dry run.
    None,
    Http {
        transport: Box<HttpTransport>,
        /// Kept for as long as requests go there.
        _sandbox: Option<Sandbox>,
    },
}

impl Sync {
    /// Everything that can be wrong is found out here, before the first row.
    async fn prepare(
        settings: Settings,
        environment: &Environment,
        stdin: Box<dyn Read + Send>,
        interrupt: &Interrupt,
    ) -> Result<Self, NotReady> {
        let (object, mode) = (settings.object, settings.mode);
        let steps = object.steps(mode).map_err(|reason| {
            SetupError::new(format!("{mode} is not offered for {}: {reason}", object.name))
        })?;
        if settings.sandbox && settings.base_url.is_some() {
            let error = SetupError::new("both --sandbox and --base-url are given");
            return Err(error.help("leave one of them out, of the flags or of the sync file").into());
        }
        let base_url = BaseUrl::parse(settings.base_url.as_deref().unwrap_or(API.base_url))?;
        let input = match &settings.source {
            SourceSetting::Stdin => Input::Stdin(stdin),
            SourceSetting::File(path) => Input::File(path.clone()),
        };
        let options = Options {
            format: settings.format,
            delimiter: settings.delimiter.clone(),
            encoding: settings.encoding.clone(),
        };
        let source = open_source(input, options, interrupt).await?;
        let mapping =
            Mapping::resolve(object, settings.mapping.as_deref(), &settings.additional, source.columns())?;
        let keys = KeyRule::resolve(object, &settings.primary_key, source.columns(), |field| {
            mapping.may_feed(field)
        })
        .map_err(|error| error.at(&settings.primary_key_place))?;
        let job = Job {
            api: &API,
            object,
            mode,
            steps,
            mapping,
            keys,
            limit: settings.limit,
            dry_run: settings.dry_run,
            give_up: Duration::from_secs(settings.give_up),
            max_failures: settings.max_failures,
            seed: fastrand::u64(..),
            account: settings.account.clone(),
            derive_key: settings.derive_key,
            match_on: settings.match_on,
            full: settings.full,
            ignore_changes: settings.ignore_changes,
            quota: quota(settings.rate),
            concurrency: settings.concurrency,
            timeout: Duration::from_secs(settings.timeout),
            settle_after: Duration::from_secs(settings.settle_after),
            columns: source.columns().map(<[String]>::to_vec),
        };
        job.check_mapping()?;
        let connection = connect(&settings, &base_url, environment)?;
        let failures = failures_file(&settings, environment, &source)?;
        let (ledger, scope, run) = open_ledger(&settings, &base_url, &job, environment).await?;
        Ok(Self { settings, job: Arc::new(job), source, connection, ledger, scope, run, failures })
    }

    /// What is worth knowing before the first row.
    fn warn(&self, out: &mut dyn Write) -> io::Result<()> {
        let quota = API.rate_limit.requests * 60 / API.rate_limit.seconds.max(1);
        if let Some(rate) = self.settings.rate.filter(|rate| *rate > quota) {
            writeln!(
                out,
                "warning: --rate {rate} is more than the {quota} requests a minute that the API takes"
            )?;
        }
        let unused = self.job.mapping.unmapped().iter().filter(|name| !self.job.keys.uses(name));
        let names: Vec<String> = unused.map(|name| format!("`{name}`")).collect();
        if !names.is_empty() {
            let names = crate::text::printable::printable(&names.join(", "));
            writeln!(out, "warning: these columns feed no field and are not sent: {names}")?;
        }
        let left_out = self.job.not_writable();
        if !left_out.is_empty() {
            warn_left_out(&left_out, out)?;
        }
        Ok(())
    }
}

/// Opens the source on a thread of its own: standard input may say nothing for as long as it likes.
async fn open_source(input: Input, options: Options, interrupt: &Interrupt) -> Result<Source, NotReady> {
    let (sender, opened) = oneshot::channel();
    // Whoever waited may have been told to stop.
    thread::spawn(move || drop(sender.send(Source::open(input, &options))));
    tokio::select! {
        biased;
        opened = opened => {
            let opened = opened.map_err(|_| SetupError::new("the source cannot be opened"))?;
            Ok(opened.map_err(|error| SetupError::new(error.to_string()))?)
        }
        signal = interrupt.wait() => Err(NotReady::Interrupted(signal)),
    }
}

/// The ledger of the sync, checked, and the number of this run in it.
async fn open_ledger(
    settings: &Settings,
    base_url: &BaseUrl,
    job: &Job,
    environment: &Environment,
) -> Result<(Ledger, Scope, i64), SetupError> {
    let choice = Choice {
        named: settings.ledger.clone(),
        require: settings.require_ledger,
        read_only: settings.dry_run,
        temporary: settings.sandbox,
    };
    let ledger = ledger::open(choice, environment)?;
    let base_url = if settings.sandbox { "sandbox" } else { base_url.as_str() }.to_owned();
    let account = settings.account.clone();
    let name = ScopeName {
        base_url: base_url.clone(),
        account: account.clone(),
        object: settings.object.name.to_owned(),
    };
    let scope = ledger.scope(name).await.map_err(|error| ledger::refused(&error))?;
    ledger::check_keyed_by(&scope, &settings.name, job.keys.keyed_by()).await?;
    if settings.dry_run {
        return Ok((ledger, scope, 0));
    }
    if !settings.sandbox {
        let public = environment.credentials(&API)?.public;
        let account = Account { base_url, name: account };
        ledger::check_keys(&ledger, &account, &public, settings.rotated_key).await?;
    }
    let begin = async {
        scope.set_keyed_by(&settings.name, job.keys.keyed_by()).await?;
        scope.begin_run(&settings.name, SystemClock::default().epoch_milliseconds()).await
    };
    let run = begin.await.map_err(|error| ledger::refused(&error))?;
    Ok((ledger, scope, run))
}

/// Writes down that the run came to its end, and that all of it is stored.
async fn close(ledger: Ledger, scope: &Scope, run: i64, settings: &Settings) -> Result<(), LedgerError> {
    if !settings.dry_run {
        scope.finish_run(run, SystemClock::default().epoch_milliseconds()).await?;
    }
    ledger.close()
}

/// The requests in one window of the spec's, at so many a minute.
fn quota(rate: Option<u32>) -> u32 {
    let limit = &API.rate_limit;
    rate.map_or(limit.requests, |rate| {
        let requests = u64::from(rate) * u64::from(limit.seconds) / 60;
        u32::try_from(requests).unwrap_or(u32::MAX).max(1)
    })
}

fn connect(
    settings: &Settings,
    base_url: &BaseUrl,
    environment: &Environment,
) -> Result<Connection, SetupError> {
    if settings.dry_run {
        return Ok(Connection::None);
    }
    let timeout = Duration::from_secs(settings.timeout);
    if !settings.sandbox {
        let transport =
            Box::new(HttpTransport::new(&API, base_url, &environment.credentials(&API)?, timeout)?);
        return Ok(Connection::Http { transport, _sandbox: None });
    }
    let sandbox = Sandbox::start(&API, sandbox::Options::default())
        .map_err(|error| SetupError::new(format!("the sandbox cannot be started: {error}")))?;
    // The sandbox takes any pair: there is no account that it could belong to.
    let credentials = Credentials { public: Secret::new("sandbox"), secret: Secret::new("sandbox") };
    let transport =
        Box::new(HttpTransport::new(&API, &BaseUrl::parse(sandbox.base_url())?, &credentials, timeout)?);
    Ok(Connection::Http { transport, _sandbox: Some(sandbox) })
}

/// The failures file that was named, or the one beside the ledger. A dry run writes only what was named.
fn failures_file(
    settings: &Settings,
    environment: &Environment,
    source: &Source,
) -> Result<Option<FailuresFile>, SetupError> {
    let path = match &settings.failures {
        Some(path) => path.clone(),
        None if settings.dry_run => return Ok(None),
        None => {
            let folder = failures_folder(settings, environment)?;
            make_folder(&folder)?;
            folder.join(format!("{}-failures.ndjson", settings.name))
        }
    };
    if Form::of(&path) == Form::Csv && source.format() != Format::Csv {
        return Err(SetupError::new(
            "a failures file in CSV needs a source in CSV, whose columns it repeats",
        )
        .help("name it .ndjson: --failures failures.ndjson"));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(SetupError::new(format!(
            "the folder of the failures file does not exist: `{}`",
            folder.display()
        )));
    }
    let is_source = matches!(&settings.source, SourceSetting::File(rows) if is_same_file(rows, &path));
    // A failures file may: every row that it loses was delivered, unless nothing is.
    if is_source && (settings.dry_run || !source.is_failures()) {
        return Err(SetupError::new("the failures file is the source: it would take the place of your rows")
            .help("name another one: --failures failures.ndjson"));
    }
    if path.is_dir() {
        return Err(SetupError::new(format!("the failures file `{}` is a folder", path.display())));
    }
    let shown = path.display().to_string();
    let file = FailuresFile::new(path, source.columns().unwrap_or_default(), is_source);
    if !settings.dry_run {
        file.check().map_err(|error| {
            SetupError::new(format!("the failures file `{shown}` cannot be written: {error}"))
                .help("name another one: --failures FILE")
        })?;
    }
    Ok(Some(file))
}

/// Beside the ledger. What a sandbox leaves must not take the place of what the API refused.
fn failures_folder(settings: &Settings, environment: &Environment) -> Result<PathBuf, SetupError> {
    match settings.ledger.as_deref().and_then(Path::parent) {
        Some(folder) => Ok(folder.to_path_buf()),
        None if settings.sandbox => Ok(environment.state_folder()?.join("sandbox")),
        None => environment.state_folder(),
    }
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn make_folder(folder: &Path) -> Result<(), SetupError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| {
        SetupError::new(format!("the folder `{}` cannot be made: {error}", folder.display()))
    })
}

/// The transport of a dry run, which sends nothing.
struct Nowhere;

impl Transport for Nowhere {
    async fn send(&self, _request: &PreparedRequest) -> Result<crate::http::response::Answer, CallError> {
        let detail = "a dry run sends nothing".to_owned();
        Err(CallError {
            kind: CallErrorKind::Connect,
            sent: Sent::No,
            status: None,
            retry_after: None,
            detail,
        })
    }
}
