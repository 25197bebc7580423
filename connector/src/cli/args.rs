//! The flags: what a user can say on the command line, and nothing about what it means.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::guard::FailureLimit;
use crate::mode::Mode;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "partnerstack",
    version,
    about = "Syncs rows into PartnerStack: fills the quota, loses nothing, doubles nothing, and says so",
    after_help = "First steps:\n  partnerstack describe                       what can be synced, and how\n  \
                  partnerstack sync FILE.yaml --sandbox       rehearse a sync against the built-in stand-in\n  \
                  partnerstack sync FILE.yaml --dry-run       see what a sync would send\n\n\
                  Keys: PARTNERSTACK_PUBLIC_KEY and PARTNERSTACK_SECRET_KEY, or the same with _FILE for a file that holds one.\n\
                  Exit codes: 0 done; 1 finished, some rows failed; 2 could not start, nothing sent; 3 stopped before the\n  \
                  end; 4 finished, some rows uncertain; 130, 143 interrupted. Run again after 3, 4, 130, 143."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sync the rows of a file
    Sync(Box<SyncArgs>),
    /// Check credentials and reach: one page of each object
    Check(CheckArgs),
    /// Show objects, fields, limits and modes
    Describe(DescribeArgs),
    /// Serve a stand-in for the API on this machine
    Sandbox(SandboxArgs),
}

/// `partnerstack sync`
#[derive(Debug, Args)]
#[command(after_help = "A sync file holds the same settings (with `_` for `-`) and a mapping; flags override it. Examples:\n  \
                        partnerstack sync customers.yaml\n  \
                        partnerstack sync --object customers --mode upsert --source customers.csv\n  \
                        cat rows.ndjson | partnerstack sync --object partnerships --mode insert --source - --json")]
pub(crate) struct SyncArgs {
    /// The sync file (YAML)
    pub(crate) file: Option<PathBuf>,
    /// What to sync: see `partnerstack describe`
    #[arg(long, value_name = "OBJECT")]
    pub(crate) object: Option<String>,
    /// What to do with records
    #[arg(long, value_name = "MODE")]
    pub(crate) mode: Option<ModeArg>,
    /// Where the rows are: a file, or - for standard input
    #[arg(long, value_name = "PATH")]
    pub(crate) source: Option<String>,
    /// How the rows are written [default: told by the file's name or first byte]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<FormatArg>,
    /// What separates cells [default: found from the header]
    #[arg(long, value_name = "C")]
    pub(crate) delimiter: Option<String>,
    /// The encoding of the source, such as windows-1252 [default: UTF-8]
    #[arg(long, value_name = "ENCODING")]
    pub(crate) encoding: Option<String>,
    /// Feed a field from a column (repeatable)
    #[arg(long, value_name = "FIELD=COLUMN")]
    pub(crate) map: Vec<FieldColumn>,
    /// A column that tells records apart (repeatable); `content`: equal rows are one record
    #[arg(long, value_name = "COLUMN")]
    pub(crate) primary_key: Vec<String>,
    /// Find the records of rows without a key by this field
    #[arg(long, value_name = "FIELD")]
    pub(crate) match_on: Option<String>,
    /// Read so many rows at most
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
    /// Send and write nothing; show what would be sent and what it would cost
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Send unchanged rows of an update or upsert too
    #[arg(long)]
    pub(crate) full: bool,
    /// Sync into a stand-in on this machine that is thrown away; needs no keys
    #[arg(long)]
    pub(crate) sandbox: bool,
    /// The prefix of every path of the API
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// A name for the PartnerStack account, for the ledger [default: default]
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// The public key is new, the account is the same
    #[arg(long)]
    pub(crate) rotated_key: bool,
    /// The ledger [default: partnerstack/ledger.db in the state folder]
    #[arg(long, value_name = "PATH")]
    pub(crate) ledger: Option<PathBuf>,
    /// Refuse to start without an existing ledger
    #[arg(long)]
    pub(crate) require_ledger: bool,
    /// Where rows that did not arrive are written (.ndjson or .csv) [default: beside the ledger]
    #[arg(long, value_name = "PATH")]
    pub(crate) failures: Option<PathBuf>,
    /// How long one request may take, in seconds [default: 60]
    #[arg(long, value_name = "S")]
    pub(crate) timeout: Option<u64>,
    /// The most requests in flight [default: 256]
    #[arg(long, value_name = "N")]
    pub(crate) concurrency: Option<u32>,
    /// Requests a minute [default: the quota of the spec]
    #[arg(long, value_name = "N_PER_MINUTE")]
    pub(crate) rate: Option<u32>,
    /// How long a write may take to show in lists, in seconds
    #[arg(long, value_name = "S")]
    pub(crate) settle_after: Option<u64>,
    /// Stop after so many failed rows (a number, or a share such as 5%)
    #[arg(long, value_name = "N|N%")]
    pub(crate) max_failures: Option<FailureLimit>,
    /// Exit 0 in spite of so many failed rows
    #[arg(long, value_name = "N|N%")]
    pub(crate) allow_failures: Option<FailureLimit>,
    /// Stop after so many seconds without any progress [default: 300]
    #[arg(long, value_name = "S")]
    pub(crate) give_up: Option<u64>,
    /// Print one line of JSON at the end
    #[arg(long)]
    pub(crate) json: bool,
}

/// `partnerstack check`
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The prefix of every path of the API
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `partnerstack describe`
#[derive(Debug, Args)]
pub(crate) struct DescribeArgs {
    /// One object, with its fields
    pub(crate) object: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `partnerstack sandbox`
#[derive(Debug, Args)]
pub(crate) struct SandboxArgs {
    /// The port [default: any free one]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
    /// How much longer every answer takes, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0, hide_default_value = true)]
    pub(crate) latency: u64,
    /// Let so many requests in a thousand fail in this way (repeatable)
    #[arg(long, value_name = "KIND:PERMILLE")]
    pub(crate) faults: Vec<crate::sandbox::Fault>,
    /// What a create with a known identity gets: accept, 400 or 409
    #[arg(long, value_name = "POLICY", default_value = "400")]
    pub(crate) duplicates: crate::sandbox::Duplicates,
}

/// A mode on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ModeArg {
    /// Create records
    Insert,
    /// Change records that exist
    Update,
    /// Change records that exist, create those that are missing
    Upsert,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Insert => Self::Insert,
            ModeArg::Update => Self::Update,
            ModeArg::Upsert => Self::Upsert,
        }
    }
}

/// A format on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FormatArg {
    /// Cells separated by a delimiter, with a header
    Csv,
    /// A JSON object on every line
    Ndjson,
    /// One JSON array of objects
    Json,
}

/// `FIELD=COLUMN`
#[derive(Debug, Clone)]
pub(crate) struct FieldColumn {
    pub(crate) field: String,
    pub(crate) column: String,
}

impl FromStr for FieldColumn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((field, column)) if !field.is_empty() && !column.is_empty() => {
                Ok(Self { field: field.to_owned(), column: column.to_owned() })
            }
            _ => Err("write FIELD=COLUMN, such as email=Email address".to_owned()),
        }
    }
}
