//! A file without a name, for what does not fit into memory: its owner alone can read it, and it is gone with the process.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::folder;
use super::private::private;

/// A file that is written, and then read once.
pub struct Spool {
    writer: BufWriter<File>,
    /// Where the system keeps an open file from being removed.
    left: Option<PathBuf>,
}

impl Spool {
    /// An empty one, on the disk of this path.
    pub fn beside(path: &std::path::Path) -> io::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let spool = format!(".{name}.{}-{:08x}.spool", std::process::id(), fastrand::u32(..));
        let spool = folder::of(path).join(spool);
        let file = private(OpenOptions::new().read(true).write(true).create_new(true)).open(&spool)?;
        let left = fs::remove_file(&spool).is_err().then_some(spool);
        Ok(Self { writer: BufWriter::new(file), left })
    }

    /// Where it is written.
    pub fn writer(&mut self) -> &mut impl Write {
        &mut self.writer
    }

    /// Reads it from its beginning.
    pub fn reader(&mut self) -> io::Result<impl Read + Send + use<>> {
        self.writer.flush()?;
        let mut file = self.writer.get_ref().try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(BufReader::new(file))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Some(left) = &self.left {
            // Nothing more can be done about it.
            let _ = fs::remove_file(left);
        }
    }
}
