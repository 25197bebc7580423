//! Where a ledger lies: finding its file, making it, locking it. What is there is never replaced.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags};

use super::digest::Digester;
use super::error::{Holder, LedgerError};
use super::options::Place;
use super::schema::{self, Format};

/// An open database that is a ledger, and the lock that keeps other processes from it.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    pub(super) digester: Digester,
    pub(super) lock: Option<Lock>,
}

/// What keeps a second process from a ledger, until it is dropped, or until the process ends in any other way.
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough: a process that is just being started has a copy of the file for a moment.
        let _ = self.0.unlock();
    }
}

/// Opens a ledger to read and write; makes it where there is none, unless it is required.
pub(super) fn open_writer(place: &Place, require: bool, now: i64) -> Result<Opened, LedgerError> {
    let Place::File(path) = place else { return temporary() };
    match find(path)? {
        None if require => return Err(LedgerError::Missing { path: path.clone() }),
        None => make_folder(path)?,
        Some(size) => whole(path, size)?,
    }
    let path = absolute(path);
    let lock = lock(&path, now)?;
    // Again, under the lock: another process may have made it since.
    if find(&path)?.is_none() {
        create(&path)?;
    }
    restrict(&path);
    let Probed { connection, format, digester } = probe(&path, false)?;
    let fail = |error| LedgerError::of(&path, &error);
    if connection.is_readonly(MAIN_DB).map_err(fail)? {
        let detail = "the file or its disk is read-only".to_owned();
        return Err(LedgerError::Denied { path, purpose: "written", detail });
    }
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(fail)?;
    tune(&connection).map_err(fail)?;
    if let Format::Old(found) = format {
        schema::migrate(&connection, found).map_err(fail)?;
    }
    Ok(Opened { connection, path, digester, lock: Some(lock) })
}

/// Opens a ledger to read, beside a process that may be writing it; one that is not there is an empty one.
pub(super) fn open_reader(place: &Place, require: bool) -> Result<Opened, LedgerError> {
    let Place::File(path) = place else { return temporary() };
    match find(path)? {
        None if require => return Err(LedgerError::Missing { path: path.clone() }),
        None => return temporary(),
        Some(size) => whole(path, size)?,
    }
    let path = absolute(path);
    let Probed { connection, format, digester } = match probe(&path, false) {
        // In a folder that nobody here can write, nothing changes under a reader's eyes.
        Err(LedgerError::Denied { .. }) if !has_journal(&path)? => probe(&path, true)?,
        probed => probed?,
    };
    let fail = |error| LedgerError::of(&path, &error);
    if let Format::Old(found) = format {
        return Err(schema::older(&path, found));
    }
    connection.pragma_update(None, "query_only", true).map_err(fail)?;
    tune_reading(&connection).map_err(fail)?;
    Ok(Opened { connection, path, digester, lock: None })
}

/// A ledger that is gone with its connection: SQLite keeps it in a file without a name as soon as it grows.
fn temporary() -> Result<Opened, LedgerError> {
    let path = PathBuf::from("(temporary)");
    let connection = Connection::open("").map_err(|error| LedgerError::of(&path, &error))?;
    schema::create(&connection, &path)?;
    let tuned = connection.pragma_update(None, "synchronous", "OFF").and_then(|()| tune_reading(&connection));
    let digester = tuned.and_then(|()| schema::digester(&connection));
    let digester = digester.map_err(|error| LedgerError::of(&path, &error))?;
    Ok(Opened { connection, path, digester, lock: None })
}

/// The size of a file, if it is there.
fn find(path: &Path) -> Result<Option<u64>, LedgerError> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            let detail = "it is a folder".to_owned();
            Err(LedgerError::Denied { path: path.to_owned(), purpose: "opened", detail })
        }
        Ok(found) => Ok(Some(found.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LedgerError::of_file(path, "opened", &error)),
    }
}

/// A ledger is whole from its first moment on: SQLite would take what is empty for a new one.
fn whole(path: &Path, size: u64) -> Result<(), LedgerError> {
    if size >= SMALLEST {
        return Ok(());
    }
    Err(LedgerError::Damaged { path: path.to_owned(), detail: format!("the file has {size} bytes") })
}

