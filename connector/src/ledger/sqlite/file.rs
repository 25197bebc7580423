//! The file of a ledger: finding it, making it, opening it. A file that exists is never replaced.

use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags};

use super::digest_key;
use super::failure::{of_file, of_sqlite, place};
use super::lock::{Locks, lock_making};
use super::paths::{absolute, beside, immutable};
use super::schema::{self, LedgerFormat};
use crate::files::folder;
use crate::files::private::{self, foreign, private};
use crate::ledger::digest::Digester;
use crate::ledger::error::LedgerError;
use crate::ledger::options::LedgerPlace;

/// An open database that is a ledger, and its locks if it is written.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    pub(super) digester: Digester,
    pub(super) locks: Option<Locks>,
}

/// Opens a ledger to read and write. If it does not exist, it is made, unless it is required.
pub(super) fn open_writer(
    at: &LedgerPlace,
    key_file: Option<&Path>,
    require: bool,
    now: i64,
) -> Result<Opened, LedgerError> {
    let LedgerPlace::File(path) = at else { return temporary() };
    match find(path)? {
        None if require => return Err(LedgerError::Missing { place: place(path) }),
        None => folder::make(folder::of(path)).map_err(|error| of_file(path, "made", &error))?,
        // Before anything is made beside it, or changed.
        Some(size) => examine(path, size)?,
    }
    let path = absolute(path);
    let making = lock_making(&path)?;
    // Again, with the lock: another process may have made it meanwhile.
    if find(&path)?.is_none() {
        create(&path, key_file)?;
    }
    let locks = Locks::of(&path, now)?;
    restrict(&path);
    let Probed { connection, format, digester } = probe(&path, key_file, false)?;
    let fail = |error| of_sqlite(&path, &error);
    if connection.is_readonly(MAIN_DB).map_err(fail)? {
        let detail = "the file or its disk is read-only".to_owned();
        return Err(LedgerError::Denied { place: place(&path), purpose: "written", detail });
    }
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(fail)?;
    tune(&connection).map_err(fail)?;
    if let LedgerFormat::Old(found) = format {
        schema::migrate(&connection, found).map_err(fail)?;
    }
    drop(making);
    Ok(Opened { connection, path, digester, locks: Some(locks) })
}

/// Opens a ledger to read while another process may write it. One that does not exist is an empty one.
pub(super) fn open_reader(
    at: &LedgerPlace,
    key_file: Option<&Path>,
    require: bool,
) -> Result<Opened, LedgerError> {
    let LedgerPlace::File(path) = at else { return temporary() };
    match find(path)? {
        None if require => return Err(LedgerError::Missing { place: place(path) }),
        None => return temporary(),
        Some(size) => examine(path, size)?,
    }
    let path = absolute(path);
    let Probed { connection, format, digester } = match probe(&path, key_file, false) {
        // The folder cannot be written, so the ledger does not change while it is read.
        Err(LedgerError::Denied { .. }) if !has_journal(&path)? => probe(&path, key_file, true)?,
        probed => probed?,
    };
    let fail = |error| of_sqlite(&path, &error);
    if let LedgerFormat::Old(found) = format {
        return Err(schema::older(&path, found));
    }
    connection.pragma_update(None, "query_only", true).map_err(fail)?;
    tune_reading(&connection, CACHE_KIB).map_err(fail)?;
    Ok(Opened { connection, path, digester, locks: None })
}

/// A ledger that ends with its connection. When it grows, SQLite keeps it in a file without a name.
fn temporary() -> Result<Opened, LedgerError> {
    let path = PathBuf::from("(temporary)");
    let connection = Connection::open("").map_err(|error| of_sqlite(&path, &error))?;
    schema::create(&connection, &path, None)?;
    let tuned = connection
        .pragma_update(None, "synchronous", "OFF")
        .and_then(|()| tune_reading(&connection, TEMPORARY_CACHE_KIB));
    tuned.map_err(|error| of_sqlite(&path, &error))?;
    let digester = digest_key::digester(&connection, &path, None)?;
    Ok(Opened { connection, path, digester, locks: None })
}

/// The size of a file, if it exists.
fn find(path: &Path) -> Result<Option<u64>, LedgerError> {
    let is = |what: &str| {
        Err(LedgerError::Denied { place: place(path), purpose: "opened", detail: what.to_owned() })
    };
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => is("it is a folder"),
        // To open a pipe would wait for its other end.
        Ok(found) if !found.is_file() => is("it is a device or a pipe"),
        Ok(found) => Ok(Some(found.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(of_file(path, "opened", &error)),
    }
}

/// Refuses a file that is no ledger, without a trace: nothing is written, and nothing made beside it.
fn examine(path: &Path, size: u64) -> Result<(), LedgerError> {
    // SQLite would take an empty file for a new database, and it may be what is left of a ledger.
    if size < SMALLEST {
        return Err(LedgerError::Damaged {
            place: place(path),
            detail: format!("the file has {size} bytes"),
        });
    }
    // The mark of a ledger is in the file itself from its first moment on, whatever its journal holds.
    schema::check(&connect(path, true)?, path)?;
    one_name(&absolute(path))
}

/// Refuses a ledger under a second name: its journal lies beside the first, and would not be found.
fn one_name(path: &Path) -> Result<(), LedgerError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let names = fs::metadata(path).map_err(|error| of_file(path, "opened", &error))?.nlink();
        let opened_before = fs::symlink_metadata(beside(path, ".lock")).is_ok_and(|found| found.is_file());
        if names > 1 && !opened_before {
            return Err(LedgerError::OtherName { place: place(path) });
        }
    }
    let _ = path;
    Ok(())
}

