//! The loop over rows: read, prepare, deliver, report.

use std::io;
use std::time::Duration;

use crate::clock::Clock;
use crate::deliver::{Delivered, Delivery};
use crate::error::{FieldError, RowError, SetupError};
use crate::guard::FailureLimit;
use crate::hint::{self, Situation};
use crate::interrupt::Interrupt;
use crate::mapping::Mapping;
use crate::mode::Mode;
use crate::outcome::{Failure, Outcome};
use crate::prepare::{PreparedRequest, requests};
use crate::record_key::KeyRule;
use crate::report::{Report, Stopped, redact};
use crate::retry::Backoff;
use crate::row::{Record, Row};
use crate::rules::Faults;
use crate::source::{Item, Source, Unreadable};
use crate::spec::{ApiSpec, FieldSpec, ObjectSpec, OperationName, Step};
use crate::transport::Transport;

/// How often progress is told.
const PROGRESS: Duration = Duration::from_secs(10);

/// One sync, resolved: nothing in it can be wrong any more.
#[derive(Debug)]
pub struct Job {
    /// The API.
    pub api: &'static ApiSpec,
    /// The object.
    pub object: &'static ObjectSpec,
    /// The mode.
    pub mode: Mode,
    /// The calls of the mode.
    pub steps: &'static [Step],
    /// Which column feeds which field.
    pub mapping: Mapping,
    /// What makes two rows the same record.
    pub keys: KeyRule,
    /// The most rows that are read.
    pub limit: Option<u64>,
    /// Nothing is sent.
    pub dry_run: bool,
    /// How long without any progress before the run stops.
    pub give_up: Duration,
    /// How many failures before it stops.
    pub max_failures: Option<FailureLimit>,
    /// What random pauses are drawn from.
    pub seed: u64,
}

impl Job {
    /// Checks that the mapping can bring what every row of the mode needs.
    pub fn check_mapping(&self) -> Result<(), SetupError> {
        let Some(step) = self.steps.last() else {
            return Err(SetupError::new(format!(
                "the spec has no calls for {} {}",
                self.mode, self.object.name
            )));
        };
        let missing = |field: &FieldSpec, why: &str| {
            let error = SetupError::new(format!("no column and no constant feeds `{}`, {why}", field.name));
            Err(error.help(format_args!("{}; map it: --map {}=COLUMN", field.description, field.name)))
        };
        let fed = |field: &FieldSpec| self.mapping.may_feed(field);
        if let Some(field) = step.operation.path_fields.iter().find(|field| !fed(field)) {
            return missing(field, &format!("which tells {} which record it means", self.mode));
        }
        if step.operation.name != OperationName::Create {
            return Ok(());
        }
        if let Some(field) = self.object.fields.iter().find(|field| field.required && !fed(field)) {
            return missing(field, "which is required");
        }
        match self.object.exactly_one_of.iter().find(|group| !group.fields.iter().any(|field| fed(field))) {
            Some(group) => {
                let names: Vec<&str> = group.fields.iter().map(|field| field.name).collect();
                let error =
                    SetupError::new(format!("no column and no constant feeds any of {}", names.join(", ")));
                Err(error.help(group.description))
            }
            None => Ok(()),
        }
    }

    /// The mapped fields that one of the mode's operations cannot write, with that operation.
    #[must_use]
    pub fn not_writable(&self) -> Vec<(&'static FieldSpec, OperationName)> {
        self.left_out(|field| self.mapping.feeds(field))
    }

    fn left_out(&self, brought: impl Fn(&FieldSpec) -> bool) -> Vec<(&'static FieldSpec, OperationName)> {
        let mut found = Vec::new();
        for field in self.object.fields.iter().copied().filter(|field| brought(field)) {
            for step in self.steps {
                let addressed = step.operation.path_fields.contains(&field);
                // The system's own key is never part of a body, and nobody would expect it to be.
                let own_key = self.object.key_field == Some(field);
                if !addressed && !own_key && !field.writable.contains(&step.operation.name) {
                    found.push((field, step.operation.name));
                }
            }
        }
        found
    }
}

