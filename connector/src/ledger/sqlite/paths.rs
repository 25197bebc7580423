//! Names of a ledger's file and of the files beside it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::files::identity::resolve;

/// The endings of the files beside a ledger: SQLite's, the lock, and those of a ledger that is being made.
const ENDINGS: [&str; 6] = ["-wal", "-shm", "-journal", ".lock", ".new", ".new-journal"];

/// The files of a ledger: its own and those beside it, whether or not there are any.
#[must_use]
pub fn files_of(path: &Path) -> Vec<PathBuf> {
    let path = absolute(path);
    let besides = ENDINGS.iter().map(|ending| beside(&path, ending));
    besides.chain([path.clone()]).collect()
}

/// One name for one file, however it was written: links are followed, also to where there is no file yet.
pub(super) fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| resolve(path)).unwrap_or_else(|_| path.to_owned())
}

/// The file beside it whose name ends like this.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// What tells SQLite to open a file that cannot change.
pub(super) fn immutable(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => {
                // Writing to a String cannot fail.
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri.push_str("?immutable=1");
    uri
}
