//! Outputs that are no files of their own: devices, pipes, open descriptors. They are written through.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use super::identity::descriptor;

/// Opens a stream to write to it. Does not wait for a reader.
pub(super) fn open(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        // To open the name anew would begin at the start of a file that the shell has put there.
        match descriptor(path) {
            Some(1) => return io::stdout().as_fd().try_clone_to_owned().map(File::from),
            Some(2) => return io::stderr().as_fd().try_clone_to_owned().map(File::from),
            _ => {}
        }
        if is_pipe(path)? {
            return open_pipe(path);
        }
    }
    let _ = descriptor;
    OpenOptions::new().append(true).open(path)
}

#[cfg(unix)]
fn is_pipe(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::FileTypeExt;
    Ok(std::fs::metadata(path)?.file_type().is_fifo())
}

/// To open a pipe waits for a reader. Whether there is one is asked first.
#[cfg(unix)]
fn open_pipe(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.write(true);
    let asked = options.clone().custom_flags(libc::O_NONBLOCK).open(path);
    let _held = asked.map_err(|error| match error.raw_os_error() {
        Some(libc::ENXIO) => io::Error::other("it is a pipe that nothing reads: start its reader first"),
        _ => error,
    })?;
    options.open(path)
}
