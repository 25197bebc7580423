//! What can be wrong with a ledger, in sentences for a person at two in the morning.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// The ledger cannot be used. What is in the file stays as it is; nothing takes its place.
///
/// The text says which file, what happened, and, after `help:`, what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// There is none, and there has to be one.
    #[error(
        "there is no ledger at {path}, and --require-ledger asks for one\n  help: is the path right, is the disk \
         mounted? Without its ledger a sync sends rows again that arrived before; for a first run leave \
         --require-ledger out", path = .path.display()
    )]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// Another process writes it.
    #[error(
        "the ledger {path} is in use by {}\n  help: wait until that one has ended, or give this sync a ledger and an \
         account of its own (--ledger, --account)", named(.holder.as_ref()), path = .path.display()
    )]
    Locked {
        /// The ledger.
        path: PathBuf,
        /// Who has it, where that can be read.
        holder: Option<Holder>,
    },
    /// It was written by a newer version of this program.
    #[error(
        "the ledger {path} has format {found}, this program knows up to {known}; it was left as it is\n  help: a newer \
         version of partnerstack wrote it: use that one, or another", path = .path.display()
    )]
    Newer {
        /// The ledger.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that is known here.
        known: i64,
    },
    /// It was written by an older version, and may only be read now.
    #[error(
        "the ledger {path} has format {found}, which has to become {known} before it can be read\n  help: the next \
         sync (without --dry-run) does that", path = .path.display()
    )]
    Older {
        /// The ledger.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The format that is needed.
        known: i64,
    },
    /// The file is something else.
    #[error(
        "{path} is a database of another program, not a ledger; it was left as it is\n  help: name another file: \
         --ledger PATH", path = .path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be read any more.
    #[error(
        "the ledger {path} is damaged, or no ledger ({detail}); it was left as it is\n  help: put a backup in its \
         place. Without what it remembers, rows that arrived before would be sent again: move it away only where \
         nothing was sent yet, or where doubles do no harm", path = .path.display()
    )]
    Damaged {
        /// The ledger.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// There is no room for it.
    #[error(
        "the ledger {path} cannot grow: {detail}; what it holds is safe\n  help: make room on that disk (or raise the \
         quota), then run the same command again: it goes on where it stopped", path = .path.display()
    )]
    Full {
        /// The ledger.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// The file or its folder may not be read or written.
    #[error(
        "the ledger {path} cannot be {purpose}: {detail}\n  help: this user needs the file, its folder and the files \
         beside it whose names begin with its name; or name another place: --ledger PATH", path = .path.display()
    )]
    Denied {
        /// The ledger.
        path: PathBuf,
        /// `read` or `written`.
        purpose: &'static str,
        /// What the system said.
        detail: String,
    },
    /// Another program holds it for writing, without the lock that this one uses.
    #[error(
        "the ledger {path} is being written by another program: {detail}\n  help: close the database tool that has it \
         open, then run the same command again", path = .path.display()
    )]
    Busy {
        /// The ledger.
        path: PathBuf,
        /// What was said.
        detail: String,
    },
    /// Something else went wrong.
    #[error(
        "the ledger {path} failed: {detail}\n  help: look for trouble with that disk; then run the same command again: \
         it goes on where it stopped", path = .path.display()
    )]
    Failed {
        /// The ledger.
        path: PathBuf,
        /// What was said.
        detail: String,
    },
    /// A record was changed since it was read: a fault of this program, stopped before it did harm.
    #[error(
        "the ledger holds a newer state of a record than the one that was to be written; please report this"
    )]
    Stale,
}

/// Who has locked a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// Since when, in UTC.
    pub since: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}, since {}", self.pid, self.since)
    }
}

impl LedgerError {
    /// What SQLite said, in our words.
    pub(super) fn of(path: &Path, error: &rusqlite::Error) -> Self {
        let (path, detail) = (path.to_owned(), error.to_string());
        match error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged { path, detail },
                ErrorCode::DiskFull => Self::Full { path, detail },
                // A limit on the size of a file, or a quota, is reported as this one.
                ErrorCode::SystemIoFailure if failure.extended_code == rusqlite::ffi::SQLITE_IOERR_WRITE => {
                    Self::Full {
                        path,
                        detail: format!("the system does not take what is written ({detail})"),
                    }
                }
                ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
                    Self::Denied { path, purpose: "written", detail }
                }
                ErrorCode::CannotOpen => Self::Denied { path, purpose: "opened", detail },
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy { path, detail },
                _ => Self::Failed { path, detail },
            },
            rusqlite::Error::QueryReturnedNoRows
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..) => Self::Damaged { path, detail },
            _ => Self::Failed { path, detail },
        }
    }

    /// What the file system said, in our words.
    pub(super) fn of_file(path: &Path, purpose: &'static str, error: &io::Error) -> Self {
        let (path, detail) = (path.to_owned(), error.to_string());
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::Full { path, detail }
            }
            io::ErrorKind::Unsupported => {
                let detail = format!("its file system has no locks ({detail}): a local disk has them");
                Self::Denied { path, purpose: "locked", detail }
            }
            _ => Self::Denied { path, purpose, detail },
        }
    }
}

fn named(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "another process".to_owned(), ToString::to_string)
}
