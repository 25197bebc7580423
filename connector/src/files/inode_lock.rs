//! Locks on a file itself, which hold whatever name the file goes by.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Numbered locks of one file, which other processes cannot take until this is dropped.
///
/// The system forgets the locks of a database in a file when its process closes that file in any place. So nothing of this
/// process may have the file open as a database when this is made, nor when it is dropped. Only Linux has locks that belong
/// to the open file; elsewhere nothing is locked.
pub struct InodeLocks {
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "it only has to stay open"))]
    file: File,
}

impl InodeLocks {
    /// Opens a file, and locks nothing yet.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { file: OpenOptions::new().read(true).write(true).open(path)? })
    }

    /// Takes a lock; an error of the kind `WouldBlock` where another process has it.
    pub fn take(&self, number: u32) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        linux::take(&self.file, number)?;
        let _ = number;
        Ok(())
    }
}

#[cfg(target_os = "linux")]
impl Drop for InodeLocks {
    fn drop(&mut self) {
        // Closing is not enough: a process that is just being started has a copy of the file for a moment.
        linux::give_back(&self.file);
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io;

    use nix::errno::Errno;
    use nix::fcntl::{FcntlArg, fcntl};

    /// Bytes that no file has, on a file system of any kind: databases lock bytes of their own.
    const FIRST: libc::off_t = libc::off_t::MAX - (1 << 33);
    const ALL: libc::off_t = 1 << 32;

    pub(super) fn take(file: &File, number: u32) -> io::Result<()> {
        match set(file, libc::F_WRLCK, FIRST + libc::off_t::from(number), 1) {
            Err(Errno::EAGAIN | Errno::EACCES) => Err(io::ErrorKind::WouldBlock.into()),
            // Some file systems have no locks.
            _ => Ok(()),
        }
    }

    pub(super) fn give_back(file: &File) {
        // Where this fails nothing was locked.
        let _ = set(file, libc::F_UNLCK, FIRST, ALL);
    }

    #[expect(clippy::cast_possible_truncation, reason = "the constants are small")]
    fn set(
        file: &File,
        kind: libc::c_int,
        start: libc::off_t,
        length: libc::off_t,
    ) -> nix::Result<libc::c_int> {
        let bytes = libc::flock {
            l_type: kind as libc::c_short,
            l_whence: libc::SEEK_SET as libc::c_short,
            l_start: start,
            l_len: length,
            l_pid: 0,
        };
        fcntl(file, FcntlArg::F_OFD_SETLK(&bytes))
    }
}
