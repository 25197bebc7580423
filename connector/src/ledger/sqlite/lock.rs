//! The locks of a ledger: it is made by one process, and the records of one object are written by one.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::failure::{of_file, place};
use super::paths::beside;
use crate::files::identity::FileId;
use crate::files::inode_lock::InodeLocks;
use crate::files::private::{self, foreign, private};
use crate::ledger::account::ScopeName;
use crate::ledger::error::{Holder, LedgerError};

/// Keeps others from what this process writes in a ledger, until it is dropped or the process ends in any other way.
pub(super) struct Locks {
    path: PathBuf,
    now: i64,
    scopes: Vec<(ScopeName, LockFile)>,
    /// The ledger itself, locked too: someone may remove a lock file, or come by another name.
    ledger: Option<InodeLocks>,
    /// Dropped after everything is unlocked.
    _here: Here,
}

impl Locks {
    /// Those of a ledger that exists. This process must not have it open as a database.
    pub(super) fn of(path: &Path, now: i64) -> Result<Self, LedgerError> {
        let here = Here::add(FileId::of(path).map_err(|error| of_file(path, "locked", &error))?, path)?;
        // Whether it may be written is found out, and said, where it is opened.
        Ok(Self {
            path: path.to_owned(),
            now,
            scopes: Vec::new(),
            ledger: InodeLocks::open(path).ok(),
            _here: here,
        })
    }

    /// Takes the lock of an object's records, and writes into its file which process has it.
    pub(super) fn take(&mut self, name: &ScopeName) -> Result<(), LedgerError> {
        if self.scopes.iter().any(|(known, _)| known == name) {
            return Ok(());
        }
        let in_use = |holder| LedgerError::Locked {
            place: place(&self.path),
            object: name.object.clone(),
            account: name.account.clone(),
            holder,
        };
        let number = number(name);
        let path = beside(&self.path, &format!(".{}-{number:08x}.lock", name.object));
        let mut file = match LockFile::take(&path, false) {
            Ok(file) => file,
            Err(NotTaken::Held(holder)) => return Err(in_use(holder)),
            Err(NotTaken::Failed(error)) => return Err(of_file(&path, "locked", &error)),
        };
        match self.ledger.as_ref().map_or(Ok(()), |ledger| ledger.take(number)) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(in_use(None)),
            _ => {}
        }
        file.sign(path.clone(), self.now).map_err(|error| of_file(&path, "locked", &error))?;
        self.scopes.push((name.clone(), file));
        Ok(())
    }
}

/// Waits until no other process makes the ledger or changes its format, and keeps others from it. The file stays: it says that
/// the ledger was opened by this name.
pub(super) fn lock_making(path: &Path) -> Result<LockFile, LedgerError> {
    let path = beside(path, ".lock");
    LockFile::take(&path, true).map_err(|error| match error {
        NotTaken::Failed(error) => of_file(&path, "locked", &error),
        NotTaken::Held(_) => of_file(&path, "locked", &io::ErrorKind::WouldBlock.into()),
    })
}

/// A file that says by its lock that something is in use.
pub(super) struct LockFile {
    file: File,
    /// What is removed at the end.
    signed: Option<PathBuf>,
}

/// Why a lock was not taken.
enum NotTaken {
    /// Another process has it.
    Held(Option<Holder>),
    Failed(io::Error),
}

impl From<io::Error> for NotTaken {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl LockFile {
    /// Takes the lock of a file, which is made where it is missing.
    fn take(path: &Path, wait: bool) -> Result<Self, NotTaken> {
        loop {
            private::look(path)?;
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            let mut file = private(&mut options).open(path)?;
            if wait {
                file.lock()?;
            } else {
                match file.try_lock() {
                    Ok(()) => {}
                    Err(TryLockError::WouldBlock) => return Err(NotTaken::Held(read_holder(&mut file))),
                    Err(TryLockError::Error(error)) => return Err(error.into()),
                }
            }
            let id = FileId::of_open(&file, path)?;
            // The one that had it may have removed it meanwhile: then this lock keeps no other process away.
            if FileId::of(path).is_ok_and(|there| there == id) {
                if !is_signature(&mut file)? {
                    return Err(foreign(path).into());
                }
                return Ok(Self { file, signed: None });
            }
        }
    }

    /// Writes into the file which process has it, for as long as it does.
    fn sign(&mut self, path: PathBuf, now: i64) -> io::Result<()> {
        self.signed = Some(path);
        let since = jiff::Timestamp::from_millisecond(now).unwrap_or_default();
        let text = format!("{} {}\n", std::process::id(), since.strftime("%Y-%m-%dT%H:%M:%SZ"));
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // With the lock, so that it is not another's. One that stays does no harm.
        let _ = self.signed.take().map(fs::remove_file);
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

/// The number of a scope among the locks of its ledger.
fn number(ScopeName { base_url, account, object }: &ScopeName) -> u32 {
    let mut hasher = blake3::Hasher::new();
    for part in [base_url, account, object] {
        hasher.update(&part.len().to_le_bytes()).update(part.as_bytes());
    }
    hasher.finalize().as_bytes().first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// The ledgers that this process writes: the id in a lock file cannot tell, because in two containers that share a disk two
/// processes have one id.
static WRITTEN_HERE: Mutex<BTreeSet<FileId>> = Mutex::new(BTreeSet::new());

/// An entry in that list.
struct Here(FileId);

impl Here {
    fn add(id: FileId, path: &Path) -> Result<Self, LedgerError> {
        if !WRITTEN_HERE.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone()) {
            return Err(LedgerError::OpenHere { place: place(path) });
        }
        Ok(Self(id))
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        WRITTEN_HERE.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}
