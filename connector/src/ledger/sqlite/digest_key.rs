//! Where the key of a ledger's digests is: in the ledger itself, or in a file of its own.
//!
//! With the key, a thief of the ledger can guess values and compare. A ledger whose key is in a file holds only a check
//! value, which tells whether a file is the right one.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use super::failure::{of_sqlite, place};
use crate::ledger::digest::{Digester, Key};
use crate::ledger::error::LedgerError;
use crate::text::small_file;

/// The names in the table `meta`.
const KEY: &str = "digest_key";
const CHECK: &str = "digest_key_check";

/// Gives a new ledger its key: that of the file, which is made if it does not exist, or one of its own.
pub(super) fn give(connection: &Connection, path: &Path, file: Option<&Path>) -> Result<(), LedgerError> {
    let (name, value) = match file {
        None => (KEY, fresh(path)?),
        Some(file) => (CHECK, check_of(&of_file(path, file, true)?)),
    };
    let sql = "INSERT INTO meta (name, value) VALUES (?1, ?2)";
    connection.execute(sql, (name, value)).map(drop).map_err(|error| of_sqlite(path, &error))
}

/// The digester of a ledger, with the key that it was made with.
pub(super) fn digester(
    connection: &Connection,
    path: &Path,
    file: Option<&Path>,
) -> Result<Digester, LedgerError> {
    let of_meta = |name: &str| {
        let sql = "SELECT value FROM meta WHERE name = ?1";
        connection
            .query_row(sql, [name], |row| row.get(0))
            .optional()
            .map_err(|error| of_sqlite(path, &error))
    };
    let own: Option<Key> = of_meta(KEY)?;
    let check: Option<Key> = of_meta(CHECK)?;
    match (own, check, file) {
        (Some(key), _, None) => Ok(Digester::new(&key)),
        (Some(_), _, Some(_)) => Err(refusal(
            path,
            "holds the key of its digests itself, and cannot change to --digest-key-file",
            "leave --digest-key-file out, or begin a new ledger with it (--ledger PATH): it knows nothing of what was sent \
             before",
        )),
        (None, Some(check), Some(file)) => {
            let key = of_file(path, file, false)?;
            if check_of(&key) == check {
                return Ok(Digester::new(&key));
            }
            Err(refusal(path, "was made with another key than that of --digest-key-file", CURE))
        }
        (None, Some(_), None) => Err(refusal(
            path,
            "was made with --digest-key-file, which is not given",
            "name the file: --digest-key-file PATH, PARTNERSTACK_DIGEST_KEY_FILE, or digest_key_file in the sync file",
        )),
        (None, None, _) => {
            let detail = "the key of its digests is not in it".to_owned();
            Err(LedgerError::Damaged { place: place(path), detail })
        }
    }
}

const CURE: &str = "name the file that was made together with this ledger, or put its backup in its place; without it \
                    the ledger's digests cannot be read";

/// The key in a file. `make`: a file that does not exist gets a fresh one.
fn of_file(path: &Path, file: &Path, make: bool) -> Result<Key, LedgerError> {
    if make && matches!(file.symlink_metadata(), Err(error) if error.kind() == io::ErrorKind::NotFound) {
        let key = fresh(path)?;
        return match write(file, &key) {
            Ok(()) => Ok(key),
            Err(error) => Err(refusal(
                path,
                &format!("cannot be made: the file of --digest-key-file cannot be written ({error})"),
                "name a file in a folder that exists and that this user may write",
            )),
        };
    }
    // What the file holds is never shown, and its name could be a key that was given in its place.
    let text = small_file::read(file).map_err(|error| {
        refusal(path, &format!("needs the file of --digest-key-file, which cannot be read ({error})"), CURE)
    })?;
    let key = str::from_utf8(&text).ok().and_then(|text| parsed(text.trim()));
    key.ok_or_else(|| {
        let what =
            "needs the file of --digest-key-file, which holds no key: 64 hexadecimal digits on one line";
        refusal(path, what, CURE)
    })
}

fn fresh(path: &Path) -> Result<Key, LedgerError> {
    let mut key = Key::default();
    getrandom::fill(&mut key).map_err(|error| LedgerError::Failed {
        place: place(path),
        detail: format!("no random key: {error}"),
    })?;
    Ok(key)
}

/// Only its owner can read it. It is safe on disk before a ledger depends on it.
fn write(file: &Path, key: &Key) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut made = options.open(file)?;
    let mut text = String::with_capacity(65);
    for byte in key {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    made.write_all(format!("{text}\n").as_bytes())?;
    made.sync_all()?;
    #[cfg(unix)]
    if let Some(folder) = file.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn parsed(text: &str) -> Option<Key> {
    let mut key = Key::default();
    if text.len() != key.len() * 2 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, place) in key.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(place..place + 2)?, 16).ok()?;
    }
    Some(key)
}

fn check_of(key: &Key) -> Key {
    *blake3::keyed_hash(key, b"the key of a ledger's digests").as_bytes()
}

fn refusal(path: &Path, what: &str, help: &'static str) -> LedgerError {
    LedgerError::DigestKey { place: place(path), what: what.to_owned(), help }
}
