//! The file of a ledger: finding it, making it, opening it. A file that exists is never replaced.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags};

use super::digest_key;
use super::failure::{of_file, of_sqlite, place};
use super::lock::Lock;
use super::paths::{absolute, beside, immutable};
use super::schema::{self, LedgerFormat};
use crate::ledger::digest::Digester;
use crate::ledger::error::LedgerError;
use crate::ledger::options::LedgerPlace;

/// An open database that is a ledger, and its lock if it is written.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    pub(super) digester: Digester,
    pub(super) lock: Option<Lock>,
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
        None => make_folder(path)?,
        Some(size) => whole(path, size)?,
    }
    let path = absolute(path);
    let lock = Lock::take(&path, now)?;
    // Again, with the lock: another process may have made it meanwhile.
    if find(&path)?.is_none() {
        create(&path, key_file)?;
    }
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
    Ok(Opened { connection, path, digester, lock: Some(lock) })
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
        Some(size) => whole(path, size)?,
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
    tune_reading(&connection).map_err(fail)?;
    Ok(Opened { connection, path, digester, lock: None })
}

/// A ledger that ends with its connection. When it grows, SQLite keeps it in a file without a name.
fn temporary() -> Result<Opened, LedgerError> {
    let path = PathBuf::from("(temporary)");
    let connection = Connection::open("").map_err(|error| of_sqlite(&path, &error))?;
    schema::create(&connection, &path, None)?;
    let tuned = connection.pragma_update(None, "synchronous", "OFF").and_then(|()| tune_reading(&connection));
    tuned.map_err(|error| of_sqlite(&path, &error))?;
    let digester = digest_key::digester(&connection, &path, None)?;
    Ok(Opened { connection, path, digester, lock: None })
}

/// The size of a file, if it exists.
fn find(path: &Path) -> Result<Option<u64>, LedgerError> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            let detail = "it is a folder".to_owned();
            Err(LedgerError::Denied { place: place(path), purpose: "opened", detail })
        }
        Ok(found) => Ok(Some(found.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(of_file(path, "opened", &error)),
    }
}

/// Refuses a file that is too short for a database: SQLite would take an empty file for a new database.
fn whole(path: &Path, size: u64) -> Result<(), LedgerError> {
    if size >= SMALLEST {
        return Ok(());
    }
    Err(LedgerError::Damaged { place: place(path), detail: format!("the file has {size} bytes") })
}

fn make_folder(path: &Path) -> Result<(), LedgerError> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| of_file(path, "made", &error))
}

/// Makes a ledger under another name and renames it, so that a ledger that exists is always complete.
fn create(path: &Path, key_file: Option<&Path>) -> Result<(), LedgerError> {
    let denied = |error| of_file(path, "made", &error);
    let partial = beside(path, ".new");
    for left in [partial.clone(), beside(&partial, "-journal")] {
        match fs::remove_file(left) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(denied(error)),
            _ => {}
        }
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&partial).map_err(denied)?;
    let connection = connect(&partial, false)?;
    schema::create(&connection, path, key_file).inspect_err(|_| drop(fs::remove_file(&partial)))?;
    let journal = connection.pragma_update(None, "journal_mode", "WAL");
    let closed = journal.and_then(|()| connection.close().map_err(|(_, error)| error));
    closed.map_err(|error| of_sqlite(path, &error))?;
    file.sync_all().and_then(|()| fs::rename(&partial, path)).map_err(denied)?;
    #[cfg(unix)]
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all()).map_err(denied)?;
    Ok(())
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
    tune_reading(connection)
}

fn tune_reading(connection: &Connection) -> rusqlite::Result<()> {
    // No mmap: its pages count as memory of the process.
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)
}

/// The fewest bytes of a database.
const SMALLEST: u64 = 512;
/// How long to wait for another program that writes the database.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most memory for pages, in KiB.
const CACHE_KIB: i64 = 12 * 1024;
/// How many pages the journal collects before they are moved into the database: a page that changed often is moved once.
const JOURNAL_PAGES: i64 = 4000;
