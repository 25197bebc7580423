//! Where the bytes come from: a file, or a stream such as standard input.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::error::SourceError;
use super::format::Format;
use super::watch::{Watch, Watched};
use crate::text::printable::one_line;

/// What to read.
pub enum Input {
    /// A file; its extension tells the format.
    File(PathBuf),
    /// Standard input, or another stream in its place.
    Stdin(Box<dyn Read + Send>),
}

/// What was stated about a source; the rest is found out.
#[derive(Clone, Debug, Default)]
pub struct SourceOptions {
    /// `--format`
    pub format: Option<Format>,
    /// `--delimiter`: one character, or `tab`, `comma`, `semicolon`, `pipe`. Only CSV looks at it.
    pub delimiter: Option<String>,
    /// `--encoding`: a label of the WHATWG Encoding Standard. A byte order mark in the source overrules it.
    pub encoding: Option<String>,
    /// The dotted path to the records inside of a JSON document; none: it is an array of them.
    pub records: Option<String>,
    /// The columns that a failures file in CSV has itself are columns of the source too.
    pub whole: bool,
}

/// What was opened.
pub(super) struct OpenedInput {
    /// How messages call it.
    pub(super) name: String,
    /// The format that its name tells.
    pub(super) format: Option<Format>,
    pub(super) reader: Box<dyn Read + Send>,
    /// Notices when it changes, where it can.
    pub(super) watch: Option<Watch>,
}

impl Input {
    /// The process's own standard input.
    #[must_use]
    pub fn stdin() -> Self {
        Self::Stdin(Box::new(io::stdin()))
    }

    pub(super) fn open(self) -> Result<OpenedInput, SourceError> {
        match self {
            Self::Stdin(reader) => {
                Ok(OpenedInput { name: "standard input".to_owned(), format: None, reader, watch: None })
            }
            Self::File(path) => {
                let file = open_file(&path).map_err(|error| explain(&path, error))?;
                let file = file.ok_or_else(|| SourceError::Folder { name: name(&path) })?;
                let watch = Watch::of(&file, &path).map_err(|error| explain(&path, error))?;
                let reader: Box<dyn Read + Send> = match watch.clone() {
                    Some(watch) => Box::new(Watched { file, watch }),
                    None => Box::new(file),
                };
                Ok(OpenedInput { name: name(&path), format: told_by_name(&path), reader, watch })
            }
        }
    }
}

/// The file, or nothing for a folder.
fn open_file(path: &Path) -> io::Result<Option<File>> {
    let file = File::open(path)?;
    Ok((!file.metadata()?.is_dir()).then_some(file))
}

fn told_by_name(path: &Path) -> Option<Format> {
    Format::of_extension(path.extension()?.to_str()?)
}

fn explain(path: &Path, source: io::Error) -> SourceError {
    let name = name(path);
    match source.kind() {
        ErrorKind::PermissionDenied => SourceError::Denied { name },
        ErrorKind::NotFound => {
            let folder = match path.parent() {
                Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
                Some(parent) => parent,
                None => Path::new("/"),
            };
            if folder.is_dir() {
                let near = path.file_name().and_then(|file| near_file(file, folder));
                SourceError::Missing { name, near }
            } else {
                let here = std::env::current_dir().unwrap_or_default().display().to_string();
                SourceError::MissingFolder { name, folder: folder.display().to_string(), here }
            }
        }
        _ => SourceError::Open { name, source },
    }
}

fn near_file(file: &OsStr, folder: &Path) -> Option<String> {
    let file = file.to_string_lossy().to_lowercase();
    let likeness = |name: &str| strsim::normalized_damerau_levenshtein(&file, &name.to_lowercase());
    let entries = fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| likeness(name) > 0.6).max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
}

fn name(path: &Path) -> String {
    format!("`{}`", one_line(&path.display().to_string()))
}
