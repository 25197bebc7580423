//! Notices when a file changes while it is read: rows of two versions would be mixed.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use crate::files::identity::FileId;

/// A file, as it was when it was opened.
#[derive(Clone)]
pub(super) struct Watch {
    path: PathBuf,
    opened: Version,
}

#[derive(Clone, PartialEq, Eq)]
struct Version {
    id: FileId,
    length: u64,
    /// Since 1970.
    modified: Option<Duration>,
}

impl Watch {
    /// Watches a file. What is no file of its own, such as a pipe, has no versions.
    pub(super) fn of(file: &File, path: &Path) -> io::Result<Option<Self>> {
        let found = file.metadata()?;
        if !found.is_file() {
            return Ok(None);
        }
        let opened = Version::of(FileId::of_open(file, path)?, &found);
        Ok(Some(Self { path: path.to_owned(), opened }))
    }

    /// How many bytes it had when it was opened.
    pub(super) fn size(&self) -> u64 {
        self.opened.length
    }

    /// The file is not what it was when it was opened. One that was removed is: what was opened is read to its end.
    pub(super) fn has_changed(&self) -> bool {
        let now = FileId::of(&self.path).and_then(|id| Ok(Version::of(id, &self.path.metadata()?)));
        now.is_ok_and(|now| now != self.opened)
    }
}

impl Version {
    fn of(id: FileId, found: &Metadata) -> Self {
        // Where a file system keeps no times, the length has to do.
        let modified = found.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Self { id, length: found.len(), modified }
    }
}

/// Reads a file, and breaks off once it has changed.
pub(super) struct Watched {
    pub(super) file: File,
    pub(super) watch: Watch,
}

impl Read for Watched {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(out)?;
        if self.watch.has_changed() { Err(io::Error::other(Changed)) } else { Ok(count) }
    }
}

/// The file has changed.
#[derive(Debug, thiserror::Error)]
#[error("it has changed")]
pub(super) struct Changed;
