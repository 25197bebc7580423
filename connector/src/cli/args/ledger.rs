//! The flags of the commands that look into a ledger.

use std::path::PathBuf;

use clap::Args;

use crate::ledger::FaultId;

/// `partnerstack history`
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// The record key as the failures file has it, or PartnerStack's own key
    pub(crate) key: String,
    /// Only records of this object
    #[arg(long, value_name = "OBJECT")]
    pub(crate) object: Option<String>,
    /// Print a line of JSON for each record
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: LedgerArgs,
}

/// `partnerstack failures`
#[derive(Debug, Args)]
#[command(after_help = "\
A failures file holds the rows that did not arrive, run after run: a row leaves it when it has
arrived, or when you dismiss it. A row that was dismissed and fails again is in it again. Without
an argument the files of all syncs of the account are shown.")]
pub(crate) struct FailuresArgs {
    /// A failures file, a sync file, or the name of a sync
    #[arg(value_name = "FILE|NAME")]
    pub(crate) of: Option<String>,
    /// Take the entry with this id out of the list (repeatable)
    #[arg(long, value_name = "ID")]
    pub(crate) dismiss: Vec<FaultId>,
    /// Write the entries as a table that can be corrected in a spreadsheet and synced: --source PATH
    #[arg(long, value_name = "PATH", conflicts_with = "dismiss")]
    pub(crate) csv: Option<PathBuf>,
    /// Print each entry as a line of JSON
    #[arg(long, conflicts_with_all = ["dismiss", "csv"])]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: LedgerArgs,
}

/// `partnerstack runs`
#[derive(Debug, Args)]
pub(crate) struct RunsArgs {
    /// Show so many at most, the latest first
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) limit: u32,
    /// Print a line of JSON for each run
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: LedgerArgs,
}

/// `partnerstack resolve`
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("settled").required(true).args(["arrived", "not_arrived"])))]
pub(crate) struct ResolveArgs {
    /// The record key as the failures file has it
    pub(crate) key: String,
    /// The object of the record
    #[arg(long, value_name = "OBJECT")]
    pub(crate) object: String,
    /// It arrived: it counts as delivered
    #[arg(long)]
    pub(crate) arrived: bool,
    /// PartnerStack's own key of the record that arrived
    #[arg(long = "key", value_name = "KEY", requires = "arrived", conflicts_with = "not_arrived")]
    pub(crate) key_there: Option<String>,
    /// It did not arrive: the next sync that has its row sends it again
    #[arg(long)]
    pub(crate) not_arrived: bool,
    #[command(flatten)]
    pub(crate) place: LedgerArgs,
}

/// Which ledger, and which of its accounts.
#[derive(Clone, Debug, Args)]
pub(crate) struct LedgerArgs {
    /// The prefix of every path of the API [default: the API's own]
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// The account [default: default]
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// The ledger [default: partnerstack/ledger.db in the state folder]
    #[arg(long, value_name = "PATH")]
    pub(crate) ledger: Option<PathBuf>,
    /// The file that holds the key of the ledger's digests, if it was made with one
    #[arg(long, value_name = "PATH")]
    pub(crate) digest_key_file: Option<PathBuf>,
}
