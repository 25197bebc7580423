//! Opening files that only their owner can read, never through a link, and never in place of what others wrote.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

/// A file that is made has mode 0600; a symbolic link in its place is an error.
pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW);
    }
    options
}

/// Opens a file to look at it; nothing where there is none. A link, a folder, a device or a pipe in its place is an error.
pub fn look(path: &Path) -> io::Result<Option<File>> {
    let absent = |error: io::Error| if error.kind() == ErrorKind::NotFound { Ok(None) } else { Err(error) };
    match fs::symlink_metadata(path) {
        // To open a pipe would wait for its other end.
        Ok(found) if !found.is_file() => Err(foreign(path)),
        Ok(_) => private(OpenOptions::new().read(true)).open(path).map(Some).or_else(absent),
        Err(error) => absent(error),
    }
}

/// What is said where something of others lies in the way.
#[must_use]
pub fn foreign(path: &Path) -> io::Error {
    let text = format!("`{}` was not written by this program, so it is left as it is", path.display());
    io::Error::new(ErrorKind::AlreadyExists, text)
}
