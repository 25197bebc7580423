//! Which ledger is opened, and for what.

use std::fmt;
use std::path::PathBuf;

/// Which ledger is opened, and for what.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Where it is.
    pub place: LedgerPlace,
    /// The file that holds the key of its digests, if the ledger itself is not to hold it.
    pub digest_key_file: Option<PathBuf>,
    /// It must exist already.
    pub require: bool,
    /// Nothing is made and nothing is written, not even a lock: another process may write the ledger meanwhile.
    /// A ledger that does not exist is an empty one.
    pub read_only: bool,
    /// The time, in epoch milliseconds: a process that finds the ledger locked is told since when.
    pub now: i64,
}

/// Where a ledger is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerPlace {
    /// In a file. Beside it are a lock and, while it is in use, two files of SQLite's.
    File(PathBuf),
    /// Nowhere: it is thrown away at the end. It does not grow in memory either.
    Temporary,
}

/// As errors name it.
impl fmt::Display for LedgerPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Temporary => f.write_str("(temporary)"),
        }
    }
}
