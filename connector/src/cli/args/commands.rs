//! The flags: what a user can say on the command line, and nothing about what it means.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::ledger::{FailuresArgs, HistoryArgs, LedgerArgs, ResolveArgs, RunsArgs};
use super::sandbox::{RehearsalArgs, SandboxArgs};
use super::test::TestArgs;
use super::values::{ColorArg, FieldColumn, FormatArg, LogArg, ModeArg};
use crate::config::given::{Given, NewLedger, SourcePlace};
use crate::mapping::record_key::PrimaryKey;
use crate::report::failure_limit::FailureLimit;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "partnerstack",
    version,
    about = "Syncs rows into PartnerStack: fills the quota, loses nothing, doubles nothing, and says so",
    after_help = "\
First steps:
  partnerstack init ROWS.csv               write a sync file for an export of another system
  partnerstack describe                    what can be synced, and how
  partnerstack sync FILE.yaml --sandbox    rehearse a sync against the built-in stand-in
  partnerstack sync FILE.yaml --dry-run    see what a sync would send
  partnerstack check                       try the keys

Keys, from the environment alone:
  PARTNERSTACK_PUBLIC_KEY, PARTNERSTACK_SECRET_KEY
  or the same with _FILE behind it, for a file that holds the key

Exit codes, the first that holds:
  2         could not start, nothing was sent
  130, 143  interrupted
  5         stopped, a person has to act: keys, permission, address, too many failures
  3         stopped before the end: the API is out of order, or another run goes on
  4         finished, some rows are uncertain or pending
  1         finished, some rows failed
  0         done
Run the same command again after 3, 4, 130 and 143; correct something first after 1, 2 and 5."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a sync file for a source
    Init(InitArgs),
    /// Sync the rows of a file
    Sync(Box<SyncArgs>),
    /// Try the keys: is the API there, what is refused, and why
    Check(CheckArgs),
    /// Show what can be synced: objects, fields, limits, modes
    Describe(DescribeArgs),
    /// Print the JSON Schema of sync files, by which an editor helps to write one
    #[command(after_help = SCHEMA_HELP)]
    Schema,
    /// Run the tests of a sync file: rows, and what becomes of them
    Test(TestArgs),
    /// Serve a stand-in for the API on this machine, to rehearse with
    Sandbox(SandboxArgs),
    /// Show the rows that did not arrive and are still to be done, by reason
    Failures(FailuresArgs),
    /// Say what happened to a record
    History(HistoryArgs),
    /// List the runs: when, what, and how they ended
    Runs(RunsArgs),
    /// Compare the rows of a sync with the API's lists: what is equal, different, missing, twice
    Verify(VerifyArgs),
    /// Settle by hand a record of which nobody knows whether it arrived
    Resolve(ResolveArgs),
}

const SCHEMA_HELP: &str = "\
It is made of the same tables as `partnerstack describe`. Keep it beside your sync files:
  partnerstack schema > sync.schema.json
and begin each of them with this line, which VS Code (with its YAML extension) and every other
editor with yaml-language-server follow:
  # yaml-language-server: $schema=sync.schema.json";

/// `partnerstack init`
#[derive(Debug, Args)]
#[command(after_help = "\
It reads the header and a thousand rows, knows exports of Stripe, HubSpot, Salesforce and
Chargebee, and matches the columns of others to fields by their names. It asks nothing: what only
you can know is marked with EDIT in the file. Then:
  partnerstack sync ROWS.yaml --dry-run    see what it would send
  partnerstack sync ROWS.yaml --sandbox    rehearse it")]
pub(crate) struct InitArgs {
    /// The file with the rows
    pub(crate) source: PathBuf,
    /// What the rows are: `partnerstack describe` lists them [default: told by the columns]
    #[arg(long, value_name = "OBJECT")]
    pub(crate) object: Option<String>,
    /// Where the sync file is written; - for standard output [default: beside the source]
    #[arg(long, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
}

/// `partnerstack sync`
#[derive(Debug, Args)]
#[command(after_help = "\
A sync file holds the same settings (with `_` for `-`) and a mapping; flags override it:
  object: OBJECT
  mode: upsert
  source: rows.csv            # beside this file
  mapping:                    # without it, columns named like fields map to themselves
    FIELD: COLUMN
    FIELD: {column: COLUMN, as: cents}
    FIELD: {value: the same for every row}

