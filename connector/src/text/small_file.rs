//! Reads a file that holds one short text, such as a key: whatever the path leads to, it ends at once.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

/// The most bytes of such a file.
pub(crate) const LIMIT: u64 = 4096;

/// The bytes of a small regular file, or why there are none. The text names no path: it may be a key that was given where
/// a path belongs.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let found = fs::metadata(path).map_err(|error| error.to_string())?;
    if found.is_dir() {
        return Err("it is a folder".to_owned());
    }
    // A pipe or a device may never end, and may already hang when it is opened.
    if !found.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LIMIT {
        return Err("it has more than 4 KiB, so it is another file".to_owned());
    }
    Ok(bytes)
}

/// Whether other users of this machine can read a file.
pub(crate) fn others_can_read(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}
