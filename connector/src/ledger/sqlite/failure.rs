//! Errors of SQLite and of the file system, in the words of a ledger.

use std::io;
use std::path::Path;

use rusqlite::ErrorCode;

use crate::ledger::error::LedgerError;
use crate::text::printable::one_line;

/// A ledger as errors name it.
pub(super) fn place(path: &Path) -> String {
    one_line(&path.display().to_string())
}

/// An error of SQLite.
pub(super) fn of_sqlite(path: &Path, error: &rusqlite::Error) -> LedgerError {
    let (place, detail) = (place(path), error.to_string());
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => LedgerError::Damaged { place, detail },
            ErrorCode::DiskFull => LedgerError::Full { place, detail },
            // A limit on the size of a file, or a quota, is reported as this one.
            ErrorCode::SystemIoFailure if failure.extended_code == rusqlite::ffi::SQLITE_IOERR_WRITE => {
                let detail = format!("the system does not take what is written ({detail})");
                LedgerError::Full { place, detail }
            }
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
                LedgerError::Denied { place, purpose: "written", detail }
            }
            ErrorCode::CannotOpen => LedgerError::Denied { place, purpose: "opened", detail },
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => LedgerError::Busy { place, detail },
            _ => LedgerError::Failed { place, detail },
        },
        rusqlite::Error::QueryReturnedNoRows
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::Utf8Error(..) => LedgerError::Damaged { place, detail },
        _ => LedgerError::Failed { place, detail },
    }
}

/// An error of the file system. `purpose` is what was tried: the ledger cannot be `opened`, `locked`, `made`.
pub(super) fn of_file(path: &Path, purpose: &'static str, error: &io::Error) -> LedgerError {
    let (place, detail) = (place(path), error.to_string());
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            LedgerError::Full { place, detail }
        }
        io::ErrorKind::Unsupported => {
            let detail = format!("its file system has no locks ({detail}): a local disk has them");
            LedgerError::Denied { place, purpose: "locked", detail }
        }
        _ => LedgerError::Denied { place, purpose, detail },
    }
}