Examples:
  partnerstack sync FILE.yaml
  partnerstack sync --object OBJECT --mode upsert --source rows.csv
  cat rows.ndjson | partnerstack sync --object OBJECT --mode insert --source - --json")]
pub(crate) struct SyncArgs {
    /// The sync file (YAML)
    pub(crate) file: Option<PathBuf>,

    /// What to sync: `partnerstack describe` lists them
    #[arg(long, value_name = "OBJECT", help_heading = ROWS)]
    pub(crate) object: Option<String>,
    /// insert creates, update changes what exists, upsert does both
    #[arg(long, value_name = "MODE", help_heading = ROWS, hide_possible_values = true)]
    pub(crate) mode: Option<ModeArg>,
    /// Where the rows are: a file, or - for standard input
    #[arg(long, value_name = "PATH", help_heading = ROWS)]
    pub(crate) source: Option<String>,
    /// csv, ndjson or json [default: told by the file's name or its start]
    #[arg(long, value_name = "FORMAT", help_heading = ROWS, hide_possible_values = true)]
    pub(crate) format: Option<FormatArg>,
    /// What separates cells [default: found from the header]
    #[arg(long, value_name = "C", help_heading = ROWS)]
    pub(crate) delimiter: Option<String>,
    /// The encoding of the source, such as windows-1252 [default: UTF-8]
    #[arg(long, value_name = "ENCODING", help_heading = ROWS)]
    pub(crate) encoding: Option<String>,
    /// Feed a field from a column (repeatable)
    #[arg(long, value_name = "FIELD=COLUMN", help_heading = ROWS)]
    pub(crate) map: Vec<FieldColumn>,
    /// A column that tells records apart (repeatable); `content`: equal rows are one record
    #[arg(long, value_name = "COLUMN", help_heading = ROWS)]
    pub(crate) primary_key: Vec<String>,
    /// Find the records of rows without a key by this field
    #[arg(long, value_name = "FIELD", help_heading = ROWS)]
    pub(crate) match_on: Option<String>,
    /// Read so many rows at most
    #[arg(long, value_name = "N", value_parser = number, help_heading = ROWS)]
    pub(crate) limit: Option<u64>,
    /// Send unchanged rows of an update or upsert too
    #[arg(long, help_heading = ROWS)]
    pub(crate) full: bool,

    /// Send and write nothing; show what would be sent and what it would cost; needs no keys
    #[arg(long, help_heading = TARGET)]
    pub(crate) dry_run: bool,
    /// Sync into a stand-in on this machine that is thrown away; needs no keys
    #[arg(long, help_heading = TARGET)]
    pub(crate) sandbox: bool,
    #[command(flatten)]
    pub(crate) rehearsal: RehearsalArgs,
    /// The prefix of every path of the API [default: the API's own]
    #[arg(long, value_name = "URL", help_heading = TARGET)]
    pub(crate) base_url: Option<String>,
    /// A name for the PartnerStack account, for the ledger [default: default]
    #[arg(long, value_name = "NAME", help_heading = TARGET)]
    pub(crate) account: Option<String>,
    /// The public key is new, the account is the same
    #[arg(long, help_heading = TARGET)]
    pub(crate) rotated_key: bool,
    /// The ledger [default: partnerstack/ledger.db in the state folder]
    #[arg(long, value_name = "PATH", help_heading = TARGET)]
    pub(crate) ledger: Option<PathBuf>,
    /// Keep the key of the ledger's digests in this file, apart from the ledger
    #[arg(long, value_name = "PATH", help_heading = TARGET)]
    pub(crate) digest_key_file: Option<PathBuf>,
    /// Refuse to start without an existing ledger
    #[arg(long, help_heading = TARGET)]
    pub(crate) require_ledger: bool,
    /// How long to wait for another run of the account and object, in seconds [default: 600]
    #[arg(long, value_name = "S", help_heading = TARGET)]
    pub(crate) wait: Option<u64>,
    /// The ledger is new: first look for what runs of a lost one have made; `empty`: nothing was sent before
    #[arg(long, value_name = "empty", num_args = 0..=1, require_equals = true, help_heading = TARGET)]
    #[arg(default_missing_value = "adopt", hide_possible_values = true)]
    pub(crate) new_ledger: Option<NewLedgerArg>,