/// What is told about a run while it goes on.
pub trait Listener {
    /// A row did not arrive. `row` is none where it could not be read.
    fn failed(&mut self, failure: &Failure, row: Option<&Row>) -> io::Result<()>;
    /// A first request of its operation was prepared in a dry run.
    fn example(&mut self, _request: &PreparedRequest) {}
    /// A row without a value for a recommended field will create a record; said once for each field.
    fn recommended(&mut self, _field: &'static FieldSpec, _row: u64) {}
    /// Fields that a JSON record brings by name cannot be written by an operation; said once for each field.
    fn left_out(&mut self, _fields: &[(&'static FieldSpec, OperationName)]) {}
    /// A name of a JSON record feeds nothing; said once for each name, up to a limit.
    fn unmapped(&mut self, _name: &str) {}
    /// Time has passed.
    fn progress(&mut self, _report: &Report) {}
}

/// Runs a sync to its end, or to the point where it has to stop. Every row that was read is in the report.
pub async fn run<T: Transport, C: Clock>(
    job: &Job,
    source: &mut Source,
    transport: &T,
    clock: &C,
    interrupt: &Interrupt,
    listener: &mut impl Listener,
) -> Report {
    let started = clock.now();
    let mut run = Run {
        job,
        delivery: Delivery::new(job, transport, clock, interrupt, Backoff::seeded(job.seed)),
        report: Report::default(),
        notes: Notes::default(),
        columns: source.columns().map(<[String]>::to_vec),
    };
    let mut told = started;
    while run.report.stopped.is_none() {
        if let Some(signal) = interrupt.signal() {
            run.report.stopped =
                Some(Stopped { message: "interrupted".to_owned(), hint: None, signal: Some(signal) });
            break;
        }
        if job.limit.is_some_and(|limit| run.report.read() >= limit) {
            break;
        }
        match source.read() {
            Ok(None) => break,
            Ok(Some(item)) => run.take(item, listener).await,
            Err(error) => run.stop(error.to_string(), None),
        }
        if run.report.stopped.is_none() && job.max_failures.is_some_and(|limit| limit.is_passed(&run.report))
        {
            run.stop(
                format!("{} rows failed, which is more than --max-failures allows", run.report.failed()),
                None,
            );
        }
        if clock.now().saturating_sub(told) >= PROGRESS {
            told = clock.now();
            listener.progress(&run.report);
        }
    }
    run.report.requests = run.delivery.requests;
    run.report.retries = run.delivery.retries;
    run.report.throttled = run.delivery.throttled;
    run.report.duration = clock.now().saturating_sub(started);
    run.report
}

struct Run<'a, T, C> {
    job: &'a Job,
    delivery: Delivery<'a, T, C>,
    report: Report,
    notes: Notes,
    columns: Option<Vec<String>>,
}

/// What was said already, so that it is said once.
#[derive(Default)]
struct Notes {
    recommended: Vec<&'static str>,
    left_out: Vec<&'static str>,
    examples: Vec<OperationName>,
    unmapped: Vec<String>,
}

/// The most names of JSON records that are listed as unmapped.
const UNMAPPED: usize = 20;

impl<T: Transport, C: Clock> Run<'_, T, C> {
    async fn take(&mut self, item: Item, listener: &mut impl Listener) {
        let row = match item {
            Item::Row(row) => row,
            Item::Unreadable(unreadable) => return self.fail(&unreadable_row(unreadable), None, listener),
        };
        self.note_unmapped(&row, listener);
        let mut reader = self.job.mapping.bind(&row);
        let mut faults = Faults::default();
        let key = self.job.keys.key(&row, &reader, &mut faults);
        reader.faults.extend(faults);
        self.note_left_out(&reader, listener);
        let lacking = self.lacking_recommended(&reader);
        let prepared = requests(self.job.steps, row.number, reader);
        match prepared {
            Err(error) => self.fail(&invalid_row(self.job, key, error), Some(&row), listener),
            Ok(requests) => {
                if requests.last().is_some_and(|request| request.operation.name == OperationName::Create) {
                    self.note_recommended(&lacking, row.number, listener);
                }
                if self.job.dry_run {
                    self.pretend(&requests, listener);
                } else {
                    self.deliver(&requests, key, &row, listener).await;
                }
            }
        }
    }

    async fn deliver(
        &mut self,
        requests: &[PreparedRequest],
        key: Option<String>,
        row: &Row,
        listener: &mut impl Listener,
    ) {
        match self.delivery.deliver(requests).await {
            Delivered::Done { outcome, test } => {
                self.report.count(outcome);
                self.report.test_records += u64::from(test);
            }
            Delivered::Failed { outcome, operation, status, message } => {
                let situation = Situation {
                    object: self.job.object.name,
                    operation: Some(operation),
                    status,
                    message: &message,
                    ..Situation::default()
                };
                let hint = hint::choose(self.job.api, &situation);
                let failure = Failure {
                    row: row.number,
                    key,
                    outcome,
                    operation: Some(operation),
                    status,
                    message,
                    hint,
                    faults: Vec::new(),
                };
                self.fail(&failure, Some(row), listener);
            }
            Delivered::Stopped(mut stopped) => {
                stopped.message = redact(&stopped.message, row, self.columns.as_deref());
                self.report.count(Outcome::Pending);
                self.report.stopped = Some(stopped);
            }
        }
    }

    /// What a dry run does with the requests of a row: it counts the most that they can cost.
    fn pretend(&mut self, requests: &[PreparedRequest], listener: &mut impl Listener) {
        self.delivery.requests += requests.len() as u64;
        self.report.count(Outcome::Pending);
        for request in requests {
            if !self.notes.examples.contains(&request.operation.name) {
                self.notes.examples.push(request.operation.name);
                listener.example(request);
            }
        }
    }

    fn fail(&mut self, failure: &Failure, row: Option<&Row>, listener: &mut impl Listener) {
        self.report.count(failure.outcome);
        self.report.add_reason(failure, row, self.columns.as_deref());
        if let Err(error) = listener.failed(failure, row) {
            self.stop(format!("the failures file cannot be written: {error}"), None);
        }
    }

    fn stop(&mut self, message: String, hint: Option<&'static crate::spec::Hint>) {
        self.report.stopped = Some(Stopped { message, hint, signal: None });
    }

    fn lacking_recommended(&self, reader: &crate::mapping::RowReader<'_>) -> Vec<&'static FieldSpec> {
        let fields = self.job.object.fields.iter().copied();
        fields.filter(|field| field.recommended.is_some() && !reader.has(field)).collect()
    }

    fn note_recommended(&mut self, lacking: &[&'static FieldSpec], row: u64, listener: &mut impl Listener) {
        for field in lacking {
            if !self.notes.recommended.contains(&field.name) {
                self.notes.recommended.push(field.name);
                listener.recommended(field, row);
            }
        }
    }

    /// What JSON records bring by name is known row by row; everything else was looked at before the first.
    fn note_left_out(&mut self, reader: &crate::mapping::RowReader<'_>, listener: &mut impl Listener) {
        let (job, noted) = (self.job, &mut self.notes.left_out);
        let by_name = |field: &FieldSpec| {
            reader.has(field) && !job.mapping.feeds(field) && !noted.contains(&field.name)
        };
        let found = job.left_out(by_name);
        if !found.is_empty() {
            noted.extend(found.iter().map(|(field, _)| field.name));
            listener.left_out(&found);
        }
    }

    fn note_unmapped(&mut self, row: &Row, listener: &mut impl Listener) {
        let Record::Object(object) = &row.record else { return };
        for name in object.keys() {
            if self.notes.unmapped.len() < UNMAPPED
                && !self.job.mapping.knows(name)
                && !self.job.keys.uses(name)
                && !self.notes.unmapped.contains(name)
            {
                self.notes.unmapped.push(name.clone());
                listener.unmapped(name);
            }
        }
    }
}

fn invalid_row(job: &Job, key: Option<String>, error: RowError) -> Failure {
    let explain = |fault: FieldError| {
        let situation = Situation {
            object: job.object.name,
            rule: Some(fault.rule),
            field: Some(&fault.field),
            ..Situation::default()
        };
        let hint = hint::choose(job.api, &situation);
        (fault, hint)
    };
    let faults: Vec<_> = error.faults.into_iter().map(explain).collect();
    let message = faults.iter().map(|(fault, _)| fault.to_string()).collect::<Vec<_>>().join("; ");
    Failure {
        row: error.row.unwrap_or_default(),
        key,
        outcome: Outcome::Invalid,
        operation: None,
        status: None,
        message,
        hint: faults.iter().find_map(|(_, hint)| *hint),
        faults,
    }
}

fn unreadable_row(unreadable: Unreadable) -> Failure {
    let Unreadable { number, rule, message } = unreadable;
    let faults = vec![(FieldError { field: String::new(), rule, message: message.clone() }, None)];
    Failure {
        row: number,
        key: None,
        outcome: Outcome::Invalid,
        operation: None,
        status: None,
        message,
        hint: None,
        faults,
    }
}
