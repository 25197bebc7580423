//! The lock of a ledger: one process writes it, and opens it once.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::failure::{of_file, place};
use super::paths::beside;
use crate::files::identity::FileId;
use crate::files::inode_lock::InodeLock;
use crate::files::private::{self, foreign, private};
use crate::ledger::error::{Holder, LedgerError};

/// Keeps others from a ledger until it is dropped, or until the process ends in any other way.
pub(super) struct Lock {
    file: File,
    /// The ledger itself, locked too: someone may remove the lock file, or come by another name.
    ledger: Option<InodeLock>,
    /// Dropped after the files are unlocked.
    here: Here,
}

impl Lock {
    /// Takes the lock of the ledger at an absolute path, and writes into the lock file which process has it.
    ///
    /// The file stays when the lock is given back: if it were removed, two processes could have a lock each.
    pub(super) fn take(path: &Path, now: i64) -> Result<Self, LedgerError> {
        let beside = beside(path, ".lock");
        let denied = |error| of_file(path, "locked", &error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        private::look(&beside).map_err(denied)?;
        let mut file = private(&mut options).open(&beside).map_err(denied)?;
        let mut here = Here::default();
        here.add(FileId::of_open(&file, &beside).map_err(denied)?, path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LedgerError::Locked { place: place(path), holder: read_holder(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(denied(error)),
        }
        if !is_signature(&mut file).map_err(denied)? {
            return Err(denied(foreign(&beside)));
        }
        let mut lock = Self { file, ledger: None, here };
        lock.sign(now).map_err(denied)?;
        Ok(lock)
    }

    /// Takes the lock of the ledger itself, once there is one. This process must not have it open.
    pub(super) fn hold(&mut self, path: &Path) -> Result<(), LedgerError> {
        let denied = |error| of_file(path, "locked", &error);
        self.here.add(FileId::of(path).map_err(denied)?, path)?;
        match InodeLock::take(path) {
            Ok(ledger) => self.ledger = Some(ledger),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Err(LedgerError::Locked { place: place(path), holder: None });
            }
            // Whether it may be written is found out, and said, where it is opened.
            Err(_) => {}
        }
        Ok(())
    }

    fn sign(&mut self, now: i64) -> io::Result<()> {
        let since = jiff::Timestamp::from_millisecond(now).unwrap_or_default();
        let text = format!("{} {}\n", std::process::id(), since.strftime("%Y-%m-%dT%H:%M:%SZ"));
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.ledger = None;
        // Closing is not enough: a process that is just being started has a copy of the file for a moment.
        let _ = self.file.unlock();
    }
}

fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.take(SIGNATURE).read_to_string(&mut text).ok()?;
    let (pid, since) = text.trim_end().split_once(' ')?;
    Some(Holder { pid: pid.parse().ok()?, since: since.to_owned() })
}

/// The file is empty, or was signed before: nothing is lost when it is signed.
fn is_signature(file: &mut File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    Ok(length == 0 || (length < SIGNATURE && read_holder(file).is_some()))
}

/// More than the bytes of a signature.
const SIGNATURE: u64 = 100;

/// The ledgers that this process writes, and their lock files. The id in these cannot tell: in two containers that share a
/// disk, two processes have one id.
static WRITTEN_HERE: Mutex<BTreeSet<FileId>> = Mutex::new(BTreeSet::new());

/// Entries in that list.
#[derive(Default)]
struct Here(Vec<FileId>);

impl Here {
    fn add(&mut self, id: FileId, path: &Path) -> Result<(), LedgerError> {
        if !WRITTEN_HERE.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone()) {
            return Err(LedgerError::OpenHere { place: place(path) });
        }
        self.0.push(id);
        Ok(())
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        let mut written = WRITTEN_HERE.lock().unwrap_or_else(PoisonError::into_inner);
        for id in &self.0 {
            written.remove(id);
        }
    }
}
