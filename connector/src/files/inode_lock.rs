//! A lock on a file itself, which holds whatever name the file goes by.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Keeps other processes from locking the same file until it is dropped.
///
/// The system forgets the locks of a database in a file when its process closes that file in any place. So nothing of this
/// process may have the file open as a database when it is locked, nor when this is dropped. Only Linux has locks that belong
/// to the open file; elsewhere nothing is locked.
pub struct InodeLock {
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "it only has to stay open"))]
    file: File,
}

impl InodeLock {
    /// Locks a file; an error of the kind `WouldBlock` where another process has it.
    pub fn take(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        #[cfg(target_os = "linux")]
        linux::set(&file, libc::F_WRLCK)?;
        Ok(Self { file })
    }
}

#[cfg(target_os = "linux")]
impl Drop for InodeLock {
    fn drop(&mut self) {
        // Closing is not enough: a process that is just being started has a copy of the file for a moment.
        let _ = linux::set(&self.file, libc::F_UNLCK);
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io;

    use nix::errno::Errno;
    use nix::fcntl::{FcntlArg, fcntl};

    /// A byte that no file has, on a file system of any kind: databases lock bytes of their own.
    const BYTE: libc::off_t = libc::off_t::MAX - 1;

    /// Sets or clears the lock.
    #[expect(clippy::cast_possible_truncation, reason = "the constants are small")]
    pub(super) fn set(file: &File, kind: libc::c_int) -> io::Result<()> {
        let byte = libc::flock {
            l_type: kind as libc::c_short,
            l_whence: libc::SEEK_SET as libc::c_short,
            l_start: BYTE,
            l_len: 1,
            l_pid: 0,
        };
        match fcntl(file, FcntlArg::F_OFD_SETLK(&byte)) {
            Err(Errno::EAGAIN | Errno::EACCES) => Err(io::ErrorKind::WouldBlock.into()),
            // Some file systems have no locks.
            _ => Ok(()),
        }
    }
}
