//! Which file a path names, whatever the name.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The most links that lead from one to the next.
const MOST_LINKS: usize = 40;

/// A file as the system knows it: its device and inode. Where there are none, its one path without links.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileId(#[cfg(unix)] (u64, u64), #[cfg(not(unix))] PathBuf);

impl FileId {
    /// The file at the end of a path; links are followed.
    pub fn of(path: &Path) -> io::Result<Self> {
        #[cfg(unix)]
        return fs::metadata(path).map(|found| Self::of_metadata(&found));
        #[cfg(not(unix))]
        fs::canonicalize(path).map(Self)
    }

    /// An open file, which was opened by this path.
    pub fn of_open(file: &File, path: &Path) -> io::Result<Self> {
        #[cfg(unix)]
        return {
            let _ = path;
            file.metadata().map(|found| Self::of_metadata(&found))
        };
        #[cfg(not(unix))]
        {
            let _ = file;
            Self::of(path)
        }
    }

    #[cfg(unix)]
    fn of_metadata(found: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self((found.dev(), found.ino()))
    }
}

/// Two paths name one file, or would if it were made.
#[must_use]
pub fn is_same(one: &Path, other: &Path) -> bool {
    match (FileId::of(one), FileId::of(other)) {
        (Ok(one), Ok(other)) => one == other,
        (Err(_), Err(_)) => match (resolve(one), resolve(other)) {
            (Ok(one), Ok(other)) => one.parent() == other.parent() && lower_name(&one) == lower_name(&other),
            _ => {
                matches!((std::path::absolute(one), std::path::absolute(other)), (Ok(one), Ok(other)) if one == other)
            }
        },
        _ => false,
    }
}

/// Some file systems do not tell capital letters from small ones.
fn lower_name(path: &Path) -> Option<String> {
    path.file_name().map(|name| name.to_string_lossy().to_lowercase())
}

/// Where a path leads once its links are followed, whether or not there is a file. Its folder has to be there. An open
/// descriptor (`/dev/stdout`, `/dev/fd/3`) stays one.
pub fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Some(name) = path.file_name() else { return path.canonicalize() };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.canonicalize()?;
        let place = folder.join(name);
        if is_of_descriptors(&folder) {
            return Ok(place);
        }
        match fs::read_link(&place) {
            Ok(target) => path = folder.join(target),
            Err(_) => return Ok(place),
        }
    }
    Err(io::Error::other("its links lead in a circle"))
}

/// The number of the open descriptor that a path without links stands for.
pub(super) fn descriptor(path: &Path) -> Option<u32> {
    path.parent().filter(|folder| is_of_descriptors(folder))?;
    path.file_name()?.to_str()?.parse().ok()
}

/// A folder of the system whose names are the numbers of open descriptors.
fn is_of_descriptors(folder: &Path) -> bool {
    folder == Path::new("/dev/fd") || (folder.starts_with("/proc") && folder.ends_with("fd"))
}