/// Makes a ledger under another name and renames it, so that a ledger that exists is always complete.
fn create(path: &Path, key_file: Option<&Path>) -> Result<(), LedgerError> {
    let denied = |error| of_file(path, "made", &error);
    let partial = beside(path, ".new");
    for (left, marks) in [(partial.clone(), DATABASE), (beside(&partial, "-journal"), JOURNAL)] {
        remove_left(&left, marks).map_err(denied)?;
    }
    let file = private(OpenOptions::new().write(true).create_new(true)).open(&partial).map_err(denied)?;
    let connection = connect(&partial, false)?;
    schema::create(&connection, path, key_file).inspect_err(|_| drop(fs::remove_file(&partial)))?;
    let journal = connection.pragma_update(None, "journal_mode", "WAL");
    let closed = journal.and_then(|()| connection.close().map_err(|(_, error)| error));
    closed.map_err(|error| of_sqlite(path, &error))?;
    let stored = file.sync_all().and_then(|()| fs::rename(&partial, path));
    stored.and_then(|()| folder::sync(folder::of(path))).map_err(denied)
}

/// Removes what a start that was killed has left, and nothing else.
fn remove_left(path: &Path, mark: &[u8]) -> io::Result<()> {
    let mut beginning = Vec::new();
    let Some(found) = private::look(path)? else { return Ok(()) };
    found.take(mark.len() as u64).read_to_end(&mut beginning)?;
    // SQLite fills a journal with zeros until it counts.
    if beginning == mark || beginning.iter().all(|byte| *byte == 0) {
        return fs::remove_file(path);
    }
    Err(foreign(path))
}

/// Takes the permissions of other users away: a copy or a backup may have added some. If the file belongs to another
/// user this fails, and that user decides.
fn restrict(path: &Path) {
    #[cfg(unix)]
    if let Ok(mut permissions) = fs::metadata(path).map(|found| found.permissions()) {
        use std::os::unix::fs::PermissionsExt;
        if permissions.mode() & 0o077 != 0 {
            permissions.set_mode(permissions.mode() & !0o077);
            let _ = fs::set_permissions(path, permissions);
        }
    }
}

/// A database that is a ledger.
struct Probed {
    connection: Connection,
    format: LedgerFormat,
    digester: Digester,
}

/// Connects, and looks at the database. One that is no ledger, or a newer one, is left exactly as it is.
fn probe(path: &Path, key_file: Option<&Path>, still: bool) -> Result<Probed, LedgerError> {
    let journal = has_journal(path)?;
    let connection = connect(path, still)?;
    let fail = |error| of_sqlite(path, &error);
    // If there is a journal, closing must not move it into the database. If there is none, closing removes the files
    // that connecting has made.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, journal).map_err(fail)?;
    let format = schema::check(&connection, path)?;
    let digester = digest_key::digester(&connection, path, key_file)?;
    Ok(Probed { connection, format, digester })
}

fn has_journal(path: &Path) -> Result<bool, LedgerError> {
    Ok(find(&beside(path, "-wal"))?.is_some_and(|size| size > 0))
}

/// `still`: the file cannot change, so SQLite needs no files beside it.
fn connect(path: &Path, still: bool) -> Result<Connection, LedgerError> {
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = if still {
        let flags = flags | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        Connection::open_with_flags(immutable(path), flags)
    } else {
        Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_READ_WRITE)
    };
    let connection = opened.map_err(|error| of_sqlite(path, &error))?;
    connection.busy_timeout(PATIENCE).map_err(|error| of_sqlite(path, &error))?;
    Ok(connection)
}

fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // On macOS a plain fsync only reaches the disk's own memory; elsewhere this has no effect.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", JOURNAL_PAGES)?;
    tune_reading(connection, CACHE_KIB)
}

fn tune_reading(connection: &Connection, cache: i64) -> rusqlite::Result<()> {
    // No mmap: its pages count as memory of the process.
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "cache_size", -cache)
}

/// How a database begins.
const DATABASE: &[u8] = b"SQLite format 3\0";
/// How a journal of SQLite begins.
const JOURNAL: &[u8] = &[0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7];
/// The fewest bytes of a database.
const SMALLEST: u64 = 512;
/// How long to wait for another program that writes the database.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most memory for pages, in KiB.
const CACHE_KIB: i64 = 12 * 1024;
/// The same for a ledger that is thrown away: it may be open beside another one.
const TEMPORARY_CACHE_KIB: i64 = 4 * 1024;
/// How many pages the journal collects before they are moved into the database: a page that changed often is moved once.
const JOURNAL_PAGES: i64 = 4000;