    /// Where rows that did not arrive are written (.ndjson or .csv) [default: beside the ledger]
    #[arg(long, value_name = "PATH", help_heading = FAILURES)]
    pub(crate) failures: Option<PathBuf>,
    /// Write what a run would do, a line of JSON for each row; with --dry-run
    #[arg(long, value_name = "PATH", help_heading = FAILURES)]
    pub(crate) plan: Option<PathBuf>,
    /// Let this run through a guard of the sync file, such as its largest total (repeatable)
    #[arg(long, value_name = "GUARD", help_heading = FAILURES)]
    pub(crate) allow: Vec<String>,
    /// Stop when more rows than that have failed (a number, or a share such as 5%)
    #[arg(long, value_name = "N|N%", help_heading = FAILURES)]
    pub(crate) max_failures: Option<FailureLimit>,
    /// Exit 0 although rows have failed, unless more than that
    #[arg(long, value_name = "N|N%", help_heading = FAILURES)]
    pub(crate) allow_failures: Option<FailureLimit>,
    /// Stop after so many seconds without any progress [default: 300]
    #[arg(long, value_name = "S", value_parser = number, help_heading = FAILURES)]
    pub(crate) give_up: Option<u64>,
    /// Print one line of JSON at the end, on standard output
    #[arg(long, help_heading = FAILURES)]
    pub(crate) json: bool,
    /// Write counts for a monitor to this file at the end, in the text form of Prometheus
    #[arg(long, value_name = "PATH", help_heading = FAILURES)]
    pub(crate) metrics: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) shown: ShownArgs,

    /// How long one request may take, in seconds [default: 60]
    #[arg(long, value_name = "S", value_parser = number, help_heading = PACE)]
    pub(crate) timeout: Option<u64>,
    /// The most requests in flight [default: 256]
    #[arg(long, value_name = "N", value_parser = number, help_heading = PACE)]
    pub(crate) concurrency: Option<u64>,
    /// Requests a minute [default: the quota of the API]
    #[arg(long, value_name = "N_PER_MINUTE", value_parser = number, help_heading = PACE)]
    pub(crate) rate: Option<u64>,
    /// How long a write may take to show in the API's lists, in seconds [default: 60]
    #[arg(long, value_name = "S", value_parser = number, help_heading = PACE)]
    pub(crate) settle_after: Option<u64>,
    /// How much longer to wait at the end for lists to show what became of a create [default: 0]
    #[arg(long, value_name = "S", value_parser = number, help_heading = PACE)]
    pub(crate) settle_wait: Option<u64>,
    /// How long requests in flight may still be answered once the run is to stop [default: 8]
    #[arg(long, value_name = "S", value_parser = number, help_heading = PACE)]
    pub(crate) grace: Option<u64>,
}

/// How a run is shown.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct ShownArgs {
    /// Say nothing but warnings, errors, and the summary of a run that needs attention
    #[arg(long, help_heading = FAILURES)]
    pub(crate) quiet: bool,
    /// When there are colours: always, never, or on a terminal [default: auto]
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_default_value = true, help_heading = FAILURES, hide_possible_values = true)]
    pub(crate) color: ColorArg,
    /// What is told on standard error: text, or json, an event on each line [default: text]
    #[arg(long, value_name = "FORM", default_value = "text", hide_default_value = true, help_heading = FAILURES, hide_possible_values = true)]
    pub(crate) log: LogArg,
}

const ROWS: &str = "What to sync";
const TARGET: &str = "Where to";
const FAILURES: &str = "Failures and reports";
const PACE: &str = "Pace";

