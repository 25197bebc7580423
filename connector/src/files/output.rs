//! An output: a file that is replaced as a whole at the end, or a stream that is written through.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::identity::{FileId, descriptor, resolve};
use super::private::{self, foreign, private};
use super::{folder, stream};

/// Says whether a file begins as this program writes it. Nothing else is replaced or removed.
pub type IsOwn = fn(&mut File) -> io::Result<bool>;

/// An output that may be claimed, written, and put in its place. Until it is, what lies there stays as it is.
pub struct Output {
    /// As it was named.
    path: PathBuf,
    to: Destination,
    is_own: IsOwn,
    writer: Option<BufWriter<File>>,
    /// The file beside, where it is ours; it is removed unless it is put in its place.
    partial: Option<Partial>,
}

enum Destination {
    /// The end of all links, and the file beside it that is written first.
    File {
        target: PathBuf,
        partial: PathBuf,
    },
    Stream(PathBuf),
}

impl Output {
    /// An output at a path. Links are followed: they stay, and what they lead to is replaced.
    pub fn at(path: &Path, is_own: IsOwn) -> io::Result<Self> {
        let target = resolve(path)?;
        let to = match fs::metadata(&target) {
            _ if descriptor(&target).is_some() => Destination::Stream(target),
            Ok(found) if found.is_dir() => return Err(io::Error::other("it is a folder")),
            Ok(found) if !found.is_file() => Destination::Stream(target),
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {
                let mut partial = target.clone().into_os_string();
                partial.push(".partial");
                Destination::File { target, partial: partial.into() }
            }
        };
        Ok(Self { path: path.to_owned(), to, is_own, writer: None, partial: None })
    }

    /// As it was named.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The files that are written, replaced or removed.
    #[must_use]
    pub fn files(&self) -> Vec<&Path> {
        match &self.to {
            Destination::File { target, partial } => vec![target, partial],
            Destination::Stream(path) => vec![path],
        }
    }

    /// It is a stream, which is written through and has nothing of earlier runs.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        matches!(self.to, Destination::Stream(_))
    }

    /// What lies there begins as this program writes it.
    pub fn is_there(&self) -> io::Result<bool> {
        let Destination::File { target, .. } = &self.to else { return Ok(false) };
        Ok(matches!(look(target, self.is_own)?, Some(Present { contents: Contents::Own, .. })))
    }

    /// Finds out whether it can be written. A file stays as it is; a stream is opened, for its reader would take a second
    /// opening for the end.
    pub fn check(&mut self) -> io::Result<()> {
        let Destination::File { target, partial } = &self.to else { return self.claim() };
        self.may_replace(target)?;
        match Partial::claim(partial, self.is_own) {
            // The one who writes it can.
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            claimed => claimed.map(drop),
        }
    }

    /// Opens it. Until it is put in its place, or dropped, no other process can do that.
    pub fn claim(&mut self) -> io::Result<()> {
        if self.writer.is_some() {
            return Ok(());
        }
        let file = match &self.to {
            Destination::Stream(path) => stream::open(path)?,
            Destination::File { partial, .. } => {
                let (partial, file) = Partial::claim(partial, self.is_own)?;
                self.partial = Some(partial);
                file
            }
        };
        self.writer = Some(BufWriter::new(file));
        Ok(())
    }

    /// Where it is written; claims it first where that was not done.
    pub fn writer(&mut self) -> io::Result<&mut impl Write> {
        self.claim()?;
        self.writer.as_mut().ok_or_else(|| io::Error::other("it is closed"))
    }

    /// Stores what was written and puts it in its place.
    pub fn put(mut self) -> io::Result<()> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        let Destination::File { target, partial } = &self.to else { return Ok(()) };
        file.sync_all()?;
        if let Err(error) = self.may_replace(target) {
            if let Some(partial) = self.partial.take() {
                partial.keep();
            }
            return Err(io::Error::other(format!(
                "{error}; what was to be in it is in `{}`",
                partial.display()
            )));
        }
        fs::rename(partial, target)?;
        if let Some(partial) = self.partial.take() {
            partial.keep();
        }
        folder::sync(folder::of(target))
    }

    /// Removes what an earlier run has put there. An empty file is none of ours.
    pub fn remove(self) -> io::Result<()> {
        let Destination::File { target, .. } = &self.to else { return Ok(()) };
        if matches!(look(target, self.is_own)?, Some(Present { contents: Contents::Own, .. })) {
            fs::remove_file(target)?;
            folder::sync(folder::of(target))?;
        }
        Ok(())
    }

    /// Nothing, an empty file, or one of ours may be replaced.
    fn may_replace(&self, target: &Path) -> io::Result<()> {
        match look(target, self.is_own)? {
            Some(Present { contents: Contents::Foreign, .. }) => Err(foreign(target)),
            _ => Ok(()),
        }
    }
}

/// The file that is written first.
struct Partial {
    path: Option<PathBuf>,
}

impl Partial {
    /// Makes it. One that a killed run has left is removed; one that is being written is an error of the kind `WouldBlock`.
    fn claim(path: &Path, is_own: IsOwn) -> io::Result<(Self, File)> {
        loop {
            let made = private(OpenOptions::new().write(true).create_new(true)).open(path);
            match made {
                Ok(file) => {
                    let partial = Self { path: Some(path.to_owned()) };
                    return match lock(&file) {
                        Ok(()) => Ok((partial, file)),
                        Err(error) => {
                            partial.keep();
                            Err(error)
                        }
                    };
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            // Gone meanwhile: it was renamed, and may be made anew.
            let Some(left) = look(path, is_own)? else { continue };
            if matches!(left.contents, Contents::Foreign) {
                return Err(foreign(path));
            }
            lock(&left.file)?;
            if FileId::of_open(&left.file, path).ok() != FileId::of(path).ok() {
                continue;
            }
            match fs::remove_file(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }

    /// Leaves the file where it is.
    fn keep(mut self) {
        self.path = None;
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // It stays where the system does not let it be removed; the next run tries again.
            let _ = fs::remove_file(path);
        }
    }
}

/// A file that is there already.
struct Present {
    file: File,
    contents: Contents,
}

enum Contents {
    Empty,
    Own,
    Foreign,
}

/// Looks at the beginning of a file; nothing where there is none.
fn look(path: &Path, is_own: IsOwn) -> io::Result<Option<Present>> {
    let Some(mut file) = private::look(path)? else { return Ok(None) };
    let contents = match file.metadata()?.len() {
        0 => Contents::Empty,
        _ if is_own(&mut file)? => Contents::Own,
        _ => Contents::Foreign,
    };
    Ok(Some(Present { file, contents }))
}

fn lock(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            Err(io::Error::new(ErrorKind::WouldBlock, "another run is writing it"))
        }
        // Some file systems have no locks.
        _ => Ok(()),
    }
}