fn make_folder(path: &Path) -> Result<(), LedgerError> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| LedgerError::of_file(path, "made", &error))
}

/// One name for one file, however it was written: the lock is found by it.
fn absolute(path: &Path) -> PathBuf {
    let through_folder = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    path.canonicalize().ok().or_else(through_folder).unwrap_or_else(|| path.to_owned())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Takes the lock, and writes into it who has it. The file stays: removing it would let two processes have one each.
fn lock(path: &Path, now: i64) -> Result<Lock, LedgerError> {
    let denied = |error| LedgerError::of_file(path, "locked", &error);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(beside(path, ".lock")).map_err(denied)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(LedgerError::Locked { path: path.to_owned(), holder: read_holder(&mut file) });
        }
        Err(TryLockError::Error(error)) => return Err(denied(error)),
    }
    let mut lock = Lock(file);
    let since = jiff::Timestamp::from_millisecond(now).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%SZ");
    let text = format!("{} {since}\n", std::process::id());
    let file = &mut lock.0;
    let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(text.as_bytes()));
    written.map_err(denied)?;
    Ok(lock)
}

fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.take(100).read_to_string(&mut text).ok()?;
    let (pid, since) = text.trim_end().split_once(' ')?;
    Some(Holder { pid: pid.parse().ok()?, since: since.to_owned() })
}

/// Makes a ledger beside its place and moves it there, so that one that is there is always whole.
fn create(path: &Path) -> Result<(), LedgerError> {
    let denied = |error| LedgerError::of_file(path, "made", &error);
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
    schema::create(&connection, path)?;
    let journal = connection.pragma_update(None, "journal_mode", "WAL");
    let closed = journal.and_then(|()| connection.close().map_err(|(_, error)| error));
    closed.map_err(|error| LedgerError::of(path, &error))?;
    file.sync_all().and_then(|()| fs::rename(&partial, path)).map_err(denied)?;
    #[cfg(unix)]
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all()).map_err(denied)?;
    Ok(())
}

/// Takes away what others may do with a ledger that came here by a copy or from a backup; where its owner is somebody
/// else, that is for them to judge.
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
    format: Format,
    digester: Digester,
}

/// Connects, and looks at what is there. What turns out to be no ledger, or a newer one, is not even tidied up.
fn probe(path: &Path, still: bool) -> Result<Probed, LedgerError> {
    let journal = has_journal(path)?;
    let connection = connect(path, still)?;
    let fail = |error| LedgerError::of(path, &error);
    // With a journal, closing would move it into the database; without one, it takes away what connecting has added.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, journal).map_err(fail)?;
    let format = schema::check(&connection, path)?;
    let digester = schema::digester(&connection).map_err(fail)?;
    Ok(Probed { connection, format, digester })
}

fn has_journal(path: &Path) -> Result<bool, LedgerError> {
    Ok(find(&beside(path, "-wal"))?.is_some_and(|size| size > 0))
}

/// `still`: the file cannot change, so that nothing needs to be made beside it.
fn connect(path: &Path, still: bool) -> Result<Connection, LedgerError> {
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = if still {
        let flags = flags | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        Connection::open_with_flags(uri(path), flags)
    } else {
        Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_READ_WRITE)
    };
    let connection = opened.map_err(|error| LedgerError::of(path, &error))?;
    connection.busy_timeout(PATIENCE).map_err(|error| LedgerError::of(path, &error))?;
    Ok(connection)
}

fn uri(path: &Path) -> String {
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

fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Where a plain fsync only reaches the disk's own memory (macOS); elsewhere it means nothing.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", JOURNAL_PAGES)?;
    tune_reading(connection)
}

fn tune_reading(connection: &Connection) -> rusqlite::Result<()> {
    // No mmap: its pages count as the process's own.
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)
}

/// The fewest bytes of a database.
const SMALLEST: u64 = 512;
/// How long another program may hold the database before that is an error.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most memory for pages, in KiB.
const CACHE_KIB: i64 = 12 * 1024;
/// So many pages of the journal are moved into the database in one go: those that changed often are moved once.
const JOURNAL_PAGES: i64 = 4000;