impl SyncArgs {
    /// What the flags say about the sync, and nothing that they do not.
    pub(crate) fn given(self) -> Given {
        let columns: Vec<&str> = self.primary_key.iter().map(String::as_str).collect();
        let said = |flag: bool| flag.then_some(true);
        Given {
            name: None,
            object: self.object.map(Into::into),
            mode: self.mode.map(Into::into),
            sync_file: None,
            source: self.source.map(|source| match source.as_str() {
                "-" => SourcePlace::Stdin,
                path => SourcePlace::File(path.into()),
            }),
            format: self.format.map(Into::into),
            delimiter: self.delimiter,
            encoding: self.encoding,
            records: None,
            mapping: None,
            additional: self.map.into_iter().map(Into::into).collect(),
            filter: None,
            null_values: None,
            primary_key: (!columns.is_empty()).then(|| PrimaryKey::of_columns(&columns).into()),
            match_on: self.match_on.map(Into::into),
            limit: self.limit.map(Into::into),
            dry_run: said(self.dry_run),
            full: said(self.full).map(Into::into),
            sandbox: said(self.sandbox),
            base_url: self.base_url,
            account: self.account,
            rotated_key: said(self.rotated_key),
            ledger: self.ledger,
            digest_key_file: self.digest_key_file,
            require_ledger: said(self.require_ledger),
            wait: self.wait.map(Into::into),
            new_ledger: self.new_ledger.map(Into::into),
            failures: self.failures,
            metrics: self.metrics,
            plan: self.plan.map(Into::into),
            guards: None,
            allow: self.allow,
            max_failures: self.max_failures,
            allow_failures: self.allow_failures,
            give_up: self.give_up.map(Into::into),
            json: said(self.json),
            timeout: self.timeout.map(Into::into),
            concurrency: self.concurrency.map(Into::into),
            rate: self.rate.map(Into::into),
            settle_after: self.settle_after.map(Into::into),
            settle_wait: self.settle_wait.map(Into::into),
            grace: self.grace.map(Into::into),
            ignore_changes: None,
            derive_key: None,
        }
    }
}

/// `partnerstack check`
#[derive(Debug, Args)]
#[command(after_help = "\
It writes nothing: it reads a page of each object, says what is refused and why, and whether
the keys are for test or for production, which only records can tell.

Exit codes:
  0  every object can be read
  1  some objects are refused
  2  could not start: no keys, or no such address
  3  no answer
  5  keys refused, or no API at this address")]
pub(crate) struct CheckArgs {
    /// The prefix of every path of the API [default: the API's own]
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Print one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `partnerstack describe`
#[derive(Debug, Args)]
pub(crate) struct DescribeArgs {
    /// One object, with its fields [default: all objects and modes at a glance]
    pub(crate) object: Option<String>,
    /// Print one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A whole number. One that is too large for anything is judged where the bounds are known.
fn number(text: &str) -> Result<u64, String> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Err(_) if is_number => Ok(u64::MAX),
        parsed => parsed.map_err(|_| "write a whole number".to_owned()),
    }
}

/// `partnerstack verify`
#[derive(Debug, Args)]
#[command(after_help = "\
It reads the rows of the sync and the lists of the API, and compares every field that the lists
show. Nothing is written to the API. With --adopt it enters into the ledger which records of the
rows are there, equal or different: a sync with that ledger sends no such row again unless it
differs. Where a ledger was lost, it makes a new one.

Exit codes, the first that holds:
  2         could not start
  130, 143  interrupted
  5         stopped, a person has to act: keys, permission, address
  3         stopped before the end: run it again
  4         of some rows it cannot be told which record is theirs
  1         something differs, is missing, is there twice, or is in no row
  0         every row is equal to its record")]
pub(crate) struct VerifyArgs {
    /// The sync file (YAML)
    pub(crate) file: PathBuf,
    /// Enter into the ledger what is there
    #[arg(long)]
    pub(crate) adopt: bool,
    /// Write a line of JSON for everything that is not equal: names of fields, no values
    #[arg(long, value_name = "PATH")]
    pub(crate) differences: Option<PathBuf>,
    /// The public key is new, the account is the same
    #[arg(long)]
    pub(crate) rotated_key: bool,
    /// Print one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: LedgerArgs,
}

impl VerifyArgs {
    /// What the flags say about the sync.
    pub(crate) fn given(&self) -> Given {
        Given {
            base_url: self.place.base_url.clone(),
            account: self.place.account.clone(),
            ledger: self.place.ledger.clone(),
            rotated_key: self.rotated_key.then_some(true),
            json: self.json.then_some(true),
            // What it finds is entered, so nothing is left for the next sync to look for.
            new_ledger: self.adopt.then_some(NewLedger::Adopt),
            ..Given::default()
        }
    }
}

/// What a new ledger means, on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum NewLedgerArg {
    /// Look for what earlier runs have made
    #[value(hide = true)]
    Adopt,
    /// Nothing was sent before
    Empty,
}

impl From<NewLedgerArg> for NewLedger {
    fn from(new_ledger: NewLedgerArg) -> Self {
        match new_ledger {
            NewLedgerArg::Adopt => Self::Adopt,
            NewLedgerArg::Empty => Self::Empty,
        }
    }
}
